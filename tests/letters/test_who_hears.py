"""Who gets a letter about what, and who does not."""

from __future__ import annotations

import pytest

from approvals import transitions
from approvals.cuts import Cut, Cuts
from approvals.letters import outbox
from approvals.models import Announced, Event, Letter
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, Field
from tests import present
from tests.cast import Cast, Clock, Walk, latest, sign, working_day
from tests.letters.conftest import letters

pytestmark = pytest.mark.django_db


def test_signers_and_who_is_named_hear_of_a_submission_and_nobody_else(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 1}, rollback_owner="teammate")
    told = letters(version, EventKind.SUBMITTED)
    assert set(told) == {"security", "security2", "teammate"}
    assert "names you" in told["teammate"].subject and "waits for your signature" in told["security"].subject


def test_who_names_themselves_or_has_accepted_is_not_asked_again(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 1}, rollback_owner="engineer")
    assert set(letters(version, EventKind.SUBMITTED)) == {"security", "security2"}


def test_an_author_in_the_signing_group_gets_no_letter(cast: Cast, drafted: Walk, in_review: Walk) -> None:
    told = letters(in_review(seats={"team": 1}, of=drafted()), EventKind.SUBMITTED)
    assert "teammate" in told and "engineer" not in told


def test_a_question_goes_to_the_submitting_side_and_its_answer_to_the_asker(cast: Cast, in_review: Walk) -> None:
    version = in_review(backup_owner="teammate")
    asked = transitions.ask(version.pk, "Why all of it?", actor=cast.security)
    assert set(letters(version, EventKind.QUESTION_ASKED)) == {"engineer", "teammate"}
    transitions.answer(asked.pk, "It reads only names.", actor=cast.engineer)
    assert set(letters(version, EventKind.QUESTION_ANSWERED)) == {"security"}


