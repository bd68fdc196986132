"""Who sees a packet: guardian's rows, asked in two ways that must agree for everybody."""

from __future__ import annotations

import random

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import access, rules, transitions
from approvals.models import Agent, Event, Packet, Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, Role
from portal.models import User
from tests import present
from tests.cast import Cast, Walk, content, kinds, latest, refused, rules_ask, sign


def again(person: User) -> User:
    """The person as a new request would load them."""
    return User.objects.get(pk=person.pk)


@pytest.mark.usefixtures("watched")
def test_who_sees_a_draft_and_who_does_not(cast: Cast, drafted: Walk) -> None:
    packet = drafted(rollback_owner="teammate").packet
    sees = {person.username for person in cast.everyone() if Packet.objects.visible_to(person).contains(packet)}
    assert sees == {"engineer", "teammate", "security", "security2", "auditor", "responder", "admin"}
    assert not Packet.objects.visible_to(AnonymousUser()).exists()


@pytest.mark.usefixtures("watched")
def test_versions_events_and_agents_are_seen_through_the_packet(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    for person, sees in ((cast.teammate, True), (cast.outsider, False), (AnonymousUser(), False)):
        assert Version.objects.visible_to(person).contains(version) is sees
        assert Event.objects.visible_to(person).filter(version=version).exists() is sees
        assert Agent.objects.visible_to(person).exists() is sees


@pytest.mark.usefixtures("watched")
def test_the_owner_shares_and_takes_it_back(cast: Cast, in_force: Walk) -> None:
    version = in_force(backup_owner="teammate")
    transitions.share(version.packet_id, actor=cast.engineer, person=cast.outsider)
    assert Packet.objects.visible_to(again(cast.outsider)).contains(version.packet)
    with refused("shared_already"):
        transitions.share(version.packet_id, actor=cast.teammate, person=cast.outsider)
    transitions.unshare(version.packet_id, actor=cast.teammate, person=cast.outsider)
    assert not Packet.objects.visible_to(again(cast.outsider)).exists()
    with refused("not_shared"):
        transitions.unshare(version.packet_id, actor=cast.engineer, person=cast.outsider)
    assert kinds(version.packet)[-2:] == [EventKind.SHARED, EventKind.UNSHARED]
    assert version.packet.shares.get().until is not None, "the row stays"


@pytest.mark.usefixtures("watched")
def test_taking_a_share_back_leaves_who_sees_it_anyway(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    transitions.share(version.packet_id, actor=cast.engineer, person=cast.teammate)
    transitions.unshare(version.packet_id, actor=cast.engineer, person=cast.teammate)
    assert Packet.objects.visible_to(again(cast.teammate)).contains(version.packet)


@pytest.mark.usefixtures("watched")
def test_only_owners_share_and_only_with_active_people(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    for person in (cast.teammate, cast.security, cast.admin, cast.outsider):
        with refused("not_you"):
            transitions.share(version.packet_id, actor=person, person=cast.outsider)
    cast.outsider.is_active = False
    cast.outsider.save()
    with refused("inactive_person"):
        transitions.share(version.packet_id, actor=cast.engineer, person=cast.outsider)


@pytest.mark.usefixtures("watched")
def test_who_is_named_no_more_sees_no_more_unless_it_was_approved(cast: Cast, in_force: Walk, in_review: Walk) -> None:
    version = in_force(rollback_owner="outsider")
    draft = transitions.amend(version.pk, actor=cast.engineer)
    signed = sign(
        in_review(of=transitions.edit(draft.pk, content(), seen=Seen.of(draft), actor=cast.engineer)), cast.security
    )
    assert Packet.objects.visible_to(again(cast.outsider)).contains(signed.packet), "they were in the record"


@pytest.fixture
def crowd(cast: Cast, drafted: Walk) -> list[User]:
    """People in random groups, and packets of random teams, owners and shares; the same on each run."""
    chance = random.Random(20261102)
    teams = [cast.team, cast.other_team, *(Group.objects.create(name=f"Team {number}") for number in range(3))]
    people = [cast.person(f"p{number}", *(t.name for t in chance.sample(teams, 2))) for number in range(6)]
    rules_ask({"Legal": 1})
    cast.person("lawyer", "Legal")
    for number in range(24):
        author = chance.choice(people)
        team = chance.choice(author.teams())
        owner, rollback = chance.choice(people), chance.choice(people)
        version = drafted(
            agent=f"agent-{number}", actor=author, team=team, owner=owner.username, rollback_owner=rollback.username
        )
        if chance.random() < 0.5:
            transitions.submit(version.pk, seen=Seen.of(latest(version)), actor=author)
        if chance.random() < 0.5:
            transitions.share(version.packet_id, actor=owner, person=chance.choice(people))
    people[0].is_active = False
    people[0].save()
    return [again(person) for person in cast.everyone()]


def test_a_walk_newest_first_finds_what_the_question_finds(crowd: list[User]) -> None:
    sizes = set()
    for person in crowd:
        visible = list(Packet.objects.visible_to(person).order_by("-pk").values_list("pk", flat=True))
        sizes.add(len(visible))
        assert Packet.objects.newest_visible_to(person, limit=100) == visible
        assert pages_down(person, limit=5) == visible
        assert pages_up(person, limit=5) == visible
        assert len(set(visible)) == len(visible), "who sees it in two ways sees it once"
    assert len(sizes) > 3, "the crowd does not see the same"


def pages_down(person: User, *, limit: int) -> list[int]:
    """Every key, page by page, from the newest to the oldest."""
    found = page = Packet.objects.newest_visible_to(person, limit=limit)
    while page:
        page = Packet.objects.newest_visible_to(person, limit=limit, before=found[-1])
        found = found + page
    return found


def pages_up(person: User, *, limit: int) -> list[int]:
    """Every key, page by page, from the oldest to the newest."""
    found: list[int] = []
    page = Packet.objects.newest_visible_to(person, limit=limit, after=0)
    while page:
        found = page + found
        page = Packet.objects.newest_visible_to(person, limit=limit, after=found[0])
    return found


def test_ws_11_inactive_people_see_nothing(cast: Cast, crowd: list[User]) -> None:
    for person in crowd:
        person.is_active = False
        assert not Packet.objects.visible_to(person).exists()
        assert Packet.objects.newest_visible_to(person, limit=10) == []
        assert not Version.objects.visible_to(person).exists()
        assert not Event.objects.visible_to(person).exists()
        assert not Agent.objects.visible_to(person).exists()


def test_a_page_costs_the_same_whatever_the_number_of_rows(crowd: list[User]) -> None:
    for person in crowd:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            Packet.objects.newest_visible_to(again(person), limit=5)
        assert len(asked) <= 3, "the person, their groups, and one walk"


def test_everything_that_waits_for_somebody_can_be_signed_by_them(crowd: list[User]) -> None:
    for person in crowd:
        for version in Version.objects.all():
            waits = Version.objects.waiting_for(person).contains(version)
            assert waits is (person.is_active and rules.why_not_sign(version, person) is None)


@pytest.mark.usefixtures("watched")
def test_what_an_author_of_the_version_before_cannot_sign_does_not_wait_for_them(cast: Cast, in_review: Walk) -> None:
    writer = cast.person("writer", "Web platform", Role.SECURITY.value)
    version = in_review(actor=writer)
    draft = present.request_changes(version.pk, seen=Seen.of(version), actor=cast.security, reason="Why?")
    transitions.edit(draft.pk, content(job="By another."), seen=Seen.of(draft), actor=cast.engineer)
    submitted = in_review(of=latest(draft))
    assert not Version.objects.waiting_for(again(writer)).contains(submitted)
    assert Version.objects.waiting_for(cast.security2).contains(submitted)
    approved = sign(submitted, cast.security)
    third = in_review(of=transitions.amend(approved.pk, actor=cast.engineer))
    assert Version.objects.waiting_for(again(writer)).contains(third)
    assert access.standing(third.packet) == access.expected(third.packet)
