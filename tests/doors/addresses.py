"""Every address of the URLconf, filled in with what it can be about in the small world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from approvals.models import Agent, DataTarget, Decision, Packet, Question, Suspension, Version
from portal.models import SecondFactorRule, User
from tests.doors.world import MINE, OWNERS, STATES, THEIRS, WORDS, World
from tests.walk.places import Address, addresses

# What is asked of an address beyond the address itself, of each side: a word for it → the query. Only parts of the
# words nobody else may read are typed, so that a page which repeats what was typed gives nothing away.
ASKED: dict[str, dict[str, str]] = {
    "packets": {"tab": "tab=all", "found": "tab=all&q={part}", "mine": "tab=mine", "waiting": "tab=waiting"},
    "packet-earlier": {"found": "q={part}"},
    "packet-new": {"of-agent": "agent={agent}", "inside": "level=run&parent={reference}"},
    "packet-import": {"into": "into={reference}"},
    "agents": {"found": "q={part}", "without": "show=without", "stopped": "show=stopped"},
    "identity-stop": {"named": "identity={identity}"},
    "letters": {"all": "show=all", "undeliverable": "show=undeliverable"},
    "why": {"named": "agent={agent}&did=ls"},
    "why-pdf": {"named": "agent={agent}&did=ls"},
    "who": {"named": "q={line}"},
    "may": {"named": "agent={agent}"},
    "record": {"agent": "agent={agent}", "packet": "packet={reference}"},
    "admin:autocomplete": {
        model: f"app_label={app}&model_name={model}&field_name={column}&term={{part}}"
        for app, model, column in (
            ("approvals", "packet", "agent"), ("approvals", "version", "packet"), ("approvals", "decision", "version"),
            ("approvals", "agent", "team"), ("portal", "user", "groups"),
        )
    },
    **{
        f"admin:approvals_{model}_changelist": {
            "found": "q={part}", "popup": "_popup=1", "to-field": "_to_field=id&_popup=1", "sorted": "o=-1",
        }
        for model in ("packet", "version", "decision", "suspension", "question", "agent")
    },
}  # fmt: skip
PARTS = {MINE: "zander", THEIRS: "quagga"}


@dataclass(frozen=True)
class Place:
    """One address about one thing. The side is empty for what belongs to no team."""

    name: str
    path: str
    side: str = ""
    state: str = ""

    def tells(self) -> str:
        """What whoever asks has typed already."""
        return unquote(self.path)


class Unfilled(AssertionError):
    """Nobody has said what an address is about."""


def places(world: World) -> list[Place]:
    """All of them. Raises Unfilled for an address whose blanks nothing here fills."""
    return [place for address in addresses() for place in about(address, world)]


def about(address: Address, world: World) -> Iterator[Place]:
    """What this address can be about, and what can be asked of it."""
    for side, state, blanks in _blanks(address, world):
        yield Place(address.name, reverse(address.name, kwargs=blanks), side, state)
    for side in (MINE, THEIRS):
        words = WORDS[side] | {"part": PARTS[side], "reference": world.of(side, "draft").packet.reference}
        for label, query in ASKED.get(address.name, {}).items():
            yield Place(address.name, f"{reverse(address.name)}?{query.format(**words)}", side, label)


Blanks = tuple[str, str, dict[str, Any]]


def _blanks(address: Address, world: World) -> Iterator[Blanks]:
    wanted = tuple(sorted(address.blanks))
    single = _single(world)
    if not wanted:
        yield "", "", {}
    elif address.name in single:
        yield single[address.name]
    elif address.name.startswith("admin:") and wanted in (("object_id",), ("id",)):
        yield from ((side, "", {wanted[0]: pk}) for side, pk in _rows(address, world))
    elif set(wanted) <= {"reference", "number", "kind", "question", "place"}:
        yield from _versions(wanted, world)
    elif wanted == ("slug",):
        yield from ((side, "", {"slug": WORDS[side]["agent"]}) for side in (MINE, THEIRS))
    elif address.name == "letter":
        yield from ((side, "", {"pk": packets.letter.pk}) for side, packets in world.sides.items() if packets.letter)
    elif address.name == "why-kept":
        yield from ((side, "", {"event": packets.kept.pk}) for side, packets in world.sides.items() if packets.kept)
    else:
        raise Unfilled(f"Nothing says what {address.name} is about: fill {wanted} in tests/doors/addresses.py.")


def _single(world: World) -> dict[str, Blanks]:
    """What there is one of."""
    return {
        "account_reset_password_from_key": ("", "", {"uidb36": "1", "key": "used-up"}),
        "mfa_remove_webauthn": ("", "", {"pk": world.passkey.pk}),
        "end-session": (MINE, "", {"pk": world.session.pk}),
        "packet-from-template": ("", "", {"name": "coding-agent"}),
        "hand-over": (MINE, "", {"username": OWNERS[MINE]}),
        "rule-edit": ("", "", {"rule": world.rule.pk}),
        "rule-retire": ("", "", {"rule": world.rule.pk}),
        "rule-settle": ("", "", {"change": world.change.pk, "verdict": "confirm"}),
        "set-up-test": ("", "", {"test": "rules"}),
        "webhook-delivery": ("", "", {"delivery": world.delivery.pk}),
        "webhook-change": ("", "", {"kind": "chat", "what": "on"}),
        "webhook-trial": ("", "", {"kind": "chat"}),
        "change-settle": ("", "", {"change": world.loosening.pk, "verdict": "confirm"}),
        "admin:app_list": ("", "", {"app_label": "approvals"}),
    }


def _versions(wanted: tuple[str, ...], world: World) -> Iterator[Blanks]:
    for side in (MINE, THEIRS):
        for state in STATES:
            version, question = world.of(side, state), world.sides[side].question
            filled = {
                "reference": version.packet.reference, "number": version.number, "kind": "yaml", "place": 1,
                "question": question.pk if question else 0,
            }  # fmt: skip
            yield side, state, {name: filled[name] for name in wanted}


def _rows(address: Address, world: World) -> Iterator[tuple[str, Any]]:
    """The rows of a stock screen: one a side, or one."""
    model = _model(address.name)
    single: dict[Any, Any] = {
        User: world.people["teammate"].pk, Group: Group.objects.get(name="Warehouse").pk,
        SecondFactorRule: SecondFactorRule.objects.order_by("pk")[0].pk, type(world.rule): world.rule.pk,
        DataTarget: world.target.pk,
    }  # fmt: skip
    if model in single:
        yield "", single[model]
        return
    for side, packets in world.sides.items():
        version = packets.versions["force"]
        rows: dict[Any, Any] = {
            Packet: version.packet, Version: version, Decision: version.decisions.first(), Suspension: packets.stop,
            Question: packets.question, Agent: version.packet.agent,
        }  # fmt: skip
        if model not in rows:
            raise Unfilled(f"Nothing says what {address.name} is about: add {model} to tests/doors/addresses.py.")
        yield side, rows[model].pk


def _model(name: str) -> Any:
    if name == "admin:auth_user_password_change":
        return User
    found = [
        one for one in admin.site._registry if name.startswith(f"admin:{one._meta.app_label}_{one._meta.model_name}_")
    ]
    return found[0]
