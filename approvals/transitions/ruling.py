"""Changing the sign-off rules: at once where nothing is loosened, else only with a second administrator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction

from approvals import events, rules, validity
from approvals.errors import Refused, refuse_if
from approvals.loosening import loosened
from approvals.models import RuleChange, SignOffRule
from approvals.people import Person
from approvals.rule_words import sentence, values
from approvals.transitions.claiming import fresh, put_down
from approvals.transitions.reviewing import refuse_words
from approvals.vocabulary import EventKind, Role, RuleOutcome


@contextmanager
def _queued() -> Iterator[list[SignOffRule]]:
    """Changes of rules wait for each other, since two that loosen nothing apart can do so together."""
    with transaction.atomic():
        Group.objects.select_for_update().get(name=Role.ADMINISTRATORS)
        yield list(SignOffRule.objects.active())


def rule_seen(rule: SignOffRule | None) -> int:
    """The newest row of the rule's history: whoever changes the rule names it as what they saw. 0 for a new rule."""
    newest = rule.history.order_by("-history_id").values_list("history_id", flat=True).first() if rule else None
    return newest or 0


def change_rule(
    after: Mapping[str, Any], *, actor: Person, reason: str, rule: SignOffRule | None = None, seen: int = 0
) -> RuleChange:
    """Change a rule, or add one when `rule` is None; `seen` is what `rule_seen` said when the actor looked.

    Returns the change: applied, or waiting for a second administrator when it asks for less anywhere. Raises Refused
    for who may not, for values no rule can have, and when the rule changed meanwhile.
    """
    reason = refuse_words(reason)
    with _queued() as active:
        actor = fresh(actor)
        refuse_if(rules.why_not_change_rules(actor))
        wanted = _checked(after, rule)
        before = values(SignOffRule.objects.get(pk=rule.pk)) if rule else {}
        if rule_seen(rule) != seen:
            raise Refused("stale", "This rule changed after you opened the page.", "Look at it again, then change it.")
        if before == values(wanted):
            raise Refused("nothing_changed", "Nothing is different.", "Change a value, or go back.")
        less = loosened(active, _with(active, wanted), _names())
        row = RuleChange(
            rule=rule, before=before, after=values(wanted), loosens=less, needs_second=bool(less), reason=reason,
            asked_by=actor, asked_by_name=actor.printed_name, asked_at=validity.now(),
        )  # fmt: skip
        if less:
            put_down(row, actor)
            _record(EventKind.RULE_PROPOSED, row, actor)
        else:
            _apply(row, wanted, actor)
    return row


def confirm_rule_change(change_id: int, *, actor: Person, reason: str = "") -> RuleChange:
    """Apply a change that waits, as its second administrator. Refused when it would loosen more than it said."""
    with _settling(change_id, actor) as (row, active):
        wanted = _checked(row.after, row.rule)
        now = values(SignOffRule.objects.get(pk=row.rule_id)) if row.rule_id else {}
        more = set(loosened(active, _with(active, wanted), _names())) - set(row.loosens)
        if now != row.before or more:
            raise Refused(
                "stale", "The rules have changed since this was asked for.", "Decline it; it can be asked anew."
            )
        row.decided_reason = refuse_words(reason, needed=False)
        _apply(row, wanted, fresh(actor))
    return row


def decline_rule_change(change_id: int, *, actor: Person, reason: str) -> RuleChange:
    """Leave the rules as they are."""
    with _settling(change_id, actor) as (row, _):
        row.decided_reason = refuse_words(reason)
        _close(row, RuleOutcome.DECLINED, fresh(actor))
    return row


def withdraw_rule_change(change_id: int, *, actor: Person) -> RuleChange:
    """Take back a change one has asked for oneself."""
    with _queued():
        row = RuleChange.objects.select_related("rule").get(pk=change_id)
        refuse_if(rules.why_not_withdraw_change(row, fresh(actor)))
        _close(row, RuleOutcome.WITHDRAWN, fresh(actor))
    return row


@contextmanager
def _settling(change_id: int, actor: Person) -> Iterator[tuple[RuleChange, list[SignOffRule]]]:
    with _queued() as active:
        row = RuleChange.objects.select_related("rule").get(pk=change_id)
        refuse_if(rules.why_not_settle(row, fresh(actor)))
        yield row, active


def _checked(after: Mapping[str, Any], rule: SignOffRule | None) -> SignOffRule:
    """The rule as it would be. Raises Refused for values no rule can have."""
    wanted = SignOffRule.objects.get(pk=rule.pk) if rule else SignOffRule()
    for name, value in _columns(after).items():
        setattr(wanted, name, value)
    try:
        wanted.full_clean()
    except ValidationError as error:
        raise Refused("malformed", " ".join(error.messages), "Mend it, then save again.") from error
    return wanted


def _with(active: list[SignOffRule], wanted: SignOffRule) -> list[SignOffRule]:
    """The active rules as they would be."""
    return [*(rule for rule in active if rule.pk != wanted.pk), *([wanted] if wanted.is_active else [])]


def _names() -> dict[int, str]:
    return dict(Group.objects.values_list("pk", "name"))


def _apply(row: RuleChange, wanted: SignOffRule, actor: Person) -> None:
    put_down(wanted, actor)
    row.rule = wanted
    row.outcome, row.decided_by, row.decided_at = RuleOutcome.APPLIED, actor, validity.now()
    row.decided_by_name = actor.printed_name
    put_down(row, actor)
    _record(EventKind.RULE_LOOSENED if row.loosens else EventKind.RULE_CHANGED, row, actor)


def _close(row: RuleChange, outcome: RuleOutcome, actor: Person) -> None:
    row.outcome, row.decided_by, row.decided_at = outcome, actor, validity.now()
    row.decided_by_name = actor.printed_name
    put_down(row, actor)
    _record(EventKind.RULE_DECLINED, row, actor)


def _record(kind: EventKind, row: RuleChange, actor: Person) -> None:
    """The event, with the rule in words before and after, and whose signatures it is about."""
    before, after = _rule(row.before), _rule(row.after)
    fields = sorted(name for name in row.after if row.after[name] != row.before.get(name))
    groups = {one.group or one.team for one in (before, after) if one is not None}
    detail = {
        "change": row.pk,
        "rule": str(row),
        "before": sentence(before) if before else None,
        "after": sentence(after) if after and after.is_active else None,
        "fields": fields,
        "loosens": row.loosens,
        "outcome": row.outcome,
        "asked_by": row.asked_by_name,
        "groups": sorted(group.name for group in groups if group),
        "reason": row.decided_reason if kind is EventKind.RULE_DECLINED else row.reason,
    }
    events.record(kind, actor=actor, detail=detail)


def _rule(kept: Mapping[str, Any]) -> SignOffRule | None:
    """A rule from its kept values, for its words; None for no rule."""
    if not kept:
        return None
    return SignOffRule(**_columns(kept))


def _columns(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Kept values by attribute: groups are kept by key."""
    return {f"{name}_id" if name in ("team", "group") else name: value for name, value in kept.items()}
