"""The living page of the look: every component in all its tones and states, for whoever writes the next page."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.views.decorators.http import require_safe

from approvals import grouping, validity
from approvals.cuts import Change, Changes
from approvals.pages.filter_bar import Bar, Box, Sort
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line, LineError, parse
from approvals.vocabulary import EventKind, LetterState, Severity, Standing, Verdict

TOOLS = """Bash: cat *, docker inspect *, find *, gh api *, gh issue view *, git diff *, git log *, git show *
Bash: grep *, ls *
Bash: mypy *, pnpm test *, pytest *, tail *, tree *  # the usual ones
mcp__sentry__find_projects
mcp__sentry__find_teams
Skill(sentry-skills:code-review)
"""
SOURCES = """mcp__sentry__search_events
mcp__sentry__search_issues
WebFetch(domain:docs.djangoproject.com)
crm.customers  # names only
"""
DIGEST = "9f2c41aa0b7e5d13e6c87a9044f12be7c05d8e66aa31f0947b22c1d05e9a7f38"
HOSTILE = "Triage new issues, find the cause.\nInvisible: a\u200bb \u202egnitsriF\u202c. <script>alert(1)</script>"
FINDINGS = (
    Finding(
        "writes_anywhere", Severity.HIGH, "Can write to any repository the token reaches.",
        "Name the read calls, or move it under human approval.", "Bash(gh api *)",
    ),
    Finding(
        "runs_others", Severity.MEDIUM, "A search command can run other programs.",
        "It goes beyond reading with -exec and -delete.", "Bash(find *)",
    ),
    Finding("many_lines", Severity.LOW, "85 lines are more than anyone reads in an incident.", "Seven say the same."),
)  # fmt: skip
CHANGES = Changes(
    wider=(
        Change("Allowed tools and methods", "Bash(gh api *)", "Bash(gh api *)"),
        Change("Expiry or review date", "ends 28 Feb 2027 12:00 UTC, was 30 Nov 2026 12:00 UTC"),
    ),
    narrower=(Change("Allowed tools and methods", "without Bash(docker exec *)", "Bash(docker exec *)"),),
    other=(Change("Backup owner", "now “teammate”, was “empty”"),),
    same=82,
)


TONES = ("quiet", "info", "good", "warn", "bad")
LEVELS = {"info": "Nothing was sent.", "success": "You signed AP-0042 v3.", "warning": "This draft changed since.",
          "error": "That is too late. Another version is in force."}  # fmt: skip


class Row:
    """Any row of the page: only the names its component reads are set. Its words are what it is printed as."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    def __str__(self) -> str:
        return str(self.__dict__.get("words", ""))


class LookForm(forms.Form):
    """One field of each kind, two of them wrong."""

    agent = forms.CharField(help_text="A known agent, or a new name. Machines will use it.")
    job = forms.CharField(
        label="Business or engineering job", widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The first sentence becomes the heading.",
    )  # fmt: skip
    tools = forms.CharField(
        label="Allowed tools and methods", widget=forms.Textarea(attrs={"rows": 4, "class": "mono"}),
        help_text="One a line, such as zendesk: get_ticket, search_* or Bash(git diff *).",
    )  # fmt: skip
    ends = forms.DateField(
        label="Expiry or review date", widget=forms.DateInput(attrs={"type": "date"}),
        help_text="On this date the agent loses its authority unless a renewal is signed.",
    )  # fmt: skip
    verdict = forms.ChoiceField(
        label="I have read AP-0042 v3, and I", widget=forms.RadioSelect, choices=[(v.value, v.label) for v in Verdict]
    )


@require_safe
def look(request: HttpRequest) -> HttpResponse:
    """Every component on one page, for signed-in people; nothing on it does anything."""
    return render(request, "portal/look.html", sample(validity.now()))


