"""Reminders before an end: flagged in the database, gathered into one letter a person, handed on when one is lost."""

from __future__ import annotations

from datetime import datetime

from approvals import validity
from approvals.letters import audience, gathering
from approvals.letters.flagging import claim, ending_by, flag_all
from approvals.models import Letter, Reminder, Version
from approvals.vocabulary import LetterState

BATCH = 500


def flag(now: datetime) -> int:
    """Write the reminders that are due and not there yet, their events and their letters; returns how many."""
    owing, last, written = ending_by(now, now), 0, 0
    while batch := list(owing.filter(pk__gt=last)[:BATCH]):
        written += flag_all(batch, now, until=now)
        last = batch[-1].pk
    return written + gathering.write_letters(now)


def hand_on(lost: Letter) -> None:
    """A reminder that reached nobody becomes a reminder of whoever is next; the next run writes its letter."""
    now = validity.now()
    rows = list(lost.reminders.select_related("version__packet", "recipient"))
    reasons = gathering.overtaken(rows, now)
    for row in rows:
        if reasons[row.pk] and row.ends_at <= now:
            continue
        version = Version.objects.for_page().get(pk=row.version_id)
        same = Reminder.objects.filter(version=version, ends_at=row.ends_at, days=row.days).select_related("letter")
        told = {one.recipient_id: one.letter.state if one.letter else LetterState.PENDING for one in same}
        next_people = audience.next_in_line(version, lost.recipient, told)
        claim(version, row.days, [to.person for to in next_people], now)
