"""A page that is stale: what happened since it was opened."""

from __future__ import annotations

from django.http import QueryDict

from approvals.models import Event
from approvals.pages.dossier import Dossier


def since_opened(dossier: Dossier, typed: QueryDict | None) -> list[Event]:
    """The events recorded after the newest one the form's page showed, newest first; none when it does not say."""
    newest = typed.get("as_of", "") if typed else ""
    if not (newest.isascii() and newest.isdigit() and len(newest) < 18):
        return []
    return [event for event in dossier.events if event.pk > int(newest)]