def sample(now: datetime) -> dict[str, Any]:
    """The page's made-up rows, around this instant."""
    owner = Row(printed_name="Erin Engineer", username="engineer", night_contact="+00 000 000", is_active=True)
    signed = Row(
        person_name="Sam Okafor", verdict="approve", at=now - timedelta(days=3), role="Security", digest=DIGEST,
        signed_with="signed with password and code",
        rule="High risk: two of Security, at most 120 days", reason="Push stays behind a person.", gone=False,
    )  # fmt: skip
    left = Row(**{**signed.__dict__, "person_name": "Sid Left", "gone": True, "reason": "", "digest": ""})
    form = LookForm({"agent": "sentry-dev", "job": "", "tools": "Bash: git diff *\nBash(gh api *)\nBash(find *"})
    form.add_error("tools", "Line 3 has no closing parenthesis. Did you mean Bash(find *)?")
    gone = Row(**{**owner.__dict__, "printed_name": "Tea Teammate", "username": "teammate", "is_active": False})
    return {
        "takes": takes(), "tones": TONES, "gone": gone, "severities": list(Severity), "letters": list(LetterState),
        "notices": [Row(level_tag=level, words=words) for level, words in LEVELS.items()], "none_yet": None,
        "standings": list(Standing), "steps": steps(now), "tabs": tabs(), "bar": bar(), "changes": CHANGES,
        "findings": FINDINGS, "other": grouping.unplaced(CHANGES, FINDINGS), "wider": {"Bash(gh api *)"},
        "owner": owner, "hostile": HOSTILE,
        "tools": parse(TOOLS), "sources": parse(SOURCES), "none": (),
        "human": parse("Bash: git push *, gh pr create *"), "readings": readings(),
        "past": now - timedelta(hours=3), "soon": now + timedelta(days=2), "ends": now + timedelta(days=97),
        "decisions": (signed, left), "form": form, "key": {EventKind.SUBMITTED}, "events": events(now),
        "asking": Row(line="Bash(gh api *)", to="#main", at="#main", text="Which repositories does the token reach?"),
        "questions": questions(),
        "seat_rows": (Row(group="Security", decision=signed), Row(group="Security", note="You can give it.")),
    }  # fmt: skip


def questions() -> tuple[Row, ...]:
    """One that waits for its answer, and one that has it."""
    asked = Row(pk=1, asked_by_name="Sam Okafor", text="Which repositories does it reach?", answered_at=None)
    answered = {"answered_by_name": "Erin Engineer", "answer": "Only the web app.", "answered_at": True}
    return asked, Row(**asked.__dict__ | answered)


def takes() -> dict[str, str]:
    """What each component says it takes, by its name: the comment its template begins with."""
    folder = Path(settings.TEMPLATES[0]["DIRS"][0]) / "components"
    return {file.stem: comment_of(file.stem) for file in sorted(folder.glob("*.html"))}


def comment_of(name: str) -> str:
    """The words between “{# name:” and “#}”. Raises ValueError for a component that does not say what it takes."""
    source = get_template(f"components/{name}.html").template.source  # type: ignore[attr-defined]  # Django's own
    begin, _, rest = source.partition(f"{{# {name}: ")
    if begin or not rest:
        raise ValueError(f"components/{name}.html has to begin with “{{# {name}: what it takes #}}”.")
    return str(rest.partition("#}")[0]).strip()


def steps(now: datetime) -> list[Row]:
    """A journey in the middle of its review."""
    return [
        Row(label="Draft", state="done"),
        Row(label="Submitted", state="done", at=now - timedelta(hours=3)),
        Row(label="In review, 1 of 2 signatures", state="current"),
        Row(label="In force", state="todo"),
        Row(label="Ends", state="todo", at=now + timedelta(days=97)),
    ]


def tabs() -> list[Row]:
    """Two tabs that count and one that does not."""
    return [
        Row(label="Waiting for me", url="?tab=waiting", current=True, count=3),
        Row(label="In force", url="?tab=in-force", current=False, count=146),
        Row(label="Ended", url="?tab=ended", current=False, count=None),
    ]


def bar() -> Bar:
    """One filter of each kind: two are on, one could not be meant; the order is not the list's own."""
    boxes = (
        Box("q", "Words", "job, line, identity", kind="search"),
        Box("team", "Team", teams=True),
        Box("tier", "Risk", choices={tier.value: tier.tag.words for tier in Severity}),
        Box("ends_before", "Ends before", kind="date"),
    )
    on = {"tier": Severity.HIGH.value, "ends_before": "2027-02-28"}
    sort = Sort("ends", {"newest": "Newest first", "ends": "Ends first"})
    return Bar(boxes, on, sort, lambda **_: "#main", "#main", problems=[boxes[1].problem("x" * 201)])


def events(now: datetime) -> list[Row]:
    """Three rows of a record: plain, with a detail, with a reason."""
    return [
        Row(
            kind="submitted", actor_name="Erin Engineer", effective_at=now - timedelta(hours=3), detail="E-mails to two"
        ),
        Row(kind="drafted", actor_name="Erin Engineer", effective_at=now - timedelta(days=1)),
        Row(
            kind="suspended", actor_name="Sam Okafor", effective_at=now - timedelta(days=400), reason="Pushed to main."
        ),
    ]


def readings() -> list[Row]:
    """Typed lines read back: good ones, a risky one, a broken one."""
    broken = LineError("This line has no closing parenthesis.", 3, 5, "Did you mean Bash(find *)?")
    return [
        Row(lines=(Line("Bash", "git diff *"), Line("Bash", "git log *"))),
        Row(lines=(Line("Bash", "gh api *"),), findings=FINDINGS[:1]),
        Row(lines=(), error=broken),
    ]