def test_the_last_signature_is_told_once_as_the_approval(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    assert set(letters(version, EventKind.SIGNED)) == {"engineer"}
    sign(version, cast.security2)
    assert set(letters(version, EventKind.APPROVED)) == {"engineer"}
    assert len(letters(version, EventKind.SIGNED)) == 1


@pytest.mark.parametrize("verb", ["request_changes", "reject"])
def test_a_verdict_goes_to_owner_backup_and_submitter(cast: Cast, in_review: Walk, verb: str) -> None:
    version = in_review(backup_owner="teammate")
    getattr(present, verb)(version.pk, seen=Seen.of(version), actor=cast.security, reason="Too wide.")
    kind = EventKind.REJECTED if verb == "reject" else EventKind.CHANGES_REQUESTED
    assert set(letters(version, kind)) == {"engineer", "teammate"}


@pytest.mark.parametrize(("verb", "kind"), [("suspend", EventKind.SUSPENDED), ("revoke", EventKind.REVOKED)])
def test_a_stop_is_told_to_owners_team_rollback_owner_and_security(
    cast: Cast, in_force: Walk, verb: str, kind: EventKind
) -> None:
    version = in_force()
    getattr(transitions, verb)(version.packet_id, actor=cast.security, reason="It deleted a branch.")
    assert set(letters(version, kind)) == {"engineer", "teammate", "security2"}


def test_resuming_is_told_to_the_same_people(cast: Cast, suspended: Walk) -> None:
    version = suspended()
    transitions.resume(version.packet_id, actor=cast.security, reason="The branch is back.")
    assert set(letters(version, EventKind.RESUMED)) == {"engineer", "teammate", "security2"}


def test_an_owner_who_revokes_gets_the_receipt(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    transitions.revoke(version.packet_id, actor=cast.engineer, reason="It is retired.")
    assert "engineer" in letters(version, EventKind.REVOKED)


def test_giving_up_is_told_to_the_signing_groups_and_the_owner(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    cuts = Cuts(lines=(Cut(Field.TOOLS, "Bash(git log *)"),))
    transitions.give_up(version.pk, seen=Seen.of(version), actor=cast.teammate, cuts=cuts)
    assert set(letters(version, EventKind.GIVEN_UP)) == {"engineer", "security", "security2"}


def test_a_renewal_is_told_as_one(cast: Cast, clock: Clock, in_force: Walk, renewed: Walk) -> None:
    version = in_force()
    renewed(version, ends=working_day(90), seats={"Security": 1})
    assert set(letters(version, EventKind.RENEWED)) == {"engineer"}


def test_an_end_is_told_to_the_owner(cast: Cast, clock: Clock, ended: Walk) -> None:
    version = ended()
    transitions.expire(version.pk, seen=Seen.of(version))
    assert set(letters(version, EventKind.ENDED)) == {"engineer"}


def test_a_closed_review_is_told_to_the_owner(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review()
    clock.forward(days=22)
    transitions.close_idle(version.pk, seen=Seen.of(latest(version)))
    assert set(letters(version, EventKind.CLOSED_IDLE)) == {"engineer"}


def test_drafting_and_editing_are_told_to_nobody(cast: Cast, drafted: Walk) -> None:
    drafted()
    outbox.announce_all()
    assert not _all() and Announced.objects.count() == Event.objects.count()


def _ask(cast: Cast, in_review: Walk, **changes: str) -> set[str]:
    """Who hears of a question after the owner has left."""
    version = in_review(**changes)
    cast.engineer.is_active = False
    cast.engineer.save()
    transitions.ask(version.pk, "Who owns this now?", actor=cast.security)
    return set(letters(version, EventKind.QUESTION_ASKED))


def test_the_backup_owner_hears_when_the_owner_is_gone(cast: Cast, in_review: Walk) -> None:
    assert _ask(cast, in_review, backup_owner="teammate") == {"teammate"}


def test_the_team_hears_when_owner_and_backup_are_gone(cast: Cast, in_review: Walk) -> None:
    assert _ask(cast, in_review) == {"teammate"}


def test_security_hears_when_the_whole_team_is_gone(cast: Cast, in_review: Walk) -> None:
    cast.teammate.email = ""
    cast.teammate.save()
    assert _ask(cast, in_review) == {"security2"}


@pytest.mark.parametrize("address", ["", "nobody", "a@b.example\nBcc: x@y.example"])
def test_an_address_that_is_none_counts_as_gone(cast: Cast, in_review: Walk, address: str) -> None:
    version = in_review()
    cast.engineer.email = address
    cast.engineer.save()
    transitions.ask(version.pk, "Who owns this now?", actor=cast.security)
    assert set(letters(version, EventKind.QUESTION_ASKED)) == {"teammate"}


def test_who_may_not_see_the_packet_hears_nothing(cast: Cast, in_force: Walk) -> None:
    version = in_force(rollback_owner="outsider")
    cast.outsider.is_active = False
    cast.outsider.save()
    transitions.suspend(version.packet_id, actor=cast.security, reason="It deleted a branch.")
    assert "outsider" not in letters(version, EventKind.SUSPENDED)


@pytest.mark.databases
def test_announcing_twice_writes_nothing_more(cast: Cast, in_review: Walk) -> None:
    in_review()
    assert outbox.announce_all() > 0
    before = list(Letter.objects.values_list("pk", flat=True))
    assert outbox.announce_all() == 0
    assert list(Letter.objects.values_list("pk", flat=True)) == before


@pytest.mark.databases
def test_letters_and_their_mark_are_written_together(
    cast: Cast, in_review: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_review(rollback_owner="engineer")
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "about", _broken)
        outbox.announce_all()
    assert not _all() and Event.objects.unannounced().get().kind == EventKind.SUBMITTED
    outbox.announce_all()
    assert len(_all()) == 2 and not Event.objects.unannounced().exists()


def test_an_old_event_is_found_behind_many_new_ones(
    cast: Cast, in_review: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "WINDOW", 2)
    for _ in range(3):
        in_review()
    outbox.announce_all()
    assert not Event.objects.unannounced().exists()


def _broken(*args: object) -> None:
    raise RuntimeError("no words")


def _all() -> list[Letter]:
    return list(Letter.objects.select_related("recipient"))
