"""How text becomes search terms: words, names from each of their parts, and nothing a database would sort otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.terms import BEYOND, LONGEST, MOST, MOST_ASKED, asked_terms, terms_of


def finds(typed: str, *texts: str) -> bool:
    """Whether a search for this finds a packet that says these."""
    terms, asked = terms_of(texts), asked_terms(typed)
    return bool(asked) and all(any(word <= term < word + BEYOND for term in terms) for word in asked)


@pytest.mark.parametrize(
    "typed",
    ["mcp__github__list_issues", "github", "git", "list_iss", "issues", "MCP__GITHUB", "mcp__github__list_issues(",
     "Bash(git push *)", "push", "svc-sentry", "sentry", "Sentry-Dev", "crm.cust", "customers", "docs/adr", "adr/x.md",
     "E-Mail", "mail", "mail,", "über", "uber", "fix mail"],
)  # fmt: skip
def test_the_beginning_of_every_part_of_a_name_finds_it(typed: str) -> None:
    said = (
        "mcp__github__list_issues", "Bash(git push *)", "svc-sentry-dev", "crm.customers", "Edit(docs/adr/x.md)",
        "Fixes e-mail, über Nacht.",
    )  # fmt: skip
    assert finds(typed, *said)


@pytest.mark.parametrize(
    "typed", ["ithub", "ssues", "list issuesx", "pushed", "svc_sentry", "", "   ", "%", "_", "((", "\x00"]
)
def test_what_is_not_the_beginning_of_a_part_finds_nothing(typed: str) -> None:
    assert not finds(typed, "mcp__github__list_issues", "Bash(git push *)", "svc-sentry-dev")


@given(st.text(max_size=200))
def test_whoever_types_what_is_written_finds_it(text: str) -> None:
    assert not asked_terms(text) or finds(text, text)


@given(st.lists(st.text(max_size=400), max_size=5))
def test_terms_are_utf8_and_bounded(texts: list[str]) -> None:
    assert all(0 < len(term.decode()) <= LONGEST and BEYOND not in term for term in terms_of(texts))
    assert len(asked_terms(" ".join(texts))) <= MOST_ASKED


def test_an_endless_text_has_an_end() -> None:
    assert len(terms_of([" ".join(f"word{number}" for number in range(3 * MOST))])) == MOST
