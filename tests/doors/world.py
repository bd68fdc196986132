"""A small installation to knock at: two teams with the same packets, and everyone who could come to a door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.db import transaction

from approvals import transitions, validity, working_copies
from approvals.letters import outbox
from approvals.letters.webhooks import receivers
from approvals.models import DataTarget, Delivery, Event, Letter, Question, RuleChange, SignOffRule, Suspension, Version
from approvals.rule_words import values
from approvals.transitions import Seen, rule_seen
from approvals.vocabulary import ReceiverKind, Role
from audits.answer import answer
from audits.keeping import keep
from portal import loosening
from portal.models import Loosening, User
from tests.cast import OTHER_TEAM, PEOPLE, TEAM, content, latest, person, rules_ask, sign

STATES = ("draft", "review", "force", "stopped")
MINE, THEIRS = "mine", "theirs"
# Words that stand in the packets of one team and nowhere else. Whoever may not see them must not read one anywhere.
WORDS = {
    MINE: {"agent": "zander-bot", "identity": "svc-zander-5501", "line": "zander.ledger", "job": "Zanderwork"},
    THEIRS: {"agent": "quagga-bot", "identity": "svc-quagga-7702", "line": "quagga.ledger", "job": "Quaggawork"},
}
TEAMS = {MINE: TEAM, THEIRS: OTHER_TEAM}
OWNERS = {MINE: "engineer", THEIRS: "outsider"}
# role → who plays it. `nobody` is not signed in; who was deactivated still has the cookie of a session.
PLAYERS = {
    "nobody": (None, "leaver"),
    "owner": ("engineer",), "team": ("teammate",), "other": ("outsider",), "clerk": ("clerk",),
    "security": ("security",), "auditor": ("auditor",), "responder": ("responder",), "admin": ("keeper",),
    "super": ("root",),
}  # fmt: skip


@dataclass
class Packets:
    """What one team has: a version in each state, and what hangs on them."""

    versions: dict[str, Version] = field(default_factory=dict)
    question: Question | None = None
    letter: Letter | None = None
    stop: Suspension | None = None
    kept: Event | None = None

    def references(self) -> list[str]:
        """The number of each packet."""
        return [version.packet.reference for version in self.versions.values()]


@dataclass
class World:
    """People by sign-in name, packets by side, and the single rows that some address is about."""

    people: dict[str, User]
    sides: dict[str, Packets]
    rule: SignOffRule
    change: RuleChange
    loosening: Loosening
    target: DataTarget
    delivery: Delivery
    passkey: Authenticator
    session: UserSession

    def of(self, side: str, state: str) -> Version:
        """The version of this side in this state."""
        return self.sides[side].versions[state]

    def secrets(self, side: str) -> list[str]:
        """What nobody may read who does not see this side's packets."""
        return [*WORDS[side].values(), *self.sides[side].references()]


@contextmanager
def made() -> Iterator[World]:
    """The world, for as long as the transaction it is made in; taken back at its end."""
    with transaction.atomic():
        yield _make()
        transaction.set_rollback(True)


def _make() -> World:
    people = _people()
    rules_ask({"Security": 1})
    sides = {side: _packets(people, side) for side in (MINE, THEIRS)}
    outbox.announce_all()
    for side, packets in sides.items():
        owner = people[OWNERS[side]]
        packets.letter = Letter.objects.filter(recipient=owner, version__isnull=False).order_by("pk")[0]
    rule = SignOffRule.objects.get(name="1 of Security")
    people["leaver"].is_active = False
    people["leaver"].save()
    return World(
        people=people, sides=sides, rule=rule, change=_change(people), target=_target(people["security2"]),
        loosening=_loosening(people), delivery=_delivery(people["second"]),
        passkey=_passkey(people["reader"]),
        session=UserSession.objects.create(user=people["engineer"], ip="127.0.0.1", user_agent="x", session_key="k"),
    )  # fmt: skip


