"""Every state of a version as it is told: what it means, who did it and why, and what comes next."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from approvals import transitions
from approvals.models import Version
from approvals.transitions import Seen
from tests import present
from tests.cast import MICROSECOND, Cast, Clock, Walk, latest, run_content, sign
from tests.pages.asking import signed_in, words_of

pytestmark = pytest.mark.django_db


def answer(person: Any, version: Version) -> Any:
    return signed_in(person).get(version.get_absolute_url())


def words(person: Any, version: Version) -> str:
    """The page's words in one line."""
    main = answer(person, version).content.decode().partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split()).replace(" ,", ",").replace(" .", ".").replace(" :", ":")


def buttons(person: Any, version: Version) -> set[str]:
    return set(words_of(answer(person, version), "button")) - {"Share"}


def test_in_force_the_owner_may_do_everything_and_nothing_is_pressed_for(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    assert buttons(cast.engineer, version) == {"Renew", "Amend", "Give up", "Suspend", "Revoke"}
    assert "Ends soon" not in words(cast.engineer, version)


def test_near_its_end_it_says_what_happens_and_who_can_renew(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force(backup_owner="teammate")
    assert version.ends_at
    near = version.ends_at - timedelta(days=30)
    clock.to(near - MICROSECOND)
    assert "On this date the agent loses its authority" not in words(cast.engineer, version)
    clock.to(near)
    told = words(cast.engineer, version)
    assert "On this date the agent loses its authority unless a renewal is signed." in told
    assert "Erin Ek or Tomás Ortiz can renew it." in told
    transitions.renew(version.pk, actor=cast.engineer)
    assert "Nothing is on its way yet" not in words(cast.engineer, version)


def test_at_its_end_it_can_be_renewed_and_no_longer_suspended(cast: Cast, ended: Walk) -> None:
    version = ended()
    assert "Since that instant the agent has no authority from it. To go on, renew it" in words(cast.engineer, version)
    assert buttons(cast.engineer, version) == {"Renew", "Amend", "Revoke"}
    assert "Suspend" not in buttons(cast.security, version)
    page = signed_in(cast.security).get(f"{version.packet.get_absolute_url()}suspend/")
    assert page.context["refusal"].code == "ended"


def test_a_stop_says_who_why_since_when_what_it_stopped_and_who_can_resume(
    cast: Cast, clock: Clock, suspended: Walk
) -> None:
    version = suspended()
    told = words(cast.engineer, version)
    for sentence in (
        "Suspended by Ravi Rao, Mon 2 Nov 2026 09:00 UTC", "“It deleted a branch.”", f"What it stopped: {version}",
        "What this cannot stop:", "Who can resume it: someone of Security who did not write it.",
    ):  # fmt: skip
        assert sentence in told
    assert "Resume" in buttons(cast.security, version)
    assert "Resume" not in buttons(cast.engineer, version)


def test_a_revoked_packet_is_final(cast: Cast, revoked: Walk) -> None:
    version = revoked()
    assert "Revoked by Sam Sato" in words(cast.engineer, version)
    assert "“The agent is retired.”" in words(cast.engineer, version)
    assert buttons(cast.engineer, version) == set()


def test_a_scheduled_one_says_when_it_begins_and_what_holds_until_then(
    cast: Cast, clock: Clock, in_force: Walk
) -> None:
    version = in_force(starts=clock.moment + timedelta(days=3))
    told = words(cast.engineer, version)
    assert "Approved, and not in force yet. It begins Thu 5 Nov 2026 09:00 UTC" in told
    assert f"Until then nothing of {version.packet} is in force." in told


def test_a_superseded_one_leads_to_what_took_its_place(cast: Cast, clock: Clock, in_force: Walk, renewed: Walk) -> None:
    first = in_force()
    clock.forward(days=1)
    second = renewed(first)
    told = words(cast.auditor, first)
    assert f"Superseded by {second}, Tue 3 Nov 2026 09:00 UTC. That is the one in force." in told
    clock.to(second.ends_at or clock.moment)
    assert f"Nothing of {first.packet} is in force now." in words(cast.auditor, first)


def test_changes_requested_says_who_why_and_where_it_goes_on(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    seen = Seen.of(version)
    draft = present.request_changes(version.pk, seen=seen, actor=cast.security, reason="Name the tables.")
    told = words(cast.engineer, version)
    assert "Sam Sato requested changes for Security" in told
    assert "“Name the tables.”" in told
    assert f"Its content goes on as {draft}." in told


def test_rejected_says_who_why_and_how_to_try_again(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    present.reject(version.pk, seen=Seen.of(version), actor=cast.security, reason="Not this way.")
    told = words(cast.engineer, version)
    assert "Rejected by Sam Sato for Security" in told
    assert "“Not this way.” It will not come into force. To try again, its owner or team amends it" in told
    assert "Amend" in buttons(cast.engineer, version)


def test_withdrawn_and_discarded_say_so_and_what_comes_next(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    draft = transitions.withdraw(version.pk, seen=Seen.of(version), actor=cast.engineer)
    assert f"Its content went on as {draft}." in words(cast.engineer, version)
    transitions.discard(draft.pk, seen=Seen.of(draft), actor=cast.engineer)
    assert ": Discarded. Nothing of it came into force." in words(cast.engineer, draft)


def test_signed_by_me_says_what_i_did_and_leads_on(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version, other = in_review(seats={"Security": 2}), in_review(seats={"Security": 2})
    sign(version, cast.security, reason="Fine by me.")
    told = words(cast.security, version)
    assert f"You have decided You approved {version}, Mon 2 Nov 2026 09:00 UTC, for Security." in told
    assert f"Next that waits for you: {other}" in told
    assert not any(name.startswith("Sign") for name in buttons(cast.security, version))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("engineer", "You wrote part of this version."),
        ("teammate", "No signature on this version is for a group you belong to."),
        ("auditor", "No signature on this version is for a group you belong to."),
    ],
)
def test_not_mine_says_why(name: str, reason: str, cast: Cast, in_review: Walk) -> None:
    version = in_review()
    assert reason in words(getattr(cast, name), version)
    assert not any(word.startswith("Sign") for word in buttons(getattr(cast, name), version))


def test_a_question_waits_in_front_of_the_owner(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    question = transitions.ask(version.pk, "Which tables?", actor=cast.security)
    assert "A question waits for an answer Sam Sato: Which tables?" in words(cast.engineer, version)
    assert "A question waits" not in words(cast.auditor, version)
    transitions.answer(question.pk, "These.", actor=cast.engineer)
    assert "A question waits" not in words(cast.engineer, version)


def test_an_auditor_is_led_on_and_presses_nothing(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    assert buttons(cast.auditor, version) == set()
    html = answer(cast.auditor, version).content.decode()
    assert f'href="/record/?packet={version.packet}"' in html
    assert 'href="/why/?agent=sentry-dev"' in html


def test_a_run_shows_its_task_and_its_parent_first(cast: Cast, in_force: Walk) -> None:
    parent = in_force()
    run = in_force(body=run_content(parent.packet), seats={"Security": 1})
    labels = words_of(answer(cast.auditor, run), "dt")
    assert labels[0] == "Task"
    assert labels.index("Parent packet") < labels.index("Agent owner")
    assert f"inside {parent.packet}" in words(cast.auditor, run)
    transitions.suspend(parent.packet_id, actor=cast.responder, reason="Stop.")
    assert f"Not in force: its system packet {parent.packet} is not." in words(cast.auditor, latest(run))


def test_a_second_look_says_what_it_stops_and_what_it_cannot(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    for name in ("suspend", "revoke"):
        html = signed_in(cast.security).get(f"{version.packet.get_absolute_url()}{name}/").content.decode()
        assert f"It stops {version}: sentry-dev as {version.identity}, until" in html
        assert "What this cannot stop" in html
    html = signed_in(cast.engineer).get(f"{version.get_absolute_url()}give-up/").content.decode()
    assert "What this cannot take back" in html
    draft = transitions.amend(version.pk, actor=cast.engineer)
    html = signed_in(cast.engineer).get(f"{draft.get_absolute_url()}discard/").content.decode()
    assert f"This stops no agent. {version} stays in force as it is." in html
