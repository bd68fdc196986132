"""Small worlds of lines, calls and contents in which random scopes often meet."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st

from approvals.content import Content, Link, normal
from approvals.cuts import Cut, Cuts
from approvals.scope.asking import actions_of
from approvals.scope.characters import is_refused
from approvals.scope.grammar import Line, parse_line
from approvals.scope.matching import Action, Placed, Ruling, decide
from approvals.vocabulary import RUN_FIELDS, Field, Level

# As many examples as `make test` or `make proofs` has time for.
THOROUGH = settings(deadline=None, max_examples=3000 if os.environ.get("PROOFS") == "full" else 100)

LINES = (
    "Bash", "Bash(git *)", "Bash(git diff *)", "Bash(git diff HEAD)", "Bash(git push *)", "Bash(rm *)", "Bash(*)",
    "Read", "Read(docs/**)", "Read(docs/a.md)", "Edit", "Edit(docs/**)", "Edit(docs/a.md)", "Edit(**)", "Write",
    "mcp__github", "mcp__github__*", "mcp__github__list_*", "mcp__github__list_issues", "mcp__github__create_issue",
    "mcp__*", "crm.customers", "crm.customers(read)", "crm.customers(delete)", "crm.*", "crm.delete", "*",
    "zendesk(get_*)", "zendesk(get_ticket)", "zendesk(update_ticket)", "zendesk(*)", "zendesk",
    "WebFetch(domain:docs.python.org)", "WebFetch(domain:*.python.org)", "WebFetch",
)  # fmt: skip
CALLS = (
    "git diff HEAD", "git diff", "git push origin main", "git status", "rm -rf x", "git diff; rm -rf x", "ls -la",
    "git diff > docs/a.md", "docs/a.md", "src/b.py", "Edit(docs/a.md)", "Write(docs/a.md)", "Read(docs/a.md)",
    "mcp__github__list_issues", "mcp__github__create_issue", "mcp__other__delete_all", "crm.customers",
    "crm.customers(read)", "crm.customers(delete)", "crm.delete", "crm.orders(update)", "zendesk(get_ticket)",
    "zendesk(update_ticket)", "zendesk(search)", "WebFetch(domain:docs.python.org)", "WebFetch(https://evil.example/)",
)  # fmt: skip
ACTIONS: tuple[Action, ...] = tuple(dict.fromkeys(action for call in CALLS for action in actions_of(call)))
RANK = {Ruling.NEVER: 0, Ruling.NO_LINE: 0, Ruling.UNREADABLE: 0, Ruling.HELD: 1, Ruling.ALLOWED: 2}
SYSTEM_FIELDS = [field for field in Field if field not in RUN_FIELDS]

pool = st.sampled_from([parse_line(text) for text in LINES])
few_lines = st.lists(pool, max_size=4, unique_by=lambda line: line.key).map(tuple)


def scopes(fields: Sequence[Field]) -> st.SearchStrategy[dict[Field, tuple[Line, ...]]]:
    """Up to four lines in each of these fields."""
    return st.fixed_dictionaries(dict.fromkeys(fields, few_lines))


contents = st.one_of(
    scopes(SYSTEM_FIELDS).map(lambda lines: Content(lines=lines)),
    scopes(list(Field)).map(lambda lines: Content(level=Level.RUN, lines=lines)),
)


def lines_of(content: Content) -> list[Placed]:
    """Every line in its field, as the matcher reads them."""
    return [Placed(field, line, None, place) for field in Field for place, line in enumerate(content.of(field), 1)]


def rank(scope: Sequence[Placed], action: Action) -> int:
    """No is 0, held is 1, yes is 2."""
    return RANK[decide(scope, action).ruling]


@st.composite
def narrowings(draw: st.DrawFn, content: Content) -> Cuts:
    """Legal cuts of this content."""
    chosen = []
    for field in Field:
        ways: list[Field | None] = [None, Field.HUMAN_APPROVAL, Field.NEVER] if field.allows else [Field.NEVER]
        for line in content.of(field) if field is not Field.NEVER else ():
            if draw(st.booleans()):
                chosen.append(Cut(field, str(line), draw(st.sampled_from(ways))))
    return Cuts(tuple(chosen), tuple(str(line) for line in draw(few_lines)))


def cut(scope: Sequence[Placed], cuts: Cuts) -> list[Placed]:
    """What stands after the cuts, as `transitions.cutting` writes it into the rows."""
    ways = {(one.field, one.line): one.to for one in cuts.lines}
    stays = [placed for placed in scope if (placed.field, str(placed.line)) not in ways]
    moved = [
        replace(placed, field=to, was=placed.field)
        for placed in scope
        if (to := ways.get((placed.field, str(placed.line)))) is not None
    ]
    return stays + moved + [Placed(Field.NEVER, parse_line(line)) for line in cuts.never]


visible = st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Cn", "Co")).filter(
    lambda character: not is_refused(character)
)
texts = st.text(visible, max_size=40).map(lambda text: normal(text.strip()))
names = st.sampled_from(["", "engineer", "security2", "zoë"])
instants = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
notes = st.sampled_from(["", "only on weekdays", "see ticket 12"])
noted_lines = few_lines.flatmap(
    lambda lines: st.lists(notes, min_size=len(lines), max_size=len(lines)).map(
        lambda said: tuple(Line(line.target, line.method, note) for line, note in zip(lines, said, strict=True))
    )
)


def whole(level: Level) -> st.SearchStrategy[Content]:
    """A content with every column of its level filled at random."""
    fields = list(Field) if level is Level.RUN else SYSTEM_FIELDS
    own = ("task", "look_at", "run_link") if level is Level.RUN else ("access_revoked", "when_wrong")
    keys = ("job", "identity", "run_record_location", "rollback_path", *own)
    flags = {} if level is Level.RUN else {"each_run_needs_packet": st.booleans()}
    return st.builds(
        Content,
        agent=st.just("sentry-dev"), level=st.just(level), parent=st.sampled_from(["", "AP-0001"]), owner=names,
        backup_owner=names, rollback_owner=names, human_approval_by=st.sampled_from(["team", "Security"]),
        lines=st.fixed_dictionaries(dict.fromkeys(fields, noted_lines)).map(
            lambda lines: {field: rows for field, rows in lines.items() if rows}
        ),
        retention_days=st.none() | st.integers(1, 36_500), starts=instants, ends=instants,
        links=st.lists(st.builds(Link, st.just("https://example.org/"), st.sampled_from(["", "0" * 64]))).map(tuple),
        **dict.fromkeys(keys, texts), **flags,
    )  # fmt: skip


whole_contents = whole(Level.SYSTEM) | whole(Level.RUN)


def decomposed(text: str) -> str:
    """The same text as another machine might send it: decomposed letters, Windows line ends."""
    return unicodedata.normalize("NFD", text).replace("\n", "\r\n")
