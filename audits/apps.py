"""The auditor's side, as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class AuditsConfig(AppConfig):
    """Reads approvals; changes nothing there."""

    name = "audits"
    verbose_name = "Audits"

    def ready(self) -> None:
        """Seal soon after each commit, and say at the foot of letters how far."""
        from approvals import events
        from audits import checks, sealing  # noqa: F401 - registers the check

        if sealing.soon not in events.after_commit:
            events.after_commit.append(sealing.soon)
            events.letter_footers.append(sealing.footer)
