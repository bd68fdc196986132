"""What a signer reads beside the content: what else the agent may do, marks, questions at their line, what was cut."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from approvals import transitions
from approvals.cuts import Cut, Cuts
from approvals.models import Version
from approvals.pages import elsewhere
from approvals.transitions import Seen
from approvals.vocabulary import Field
from tests.cast import Cast, Clock, Walk, content, latest, no_trace, sign
from tests.pages.asking import seen, signed_in, verb

pytestmark = pytest.mark.django_db


def page(person: Any, version: Version, **query: str) -> str:
    html: str = signed_in(person).get(version.get_absolute_url(), query).content.decode()
    return html


def plain(html: str) -> str:
    """The words alone, with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def card(html: str, name: str) -> str:
    """One section of the page by its id."""
    return html.partition(f'id="{name}"')[2].partition("</section>")[0]


def test_what_the_other_packets_allow_is_counted_and_linked(cast: Cast, in_force: Walk, in_review: Walk) -> None:
    other = in_force(tools="Bash(git diff *)\nBash(git log *)\nmcp__github__list_issues", write_actions="")
    version = in_review()
    told = card(page(cast.security, version), "elsewhere")
    assert f'href="{other.packet.get_absolute_url()}"' in told
    assert "Allowed tools and methods: Bash 2 mcp__github 1" in plain(told)
    assert str(version.packet) not in told, "the packet itself is not beside itself"


def test_what_is_not_in_force_is_not_counted(cast: Cast, ended: Walk, drafted: Walk, in_review: Walk) -> None:
    ended(), drafted()
    version = in_review()
    assert "Nothing else: no other packet of sentry-dev is in force." in page(cast.security, version)


def test_a_cut_line_of_another_packet_is_not_counted(cast: Cast, in_review: Walk) -> None:
    other = in_review(tools="Bash(git diff *)\nBash(git log *)")
    sign(other, cast.security, cuts=Cuts((Cut(Field.TOOLS, "Bash(git log *)"),)))
    assert "Bash 1" in plain(card(page(cast.security, in_review()), "elsewhere"))


def test_packets_one_may_not_see_are_counted_and_never_named(cast: Cast, in_force: Walk, in_review: Walk) -> None:
    hidden = in_force(job="Secret plan of the platform team.")
    version = in_review()
    transitions.share(version.packet_id, actor=cast.engineer, person=cast.outsider)
    html = page(cast.outsider, version)
    assert "One other packet of this agent is in force that you may not see." in plain(html)
    assert hidden.packet.reference not in html
    assert "Secret plan" not in html


def test_many_other_packets_are_named_up_to_a_number(
    cast: Cast, in_force: Walk, in_review: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "MOST", 2)
    first = in_force()
    in_force(), in_force()
    told = card(page(cast.security, in_review()), "elsewhere")
    assert "And more." in told
    assert first.packet.reference not in told, "the newest are named"


def test_lines_stand_one_a_row_the_riskiest_first_and_say_what_they_are(cast: Cast, in_review: Walk) -> None:
    version = in_review(
        tools="Bash: git log *, git diff *, gh api *\nRead(a.txt)\n*_everything", human_approval="Bash(git push *)"
    )
    html = page(cast.security, version)
    rows = re.findall(r'<li><span class="text">(.*?)</span><a', html, re.DOTALL)
    assert any("gh api" in row and "high" in row for row in rows)
    assert next(row for row in map(plain, rows) if "git" in row or "gh" in row).startswith("gh api *")
    assert "asks a person" in plain(next(row for row in rows if "git push" in row))
    assert "declared, not checked" in plain(next(row for row in rows if "_everything" in row))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Bash(c\u0430t *)", 'c<mark class="odd">[U+0430]</mark>t'),
        ("Bash(\u0441\u0430\u0442 a)", '<mark class="odd">[U+0441]</mark>'),
    ],
)
def test_look_alike_letters_of_a_line_are_marked(typed: str, shown: str, cast: Cast, in_review: Walk) -> None:
    assert shown in page(cast.security, in_review(tools=typed))


def test_look_alike_and_unseen_characters_are_marked_in_job_names_and_paths(cast: Cast, in_review: Walk) -> None:
    cast.engineer.first_name = "\u0415rin\u202e"
    cast.engineer.save()
    version = in_review(job="Run B\u0430sh [U+0430] gpj\u200dx.", rollback_path="Call\u200cme")
    html = page(cast.security, version)
    assert 'B<mark class="odd">[U+0430]</mark>sh [U+0430] gpj<mark class="odd">[U+200D]</mark>x.' in html
    assert '<mark class="odd">[U+0415]</mark>rin<mark class="odd">[U+202E]</mark>' in html
    assert "\u202e" not in html
    assert "\u0430" not in html


def test_a_form_opens_right_at_the_line_without_scripts(cast: Cast, in_review: Walk) -> None:
    version = in_review(tools="Bash(git diff *)\nBash(git log *)")
    html = page(cast.security, version, line="Bash(git log *)")
    assert html.count('id="ask-here"') == 2, "once at the line, once as the template of the script"
    at_line = html.partition('<span class="text">git log *')[2].partition("</li>")[0]
    assert 'id="ask-here"' in at_line
    assert 'name="line" value="Bash(git log *)"' in at_line
    assert 'id="ask-here"' not in page(cast.engineer, version, line="Bash(git log *)"), "the owner does not ask"
    assert page(cast.security, version, line="Bash(gone *)").count('id="ask-here"') == 1


