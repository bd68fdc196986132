"""While typing: the same lines, findings and rail as the saved page, for text nobody saved; and nothing is written."""

from __future__ import annotations

import time
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from approvals import transitions
from approvals.pages.usual_answer import in_words, usual_answer
from tests.cast import Cast, Clock, Walk, no_trace, sign
from tests.form.typed import NEW, browser, typed
from tests.pages.asking import signed_in

LOOK = f"{NEW}as-typed/"
EDIT = "/packets/AP-0001/v1/edit/"


class Part(HTMLParser):
    """The inside of the first element with data-live=name."""

    EMPTY = ("use", "input", "br", "img", "path")

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.name, self.depth, self.inside = name, 0, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.depth:
            self.inside += self.get_starttag_text() or ""
        if (self.depth and tag not in self.EMPTY) or (not self.inside and ("data-live", self.name) in attrs):
            self.depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside += (self.get_starttag_text() or "") if self.depth else ""

    def handle_endtag(self, tag: str) -> None:
        if self.depth and tag not in self.EMPTY:
            self.depth -= 1
            self.inside += f"</{tag}>" if self.depth else ""

    def handle_data(self, data: str) -> None:
        self.inside += data if self.depth else ""


def part(answer: Any, name: str) -> str:
    """One part of a page or of an answer: what stands in [data-live=name]."""
    parser = Part(name)
    parser.feed(answer.content.decode())
    return " ".join(parser.inside.split())


def test_typed_text_is_read_as_the_saved_page_reads_it(cast: Cast) -> None:
    client = browser(cast.engineer)
    sent = typed(identity="", tools="Bash: git diff *, git log *\r\nBash(gh api *)")
    looked = client.post(LOOK, sent)
    client.post(NEW, sent)
    saved = client.get(EDIT)
    assert looked.status_code == 200
    for name in ("tools", "data_sources", "write_actions"):
        assert part(looked, name) == part(saved, name), name
    assert "High" in part(looked, "tools")
    assert looked.context["stands"].signers == saved.context["stands"].signers == "two of Security"
    assert [gap.key for gap in looked.context["gaps"]] == [gap.key for gap in saved.context["gaps"]] == ["identity"]
    assert 'href="#id_identity"' in part(looked, "rail")


def test_a_line_that_cannot_be_read_says_which_what_and_what_was_meant(cast: Cast) -> None:
    answer = browser(cast.engineer).post(LOOK, typed(tools="Bash(git diff *)\r\nBash(find *"))
    beneath = part(answer, "tools")
    assert "Line 2" in beneath
    assert "This line has no closing parenthesis." in beneath
    assert "Did you mean Bash(find *)?" in beneath
    assert "<b>Bash</b>(git diff *)" in beneath, "what can be read is read"
    gap = next(gap for gap in answer.context["gaps"] if gap.key == "tools")
    assert gap.says == "one line to mend"


def test_looking_writes_nothing(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed())
    client.get(EDIT)
    with no_trace():
        assert client.post(LOOK, typed(job="Other.")).status_code == 200
        assert client.post(f"{EDIT}as-typed/", typed(revision="1", job="Other.")).status_code == 200
        assert client.get(LOOK).status_code == 405


def test_nobody_looks_through_another_teams_draft(cast: Cast) -> None:
    browser(cast.engineer).post(NEW, typed())
    assert browser(cast.outsider).post(f"{EDIT}as-typed/", typed()).status_code == 404
    assert Client().post(LOOK, typed()).url.startswith("/sign-in/")  # type: ignore[attr-defined]  # a redirect
    forger = Client(enforce_csrf_checks=True)
    forger.force_login(cast.engineer)
    assert forger.post(LOOK, typed()).status_code == 403


@pytest.mark.parametrize(
    "junk", [{}, {"level": "all"}, {"ends": "soon"}, {"retention_days": "9" * 400}, {"links": "x"}]
)
def test_half_typed_forms_are_answered(cast: Cast, junk: dict[str, str]) -> None:
    answer = browser(cast.engineer).post(LOOK, typed(**junk) if junk else {})
    assert answer.status_code == 200
    assert answer.context["gaps"]


