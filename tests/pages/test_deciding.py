"""The decision panel and the questions: what a post does, what it refuses, and what stays in the form."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages

from approvals import transitions
from approvals.cuts import Cuts
from approvals.models import Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, Field, State, Verdict
from tests.cast import Cast, Clock, Walk, kinds, latest, no_trace, sign
from tests.pages.asking import seen, signed_in, signing, verb, words_of

pytestmark = pytest.mark.django_db


def decide(person: Any, version: Version, verdict: str, **typed: Any) -> Any:
    return signed_in(person).post(verb(version, "decide"), signing(version, verdict=verdict, **typed))


def told(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_nothing_is_preselected_and_four_verdicts_stand_there(cast: Cast, in_review: Walk) -> None:
    page = signed_in(cast.security).get(in_review().get_absolute_url())
    assert [label for _, label in page.context["decision"].fields["verdict"].choices] == [
        "Approve", "Approve it narrower", "Request changes", "Reject",
    ]  # fmt: skip
    html = page.content.decode()
    assert not re.search(r'type="radio"[^>]*checked', html)
    assert len([words for words in words_of(page, "button") if words.startswith("Sign")]) == 1
    assert ">Reason</label>" in html


def test_the_last_signature_approves_and_goes_home(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    response = decide(cast.security, version, "approve", reason="Fine.")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "That was the last signature" in told(response)
    assert latest(version).state == State.APPROVED


def test_one_of_two_goes_on_to_the_next_that_waits(cast: Cast, in_review: Walk) -> None:
    first, second = in_review(seats={"Security": 2}), in_review(seats={"Security": 2})
    response = decide(cast.security, first, "approve")
    assert response["Location"] == second.get_absolute_url()
    assert "1 more signature is needed" in told(response)
    assert latest(first).state == State.IN_REVIEW


def test_without_a_verdict_nothing_is_decided_and_the_reason_stays(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    with no_trace():
        response = decide(cast.security, version, "", reason="I thought about it.")
    assert response.status_code == 422
    assert "Choose one of the four. Nothing was decided." in response.content.decode()
    assert "I thought about it." in response.content.decode()


@pytest.mark.parametrize("verdict", ["approve_narrower", "request_changes", "reject"])
def test_all_but_approve_need_a_reason(verdict: str, cast: Cast, in_review: Walk) -> None:
    version = in_review()
    cut = f"{version.grants.filter(field=Field.TOOLS)[0].pk}-remove"
    with no_trace():
        response = decide(cast.security, version, verdict, reason="  ", cut=[cut])
    assert response.status_code == 422
    assert response.context["refusal"].code == "no_reason"
    assert re.search(rf'value="{verdict}"[^>]*checked', response.content.decode())


def test_request_changes_opens_the_next_draft(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    assert decide(cast.security, version, "request_changes", reason="Say which tables.").status_code == 302
    assert latest(version).state == State.CHANGES_REQUESTED
    assert version.packet.versions.get(number=2).state == State.DRAFT


def test_reject_ends_the_review(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    decide(cast.security, version, "reject", reason="Not this way.")
    assert latest(version).state == State.REJECTED


def test_approving_narrower_cuts_what_was_ticked(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(tools="Bash(git diff *)\nBash(git log *)")
    grants = {str(grant): grant.pk for grant in version.grants.filter(field=Field.TOOLS)}
    nearer = clock.now() + timedelta(days=20)
    cut = [f"{grants['Bash(git diff *)']}-human", f"{grants['Bash(git log *)']}-remove"]
    response = decide(
        cast.security, version, "approve_narrower", reason="Less is enough.", cut=cut, ends=f"{nearer:%Y-%m-%dT%H:%M}"
    )
    assert response.status_code == 302
    version = latest(version)
    assert version.state == State.APPROVED
    assert version.ends_at == nearer
    standing = {(grant.field, str(grant)) for grant in version.grants.standing_at(clock.now())}
    assert ("human_approval", "Bash(git diff *)") in standing
    assert not {("tools", "Bash(git diff *)"), ("tools", "Bash(git log *)")} & standing


def test_what_was_ticked_beside_a_plain_approval_is_refused_and_stays(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    value = f"{version.grants.filter(field=Field.TOOLS)[0].pk}-remove"
    with no_trace():
        response = decide(cast.security, version, "approve", cut=[value], reason="Both.")
    assert response.status_code == 422
    assert re.search(rf'value="{value}"[^>]*checked', response.content.decode())


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"cut": ["999999-remove"]}, "no_such_line"),
        ({"cut": ["x"]}, "no_such_line"),
        ({"ends": "soon"}, "bad_end"),
        ({"ends": "0001-01-01T00:00+14:00"}, "bad_end"),
        ({"ends": "9999-12-31T23:59-12:00"}, "bad_end"),
        ({"ends": "2099-01-01T00:00"}, "not_narrower"),
        ({}, "cuts_unclear"),
    ],
)
def test_cuts_that_are_none_are_refused_in_words(typed: dict[str, Any], code: str, cast: Cast, in_review: Walk) -> None:
    version = in_review()
    with no_trace():
        response = decide(cast.security, version, "approve_narrower", reason="Less.", **typed)
    assert response.status_code == 422
    assert response.context["refusal"].code == code


def test_a_stale_page_says_what_happened_and_keeps_the_reason(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    old = signing(version, reason="My long reason.")
    transitions.withdraw(version.pk, seen=Seen.of(version), actor=cast.engineer)
    response = signed_in(cast.security).post(verb(version, "decide"), old)
    assert response.status_code == 409
    assert response.context["refusal"].message in response.content.decode()


def test_a_cut_by_another_signer_stales_the_page_and_a_plain_signature_does_not(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 4})
    third, fourth = cast.person("third", "Security"), cast.person("fourth", "Security")
    before = signing(version, reason="As I read it.")
    sign(version, cast.security)
    assert signed_in(cast.security2).post(verb(version, "decide"), before).status_code == 302
    assert version.ends
    sign(version, third, cuts=Cuts(ends=version.ends - timedelta(days=5)))
    response = signed_in(fourth).post(verb(version, "decide"), before)
    assert response.status_code == 409
    assert "As I read it." in response.content.decode()


def test_the_same_post_twice_signs_once(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    posted = signing(version, reason="Fine.")
    client = signed_in(cast.security)
    assert client.post(verb(version, "decide"), posted).status_code == 302
    with no_trace():
        assert client.post(verb(version, "decide"), posted).status_code in (302, 409)
    assert version.decisions.count() == 1


def test_a_second_person_too_late_reads_so(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    sign(version, cast.security)
    response = decide(cast.security2, version, "approve")
    assert response.status_code == 409
    assert response.context["refusal"].code == "too_late"


def test_a_form_that_names_nothing_seen_decides_nothing(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    with no_trace():
        response = signed_in(cast.security).post(verb(version, "decide"), {"verdict": "approve"})
    assert response.status_code == 409


def test_over_long_reasons_are_refused_and_kept(cast: Cast, in_review: Walk) -> None:
    response = decide(cast.security, in_review(), "reject", reason="x" * 5000)
    assert response.status_code == 422
    assert "x" * 5000 in response.content.decode()


def test_so_22_without_csrf_nothing_happens(cast: Cast, in_review: Walk) -> None:
    from django.test import Client

    version = in_review()
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.security)
    with no_trace():
        assert client.post(verb(version, "decide"), seen(version, verdict=Verdict.APPROVE)).status_code == 403


def test_a_question_on_a_line_and_its_answer(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    line = str(version.grants.filter(field=Field.TOOLS)[0])
    response = signed_in(cast.security).post(verb(version, "ask"), {"text": "Why this?", "line": line})
    assert response.status_code == 302
    question = version.questions.get()
    address = f"{version.get_absolute_url()}questions/{question.pk}/answer/"
    page = signed_in(cast.teammate).get(version.get_absolute_url()).content.decode()
    assert address in page
    assert signed_in(cast.teammate).post(address, {"text": "For reviews."}).status_code == 302
    page = signed_in(cast.auditor).get(version.get_absolute_url()).content.decode()
    assert "Why this?" in page
    assert "For reviews." in page
    assert kinds(version)[-2:] == [EventKind.QUESTION_ASKED, EventKind.QUESTION_ANSWERED]


def test_asking_about_a_line_from_the_comparison_preselects_it(cast: Cast, in_review: Walk) -> None:
    version = in_review(tools="Bash(git diff *)\nBash(git log *)")
    page = signed_in(cast.security).get(version.get_absolute_url(), {"line": "Bash(git log *)"}).content.decode()
    assert 'selected value="Bash(git log *)"' in page


@pytest.mark.parametrize("typed", [{"text": ""}, {"text": "Why?", "line": "Bash(no such)"}])
def test_a_question_that_is_none_is_refused(typed: dict[str, str], cast: Cast, in_review: Walk) -> None:
    version = in_review()
    with no_trace():
        assert signed_in(cast.security).post(verb(version, "ask"), typed).status_code == 422


def test_an_answer_to_another_version_is_404(cast: Cast, in_review: Walk) -> None:
    first, second = in_review(), in_review()
    question = transitions.ask(first.pk, "Why?", actor=cast.security)
    address = f"{second.get_absolute_url()}questions/{question.pk}/answer/"
    assert signed_in(cast.engineer).post(address, {"text": "So."}).status_code == 404


def test_a_missing_reason_is_said_at_its_field_and_decides_nothing(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    with no_trace():
        response = decide(cast.security, version, Verdict.REJECT)
    assert response.status_code == 422
    assert response.context["decision"].errors["reason"] == [
        "A reason is needed here. Write one sentence; it is kept in the record."
    ]