def test_a_refused_question_stays_at_its_line(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    line = str(version.grants.filter(field=Field.TOOLS)[0])
    typed = {"text": "x" * 5000, "line": line}
    with no_trace():
        response = signed_in(cast.security).post(verb(version, "ask"), typed)
    assert response.context["asking"].line == line
    assert "x" * 5000 in response.content.decode()


def test_question_and_answer_stand_at_the_line_as_well(cast: Cast, in_review: Walk) -> None:
    version = in_review(tools="Bash(git diff *)\nBash(git log *)")
    question = transitions.ask(version.pk, "Why the log?", actor=cast.security, line="Bash(git log *)")
    at_line = page(cast.engineer, version).partition('<span class="text">git log *')[2].partition("</li>")[0]
    assert "Why the log?" in at_line
    assert f"#question-{question.pk}" in at_line, "the owner is led to the answer"
    assert "Not answered yet." in page(cast.auditor, version)
    transitions.answer(question.pk, "For release notes.", actor=cast.teammate)
    html = page(cast.security2, version)
    assert "For release notes." in html.partition('<span class="text">git log *')[2].partition("</li>")[0]
    assert "For release notes." in card(html, "questions")


def test_a_finding_about_a_cut_line_is_settled_and_stands_last(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2}, tools="Bash(gh api *)\nBash(find *)\nBash(git log *)")
    cuts = Cuts((Cut(Field.TOOLS, "Bash(gh api *)"), Cut(Field.TOOLS, "Bash(find *)", Field.HUMAN_APPROVAL)))
    version = sign(version, cast.security, cuts=cuts)
    told = plain(card(page(cast.security2, version), "findings"))
    assert "Settled The line was cut by Sam Sato." in told
    assert "Settled The line was moved to “Actions that require human approval” by Sam Sato." in told
    assert "2 settled" in told


def test_a_wider_row_whose_line_was_cut_says_so(cast: Cast, in_force: Walk, in_review: Walk) -> None:
    first = in_force(tools="Bash(git diff *)")
    draft = transitions.amend(first.pk, actor=cast.engineer)
    body = content(tools="Bash(git diff *)\nBash(gh api *)", ends=draft.ends)
    draft = transitions.edit(draft.pk, body, seen=Seen.of(draft), actor=cast.engineer)
    version = in_review(of=latest(draft), seats={"Security": 2})
    version = sign(version, cast.security, cuts=Cuts((Cut(Field.TOOLS, "Bash(gh api *)"),)))
    told = plain(card(page(cast.security2, version), "changed"))
    assert "The line was cut by Sam Sato." in told


def test_the_second_signer_reads_who_cut_what_above_the_choice(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2}, tools="Bash(git diff *)\nBash(git log *)\nBash(git show *)")
    cuts = Cuts((Cut(Field.TOOLS, "Bash(git log *)"), Cut(Field.TOOLS, "Bash(git show *)")))
    version = sign(version, cast.security, cuts=cuts)
    panel = plain(page(cast.security2, version).partition('id="decide"')[2].partition("</form>")[0])
    assert "1 of 2 signatures. You can give the last one, for Security. Sam Sato cut 2 lines" in panel


def test_a_stale_page_says_what_happened_since(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 3}, tools="Bash(git diff *)\nBash(git log *)")
    client = signed_in(cast.security2)
    opened = client.get(version.get_absolute_url())
    as_of = opened.context["dossier"].events[0].pk
    before = seen(version, verdict="approve", reason="As I read it.", as_of=as_of)
    clock.forward(minutes=3)
    sign(
        version, cast.security, cuts=Cuts((Cut(Field.TOOLS, "Bash(git log *)"),), ends=clock.now() + timedelta(days=9))
    )
    response = client.post(verb(version, "decide"), before)
    html = plain(response.content.decode())
    assert response.status_code == 409
    assert "Since you opened this page: Signed by Sam Sato" in html
    assert "cut 1 line, now ends" in html
    assert "As I read it." in html


def test_what_was_typed_is_kept_to_copy_when_nothing_can_be_decided_any_more(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    before = seen(version, verdict="approve", reason="My long reason.", as_of="0")
    transitions.withdraw(version.pk, seen=Seen.of(version), actor=cast.engineer)
    html = plain(signed_in(cast.security).post(verb(version, "decide"), before).content.decode())
    assert "What you had typed: “My long reason.”" in html
    assert "Withdrawn by Erin Ek" in html


@pytest.mark.parametrize("as_of", ["", "x", "-1", "٣", "9" * 30])
def test_a_page_that_does_not_say_when_it_was_opened_tells_nothing_since(
    as_of: str, cast: Cast, in_review: Walk
) -> None:
    version = in_review()
    response = signed_in(cast.security).post(verb(version, "decide"), {"verdict": "approve", "as_of": as_of})
    assert response.status_code == 409
    assert response.context["since_opened"] == []
