"""Takes evidence away: seals what waits, gathers, packs, and records who took what and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from django.db import OperationalError

from approvals import events
from approvals.errors import Refused
from approvals.people import Person
from approvals.transitions.reviewing import refuse_words
from approvals.vocabulary import EventKind
from audits import seal_key, sealing
from audits.evidence.gathering import Gathering
from audits.evidence.packing import Folder
from audits.evidence.scope import Scope, of_packet, of_period
from audits.models import Checkpoint


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken: the name its file should have, its size in bytes and SHA-256 in hex, and up to what it goes."""

    file: str
    size: int
    sha256: str
    checkpoint: int
    events: int


def take_packet(
    reference: str, target: BinaryIO, *, taker: Person, reason: str, at_checkpoint: int | None = None
) -> Taken:
    """Write the evidence bundle of a packet to `target` (open for writing and reading), and record that it was taken.

    Hand the file out only when this returns: the event stands then. Everything of the packet is sealed first. The
    bundle goes up to the first checkpoint over all of its events; `at_checkpoint`, the size of an earlier one, gives
    the bundle as it was then, byte for byte. Raises Refused: no_packet (none that the taker may see), no_reason,
    no_checkpoint, no_events, bundle_too_large, sealing_busy, not_as_sealed, and what sealing refuses.
    """
    return _take(of_packet(reference, taker), target, taker, reason, at_checkpoint)


def take_period(
    since: datetime, until: datetime, target: BinaryIO, *, taker: Person, reason: str, at_checkpoint: int | None = None
) -> Taken:
    """As `take_packet`, of everything recorded from `since`, up to and without `until`.

    Raises Refused("not_you") for who may not see every packet, and Refused("no_period") for a period turned round.
    """
    return _take(of_period(since, until, taker), target, taker, reason, at_checkpoint)


def _take(scope: Scope, target: BinaryIO, taker: Person, reason: str, at_checkpoint: int | None) -> Taken:
    reason = refuse_words(reason)
    gathering = Gathering.of(scope, _earlier(at_checkpoint) if at_checkpoint is not None else _over_all(scope))
    with TemporaryDirectory(prefix="evidence-") as path:
        folder = Folder(Path(path))
        gathering.put_into(folder, seal_key.current())
        size, digest = folder.pack(target)
    taken = Taken(scope.file, size, digest, gathering.point.size, len(gathering.found))
    events.record(
        EventKind.EVIDENCE_TAKEN, actor=taker, packet=scope.packet,
        detail={
            "scope": scope.as_data(), "reason": reason, "checkpoint": taken.checkpoint, "events": taken.events,
            "sha256": taken.sha256, "bytes": taken.size,
        },
    )  # fmt: skip
    return taken


def _earlier(size: int) -> Checkpoint:
    found: Checkpoint | None = Checkpoint.objects.filter(pk=size).first()
    if found is None:
        raise Refused(
            "no_checkpoint", f"The record has no checkpoint over {size} events.",
            "Take the number from the foot of an e-mail, or from the checkpoint of another bundle.",
        )  # fmt: skip
    return found


def _over_all(scope: Scope) -> Checkpoint:
    """The first checkpoint over all events of the scope, which are sealed for it if they are not."""
    waiting = scope.events().filter(leaf__isnull=True)
    if waiting.exists():
        _seal()
        if waiting.exists():
            _seal(everything=True)
    last = scope.events().order_by("-leaf__index").values_list("leaf__index", flat=True).first()
    if last is None:
        raise Refused("no_events", f"Nothing was recorded of {scope}.", "Choose another packet or period.")
    found: Checkpoint = Checkpoint.objects.filter(size__gt=last).order_by("size")[0]
    return found


def _seal(*, everything: bool = False) -> None:
    try:
        sealing.seal(everything=everything)
    except OperationalError as error:  # SQLite: somebody writes for longer than one waits
        raise Refused(
            "sealing_busy", "The record is being written just now, and the newest events are under no checkpoint yet.",
            "Try again in a minute.",
        ) from error  # fmt: skip
