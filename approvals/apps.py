"""The life of a packet, as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Packets, versions, signatures, letters."""

    name = "approvals"
    verbose_name = "Approvals"

    def ready(self) -> None:
        """Letters leave soon after what they tell of; the scheduler would come by anyway."""
        from approvals import events, tasks

        if tasks.poke not in events.after_commit:
            events.after_commit.append(tasks.poke)
