"""Importing: what is handed in, and the table in which each tool or rule gets its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib.auth.models import Group

from approvals.content import Content
from approvals.forms.fields import NAME, TextField
from approvals.models.agent import SLUG
from approvals.people import Person
from approvals.scope.claude_code import Row
from approvals.scope.grammar import Line
from approvals.vocabulary import Field

MAX_BYTES = 1_000_000
LEAVE_OUT = "leave_out"
# Each begins with a letter of its own: in a list that has the focus, one key chooses.
PLACES = [
    (Field.DATA_SOURCES.value, "Read"),
    (Field.TOOLS.value, "Call"),
    (Field.WRITE_ACTIONS.value, "Write"),
    (Field.HUMAN_APPROVAL.value, "Ask a person"),
    (Field.NEVER.value, "Never"),
    (LEAVE_OUT, "Leave out"),
]


class ForAgentForm(forms.Form):
    """Which agent the lines are for. Not asked when they go into a draft that is there."""

    agent = TextField(
        label="Agent", help_text="A known agent, or a new name. Machines will use it.",
        widget=forms.TextInput(attrs=NAME | {"list": "agents", "maxlength": 63}),
    )  # fmt: skip
    team = forms.ChoiceField(
        label="Team of a new agent", required=False, help_text="A known agent keeps the team it has."
    )

    def __init__(self, *args: Any, person: Person, into_draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, teams = person, person.teams()
        self.fields["team"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", "Choose a team"), *((str(team.pk), team.name) for team in teams),
        ]  # fmt: skip
        if into_draft:
            del self.fields["agent"]
        if into_draft or len(teams) < 2:
            del self.fields["team"]

    def clean_agent(self) -> str:
        typed = str(self.cleaned_data["agent"])
        if typed:
            SLUG(typed)
        return typed

    def chosen_team(self) -> Group | None:
        """The team chosen for a new agent, or None."""
        return next((team for team in self.person.teams() if str(team.pk) == self.cleaned_data.get("team")), None)

    def need_agent(self) -> None:
        """Lines need an agent; a packet document names its own."""
        if "agent" in self.fields and not self.cleaned_data.get("agent") and not self.errors.get("agent"):
            self.add_error("agent", "Name the agent the lines are for: a known one, or a new name such as sentry-dev.")


class ImportForm(ForAgentForm):
    """A file, or its text pasted."""

    file = forms.FileField(
        label="File", required=False, allow_empty_file=True,
        help_text="Claude Code's settings.json or .mcp.json, an MCP tools/list answer, or a packet as YAML or JSON. "
        "At most 1 MB.",
    )  # fmt: skip
    pasted = forms.CharField(
        label="Or its text", required=False, strip=False, help_text="Paste what is in the file.",
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false"}),
    )  # fmt: skip

    def handed_in(self) -> tuple[str, bytes] | None:
        """Name and bytes of what was handed in; None with an error at its input when there is nothing to read."""
        file, pasted = self.cleaned_data.get("file"), self.cleaned_data.get("pasted") or ""
        if file is not None and file.size > MAX_BYTES:
            self.add_error("file", f"This file has {file.size / 1_000_000:.1f} MB. At most 1 MB is read.")
            return None
        if file is not None:
            return str(file.name), file.read()
        if len(pasted.encode()) > MAX_BYTES:
            self.add_error("pasted", "This text has more than 1 MB. At most 1 MB is read.")
            return None
        if not pasted.strip():
            self.add_error("file", "Choose a file, or paste its text below.")
            return None
        return "", pasted.encode()


class SortingForm(forms.Form):
    """One place for each row. What is unsure has no default: the person chooses."""

    def __init__(self, *args: Any, rows: Sequence[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for number, row in enumerate(rows):
            if row.line is not None:
                self.fields[f"place_{number}"] = _place(row)

    def in_order(self) -> list[tuple[Row, forms.BoundField | None]]:
        """Each row with its list; what is unsure first, otherwise in the order found."""
        pairs = [
            (row, self[f"place_{number}"] if row.line is not None else None) for number, row in enumerate(self.rows)
        ]
        return sorted(pairs, key=lambda pair: pair[0].sure or pair[1] is None)

    def sorted_lines(self) -> dict[Field, tuple[Line, ...]]:
        """The lines by field; of equal lines in one field the first stays."""
        places: dict[Field, dict[tuple[str, str | None], Line]] = {}
        for number, row in enumerate(self.rows):
            chosen = self.cleaned_data.get(f"place_{number}")
            if row.line is not None and chosen and chosen != LEAVE_OUT:
                places.setdefault(Field(chosen), {}).setdefault(row.line.key, row.line)
        return {field: tuple(lines.values()) for field, lines in places.items()}


def _place(row: Row) -> forms.ChoiceField:
    chosen = row.place.value if row.sure and row.place else ""
    choices = PLACES if chosen else [("", "Choose…"), *PLACES]
    message = {"required": f"Choose a place for {row.text}.", "invalid_choice": "Choose one of the places."}
    return forms.ChoiceField(label=f"Place of {row.text}", choices=choices, initial=chosen, error_messages=message)


def with_lines(content: Content, lines: dict[Field, tuple[Line, ...]]) -> Content:
    """The content with these lines after its own; a line that is there already stays as it is."""
    merged = dict(content.lines)
    for field, added in lines.items():
        there = {line.key for line in merged.get(field, ())}
        merged[field] = (*merged.get(field, ()), *(line for line in added if line.key not in there))
    return replace(content, lines=merged)
