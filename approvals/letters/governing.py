"""Letters about who may sign: changed rules and memberships, told to the groups whose signatures they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.contrib.auth import get_user_model

from approvals import validity
from approvals.letters.audience import Recipient, reachable
from approvals.letters.message import Block, Message, subject_moment, told
from approvals.letters.occasion import detail_of, quoted
from approvals.models import Event, SignOffRule
from approvals.people import Person
from approvals.vocabulary import EventKind, Role

RULES = (EventKind.RULE_CHANGED, EventKind.RULE_LOOSENED, EventKind.RULE_PROPOSED, EventKind.RULE_DECLINED)
KINDS = (*RULES, EventKind.MEMBERSHIP_CHANGED)
OUTCOMES = {
    EventKind.RULE_CHANGED: ("is changed", "warn"),
    EventKind.RULE_LOOSENED: ("is loosened", "warn"),
    EventKind.RULE_PROPOSED: ("waits for a second administrator", "warn"),
    EventKind.RULE_DECLINED: ("stays as it is", "info"),
}


def hears(event: Event) -> list[Recipient]:
    """Everyone owed a letter about this event, each once; nobody is told of their own act."""
    found: dict[int, Recipient] = {}
    for one in _told(event):
        if one.person.pk != event.actor_id and reachable(one.person):
            found.setdefault(one.person.pk, one)
    return list(found.values())


def compose(event: Event, to: Recipient) -> Message:
    """The letter about this event for this person."""
    return _membership(event, to) if event.kind == EventKind.MEMBERSHIP_CHANGED else _rule(event, to)


def _told(event: Event) -> Iterator[Recipient]:
    detail = detail_of(event)
    if event.kind == EventKind.MEMBERSHIP_CHANGED:
        people = get_user_model()._default_manager.filter(username=detail["person"])
        yield from (Recipient(person, "it is your account") for person in people)
        changed = [name for name in (*detail["added"], *detail["removed"]) if name in _signing(detail)]
        yield from _of(changed, "you are in the group, and it signs")
        return
    yield from _of(detail.get("groups") or [Role.SECURITY], "your group’s signatures are what it is about")
    yield from _of([Role.ADMINISTRATORS], "you are an administrator, and rules are yours to look after")


def _signing(detail: dict[str, list[str]]) -> set[str]:
    """Of the groups that changed those that sign or decide who does: named by a rule, a team, or administrators."""
    named = set(SignOffRule.objects.active().values_list("group__name", flat=True))
    changed = {*detail["added"], *detail["removed"]}
    return {name for name in changed if name in named or name not in set(Role) or name == Role.ADMINISTRATORS}


def _of(names: Iterable[str], because: str) -> Iterator[Recipient]:
    everyone = get_user_model()._default_manager.filter(groups__name__in=list(names), is_active=True)
    yield from (Recipient(person, because) for person in everyone.distinct().order_by("pk"))


def _rule(event: Event, to: Recipient) -> Message:
    detail, at = detail_of(event), event.effective_at
    outcome, tone = OUTCOMES[EventKind(event.kind)]
    name, now = detail.get("rule") or detail.get("name") or "a rule", validity.now()
    waits = event.kind == EventKind.RULE_PROPOSED
    return Message(
        subject=f"Sign-off rule “{name}” {outcome}, {subject_moment(at, now)}",
        first=f"{event.actor_name} {_did(event, detail)} the sign-off rule “{name}” on {told(at, to.person)}.",
        second="A second administrator has to look at it, since it asks for less than before. Until then the rules "
        "hold as they are." if waits else "You have nothing to do. Packets in review need the stricter of the rules "
        "they were submitted under and the rules now.",
        tone=tone,
        blocks=(*_as_sentences(detail), *_loosens(detail), *quoted("The reason", detail.get("reason") or "")),
        path="/rules/", link_label="Open the rules", because=to.because,
    )  # fmt: skip


def _did(event: Event, detail: dict[str, object]) -> str:
    if event.kind == EventKind.RULE_PROPOSED:
        return "asked for a change of"
    if event.kind == EventKind.RULE_DECLINED:
        return "took back a change of" if detail.get("outcome") == "withdrawn" else "declined a change of"
    return "added" if detail.get("before") is None else "retired" if detail.get("after") is None else "changed"


def _as_sentences(detail: dict[str, str]) -> tuple[Block, ...]:
    """The rule before and after, each as the sentence it is."""
    rows = (("Before", detail.get("before")), ("After", detail.get("after")))
    return tuple(Block(heading, (text or "No rule.",)) for heading, text in rows)


def _loosens(detail: dict[str, list[str]]) -> tuple[Block, ...]:
    rows = detail.get("loosens") or []
    return (Block("Where it asks for less", tuple(rows)),) if rows else ()


def _membership(event: Event, to: Recipient) -> Message:
    detail, at = detail_of(event), event.effective_at
    person = _named(detail["person"])
    added, removed = (", ".join(detail[key]) for key in ("added", "removed"))
    moves = (f"into {added}" if added else "", f"out of {removed}" if removed else "")
    what = " and ".join(words for words in moves if words)
    return Message(
        subject=f"{person} was put {what}, {subject_moment(at, validity.now())}",
        first=f"{event.actor_name} put {person} {what} on {told(at, to.person)}.",
        second="You have nothing to do. If this is not right, tell an administrator now: who is in a group may sign "
        "for it.",
        tone="warn", path="/record/", link_label="Open the record", because=to.because,
    )  # fmt: skip


def _named(username: str) -> str:
    person: Person | None = get_user_model()._default_manager.filter(username=username).first()
    return person.printed_name if person else username