def test_what_a_run_asks_beyond_its_system_packet_is_said_while_typing(cast: Cast, in_force: Walk) -> None:
    in_force()
    run = typed(level="run", parent="ap-0001", commands="Bash(git diff HEAD)\r\nBash(curl *)", tools="", task="Fix it.")
    answer = browser(cast.engineer).post(LOOK, run)
    gap = next(gap for gap in answer.context["gaps"] if gap.key == "commands")
    assert gap.says == "Bash(curl *) is not provably inside AP-0001."
    elsewhere = browser(cast.outsider).post(LOOK, run)
    assert "commands" not in [gap.key for gap in elsewhere.context["gaps"]], "nobody learns what they may not see"


def test_what_stays_in_force_is_said_while_typing(cast: Cast, in_force: Walk) -> None:
    transitions.amend(in_force().pk, actor=cast.engineer)
    answer = browser(cast.engineer).post("/packets/AP-0001/v2/edit/as-typed/", typed())
    assert ">v1</a> stays in force until" in part(answer, "rail")


def test_eighty_lines_are_read_while_nobody_waits(cast: Cast) -> None:
    client = browser(cast.engineer)
    sent = typed(tools="\n".join(f"Bash(tool{n} *)" for n in range(80)))
    client.post(LOOK, sent)  # the first answer also loads what every later one has
    begun = time.perf_counter()
    assert "80" in part(client.post(LOOK, sent), "tools")
    taken = time.perf_counter() - begun
    print(f"80 lines read in {taken * 1000:.0f} ms")
    assert taken < 2


def decided(cast: Cast, clock: Clock, in_review: Walk, hours: list[int]) -> None:
    """As many decisions of Security, each so many hours after its submission."""
    for wait in hours:
        version = in_review(seats={"Security": 1})
        clock.forward(hours=wait)
        sign(version, cast.security)


def test_the_usual_answer_is_the_median_of_the_record(cast: Cast, clock: Clock, in_review: Walk) -> None:
    decided(cast, clock, in_review, [2, 5])
    assert usual_answer({"Security"}, clock.now()) is None, "two decisions say nothing about what is usual"
    decided(cast, clock, in_review, [40])
    assert usual_answer({"Security"}, clock.now()) == timedelta(hours=5)
    assert usual_answer({"Security", "Web platform"}, clock.now()) is None
    answer = browser(cast.engineer).post(LOOK, typed(ends=f"{clock.now() + timedelta(days=20):%Y-%m-%d}"))
    assert "one of Security, usually within 5 hours." in part(answer, "rail")
    clock.forward(days=91)
    assert usual_answer({"Security"}, clock.now()) is None, "what is long ago is not usual"


def test_without_a_record_the_rule_is_named(cast: Cast) -> None:
    assert "who are asked to answer within" in part(browser(cast.engineer).post(LOOK, typed()), "rail")


@pytest.mark.parametrize(
    ("usual", "words"),
    [
        (timedelta(minutes=3), "within an hour"),
        (timedelta(hours=4, minutes=1), "within 5 hours"),
        (timedelta(hours=49), "within 3 days"),
    ],
)
def test_it_is_never_said_to_be_faster_than_it_was(usual: timedelta, words: str) -> None:
    assert in_words(usual) == words


def test_after_submit_the_page_says_who_was_told_and_what_holds(cast: Cast, in_force: Walk) -> None:
    client = signed_in(cast.engineer)
    transitions.amend(in_force(seats={"Security": 2}).pk, actor=cast.engineer)
    edit = client.get("/packets/AP-0001/v2/edit/")
    answer = client.post(
        "/packets/AP-0001/v2/edit/", typed(revision=str(edit.context["revision"]), then="submit"), follow=True
    )
    page = answer.content.decode()
    assert "An e-mail goes to Sam Sato and Sofia Silva of Security." in page
    assert "The sign-off rules ask for an answer by" in page
    assert "Meanwhile v1 stays in force until" in page
