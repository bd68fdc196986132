"""What a call meets: strictest first, writes in their field, and names that only look alike."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.scope.grammar import parse_line
from approvals.scope.matching import Action, Placed, Ruling, actions_of, decide
from approvals.vocabulary import Field
from tests.scope.scopes import ask, ruling, scope


@pytest.mark.parametrize(
    ("typed", "actions"),
    [
        ("git diff HEAD", [Action("Bash", "git diff HEAD")]),
        ("npm", [Action("Bash", "npm")]),
        ("Bash(git diff HEAD)", [Action("Bash", "git diff HEAD")]),
        ("zendesk(get_ticket)", [Action("zendesk", "get_ticket")]),
        ("zendesk(delete_ticket)", [Action("zendesk", "delete_ticket", True)]),
        ("mcp__github__list_issues", [Action("mcp__github__list_issues", None)]),
        ("mcp__github__create_issue", [Action("mcp__github__create_issue", None, True)]),
        ("src/app.py", [Action("Read", "src/app.py"), Action("Edit", "src/app.py", True)]),
        ("/etc/passwd", [Action("Read", "/etc/passwd"), Action("Edit", "/etc/passwd", True)]),
        ("~/.ssh/id_rsa", [Action("Read", "~/.ssh/id_rsa"), Action("Edit", "~/.ssh/id_rsa", True)]),
        ("WebSearch", [Action("WebSearch", None)]),
        (
            "crm.customers",
            [Action("crm.customers", None), Action("Read", "crm.customers"), Action("Edit", "crm.customers", True)],
        ),
    ],
)
def test_typed_text_is_asked_as_what_it_can_mean(typed: str, actions: list[Action]) -> None:
    assert list(actions_of(typed)) == actions


@pytest.mark.parametrize("typed", ["", "   ", "x" * 20_000])
def test_nothing_or_too_much_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        actions_of(typed)


LINES = scope(
    data="crm.customers\nmcp__sentry__search_*",
    tools="Bash(git *)\nBash(rm *)\nzendesk: get_ticket, search_*, update_note\nmcp__github\nSkill(review:*)\n"
    "WebSearch",
    writes="Edit(docs/**)\nmcp__github__create_*\nzendesk(close_*)",
    human="Bash(git push *)\nzendesk(refund_*)\nmcp__github__merge_*",
    never="Bash(rm -rf *)\nmcp__*__delete_*\nRead(.env)\nzendesk(export_all)",
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("git status", Ruling.ALLOWED),
        ("git push origin", Ruling.HELD),
        ("git status && git push", Ruling.HELD),
        ("git push && curl x", Ruling.NO_LINE),
        ("git push; rm -rf x", Ruling.NEVER),
        ("X=1 git push", Ruling.NO_LINE),
        ("Bash(crm.customers)", Ruling.NO_LINE),
        ("zendesk(get_ticket)", Ruling.ALLOWED),
        ("zendesk(search_tickets)", Ruling.ALLOWED),
        ("zendesk(update_note)", Ruling.NO_LINE),
        ("zendesk(close_ticket)", Ruling.ALLOWED),
        ("zendesk(refund_ticket)", Ruling.HELD),
        ("zendesk(export_all)", Ruling.NEVER),
        ("zendesk(Export_All)", Ruling.NEVER),
        ("Zendesk(get_ticket)", Ruling.NO_LINE),
        ("zendesk(GET_TICKET)", Ruling.NO_LINE),
        ("zendesk(ｇet_ticket)", Ruling.NO_LINE),
        ("zendesk(get_ticket\u200b)", Ruling.UNREADABLE),
        ("mcp__github__list_issues", Ruling.ALLOWED),
        ("mcp__github__create_issue", Ruling.ALLOWED),
        ("mcp__github__update_issue", Ruling.NO_LINE),
        ("mcp__github__get_or_create_issue", Ruling.NO_LINE),
        ("mcp__github__merge_pr", Ruling.HELD),
        ("mcp__github__delete_repo", Ruling.NEVER),
        ("mcp__githubx__list_issues", Ruling.NO_LINE),
        ("mcp__sentry__search_issues", Ruling.ALLOWED),
        ("mcp__sentry__list_teams", Ruling.NO_LINE),
        ("mcp__github", Ruling.ALLOWED),
        ("Skill(review)", Ruling.ALLOWED),
        ("Skill(reviewer)", Ruling.NO_LINE),
        ("WebSearch", Ruling.ALLOWED),
        ("Bash", Ruling.UNREADABLE),
    ],
)
def test_the_strictest_line_decides(typed: str, expected: Ruling) -> None:
    outcome = ask(LINES, typed)
    assert outcome.ruling == expected
    assert bool(outcome.lines) == (expected in (Ruling.NEVER, Ruling.HELD, Ruling.ALLOWED))


@pytest.mark.parametrize("target", ["B\u0430sh", "Ｂash", "Bash\u200b", "Bash ", "", "mcp__github__*", "x" * 300])
def test_a_name_that_only_looks_like_one_is_not_read(target: str) -> None:
    assert decide(scope(tools="Bash\nmcp__github"), Action(target, "ls")).ruling == Ruling.UNREADABLE


@pytest.mark.parametrize("target", ["bash", "BASH", "Mcp__github__x", "MCP__GITHUB__X"])
def test_case_never_widens(target: str) -> None:
    assert decide(scope(tools="Bash\nmcp__github"), Action(target, "ls")).ruling == Ruling.NO_LINE


@pytest.mark.parametrize("line", ["*", "mcp__*", "mcp__*__list", "mcp__git*__list_issues", "mcp__", "m*"])
def test_an_allowed_name_must_begin_with_its_tool_or_server(line: str) -> None:
    lines = scope(data=line, tools=line, writes=line, human=line)
    assert ruling(lines, "mcp__github__list_issues") == Ruling.NO_LINE
    assert ruling(lines, "WebSearch") == Ruling.NO_LINE


@pytest.mark.parametrize("line", ["*", "mcp__*", "MCP__GitHub", "mcp__git*__list_issues"])
def test_a_forbidden_name_may_have_wildcards_anywhere(line: str) -> None:
    assert ruling(scope(tools="mcp__github", never=line), "mcp__github__list_issues") == Ruling.NEVER


def test_a_wildcard_in_a_name_never_reaches_a_tool_with_a_meaning_of_its_own() -> None:
    lines = scope(tools="B*\ncrm.*")
    assert ruling(lines, "Bash(ls)") == Ruling.NO_LINE
    assert decide(lines, Action("crm.orders", None)).ruling == Ruling.ALLOWED


def test_a_caller_can_say_that_a_call_writes_but_never_that_it_does_not() -> None:
    lines = scope(tools="zendesk", writes="")
    assert decide(lines, Action("zendesk", "send_reply", True)).ruling == Ruling.NO_LINE
    assert decide(lines, Action("zendesk", "delete_ticket", False)).ruling == Ruling.NO_LINE


def test_a_write_without_a_line_of_its_field_says_so() -> None:
    assert "needs a line under Allowed write actions" in ask(scope(tools="Edit(docs/**)"), "Write(docs/a.md)").reason


def test_the_deciding_lines_come_in_the_order_of_the_parts() -> None:
    lines = scope(tools="Bash(cat *)\nBash(git diff *)")
    outcome = ask(lines, "git diff | cat")
    assert [str(placed.line) for placed in outcome.lines] == ["Bash(git diff *)", "Bash(cat *)"]
    assert "“git diff” is allowed: Bash(git diff *) under Allowed tools and methods, line 2." in outcome.reason


def test_near_misses_are_those_most_alike_and_at_most_five() -> None:
    lines = scope(
        tools="\n".join(f"Bash(git {verb} *)" for verb in ("diff", "log", "show", "tag", "stash", "blame", "bisect"))
    )
    near = ask(lines, "git difftool").near_misses
    assert len(near) == 5
    assert str(near[0].line) == "Bash(git diff *)"
    assert ask(scope(tools="WebSearch"), "git diff").near_misses == ()


def test_a_runs_own_fields_count_as_the_fields_of_the_packet() -> None:
    lines = [
        Placed(Field.FILES_READ, parse_line("Read(src/**)")),
        Placed(Field.FILES_CHANGE, parse_line("Edit(src/**)")),
        Placed(Field.COMMANDS, parse_line("Bash(pytest *)")),
    ]
    assert [ruling(lines, call) for call in ("Read(src/a)", "Write(src/a)", "pytest -q")] == [Ruling.ALLOWED] * 3
    assert ruling([Placed(Field.FILES_READ, parse_line("Edit(src/**)"))], "Write(src/a)") == Ruling.NO_LINE


POOL = [
    "Bash",
    "Bash(git *)",
    "Bash(git diff *)",
    "Bash(rm *)",
    "Bash(*)",
    "Read(src/**)",
    "Read(*.env)",
    "Edit(src/**)",
    "Edit",
    "Write(src/a)",
    "mcp__github",
    "mcp__github__create_*",
    "mcp__*",
    "*",
    "zendesk(get_*)",
    "zendesk",
    "WebFetch(domain:*.x.org)",
    "WebFetch",
    "crm.*",
    "crm.customers",
]
CALLS = [
    "git diff HEAD",
    "git diff | rm x",
    "git diff > src/a",
    "X=1 git push",
    "timeout 5 rm x",
    "rm $X",
    "Read(src/a)",
    "Read(src/.env)",
    "Write(src/a)",
    "Edit(src/b)",
    "mcp__github__create_issue",
    "mcp__github__list_issues",
    "zendesk(get_ticket)",
    "zendesk(delete_x)",
    "WebFetch(https://docs.x.org/)",
    "WebFetch(https://x.org/)",
    "crm.customers(get)",
    "for f in a; do git diff; done",
]
FIELDS = [Field.DATA_SOURCES, Field.TOOLS, Field.WRITE_ACTIONS, Field.HUMAN_APPROVAL, Field.NEVER]
PLACED = st.builds(Placed, st.sampled_from(FIELDS), st.sampled_from(POOL).map(parse_line))
TOWARDS_YES = {Ruling.NEVER: 0, Ruling.UNREADABLE: 0, Ruling.NO_LINE: 0, Ruling.HELD: 1, Ruling.ALLOWED: 2}


@settings(max_examples=400, deadline=None)
@given(st.lists(PLACED, max_size=8), st.sampled_from(CALLS), st.data())
def test_no_line_taken_away_and_no_line_that_forbids_moves_a_call_towards_yes(
    lines: list[Placed], call: str, data: st.DataObject
) -> None:
    before = TOWARDS_YES[ruling(lines, call)]
    never = Placed(Field.NEVER, data.draw(PLACED).line)
    assert TOWARDS_YES[ruling([*lines, never], call)] <= before
    for place, placed in enumerate(lines):
        rest = lines[:place] + lines[place + 1 :]
        if placed.field.allows:
            assert TOWARDS_YES[ruling(rest, call)] <= before
            held = Placed(Field.HUMAN_APPROVAL, placed.line, was=placed.field)
            assert TOWARDS_YES[ruling([*rest, held], call)] <= before
        if placed.field != Field.NEVER:
            assert TOWARDS_YES[ruling([*rest, Placed(Field.NEVER, placed.line)], call)] <= before


@settings(max_examples=300, deadline=None)
@given(st.lists(PLACED, max_size=8), st.sampled_from(CALLS), PLACED)
def test_a_line_that_asks_for_a_person_never_makes_a_call_allowed(
    lines: list[Placed], call: str, added: Placed
) -> None:
    human = Placed(Field.HUMAN_APPROVAL, added.line)
    assert ruling([*lines, human], call) != Ruling.ALLOWED or ruling(lines, call) == Ruling.ALLOWED
