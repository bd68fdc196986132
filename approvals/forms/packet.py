"""The packet form: one page, the ten labels in their order, and what system and run packets add."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils.html import format_html

from approvals import validity
from approvals.completeness import MAX_LIFE, Flaw, malformed
from approvals.content import TEAM, Content, Link
from approvals.forms import names
from approvals.forms.fields import NAME, InstantField, LinesField, LinksField, TextField
from approvals.models.agent import SLUG
from approvals.people import Person
from approvals.scope.grammar import write
from approvals.vocabulary import ENDS, IDENTITY, JOB, OWNER, ROLLBACK, RUN_FIELDS, RUN_RECORD, Field, Level

PEOPLE = ("owner", "backup_owner", "rollback_owner")
SYSTEM_ONLY = ("access_revoked", "when_wrong", "each_run_needs_packet")
RUN_ONLY = ("parent", "task", "look_at", "run_link", *(place.value for place in RUN_FIELDS))
# Which input a refusal of a verb belongs to; the others stand on top.
PLACES = {
    "not_your_agent": "agent",
    "agent_inactive": "agent",
    "no_team": "team",
    "too_long": "ends",
    "parent_not_in_force": "parent",
    "outside_parent": "parent",
    "unknown_group": "human_approval_by",
}


def person_field(label: str, help_text: str) -> TextField:
    """A person by sign-in name, with proposals."""
    attrs = NAME | {"list": "people", "maxlength": 150}
    return TextField(label=label, help_text=help_text, widget=forms.TextInput(attrs=attrs))


def lines_field(place: Field, example: str, then: str = "", rows: int = 3) -> LinesField:
    """A field of lines: what belongs there, and one good example."""
    return LinesField(label=place.label, rows=rows, help_text=format_html("{} Such as <code>{}</code>", then, example))


class PacketForm(forms.Form):
    """Everything a person writes in a packet. The keys are those of `Content`, so flaws find their input."""

    agent = TextField(
        label="Agent", help_text="A known agent, or a new name. Machines will use it.",
        widget=forms.TextInput(attrs=NAME | {"list": "agents", "maxlength": 63}),
    )  # fmt: skip
    team = forms.ChoiceField(
        label="Team of a new agent", required=False, help_text="A known agent keeps the team it has."
    )
    level = forms.ChoiceField(
        label="What is it for?", widget=forms.RadioSelect, initial=Level.SYSTEM.value,
        choices=[("system", "Standing authority (system packet)"), ("run", "One run, inside a system packet")],
    )  # fmt: skip
    parent = TextField(
        label="Parent packet", help_text="The system packet this run is inside, such as AP-0042.",
        widget=forms.TextInput(attrs={"list": "parents", "maxlength": 12, "autocapitalize": "characters"}),
    )  # fmt: skip
    task = TextField(
        label="Task", rows=3, help_text="What this run is to do, such as: Fix SENTRY-4711 and add a test for it."
    )
    files_read = lines_field(Field.FILES_READ, "Read(src/**)", "One a line.")
    files_change = lines_field(Field.FILES_CHANGE, "Edit(src/billing/**)", "One a line.")
    commands = lines_field(Field.COMMANDS, "Bash(pytest tests/billing *)", "One a line.")
    look_at = TextField(
        label="What the reviewer should look at", rows=2, help_text="Such as: The migration, and who calls charge()."
    )
    run_link = TextField(label="Link", help_text="The issue or ticket this run comes from.")

    owner = person_field(
        OWNER,
        "Who answers for it while it runs: a sign-in name, or the e-mail address of somebody new.",
    )
    backup_owner = person_field("Backup owner", "Who answers when the owner is away.")
    job = TextField(
        label=JOB, rows=3,
        help_text="The first sentence becomes the heading: Triage new issues, find the cause, open a pull request.",
    )  # fmt: skip
    data_sources = lines_field(
        Field.DATA_SOURCES, "crm.customers", "What it may read, one a line; a remark goes after a #."
    )
    tools = lines_field(Field.TOOLS, "zendesk: get_ticket, search_*", "What it may call, one a line.", rows=5)
    write_actions = lines_field(Field.WRITE_ACTIONS, "Edit(docs/**)", "What it may change. Leave empty for a reader.")
    human_approval = lines_field(
        Field.HUMAN_APPROVAL, "Bash(git push *)", "Allowed only when a person says yes, each time."
    )
    human_approval_by = forms.ChoiceField(label="Who may say that yes", required=False)
    never = lines_field(
        Field.NEVER, "Bash(rm -rf *)", "Wins over every other line, in every packet of this agent.", rows=2
    )
    identity = TextField(
        label=IDENTITY,
        help_text="A service account, principal or credential reference, such as svc-sentry-dev. Never a secret.",
    )
    run_record_location = TextField(
        label=RUN_RECORD,
        help_text="Where the logs of its runs are, such as https://logs.example.org/agents/sentry-dev/.",
    )
    retention_days = forms.IntegerField(
        label="Kept for days", required=False, min_value=1, max_value=36_500,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short", "size": 8}),
        error_messages={"invalid": "Write a whole number of days, such as 365."}, help_text="Such as 365.",
    )  # fmt: skip
    ends = InstantField(
        label=ENDS, proposals="ends", help_text="On this date the agent loses its authority unless a renewal is signed."
    )
    starts = InstantField(
        label="Start", help_text="Empty: when the last signature lands. Otherwise a date, or a date and time in UTC."
    )
    rollback_owner = person_field(ROLLBACK, "Who rolls back, by sign-in name, and the steps at 3 a.m.")
    rollback_path = TextField(
        label="Rollback path", rows=3, help_text="Such as: 1. Suspend this packet. 2. Revert the agent's last merge."
    )
    access_revoked = TextField(
        label="How access is revoked", rows=2, help_text="Such as: Disable svc-sentry-dev in the directory."
    )
    when_wrong = TextField(
        label="What happens when the agent is wrong", rows=2,
        help_text="Such as: A person reviews each pull request, so nothing wrong is merged.",
    )  # fmt: skip
    each_run_needs_packet = forms.TypedChoiceField(
        label="Each run needs its own packet", required=False, widget=forms.RadioSelect, initial="no",
        choices=[("no", "No"), ("yes", "Yes")], coerce=lambda value: value == "yes",
    )  # fmt: skip
    links = LinksField(
        label="Links", rows=2, help_text="One a line. The SHA-256 of what is behind a link may follow after a space."
    )

    def __init__(self, *args: Any, person: Person, fixed: Content | None = None, **kwargs: Any) -> None:
        """`fixed`: the content of a version that is there; its agent, level and parent stay as they are."""
        super().__init__(*args, **kwargs)
        self.person, self.fixed = person, fixed
        self.unread: list[str] = []
        self.people, groups = names.people_and_groups()
        self._choose("human_approval_by", groups)
        teams = person.teams()
        self._choose("team", [("", "Choose a team"), *((str(team.pk), team.name) for team in teams)])
        if fixed is not None:
            for key in ("agent", "level", "parent", "team"):
                del self.fields[key]
            for key in RUN_ONLY if fixed.level is Level.SYSTEM else SYSTEM_ONLY:
                self.fields.pop(key, None)
        elif len(teams) < 2:
            del self.fields["team"]

    def _choose(self, key: str, choices: list[tuple[str, str]]) -> None:
        """Set the choices; what is named already stays to be seen, so that nothing changes unnoticed."""
        named = str(self.initial.get(key) or "")
        if named and named not in dict(choices):
            choices.append((named, named))
        self.fields[key].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def chosen_level(self) -> Level:
        """The level as chosen so far; standing authority until somebody chooses."""
        if self.fixed is not None:
            return self.fixed.level
        chosen = self["level"].value()
        return Level(chosen) if chosen in list(Level) else Level.SYSTEM

    def read(self) -> None:
        """Read what the inputs show, sent or not, without asking the database.

        What can be read is in `cleaned_data` afterwards, the names of the other inputs are in `unread`.
        """
        self.cleaned_data, self.unread = {}, []
        for name, field in self.fields.items():
            value = self[name].value()
            try:
                self.cleaned_data[name] = field.clean(value)
            except forms.ValidationError:
                self.unread.append(name)
                if isinstance(field, LinesField):
                    self.cleaned_data[name] = field.readable(value)
        self.cleaned_data["parent"] = str(self.cleaned_data.get("parent", "")).upper()

    def clean_agent(self) -> str:
        typed = str(self.cleaned_data["agent"])
        if not typed:
            raise forms.ValidationError("Name the agent: a known one, or a new name such as sentry-dev.")
        SLUG(typed)
        return typed

    def clean_parent(self) -> str:
        return str(self.cleaned_data["parent"]).upper()

    def clean(self) -> None:
        """What can never be stored, each flaw at its input. The verbs ask again."""
        self._known_people()
        self._good_end()
        for flaw in malformed(self.content()):
            self.flaw(flaw)

    def _known_people(self) -> None:
        typed = {key: name for key in PEOPLE if (name := self.cleaned_data.get(key))}
        strangers = names.unknown(typed.values()) if typed else {}
        for key in [key for key, name in typed.items() if name in strangers]:
            self.add_error(key, strangers[typed[key]])

    def _good_end(self) -> None:
        ends, now = self.cleaned_data.get("ends"), validity.now()
        if ends and ends <= now:
            self.add_error("ends", "This end has passed. Choose a date in the future.")
        if ends and ends > now + MAX_LIFE:
            self.add_error("ends", "This end is more than three years away. Choose an earlier one, and renew it then.")

    def flaw(self, flaw: Flaw) -> None:
        """Put a flaw at its input, once; on top when the form has no such input."""
        key = flaw.key if flaw.key in self.fields else None
        if flaw.message not in self.errors.get(key or "__all__", []):
            self.add_error(key, flaw.message)

    def refusal(self, code: str, sentence: str) -> None:
        """Put a verb's refusal where it belongs."""
        self.flaw(Flaw(PLACES.get(code, ""), sentence))

    def content(self) -> Content:
        """What was typed and could be read. Fields of the other level are left out: they are not part of it."""
        known = {one.name for one in fields(Content)} - {"lines", "agent", "level", "parent"}
        level = self.chosen_level
        left_out = RUN_ONLY if level is Level.SYSTEM else SYSTEM_ONLY
        plain = {key: value for key, value in self.cleaned_data.items() if key in known and key not in left_out}
        places = {place: self.cleaned_data.get(place.value, ()) for place in Field if place.value not in left_out}
        agent, parent = self.cleaned_data.get("agent", ""), self.cleaned_data.get("parent", "")
        if self.fixed is not None:
            agent, parent = self.fixed.agent, self.fixed.parent
        plain["human_approval_by"] = plain.get("human_approval_by") or TEAM
        if "each_run_needs_packet" in plain:
            plain["each_run_needs_packet"] = bool(plain["each_run_needs_packet"])
        lines = {place: rows for place, rows in places.items() if rows}
        return Content(agent=agent, level=level, parent=parent if level is Level.RUN else "", lines=lines, **plain)

    def chosen_team(self) -> Group | None:
        """The team chosen for a new agent, or None."""
        return next((team for team in self.person.teams() if str(team.pk) == self.cleaned_data.get("team")), None)


def initial_of(content: Content) -> dict[str, Any]:
    """The form's values for a content: reading them back gives an equal content."""
    values: dict[str, Any] = {one.name: getattr(content, one.name) for one in fields(Content) if one.name != "lines"}
    values |= {place.value: write(rows) for place, rows in content.lines.items()}
    values["level"] = content.level.value
    values["each_run_needs_packet"] = "yes" if content.each_run_needs_packet else "no"
    values["links"] = "\n".join(_written(link) for link in content.links)
    return values


def _written(link: Link) -> str:
    return f"{link.url} {link.sha256}".strip()
