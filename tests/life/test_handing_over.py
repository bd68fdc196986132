"""Hand over: a leaver's packets become drafts with a new owner; what is in force stays so to its end."""

from __future__ import annotations

import pytest
from django.urls import reverse

from approvals import transitions
from approvals.letters import outbox
from approvals.models import Event, Letter, Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, State
from portal.models import User
from tests import present
from tests.cast import Cast, Clock, Walk, kinds, latest, refused
from tests.pages.asking import signed_in

pytestmark = [pytest.mark.databases, pytest.mark.usefixtures("watched")]


def gone(person: User) -> User:
    person.is_active = False
    person.save()
    return person


def handed(version: Version, actor: User, leaver: User, to: User) -> Version:
    return latest(transitions.hand_over(version.packet_id, actor=actor, leaver=leaver, to=to))


def test_so_17_what_is_in_force_stays_so_and_a_draft_names_the_new_owner(
    cast: Cast, clock: Clock, in_force: Walk
) -> None:
    version = in_force(owner="engineer", backup_owner="outsider", rollback_owner="engineer")
    draft = handed(version, cast.admin, gone(cast.engineer), cast.teammate)
    assert draft.state == State.DRAFT and draft.based_on == version and draft.number == 2
    assert (draft.owner, draft.backup_owner, draft.rollback_owner) == (cast.teammate, cast.outsider, cast.teammate)
    now = latest(version)
    assert now.owner == cast.engineer and now.ends_at == version.ends_at
    assert Version.objects.in_force_at(clock.moment).get() == version
    assert kinds(draft) == [EventKind.DRAFTED, EventKind.HANDED_OVER]


def test_of_a_leaver_who_is_backup_only_that_part_changes(cast: Cast, in_force: Walk) -> None:
    version = in_force(owner="engineer", backup_owner="outsider", rollback_owner="teammate")
    draft = handed(version, cast.security, cast.outsider, cast.auditor)
    assert (draft.owner, draft.backup_owner, draft.rollback_owner) == (cast.engineer, cast.auditor, cast.teammate)


def test_nobody_is_their_own_backup(cast: Cast, in_force: Walk) -> None:
    version = in_force(owner="engineer", backup_owner="teammate", rollback_owner="teammate")
    draft = handed(version, cast.teammate, gone(cast.engineer), cast.teammate)
    assert draft.owner == cast.teammate and draft.backup_owner is None


def test_a_draft_is_written_anew_and_no_second_one_opened(cast: Cast, in_force: Walk) -> None:
    version = in_force(owner="engineer", rollback_owner="engineer")
    gone(cast.engineer)
    opened = transitions.amend(version.pk, actor=cast.teammate)  # without the owner, who has left
    draft = handed(version, cast.admin, cast.engineer, cast.teammate)
    assert draft == opened and draft.owner == draft.rollback_owner == cast.teammate
    assert kinds(draft)[-2:] == [EventKind.EDITED, EventKind.HANDED_OVER]


def test_who_may_not_and_what_cannot_be_handed_over(cast: Cast, in_force: Walk, in_review: Walk) -> None:
    version = in_force(owner="engineer")
    for person in (cast.outsider, cast.auditor, cast.responder):
        with refused("not_you"):
            handed(version, person, cast.engineer, cast.teammate)
    with refused("not_named"):
        handed(version, cast.admin, cast.auditor, cast.teammate)
    with refused("inactive_person"):
        handed(version, cast.admin, cast.engineer, gone(cast.responder))
    with refused("inactive_person"):
        handed(version, cast.admin, cast.engineer, cast.engineer)
    waiting = in_review(owner="engineer")
    with refused("in_review"):
        handed(waiting, cast.admin, cast.engineer, cast.teammate)
    transitions.revoke(version.packet_id, actor=cast.security, reason="Over.")
    with refused("revoked"):
        handed(version, cast.admin, cast.engineer, cast.teammate)


