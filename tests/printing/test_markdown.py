"""The Markdown for a pull request: compact, whole, and nothing people write in it comes alive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from approvals import transitions
from approvals.cuts import Cut, Cuts
from approvals.models import Version
from approvals.printing.markdown import code, plain, quote
from approvals.transitions import Seen
from approvals.vocabulary import TEN_LABELS, Field
from portal.models import User
from tests.cast import Cast, Clock, Walk, latest, sign
from tests.pages.asking import signed_in

SPAN = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")
HOSTILE = (
    "<img src=x onerror=alert(1)>", "![x](https://evil.example/a.png)", "[click](javascript:alert(1))", "# heading",
    "@sam please merge", "see #12 and org/repo#12 and GH-12", "https://evil.example www.evil.example", "a@evil.example",
    "- item", "1. item", "12) item", "+ item", "> quote", "=====", "-----", "*bold* _it_ ~~no~~ **x**", "| a | b |",
    "`code` ``x``", "```", "&lt;b&gt; &amp;", "\\*already\\*", "$x$ and $$y$$", ":smile: :+1: :100:", "9fceb02d0ae5",
    "line one\r\n# line two\n\n    code\n\t<script>", "* * *", "[ref]: https://evil.example", "<!-- -->", "a\u200bb",
)  # fmt: skip


def markdown(person: User, version: Version) -> str:
    response = signed_in(person).get(f"/packets/{version.packet}/v{version.number}.md")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert response.headers["X-Content-Type-Options"] == "nosniff", "a browser shows it as text"
    return str(response.content.decode())


def pieces(line: str) -> Iterator[tuple[str, str]]:
    """The line as CommonMark reads it: what a backslash makes a letter, what stands in a code span, and the rest."""
    at = 0
    while at < len(line):
        span = SPAN.match(line, at)
        if line[at] == "\\":
            yield "escaped", line[at + 1]
            at += 2
        elif span:
            inside = span[2]
            yield "code", inside[1:-1] if inside[:1] == inside[-1:] == " " and inside.strip() else inside
            at = span.end()
        else:
            yield "bare", line[at]
            at += 1


def bare(line: str) -> str:
    """Only what could come alive; everything else is a dot."""
    return "".join(text if kind == "bare" else "·" for kind, text in pieces(line))


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_people_write_comes_alive_nowhere(typed: str) -> None:
    for line in typed.split("\n"):
        left = bare(plain(line))
        assert not re.search(r"[`*_\[\]<>&~|$@\\]|://|www\.|#\w|GH-\d|[0-9a-f]{7}|:\w*[a-z]\w*:", left), left
        assert not re.match(r"\s*(?:[-+=>#]|\d+[.)])|\s", left), left


@pytest.mark.parametrize("typed", HOSTILE)
def test_and_reads_as_it_was_written(typed: str) -> None:
    for line in typed.split("\n"):
        words = " ".join(line.replace("\u200b", "[U+200B]").split())
        assert "".join(text for _, text in pieces(plain(line))) == words


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("Bash(git diff *)", "`Bash(git diff *)`"),
        ("Bash(echo `date`)", "``Bash(echo `date`)``"),
        ("`", "`` ` ``"),
        ("a ``` b", "````a ``` b````"),
        ("a\nb", "`a b`"),
        ("Read(**)", "`Read(**)`"),
    ],
)
def test_a_line_stands_in_a_code_span_whatever_backticks_are_in_it(text: str, span: str) -> None:
    assert code(text) == span


def test_a_quote_keeps_its_lines_and_cannot_be_left() -> None:
    assert quote("one\n\n# two\n> three", "  ") == "  > one\n  >\n  > \\# two\\\n  > \\> three"


@pytest.mark.django_db
def test_it_says_how_it_stands_what_it_allows_who_signed_and_where_to_look(
    cast: Cast, clock: Clock, in_review: Walk
) -> None:
    cast.teammate.night_contact = "+49 30 123456"
    cast.teammate.save()
    version = in_review(seats={"Security": 2}, human_approval="Bash(git push `x`)  # @sam says so", never="Read(.env)")
    sign(version, cast.security, reason="Ask @sam.\n# no heading")
    cuts = Cuts(lines=(Cut(Field.TOOLS, "Bash(git log *)"),), ends=clock.moment + timedelta(days=20))
    version = sign(version, cast.security2, reason="Less is enough.", cuts=cuts)
    text = markdown(cast.engineer, version)
    places = [text.index(f"\n{number}. **{label}**") for number, label in enumerate(TEN_LABELS, 1)]
    assert places == sorted(places)
    for part in (
        f"### {version}: Triage new errors.\n", "**In force as of Mon 2 Nov 2026 09:00:00 UTC**",
        "   - `Bash(git diff *)`\n", "   - `Bash(git log *)` (asked, cut by Sofia Silva)\n",
        "   - ``Bash(git push `x`)`` `@sam` says so\n", "  - `Read(.env)`\n", "`svc-sentry-dev`",
        "- **Sam Sato** approved Mon 2 Nov 2026 09:00 UTC. As Security, under “2 of Security”; signed with password.",
        "  > Ask `@sam`.\\\n  > \\# no heading\n", "- **Sofia Silva** approved it narrower",
        "Granted: ends Sun 22 Nov 2026 09:00 UTC", f"`{version.digest}`",
        f"](<http://127.0.0.1:8000/packets/{version.packet}/v1/>)",
    ):  # fmt: skip
        assert part in text, part
    assert "123456" not in text, "how to reach someone at night is not for a pull request"
    assert [line for line in text.split("\n") if line.startswith("#")] == [f"### {version}: Triage new errors."]


@pytest.mark.django_db
def test_a_draft_and_what_is_revoked_say_so_first(cast: Cast, clock: Clock, drafted: Walk, in_force: Walk) -> None:
    text = markdown(cast.engineer, drafted(job=""))
    assert "**DRAFT: nobody has signed this, as of" in text and "No content digest: this is a draft." in text
    version = in_force()
    transitions.revoke(version.packet_id, actor=cast.security, reason="See <b>#12</b>.")
    text = markdown(cast.engineer, latest(version))
    assert "**REVOKED, not in force, as of" in text and "See `<b>#12</b>`." in text


def test_who_took_a_finding_on_and_who_accepted_to_be_named_is_printed(
    cast: Cast, clock: Clock, in_review: Walk
) -> None:
    version = in_review(tools="Bash(npx *)", owner="engineer", rollback_owner="teammate")
    before = markdown(cast.security, version)
    assert "has not accepted yet" in before and "Findings accepted" not in before
    transitions.accept_parts(version.packet_id, actor=cast.teammate)
    transitions.accept_finding(
        version.pk, 0, seen=Seen.of(latest(version)), actor=cast.security, reason="Pinned in CI."
    )
    after = markdown(cast.security, version)
    assert "accepted Mon 2 Nov 2026 09:00 UTC" in after and "has not accepted yet" not in after
    assert "**Findings accepted**" in after and "Accepted by Sam Sato (Security)" in after
    assert "Pinned in CI." in after