def _people() -> dict[str, User]:
    """The cast without staff rights; then administrators, a superuser in no group, a clerk, a reader, a leaver."""
    there = {name: person(name, first, last, groups) for name, (first, last, groups) in PEOPLE.items()}
    there["second"] = person("second", "Sol", "Admin", (Role.ADMINISTRATORS,), is_staff=True)
    there["keeper"] = person("keeper", "Kim", "Keeper", (Role.ADMINISTRATORS,), is_staff=True)
    there["root"] = person("root", "Rue", "Root", (), is_staff=True, is_superuser=True)
    there["leaver"] = person("leaver", "Lee", "Leaver", (TEAM, Role.SECURITY, Role.ADMINISTRATORS), is_staff=True)
    there["clerk"] = person("clerk", "Cleo", "Clerk", ("Warehouse",), is_staff=True)
    there["reader"] = person("reader", "Rita", "Reader", ("Warehouse",))
    return there


def _packets(people: dict[str, User], side: str) -> Packets:
    """One packet in each state, with a question, a signature, a stop, a share and something typed and not saved."""
    owner, words = people[OWNERS[side]], WORDS[side]
    made = Packets()
    for state in STATES:
        body = content(
            agent=words["agent"], owner=owner.username, identity=words["identity"], data_sources=words["line"],
            job=f"{words['job']} {state}. It works.", rollback_owner=owner.username,
        )  # fmt: skip
        version = transitions.draft(body, actor=owner, team=Group.objects.get(name=TEAMS[side]))
        made.versions[state] = latest(version)
    for state in ("review", "force", "stopped"):
        version = made.versions[state]
        transitions.submit(version.pk, seen=Seen.of(version), actor=owner)
    made.question = transitions.ask(made.versions["review"].pk, "Why that table?", actor=people["security2"])
    for state in ("force", "stopped"):
        sign(made.versions[state], people["security2"])
    stopped = made.versions["stopped"].packet_id
    transitions.suspend(stopped, actor=people["responder"], reason="It looped.")
    made.stop = Suspension.objects.get(packet=stopped)
    transitions.share(made.versions["force"].packet_id, actor=owner, person=people["reader"])
    made.versions = {state: latest(version) for state, version in made.versions.items()}
    made.kept = keep(answer(words["agent"], "git diff", validity.now(), None), "git diff", "", people["security2"])
    for typed_into in (None, made.versions["draft"]):
        working_copies.keep(owner, typed_into, {"job": words["job"]}, 1, validity.now())
    return made


def _change(people: dict[str, User]) -> RuleChange:
    """A loosening that waits for another administrator."""
    rule = SignOffRule.objects.get(name="1 of Security")
    wanted: dict[str, Any] = values(rule) | {"longest_life": rule.longest_life + 5}
    seen = rule_seen(rule)
    return transitions.change_rule(wanted, actor=people["second"], reason="More room.", rule=rule, seen=seen)


def _loosening(people: dict[str, User]) -> Loosening:
    """An entry of the data register that would say less than production, and waits for another administrator."""
    wanted = DataTarget(pattern="warehouse.stock", name="Stock", data_class="public", owner=people["security2"])
    made = loosening.change(wanted, actor=people["second"])
    assert made is not None
    return made


def _passkey(owner: User) -> Authenticator:
    data = {"name": "Laptop", "passwordless": True, "credential": {}}
    made: Authenticator = Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data=data)
    return made


def _delivery(actor: User) -> Delivery:
    """A test of a chat that was told by webhook; it is switched off since."""
    receivers.set_up(ReceiverKind.CHAT, "https://93.184.216.34/hook", actor=actor, seen=0)
    made = receivers.write_trial(ReceiverKind.CHAT, actor=actor)
    receivers.switch(ReceiverKind.CHAT, on=False, actor=actor, seen=receivers.seen_of(made.receiver))
    return made


def _target(owner: User) -> DataTarget:
    """What some data is, in the register."""
    made = DataTarget(pattern="warehouse.orders", name="Orders", data_class="internal", owner=owner)
    made.save()
    return made
