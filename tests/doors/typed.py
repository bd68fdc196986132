"""What is sent to each address: a form that would act, from whoever may, in the state in which it can be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from approvals.forms.ruling import RuleForm
from approvals.letters.webhooks import receivers
from approvals.models import SignOffRule
from approvals.rule_words import values
from approvals.transitions import rule_seen
from tests.cast import PASSWORD
from tests.doors.addresses import Place
from tests.doors.world import MINE, OWNERS, WORDS, World
from tests.form.typed import typed as packet_form
from tests.pages.asking import seen

Form = dict[str, Any]
PASSWORDS = {"password1": "correct horse battery", "password2": "correct horse battery", "usable_password": "true"}


def typed(place: Place, world: World) -> Form:
    """The form for this place; empty when a button is all there is."""
    fill = FORMS.get(place.name)
    return fill(place, world) if fill else {}


def _shown(place: Place, world: World, **more: Any) -> Form:
    return seen(world.of(place.side, place.state), **more)


def _give_up(place: Place, world: World) -> Form:
    grant = world.of(place.side, place.state).grants.order_by("pk").first()
    return _shown(place, world, cut=f"{grant.pk if grant else 0}-remove", reason="Not needed.")


def _packet(place: Place, world: World) -> Form:
    return packet_form(agent="a-new-bot", team=str(world.people["engineer"].teams()[0].pk))


def _draft(place: Place, world: World) -> Form:
    words, owner = WORDS[place.side], OWNERS[place.side]
    changes = {"identity": words["identity"], "owner": owner, "rollback_owner": owner, "data_sources": words["line"]}
    return packet_form(agent=words["agent"], revision=world.of(place.side, place.state).revision, **changes)


def _identity(place: Place, world: World) -> Form:
    return {"identity": WORDS[place.side or MINE]["identity"], "reason": "It looped."}


def _rule(rule: SignOffRule, of: SignOffRule | None, **changes: Any) -> Form:
    """Stricter than the rule is, so that it holds at once, and looked over as the sentence it is."""
    form = {name: "" if value is None else value for name, value in values(rule).items()}
    form["reminder_days"] = ", ".join(map(str, rule.reminder_days))
    form |= {"reason": "We said so.", "seen": rule_seen(of)} | changes
    looked = RuleForm(form, rule=of)
    assert looked.is_valid(), looked.errors
    return form | {"looked": looked.looked_at()}


def _rule_edit(place: Place, world: World) -> Form:
    return _rule(world.rule, world.rule, longest_life=world.rule.longest_life - 1)


def _rule_new(place: Place, world: World) -> Form:
    return _rule(world.rule, None, name="One more")


def _retire(place: Place, world: World) -> Form:
    return {"reason": "Not needed.", "seen": rule_seen(world.rule)}


def _person(place: Place, world: World) -> Form:
    """A change of rights: membership, and with it what one may sign."""
    teammate = world.people["teammate"]
    fields = ("username", "first_name", "last_name", "email", "time_zone", "night_contact")
    groups = [group.pk for group in world.people["security"].groups.all()]
    return {name: getattr(teammate, name) for name in fields} | {"is_active": "on", "groups": groups}


def _target(pattern: str, world: World) -> Form:
    owner = world.people["security2"].pk
    return {"pattern": pattern, "name": "Returns", "data_class": "public", "owner": owner, "is_active": "on"}


def _always(**form: Any) -> Callable[[Place, World], Form]:
    return lambda place, world: form


FORMS: dict[str, Callable[[Place, World], Form]] = {
    "packet-new": _packet,
    "packet-as-typed": _packet,
    "record-take": _always(reason="For the audit.", format="csv"),
    "packet-evidence": _always(reason="For the audit."),
    "audit-evidence": _always(reason="For the audit."),
    "why-read": _always(pasted="a word"),
    "why-keep": lambda place, world: {"agent": WORDS[MINE]["agent"], "did": "ls", "at": ""},
    "packet-keep": _always(job="Something else."),
    "packet-import": _always(agent="a-new-bot", pasted='{"permissions": {"allow": ["Bash(ls *)"]}}'),
    "version-edit": _draft,
    "version-as-typed": _draft,
    "version-keep": _always(job="Something else.", revision="1"),
    "version-submit": _shown,
    "version-withdraw": _shown,
    "version-discard": _shown,
    "version-give-up": _give_up,
    "version-decide": lambda place, world: _shown(place, world, verdict="approve", reason="Fine.", password=PASSWORD),
    "finding-accept": lambda place, world: _shown(place, world, reason="We know."),
    "admin:approvals_datatarget_add": lambda place, world: _target("warehouse.returns", world),
    "admin:approvals_datatarget_change": lambda place, world: _target("warehouse.orders", world),
    "version-ask": _always(text="And why at night?"),
    "question-answer": _always(text="Because."),
    "packet-suspend": _always(reason="It looped."),
    "packet-resume": _always(reason="Mended."),
    "packet-revoke": _always(reason="Retired."),
    "hand-over": lambda place, world: {"packet": str(world.of(MINE, "force").packet), "to": "teammate"},
    "packet-share": _always(person="clerk"),
    "packet-unshare": _always(person="reader"),
    "agent-stop": _always(reason="It looped."),
    "identity-stop": _identity,
    "rule-new": _rule_new,
    "rule-edit": _rule_edit,
    "rule-retire": _retire,
    "rule-settle": _always(reason="Fine."),
    "webhook-change": lambda place, world: {"seen": receivers.seen_of(world.delivery.receiver)},
    "change-settle": _always(),
    "account": _always(time_zone="Europe/Berlin", night_contact="+00 1"),
    "sign-in": _always(login="engineer", password="wrong"),
    "account_login": _always(login="engineer", password="wrong"),
    "admin:portal_user_add": lambda place, world: PASSWORDS | {"username": "made-here"},
    "admin:portal_user_change": _person,
    "admin:auth_user_password_change": lambda place, world: PASSWORDS,
    "admin:auth_group_add": _always(name="Night shift"),
    "admin:auth_group_change": _always(name="Night shift"),
    "admin:portal_secondfactorrule_change": _always(required="on"),
    "admin:approvals_agent_change": _always(),
}  # fmt: skip
