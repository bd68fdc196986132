"""What administrators keep: a change that asks for less waits for a second one of them, any other holds at once.

The data register loosens where data counts as a lower class than before, entered or not: what is not registered counts
as production data. A second factor rule loosens where it is not required any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction

from approvals import events, rules, validity
from approvals.errors import Refused, refuse_if
from approvals.models import DataTarget
from approvals.people import Person
from approvals.risk.register import DataClass, Registered, first_word, known_of
from approvals.scope.grammar import parse_line
from approvals.transitions.claiming import fresh, put_down
from approvals.vocabulary import EventKind, Field, Role, RuleOutcome
from portal.models import Loosening, SecondFactorRule, User

Kept = DataTarget | SecondFactorRule
MODELS: dict[str, type[Kept]] = {"data register entry": DataTarget, "second factor rule": SecondFactorRule}
CHANGED = {"data register entry": EventKind.REGISTER_CHANGED, "second factor rule": EventKind.FACTOR_RULE_CHANGED}
COLUMNS = {
    "data register entry": ("pattern", "name", "data_class", "owner_id", "owner_group_id", "is_active"),
    "second factor rule": ("group_id", "required"),
}


def change(wanted: Kept, *, actor: Person) -> Loosening | None:
    """Save the row, or keep what was wanted until a second administrator looks at it: then that is returned."""
    what = _what(wanted)
    with _queued():
        now = _stored(wanted)
        before, after = _values(now), _values(wanted)
        less = less_of(now, wanted)
        if not less:
            put_down(wanted, actor)
            _record(CHANGED[what], what, before, after, actor)
            return None
        row = Loosening(
            what=what, row=wanted.pk, name=str(wanted), before=before, after=after, less=less,
            asked_by_id=actor.pk, asked_by_name=actor.printed_name, asked_at=validity.now(),
        )  # fmt: skip
        put_down(row, actor)
        _record(EventKind.LOOSENING_PROPOSED, what, before, after, actor, row)
        return row


def confirm(key: int, *, actor: Person) -> Loosening:
    """Apply what waits, as its second administrator. Refused when the row, or what it loosens, changed meanwhile."""
    with _settling(key, actor) as row:
        model = MODELS[row.what]
        found = model._default_manager.get(pk=row.row) if row.row else None
        wanted: Any = model._default_manager.get(pk=row.row) if row.row else model()
        for name, value in row.after.items():
            setattr(wanted, name, value)
        try:
            wanted.full_clean()
        except ValidationError as error:
            raise Refused("malformed", " ".join(error.messages), "Decline it; it can be asked anew.") from error
        if _values(found) != row.before or set(less_of(found, wanted)) - set(row.less):
            raise Refused("stale", "It has changed since this was asked for.", "Decline it; it can be asked anew.")
        put_down(wanted, actor)
        _close(row, RuleOutcome.APPLIED, actor)
        _record(EventKind.LOOSENING_APPLIED, row.what, row.before, row.after, actor, row)
    return row


def decline(key: int, *, actor: Person) -> Loosening:
    """Leave it as it is."""
    with _settling(key, actor) as row:
        _end(row, RuleOutcome.DECLINED, actor)
    return row


def withdraw(key: int, *, actor: Person) -> Loosening:
    """Take back what one has asked for oneself."""
    with _queued():
        row = Loosening.objects.get(pk=key)
        refuse_if(rules.why_not_withdraw_change(row, fresh(actor)))
        _end(row, RuleOutcome.WITHDRAWN, actor)
    return row


def why_not_settle(row: Loosening, person: Person) -> Refused | None:
    """The reason this person may not apply or decline it, or None. A superuser alone is no administrator here."""
    if not person.is_in(Role.ADMINISTRATORS):
        return Refused("not_you", "Only Administrators can let less be asked for.", "Ask one of them.")
    return rules.why_not_be_second(row, person)


def less_of(now: Any, wanted: Any) -> list[str]:
    """Where the row as wanted asks for less than the row as it is (None: there is none), in sentences."""
    if isinstance(wanted, SecondFactorRule):
        loosens = now is not None and now.required and not wanted.required
        return [f"{wanted.group.name} would not need a second factor any more."] if loosens else []
    return list(_register_less(now, wanted))


def _register_less(now: DataTarget | None, wanted: DataTarget) -> Iterator[str]:
    patterns = dict.fromkeys(row.pattern for row in (now, wanted) if row is not None)
    words = {"", *(first_word(pattern) for pattern in patterns)}
    rows = DataTarget.objects.filter(is_active=True, first__in=words).exclude(pk=wanted.pk)
    others = [row.as_registered("") for row in rows]
    before, after = ([*others, *_active(row)] for row in (now, wanted))
    for pattern in patterns:
        was, then = _class(pattern, before), _class(pattern, after)
        if then.rank < was.rank:
            yield f"{pattern} would count as {then.label}, no longer as {was.label}."


def _active(row: DataTarget | None) -> list[Registered]:
    return [row.as_registered("")] if row is not None and row.is_active else []


def _class(pattern: str, register: list[Registered]) -> DataClass:
    """What data of this name counts as; what nobody registered counts as production data."""
    known = known_of(Field.DATA_SOURCES, parse_line(pattern), register)
    return known.data_class if known is not None else DataClass.PRODUCTION


def in_words(what: str, kept: dict[str, Any]) -> str:
    """A row from its kept values, as a sentence; empty for none."""
    if not kept:
        return ""
    if what == "second factor rule":
        group = Group.objects.get(pk=kept["group_id"])
        return f"{group.name}: a second factor is {'' if kept['required'] else 'not '}required."
    owner = User.objects.filter(pk=kept["owner_id"]).first() or Group.objects.filter(pk=kept["owner_group_id"]).first()
    name = owner.printed_name if isinstance(owner, User) else owner
    off = "" if kept["is_active"] else " It is switched off."
    return f"{kept['pattern']}: {kept['name']}, {DataClass(kept['data_class']).label}, data owner {name}.{off}"


def _what(row: Kept) -> str:
    return next(what for what, model in MODELS.items() if isinstance(row, model))


def _stored(row: Kept) -> Kept | None:
    return type(row)._default_manager.filter(pk=row.pk).first() if row.pk else None


def _values(row: Kept | None) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS[_what(row)]} if row is not None else {}


@contextmanager
def _queued() -> Iterator[None]:
    """Changes wait for each other, since two that loosen nothing apart can do so together."""
    with transaction.atomic():
        Group.objects.select_for_update().get(name=Role.ADMINISTRATORS)
        yield


@contextmanager
def _settling(key: int, actor: Person) -> Iterator[Loosening]:
    with _queued():
        row = Loosening.objects.get(pk=key)
        refuse_if(why_not_settle(row, fresh(actor)))
        yield row


def _end(row: Loosening, outcome: RuleOutcome, actor: Person) -> None:
    _close(row, outcome, actor)
    _record(EventKind.LOOSENING_DECLINED, row.what, row.before, row.after, actor, row)


def _close(row: Loosening, outcome: RuleOutcome, actor: Person) -> None:
    row.outcome, row.decided_by_id, row.decided_at = outcome, actor.pk, validity.now()
    row.decided_by_name = actor.printed_name
    put_down(row, actor)


def _record(
    kind: EventKind, what: str, before: dict[str, Any], after: dict[str, Any], actor: Person,
    row: Loosening | None = None,
) -> None:  # fmt: skip
    """The event, with the row in words before and after, and who hears of it."""
    detail: dict[str, Any] = {
        "what": what,
        "name": after.get("pattern") or Group.objects.get(pk=after["group_id"]).name,
        "fields": sorted(name.removesuffix("_id") for name in after if after[name] != before.get(name)),
        "new": not before,
        "before": in_words(what, before),
        "after": in_words(what, after),
        **_audience(what, before, after),
    }
    if row is not None:
        detail |= {"change": row.pk, "less": row.less, "outcome": row.outcome, "asked_by": row.asked_by_name}
    events.record(kind, actor=actor, detail=detail)


def _audience(what: str, before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[str]]:
    """Data owners before and after and Security; of a second factor rule its role. Administrators always."""
    if what == "second factor rule":
        return {"groups": [Group.objects.get(pk=after["group_id"]).name, Role.ADMINISTRATORS]}
    keys = {name: {row[name] for row in (before, after) if row.get(name)} for name in ("owner_id", "owner_group_id")}
    groups = set(Group.objects.filter(pk__in=keys["owner_group_id"]).values_list("name", flat=True))
    people = User.objects.filter(pk__in=keys["owner_id"]).order_by("pk").values_list("username", flat=True)
    return {"people": list(people), "groups": sorted({*groups, Role.SECURITY.value, Role.ADMINISTRATORS.value})}
