"""One letter about several events of a kind that fall together: ends that have come, or that come without a renewal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from approvals.lateness import unrenewed_at
from approvals.letters import ending, wording
from approvals.letters.audience import Recipient, why
from approvals.letters.message import as_html, as_text, one_line
from approvals.letters.occasion import Occasion
from approvals.letters.writing import write
from approvals.models import Event, Letter, Version
from approvals.vocabulary import EventKind

KINDS = (EventKind.ENDED, EventKind.RENEWAL_LATE)
AT_MOST = timedelta(minutes=5)  # how long a letter waits for others of its kind
AT_ONCE = 200  # events of one transaction
Heard = tuple[Occasion, Recipient]


def waits(kind: str, oldest: datetime, now: datetime) -> bool:
    """Whether more of the kind are just being written down, so that the letters of those that are wait for them."""
    if now - oldest >= AT_MOST:
        return False
    more = Version.objects.lapsed_by(now) if kind == EventKind.ENDED else unrenewed_at(now)
    return more.exists()


def fall_together(events: Iterable[Event]) -> Iterator[list[Event]]:
    """The events in batches of a kind; those of one owner are in one batch, so that their owner gets one letter."""
    batch: list[Event] = []
    for event in sorted(events, key=lambda one: (one.kind, _owner(one), one.pk)):
        last = batch[-1] if batch else event
        full = len(batch) >= AT_ONCE and _owner(last) != _owner(event)
        if full or last.kind != event.kind:
            yield batch
            batch = []
        batch.append(event)
    if batch:
        yield batch


def _owner(event: Event) -> int:
    return (event.version.owner_id if event.version else None) or 0


def write_each(heard: Iterable[Heard]) -> list[Letter]:
    """The letters to these people about these events: one for each person and kind."""
    groups: dict[tuple[str, int], list[Heard]] = {}
    for occasion, to in heard:
        groups.setdefault((occasion.event.kind, to.person.pk), []).append((occasion, to))
    return [_write([occasion for occasion, _ in group], group[0][1]) for group in groups.values()]


def _write(occasions: Sequence[Occasion], to: Recipient) -> Letter:
    first = occasions[0]
    if len(occasions) == 1:
        return about(first, to)
    letter = write(
        ending.several(occasions, to), to, key=_key(first, to), event=None, reply_to=wording.reply_to(first, to.person)
    )
    letter.tells_of.set([occasion.event for occasion in occasions])
    return letter


def about(occasion: Occasion, to: Recipient) -> Letter:
    """The letter to this person about this event."""
    return write(
        wording.compose(occasion, to), to, key=_key(occasion, to), event=occasion.event, version=occasion.version,
        reply_to=wording.reply_to(occasion, to.person),
    )  # fmt: skip


def _key(occasion: Occasion, to: Recipient) -> str:
    return f"event-{occasion.event.pk}-{to.person.pk}"


def occasions_of(letter: Letter) -> list[Occasion]:
    """What a letter about several tells of; nothing for every other letter."""
    found = [Occasion.of(event) for event in letter.tells_of.order_by("pk")]
    return [occasion for occasion in found if occasion is not None]


def refresh(letter: Letter, still: Sequence[Occasion]) -> None:
    """Put a letter about several into words about those that are still right."""
    to = Recipient(letter.recipient, why(still[0].version, letter.recipient))
    message = ending.several(still, to) if len(still) > 1 else wording.compose(still[0], to)
    letter.subject, letter.text, letter.html = one_line(message.subject), as_text(message), as_html(message)
    letter.save(update_fields=["subject", "text", "html"])
