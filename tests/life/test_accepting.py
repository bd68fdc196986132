"""Accepting a finding: a signer only, once, in review; it is a record and nothing else changes."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from approvals import transitions
from approvals.letters import outbox
from approvals.models import Acceptance, Event, Letter, Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind
from portal.models import User
from tests.cast import Cast, Clock, Walk, kinds, latest, no_trace, refused, sign
from tests.pages.asking import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
REASON = "The token reaches one repository."


def accept(version: Version, actor: User, place: int = 0, reason: str = REASON) -> Acceptance:
    return transitions.accept_finding(version.pk, place, seen=Seen.of(version), actor=actor, reason=reason)


def high(in_review: Walk) -> Version:
    version = in_review(seats={"Security": 2}, tools="Bash(git push *)")
    assert version.findings[0]["severity"] == "high"
    return version


def test_a_signer_accepts_with_a_reason_and_nothing_else_changes(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = high(in_review)
    row = accept(version, cast.security)
    after = latest(version)
    assert (row.by, row.role, row.at, row.finding) == (cast.security, "Security", clock.moment, version.findings[0])
    assert (after.tier, after.findings, after.revision) == (version.tier, version.findings, version.revision)
    assert after.seats.filter(decision__isnull=True).count() == 2
    assert kinds(version)[-1] == EventKind.FINDING_ACCEPTED
    detail = json.loads(bytes(Event.objects.order_by("pk").last().body))["detail"]  # type: ignore[union-attr]
    assert (detail["reason"], detail["code"]) == (REASON, "writes_remotely")
    assert row.history.get().history_user == cast.security
    sign(version, cast.security2)  # whose page shows the version as it was, and it is not stale


@pytest.mark.parametrize(
    ("who", "code"),
    [("engineer", "own_version"), ("teammate", "no_seat"), ("outsider", "no_seat"), ("auditor", "no_seat"),
     ("admin", "no_seat")],
)  # fmt: skip
def test_nobody_else_accepts(cast: Cast, in_review: Walk, who: str, code: str) -> None:
    version = high(in_review)
    with no_trace(), refused(code):
        accept(version, getattr(cast, who))


def test_an_author_who_signs_for_security_accepts_nothing(cast: Cast, drafted: Walk, in_review: Walk) -> None:
    cast.security.groups.add(cast.team)
    version = in_review(of=drafted(actor=cast.security, tools="Bash(git push *)"), actor=cast.security)
    with no_trace(), refused("own_version"):
        accept(version, cast.security)


def test_twice_and_what_is_not_there_is_refused(cast: Cast, in_review: Walk) -> None:
    version = high(in_review)
    accept(version, cast.security)
    with no_trace():
        with refused("accepted_already"):
            accept(version, cast.security2)
        with refused("no_such_finding"):
            accept(version, cast.security, len(version.findings))
        with refused("no_such_finding"):
            accept(version, cast.security, -1)
        with refused("no_reason"):
            accept(version, cast.security, 1, " ")


def test_after_the_last_signature_it_is_too_late_and_after_an_edit_it_is_stale(cast: Cast, in_review: Walk) -> None:
    version = high(in_review)
    with no_trace(), refused("stale"):
        transitions.accept_finding(
            version.pk, 0, seen=Seen(version.revision, "0" * 64, "", version.state), actor=cast.security, reason=REASON
        )
    sign(version, cast.security)
    accept(version, cast.security)  # who has signed may still take a finding on
    sign(version, cast.security2)
    with no_trace(), refused("too_late"):
        accept(latest(version), cast.security2, 1)


def test_the_owner_reads_it_in_the_letter_of_the_decision(cast: Cast, in_review: Walk) -> None:
    version = high(in_review)
    accept(version, cast.security)
    outbox.announce_all()
    assert not Letter.objects.filter(event__kind=EventKind.FINDING_ACCEPTED).exists()
    sign(version, cast.security)
    sign(version, cast.security2)
    outbox.announce_all()
    letter = Letter.objects.filter(event__kind=EventKind.APPROVED, recipient=cast.engineer).get()
    assert f"Accepted by {cast.security.printed_name} (Security): {REASON}" in " ".join(letter.text.split())


def test_the_page_offers_it_to_signers_and_shows_who_did(cast: Cast, in_review: Walk) -> None:
    version = high(in_review)
    page = version.get_absolute_url()
    address = reverse("finding-accept", args=[version.packet.reference, version.number, 1])
    assert address not in signed_in(cast.engineer).get(page).content.decode()
    signer = signed_in(cast.security)
    shown = signer.get(page).content.decode()
    assert address in shown
    assert "1 high finding nobody has accepted." in shown
    with no_trace():
        assert signer.get(address).status_code == 200
        assert signed_in(cast.outsider).get(address).status_code == 404
        assert signed_in(cast.auditor).post(address, {**seen(version), "reason": REASON}).status_code == 403
        assert signer.post(address, {**seen(version), "reason": ""}).status_code == 422
    assert signer.post(address, {**seen(version), "reason": REASON}).status_code == 302
    for reader in (cast.engineer, cast.security2, cast.auditor):
        shown = signed_in(reader).get(page).content.decode()
        assert REASON in shown
        assert "nobody has accepted" not in shown
    assert signer.post(address, {**seen(version), "reason": REASON}).status_code == 409


def seen(version: Version) -> dict[str, str]:
    return {
        "revision": str(version.revision), "digest": version.digest, "cuts": version.cuts_digest,
        "state": version.state,
    }  # fmt: skip