def test_security_that_hands_over_has_written_in_it_and_does_not_sign(cast: Cast, in_force: Walk) -> None:
    version = in_force(owner="engineer", rollback_owner="engineer")
    draft = handed(version, cast.security, gone(cast.engineer), cast.teammate)
    submitted = transitions.submit(draft.pk, seen=Seen.of(draft), actor=cast.teammate)
    with refused("own_version"):
        present.sign(submitted.pk, seen=Seen.of(submitted), actor=cast.security, reason="Mine.")


def test_the_new_owner_and_the_team_are_told(cast: Cast, in_force: Walk) -> None:
    version = in_force(owner="engineer", rollback_owner="engineer")
    draft = handed(version, cast.admin, gone(cast.engineer), cast.outsider)
    event = Event.objects.get(version=draft, kind=EventKind.HANDED_OVER)
    outbox.announce(event)
    told = set(Letter.objects.filter(event=event).values_list("recipient__username", flat=True))
    assert told == {"outsider", "teammate"}
    assert "from engineer to outsider" in Letter.objects.filter(event=event)[0].text


def test_the_page_lists_what_names_them_and_one_button_makes_the_drafts(
    cast: Cast, in_force: Walk, in_review: Walk
) -> None:
    first, second = in_force(owner="engineer"), in_force(owner="teammate", rollback_owner="engineer")
    waiting, other = in_review(owner="engineer"), in_force(owner="outsider", rollback_owner="teammate")
    gone(cast.engineer)
    client = signed_in(cast.admin)
    page = client.get("/people/engineer/hand-over/")
    words = page.content.decode()
    assert all(f'value="{one.packet}"' in words for one in (first, second))
    assert f'value="{waiting.packet}"' not in words and str(waiting) in words and str(other) not in words
    assert not Version.objects.filter(state=State.DRAFT).exists(), "looking changes nothing"
    form = {"packet": [str(first.packet), str(second.packet)], "to": "teammate"}
    assert client.post("/people/engineer/hand-over/", form).status_code == 302
    drafts = Version.objects.filter(state=State.DRAFT)
    assert {draft.packet for draft in drafts} == {first.packet, second.packet}
    assert drafts.get(packet=first.packet).owner == drafts.get(packet=second.packet).rollback_owner == cast.teammate


def test_what_is_missing_on_the_page_is_said_and_nothing_happens(cast: Cast, in_force: Walk) -> None:
    version = in_force(owner="engineer")
    client = signed_in(cast.teammate)
    for form in (
        {"to": "teammate"},
        {"packet": str(version.packet), "to": ""},
        {"packet": str(version.packet), "to": "x"},
    ):
        assert client.post("/people/engineer/hand-over/", form).status_code == 422
    assert not Version.objects.filter(state=State.DRAFT).exists()


def test_strangers_do_not_learn_who_is_named_where(cast: Cast, in_force: Walk) -> None:
    version = in_force(owner="engineer")
    for person in (cast.outsider, cast.auditor, cast.responder):
        client = signed_in(person)
        assert client.get("/people/engineer/hand-over/").status_code == 404
        assert (
            client.post("/people/engineer/hand-over/", {"packet": str(version.packet), "to": "outsider"}).status_code
            == 404
        )
    assert signed_in(cast.admin).get("/people/nobody/hand-over/").status_code == 404


def test_the_packet_page_and_the_persons_screen_lead_there(cast: Cast, in_force: Walk) -> None:
    version = in_force(owner="engineer")
    address = "/people/engineer/hand-over/"
    assert address not in signed_in(cast.teammate).get(version.get_absolute_url()).content.decode()
    gone(cast.engineer)
    for person, offered in ((cast.teammate, True), (cast.security, True), (cast.auditor, False)):
        assert (address in signed_in(person).get(version.get_absolute_url()).content.decode()) is offered, person
    screen = reverse("admin:portal_user_change", args=[cast.engineer.pk])
    assert address in signed_in(cast.admin).get(screen).content.decode()
