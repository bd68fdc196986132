"""Narrowing narrows, and the comparison never calls a widening narrower, for any call of a small world."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from approvals.content import Content
from approvals.cuts import Cut, Cuts, changes, decision_digest, standing_digest, why_not_narrower
from approvals.scope.grammar import Line, parse
from approvals.vocabulary import Field
from tests.content.worlds import ACTIONS, THOROUGH, contents, cut, few_lines, lines_of, narrowings, pool, rank

END = datetime(2027, 1, 1, 12, tzinfo=UTC)


@THOROUGH
@given(st.data())
def test_no_legal_cut_moves_any_call_towards_yes(data: st.DataObject) -> None:
    content = data.draw(contents)
    cuts = data.draw(narrowings(content))
    before = lines_of(content)
    assert why_not_narrower(cuts, [(placed.field, str(placed.line)) for placed in before], END) is None
    after = cut(before, cuts)
    for action in ACTIONS:
        assert rank(after, action) <= rank(before, action), f"{action} after {cuts}"


@THOROUGH
@given(st.data())
def test_a_second_cut_narrows_what_the_first_one_left(data: st.DataObject) -> None:
    content = data.draw(contents)
    first = cut(lines_of(content), data.draw(narrowings(content)))
    held = [placed for placed in first if placed.field is Field.HUMAN_APPROVAL]
    second = cut(first, Cuts(tuple(Cut(placed.field, str(placed.line), Field.NEVER) for placed in held[:2])))
    for action in ACTIONS:
        assert rank(second, action) <= rank(first, action)


@THOROUGH
@given(contents, contents)
def test_whenever_a_call_moves_towards_yes_something_is_called_wider(before: Content, after: Content) -> None:
    opened = [action for action in ACTIONS if rank(lines_of(after), action) > rank(lines_of(before), action)]
    assert not opened or changes(before, after).wider


@THOROUGH
@given(contents, st.sampled_from(list(Field)), few_lines, st.booleans())
def test_one_field_rewritten_is_wider_when_a_call_moves_towards_yes(
    before: Content, field: Field, lines: tuple[Line, ...], keeps: bool
) -> None:
    after = Content(level=before.level, lines={**before.lines, field: (*(before.of(field) if keeps else ()), *lines)})
    opened = [action for action in ACTIONS if rank(lines_of(after), action) > rank(lines_of(before), action)]
    assert not opened or changes(before, after).wider, opened


@given(contents)
def test_a_content_does_not_differ_from_itself(content: Content) -> None:
    difference = changes(content, content)
    assert not difference.wider
    assert not difference.narrower
    assert not difference.other
    assert difference.same == sum(len(lines) for lines in content.lines.values())


@given(
    st.lists(st.builds(Cut, st.sampled_from(list(Field)), pool.map(str)), max_size=4),
    few_lines,
    st.none() | st.just(END),
)
def test_cuts_are_read_back_as_they_were_written(
    lines: list[Cut], never: tuple[Line, ...], ends: datetime | None
) -> None:
    cuts = Cuts(tuple(lines), tuple(map(str, never)), ends)
    again = Cuts.from_data(cuts.as_data())
    assert again.as_data() == cuts.as_data()
    assert bool(again) is bool(cuts)


def test_the_order_of_cuts_at_once_does_not_change_what_is_signed() -> None:
    one, two = Cut(Field.TOOLS, "Bash(a)"), Cut(Field.TOOLS, "Bash(b)", Field.NEVER)
    assert decision_digest("d", "", Cuts((one, two), ("x", "y"))) == decision_digest(
        "d", "", Cuts((two, one), ("y", "x"))
    )
    assert decision_digest("d", "", Cuts((one,))) != decision_digest("d", "", Cuts())
    assert standing_digest([Cuts((one,)), Cuts((two,))]) != standing_digest([Cuts((two,)), Cuts((one,))])
    assert standing_digest([Cuts()]) == ""


def test_a_cut_ends_on_the_second_that_is_signed() -> None:
    cuts = Cuts(ends=END + timedelta(microseconds=999_999))
    assert cuts.ends == END
    assert Cuts.from_data(cuts.as_data()) == cuts


def content(**columns: object) -> Content:
    """Lines are given as text."""
    places = {Field(key): parse(str(columns.pop(key))) for key in list(columns) if key in list(Field)}
    return Content(lines=places, **columns)  # type: ignore[arg-type]


def wider(before: Content, after: Content) -> list[str]:
    """The labels of what is wider."""
    return [change.label for change in changes(before, after).wider]


def test_the_end_start_identity_and_people_of_a_packet() -> None:
    day = timedelta(days=1)
    base = content(ends=END, starts=END - 9 * day, identity="svc-a", owner="engineer", retention_days=90)
    assert wider(
        base, content(ends=END + day, starts=END - 9 * day, identity="svc-a", owner="engineer", retention_days=90)
    )
    narrower = content(ends=END - day, starts=END - 8 * day, identity="svc-a", owner="engineer", retention_days=91)
    assert wider(base, narrower) == []
    assert len(changes(base, narrower).narrower) == 3
    for key, value in {
        "identity": "svc-b",
        "owner": "teammate",
        "retention_days": 89,
        "starts": END - 10 * day,
    }.items():
        columns = {"ends": END, "starts": END - 9 * day, "identity": "svc-a", "owner": "engineer", "retention_days": 90}
        assert len(wider(base, content(**{**columns, key: value}))) == 1, key


def test_a_note_allows_nothing_so_it_is_no_widening() -> None:
    difference = changes(content(tools="Bash(ls)"), content(tools="Bash(ls)  # since July"))
    assert not difference.wider
    assert [change.label for change in difference.other] == ["Notes"]


def test_a_line_made_narrower_is_narrower_and_one_that_is_not_proven_is_wider() -> None:
    before = content(
        tools="Bash(git *)", write_actions="Edit(docs/**)", human_approval="Bash(rm *)", never="Bash(sudo *)"
    )
    assert not wider(before, content(tools="Bash(git diff *)", human_approval="Bash(rm *)", never="Bash(sudo *)"))
    for key, lines in {
        "tools": "Bash(gi *)", "write_actions": "Edit(**)", "data_sources": "crm.customers",
        "human_approval": "Bash(rm -f *)", "never": "Bash(sudo rm *)",
    }.items():  # fmt: skip
        columns = {"tools": "Bash(git *)", "write_actions": "Edit(docs/**)", "human_approval": "Bash(rm *)"}
        columns["never"] = "Bash(sudo *)"
        assert wider(before, content(**{**columns, key: lines})), key


def test_a_persons_yes_to_every_command_is_wider_for_a_command_may_write_a_file() -> None:
    every, some = content(tools="Bash"), content(tools="Bash(git *)")
    assert wider(every, content(tools="Bash", human_approval="Bash")) == [Field.HUMAN_APPROVAL.label]
    assert wider(some, content(tools="Bash(git *)", human_approval="Bash(git push *)")) == []
