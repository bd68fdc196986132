"""What this person can do on a packet page, and in words why not. The same functions guard the verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from approvals import rules
from approvals.break_glass import why_not_break_glass
from approvals.errors import Refused
from approvals.models import Packet, Version
from approvals.pages.dossier import Dossier
from approvals.vocabulary import Standing, State

SILENT = {
    "wrong_state",
    "not_suspended",
    "already_suspended",
    "revoked",
    "superseded",
    "ended",
    "open_version",
    "not_the_last",
    "too_late",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One verb as a button: `method` post acts at once, get opens a page of its own, link is no button."""

    label: str
    url: str
    method: str
    tone: str = ""
    icon: str = ""
    refusal: Refused | None = None


def offers(dossier: Dossier, person: Any) -> list[Offer]:
    """The verbs that fit where the version stands, each with the reason this person may not, or None."""
    return [*_on_version(dossier, person), *_on_packet(dossier, person)]


def allowed(rows: list[Offer]) -> list[Offer]:
    """Only what this person may do."""
    return [row for row in rows if row.refusal is None]


def reasons(rows: list[Offer]) -> list[tuple[str, str]]:
    """Why not, each reason once with the verbs it holds for; what nobody could do now is not mentioned."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.refusal is not None and row.refusal.code not in SILENT:
            found.setdefault(str(row.refusal), []).append(row.label)
    return [(", ".join(labels), words) for words, labels in found.items()]


def _on_version(dossier: Dossier, person: Any) -> Iterator[Offer]:
    version = dossier.shown
    at = _address(version)
    if version.state == State.DRAFT:
        refusal = rules.why_not_edit(version, person)
        yield Offer("Edit", at("version-edit"), "link", refusal=refusal)
        yield Offer("Submit for review", at("version-submit"), "post", "primary", "check", refusal)
        yield Offer("Discard", at("version-discard"), "get", refusal=refusal)
    elif version.state == State.IN_REVIEW:
        yield Offer("Withdraw", at("version-withdraw"), "post", refusal=rules.why_not_withdraw(version, person))
        if (refused := why_not_break_glass(version, person)) is None:  # for nobody else; the page says who may decide
            yield Offer("Break the glass", at("version-break-glass"), "get", "stop", "alert", refused)
    elif _is_where_to_go_on(dossier):
        refusal = rules.why_not_amend(version, person)
        if version.state == State.APPROVED:
            tone = "primary" if dossier.standing in (Standing.ENDS_SOON, Standing.ENDED) else ""
            yield Offer("Renew", at("version-renew"), "post", tone, "clock", refusal)
        yield Offer("Amend", at("version-amend"), "post", refusal=refusal)
        if version.state == State.APPROVED:
            give_up = rules.why_not_give_up(version, person)
            yield Offer("Give up", at("version-give-up"), "get", icon="minus", refusal=give_up)


def _is_where_to_go_on(dossier: Dossier) -> bool:
    """The last approved version; one that ended otherwise only while none was ever approved, or the last is over."""
    latest = dossier.latest_approved
    if dossier.shown.state == State.APPROVED:
        return dossier.shown == latest
    newest = dossier.versions[0] == dossier.shown
    return newest and dossier.in_force is None and dossier.shown.submitted_at is not None


def _on_packet(dossier: Dossier, person: Any) -> Iterator[Offer]:
    packet = dossier.packet
    if packet.revoked_at is not None or (dossier.latest_approved or dossier.in_force) is None:
        return  # final, or nothing granted yet: a draft is discarded, a review withdrawn or rejected
    verbs: tuple[tuple[str, str, str, str, Callable[[Packet, Any], Refused | None]], ...] = (
        ("Suspend", "packet-suspend", "stop", "stop", rules.why_not_suspend),
        ("Resume", "packet-resume", "", "right", rules.why_not_resume),
        ("Revoke", "packet-revoke", "stop", "stop", rules.why_not_revoke),
    )
    for label, name, tone, icon, why_not in verbs:
        yield Offer(label, reverse(name, args=[packet.reference]), "get", tone, icon, why_not(packet, person))


def _address(version: Version) -> Callable[[str], str]:
    return lambda name: reverse(name, args=[version.packet.reference, version.number])
