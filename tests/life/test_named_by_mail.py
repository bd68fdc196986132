"""Somebody named by e-mail before they were ever here: asked, awaited, let in, and only then can it be submitted."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from approvals import invited, transitions
from approvals.errors import Refused
from approvals.letters import outbox, sending
from approvals.letters.claiming import claim
from approvals.models import Event, Letter, PartAccepted, Version
from approvals.transitions import Seen, inviting
from approvals.vocabulary import EventKind, LetterState, State
from portal.accounts import arriving
from portal.models import User
from tests.cast import PASSWORD, Cast, Walk, content, kinds, latest, no_trace, refused
from tests.form.typed import NEW, typed
from tests.pages.asking import signed_in

pytestmark = [pytest.mark.databases, pytest.mark.usefixtures("watched")]
NORA = "nora.north@example.org"


def naming(cast: Cast, address: str = NORA, **changes: str) -> Version:
    return transitions.draft(content(**{"rollback_owner": address, **changes}), actor=cast.engineer)


def let_in(address: str = NORA) -> User:
    person = User.objects.get(username=address)
    arriving.let_in(person, first_name="Nora", last_name="North")
    return person


def submit(cast: Cast, version: Version) -> Version:
    return transitions.submit(version.pk, seen=Seen.of(latest(version)), actor=cast.engineer)


def letters_of(kind: EventKind) -> dict[str, Letter]:
    outbox.announce_all()
    return {one.address: one for one in Letter.objects.filter(event__kind=kind)}


def test_they_are_asked_and_submit_waits_until_they_came_and_accepted(cast: Cast) -> None:
    version = naming(cast, "Nora.North@Example.org", owner=NORA)
    nora = User.objects.get(username=NORA)
    assert (version.rollback_owner, version.owner, nora.email) == (nora, nora, NORA)
    assert kinds(version) == [EventKind.DRAFTED, EventKind.PERSON_INVITED]
    detail = json.loads(bytes(Event.objects.get(kind=EventKind.PERSON_INVITED).body))["detail"]
    assert detail == {"person": NORA, "parts": ["Agent owner", "Rollback owner"]}
    with refused("not_accepted") as why:
        submit(cast, version)
    assert "has not signed in for the first time" in str(why.value) and "name somebody else" in str(why.value)
    let_in()
    with refused("not_accepted"):
        submit(cast, version)
    assert latest(version).state == State.DRAFT and not latest(version).digest
    assert transitions.accept_parts(version.packet_id, actor=nora) == ["Agent owner", "Rollback owner"]
    signed = bytes(submit(cast, version).content or b"")
    assert json.loads(signed)["rollback"]["owner"] == {"username": NORA, "name": "Nora North"}
    assert kinds(version.packet)[-2:] == [EventKind.PART_ACCEPTED, EventKind.SUBMITTED]


def test_a_backup_owner_is_waited_for_too_and_another_name_ends_the_wait(cast: Cast) -> None:
    version = naming(cast, "teammate", backup_owner=NORA)
    with refused("not_accepted"):
        submit(cast, version)
    transitions.edit(version.pk, content(), seen=Seen.of(latest(version)), actor=cast.engineer)
    assert submit(cast, version).state == State.IN_REVIEW
    nora = let_in()
    with refused("not_named"):
        transitions.accept_parts(version.packet_id, actor=nora)


def test_the_account_opens_nothing_before_its_person_is_let_in(cast: Cast) -> None:
    version = naming(cast)
    nora = User.objects.get(username=NORA)
    assert nora.awaited and not (nora.is_active or nora.has_left or nora.has_usable_password() or nora.groups.exists())
    client = Client()
    for secret in ("", PASSWORD, "!", nora.password):
        client.post("/sign-in/", {"login": NORA, "password": secret})
        assert "_auth_user_id" not in client.session
    outside = signed_in(nora)
    assert outside.get(version.get_absolute_url()).status_code == 302
    with refused("inactive"):
        transitions.accept_parts(version.packet_id, actor=nora)
    with refused("inactive_person"):
        transitions.share(version.packet_id, actor=cast.engineer, person=nora)


def test_once_they_accepted_it_holds_for_the_packet_and_a_renewal_waits_for_nobody(cast: Cast, in_force: Walk) -> None:
    version = naming(cast)
    transitions.accept_parts(version.packet_id, actor=let_in())
    approved = in_force(of=latest(version))
    assert submit(cast, transitions.renew(approved.pk, actor=cast.engineer)).state == State.IN_REVIEW


def test_whoever_is_here_already_is_named_by_their_address_and_nobody_waits(cast: Cast) -> None:
    version = naming(cast, "TEAMMATE@example.org")
    assert version.rollback_owner == cast.teammate and not User.objects.filter(awaited=True).exists()
    assert submit(cast, version).state == State.IN_REVIEW
    assert not PartAccepted.objects.exists() and EventKind.PERSON_INVITED not in kinds(version.packet)


def test_a_second_packet_asks_the_same_person_and_makes_no_second_account(cast: Cast) -> None:
    first, second = naming(cast), naming(cast, agent="docs-bot")
    assert first.rollback_owner == second.rollback_owner and User.objects.filter(email=NORA).count() == 1
    transitions.accept_parts(first.packet_id, actor=let_in())
    assert submit(cast, first).state == State.IN_REVIEW
    with refused("not_accepted"):
        submit(cast, second)


ODD = [
    "nora@exmaple.org", "nora@localhost", "nora", "nora@", "@example.org", "a b@example.org", "nora@@example.org",
    "nora@example.org\r\nBcc: all@example.org", "nora@example.org\x00", "nóra@example.org", '"nora\x01"@example.org',
    "nora@example.org,eve@example.org", "<nora@example.org>", "nora%@example.org", "n" * 150 + "@example.org",
    "nora@exam_le.org", "nora@%.org", "left@example.org", "twice@example.org",
]  # fmt: skip


@pytest.mark.parametrize("address", ODD)
def test_what_names_nobody_is_refused_in_the_same_words_and_leaves_nothing(cast: Cast, address: str) -> None:
    left = cast.person("left", cast.team.name)
    left.is_active = False
    left.save()
    for name in ("one", "two"):
        person = cast.person(name, cast.team.name)
        person.email = "twice@example.org"
        person.save()
    with no_trace(), pytest.raises(Refused) as why:
        naming(cast, address)
    assert why.value.code in ("unknown_person", "malformed")
    if "@" in address and why.value.code == "unknown_person" and address.isprintable() and len(address) < 100:
        assert why.value.message == f"Nobody can be named by {address}."
    client = signed_in(cast.engineer)
    with no_trace():
        answer = client.post(NEW, typed(rollback_owner=address))
    assert answer.status_code == 422


def test_who_may_not_write_the_packet_asks_nobody(cast: Cast) -> None:
    version = naming(cast, "teammate")
    with no_trace():
        for person in (cast.outsider, cast.security, cast.auditor, cast.admin):
            with refused("not_you"):
                transitions.edit(version.pk, content(owner=NORA), seen=Seen.of(version), actor=person)
        signed_in(cast.auditor).post(NEW, typed(rollback_owner=NORA))
        Client().post(NEW, typed(rollback_owner=NORA))


def test_one_person_asks_only_so_many_to_come_in_a_day(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inviting, "MOST_A_DAY", 1)
    naming(cast)
    with refused("too_many_invited"):
        naming(cast, "one.more@example.org")
    assert not User.objects.filter(username="one.more@example.org").exists()
    assert transitions.draft(content(rollback_owner="other@example.org"), actor=cast.teammate).rollback_owner


def test_the_letter_says_who_named_them_for_what_and_nothing_of_the_content(cast: Cast) -> None:
    version = naming(cast)
    told = letters_of(EventKind.PERSON_INVITED)
    assert set(told) == {NORA, "admin@example.org"}
    text = told[NORA].text
    assert f"Erin Ek named you as rollback owner of the agent sentry-dev in {version}" in text
    assert "svc-sentry-dev" not in text and "crm.customers" not in text and "Triage" not in text
    assert told[NORA].reply_to == "engineer@example.org"
    let_them_in = told["admin@example.org"].text
    nora = User.objects.get(username=NORA)
    assert reverse("admin:portal_user_change", args=[nora.pk]) in let_them_in


def test_with_a_provider_no_administrator_is_asked(cast: Cast, settings: object) -> None:
    settings.OIDC_ISSUER = "https://login.example.org"  # type: ignore[attr-defined]
    naming(cast)
    told = letters_of(EventKind.PERSON_INVITED)
    assert set(told) == {NORA} and "organisation’s account" in told[NORA].text


def test_the_letter_is_sent_although_they_cannot_sign_in_and_not_when_somebody_else_is_named(
    cast: Cast, mailoutbox: list[object]
) -> None:
    version = naming(cast)
    outbox.announce_all()
    sending.send_due()
    assert any(NORA in message.to for message in mailoutbox)  # type: ignore[attr-defined]
    second = naming(cast, "ned@example.org", agent="docs-bot")
    outbox.announce_all()
    transitions.edit(second.pk, content(agent="docs-bot"), seen=Seen.of(latest(second)), actor=cast.engineer)
    sending.send_due()
    assert not any("ned@example.org" in message.to for message in mailoutbox)  # type: ignore[attr-defined]
    assert version.packet


def test_whoever_typed_the_address_hears_that_no_letter_gets_there(cast: Cast) -> None:
    naming(cast)
    outbox.announce_all()
    lost = Letter.objects.get(address=NORA)
    claimed = claim(lost.pk, lost.next_attempt_at)
    assert claimed is not None
    sending.finish(claimed, LetterState.FAILED, "550 no such mailbox", undeliverable=True)
    outbox.announce_all()
    told = Letter.objects.filter(recipient=cast.engineer).latest("pk")
    assert f"no e-mail reaches {NORA}" in told.subject and "Check the address" in told.text


def test_the_drafter_hears_of_the_acceptance_and_nobody_of_one_that_nothing_waited_for(
    cast: Cast, in_review: Walk
) -> None:
    version = naming(cast)
    transitions.accept_parts(version.packet_id, actor=let_in())
    assert "Nora North accepted" in letters_of(EventKind.PART_ACCEPTED)["engineer@example.org"].subject
    Letter.objects.all().delete()
    other = in_review(rollback_owner="teammate", agent="docs-bot")
    transitions.accept_parts(other.packet_id, actor=cast.teammate)
    assert not letters_of(EventKind.PART_ACCEPTED)


def test_the_form_saves_the_draft_and_says_what_submit_waits_for(cast: Cast) -> None:
    answer = signed_in(cast.engineer).post(NEW, typed(rollback_owner=NORA, then="submit"), follow=True)
    version = Version.objects.get()
    assert version.state == State.DRAFT and version.rollback_owner.username == NORA  # type: ignore[union-attr]
    assert "has not signed in for the first time" in answer.content.decode()
    page = signed_in(cast.engineer).get(version.get_absolute_url()).content.decode()
    assert "has not signed in yet" in page and "has left" not in page
    nora = let_in()
    assert f"/packets/{version.packet}/accept/" in signed_in(nora).get("/").content.decode()
    assert (
        "It cannot be submitted before you accept" in signed_in(nora).get(version.get_absolute_url()).content.decode()
    )


def test_an_administrator_lets_them_in_or_turns_them_away(cast: Cast) -> None:
    naming(cast)
    nora = User.objects.get(username=NORA)
    client, at = signed_in(cast.admin), reverse("admin:portal_user_change", args=[nora.pk])
    form = {"username": NORA, "email": NORA, "time_zone": "UTC", "awaited": "on", "is_active": "on"}
    assert client.post(at, form).status_code == 302
    nora.refresh_from_db()
    assert nora.is_active and not nora.awaited
    assert Event.objects.get(kind=EventKind.PERSON_ARRIVED).actor == cast.admin
    other = naming(cast, "ned@example.org", agent="docs-bot").rollback_owner
    assert other is not None
    at = reverse("admin:portal_user_change", args=[other.pk])
    form |= {"username": other.username, "email": other.email}
    del form["awaited"], form["is_active"]
    assert client.post(at, form).status_code == 302
    other.refresh_from_db()
    assert not (other.is_active or other.awaited) and other.has_left
    answer = client.post(at, form | {"awaited": "on"})
    assert "makes an account that waits" in answer.content.decode()


def test_nobody_gets_a_second_account_for_an_address_that_is_awaited(cast: Cast) -> None:
    naming(cast)
    at = reverse("admin:portal_user_change", args=[cast.outsider.pk])
    form = {"username": "outsider", "email": NORA.upper(), "time_zone": "UTC", "is_active": "on"}
    answer = signed_in(cast.admin).post(at, form)
    assert answer.status_code == 200 and "waits for the person with this address" in answer.content.decode()


def test_an_address_is_kept_as_a_name_that_ends_no_header() -> None:
    assert invited.as_name("  Nora@Example.org ") == "nora@example.org"
