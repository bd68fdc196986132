"""What changes about the seal itself: another key, a restore that somebody acknowledges, triggers put back.

Each is an event with its reason, and the checkpoint that covers it is made with it.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from approvals import events
from approvals.append_only import put_on
from approvals.errors import Refused
from approvals.people import Person
from approvals.transitions.reviewing import refuse_words
from approvals.vocabulary import EventKind
from audits import kept, note, restored, seal_key, sealing
from audits.guards import GUARDED, gone
from audits.models import Checkpoint

SYSTEM = "command line"


def change_key(reason: str, actor: Person | None) -> str:
    """Seal with another key from now on; returns its public key. Both keys verify, and both sign the first checkpoint.

    Without SEAL_KEY a new one is made. With it the new one has to be there already, and signs alone.
    """
    reason, last = refuse_words(reason), Checkpoint.objects.first()
    if last is None:
        raise Refused("nothing_sealed", "Nothing is sealed yet, so there is no key to change.", "Run manage.py seal.")
    origin, before = note.read(last.note).origin, seal_key.current()
    key = seal_key.replace()
    new = note.verifier_of(origin, key)
    old = note.verifier_of(origin, before)
    both = [before, key] if old != new else [key]
    detail = {"from": [f"{name}+{key_id.hex()}" for name, key_id in note.signers(last.note)], "to": str(new)}
    kept.add_verifier(new)
    _seal_with(EventKind.SEAL_KEY_CHANGED, reason, actor, detail, *both)
    return str(new)


def acknowledge_restore(reason: str, actor: Person | None) -> str:
    """Go on sealing from what was restored, as another record; returns its origin.

    The lost checkpoint stands in the event. No two checkpoints of one origin may contradict each other, so what comes
    now has a new one. Raises Refused("not_restored") when nothing is missing.
    """
    reason = refuse_words(reason)
    try:
        restored.refuse_if_restored(Checkpoint.objects.first())
    except Refused:
        origin, lost = sealing.new_origin(), kept.witnessed() or kept.last_note()
        _seal_with(
            EventKind.RESTORE_ACKNOWLEDGED, reason, actor, {"lost": lost, "origin": origin}, seal_key.current(),
            origin=origin,
        )  # fmt: skip
        return origin
    raise Refused("not_restored", "The record is the one that was sealed: there is no restore to acknowledge.")


def put_triggers_back(reason: str, actor: Person | None) -> list[str]:
    """Put back the triggers that are gone or were changed; returns their names, and records them."""
    reason, lost = refuse_words(reason), gone()
    with transaction.atomic():
        for guarded in GUARDED:
            if gone(guarded):
                put_on(connection, guarded)
    if lost:
        _seal_with(EventKind.TRIGGERS_PUT_BACK, reason, actor, {"triggers": lost}, seal_key.current())
    return lost


def _seal_with(
    kind: EventKind, reason: str, actor: Person | None, detail: dict[str, Any], *keys: Any, origin: str = ""
) -> None:
    """Record the event and seal everything that has no leaf, together."""
    with sealing.locked():
        events.record(kind, actor=actor, detail=detail | {"reason": reason}, system=SYSTEM)
        if origin:
            sealing.when_committed(kept.set_aside)
        sealing.put_under(sealing.owed(0), *keys, origin=origin)
