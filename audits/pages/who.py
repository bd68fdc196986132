"""Who may touch this? The lines in force at a moment that name one tool or data source, over all agents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from approvals.models import Decision, Grant, Version
from approvals.pages import Request
from approvals.querysets import GrantQuerySet, VersionQuerySet
from approvals.scope.grammar import MAX_LINE, Line, LineErrors, parse_line
from approvals.scope.tools import mcp_parts
from approvals.standing import holds_until
from approvals.vocabulary import Field, Verdict
from audits.authority import BIG, Viewer, visible
from audits.pages.asked import FIELDS, PAGE, Asked, read

SORTS = {"agent": "Agent, A to Z", "ends": "Ends first"}
ORDERS = {"agent": ("version__packet__agent__slug",), "ends": ("end",)}
GROUPS = {"allowed": "May touch it", "human": "Only with a person’s yes, each time", "never": "Never"}
RANK = Case(
    *(When(field__in=FIELDS[kind], then=Value(rank)) for rank, kind in enumerate(GROUPS)),
    default=Value(len(GROUPS)), output_field=IntegerField(),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holder:
    """One line in force, how it stands to what was asked about, and who signed it."""

    grant: Grant
    kind: str  # "", "human" or "never", as the line component draws it
    signers: tuple[str, ...] = ()

    @property
    def ends_at(self) -> datetime | None:
        """The end of its version; by break-glass, the deadline."""
        return holds_until(self.grant.version)

    @property
    def field(self) -> Field:
        return Field(self.grant.field)

    @property
    def group(self) -> str:
        return GROUPS[self.kind or "allowed"]


def names_meaning(target: str) -> list[str]:
    """Every target a line may have that means this one: itself, its server, and each beginning with a star."""
    names = [target, *(f"{target[:end]}*" for end in range(len(target) + 1))]
    mcp = mcp_parts(target)
    return names if mcp is None else [*names, f"mcp__{mcp[0]}"]


def lines_about(target: str, viewer: Viewer, at: datetime) -> GrantQuerySet:
    """The lines in force then for this target that the viewer may see."""
    versions: VersionQuerySet = visible(Version.objects.filter(pk=OuterRef("version")), viewer).in_force_at(at)
    found: GrantQuerySet = Grant.objects.standing_at(at).filter(Exists(versions), target__in=names_meaning(target))
    return found


def lines_in_order(target: str, viewer: Viewer, asked: Asked) -> GrantQuerySet:
    """Of those the ones asked for: allowed first, then as sorted."""
    rows = lines_about(target, viewer, asked.at).filter(field__in=asked.fields)
    if asked.typed["agent"]:
        rows = rows.filter(version__packet__agent__slug=asked.typed["agent"])
    rows = rows.select_related("version__packet__agent__team", "version__owner").annotate(
        rank=RANK, end=Coalesce("version__ends_at", "version__glass_until")
    )
    deferred = rows.defer(*(f"version__{name}" for name in BIG))
    found: GrantQuerySet = deferred.order_by("rank", *ORDERS[sort_of(asked)], "pk")
    return found


def sort_of(asked: Asked) -> str:
    """The order asked for, or the first when there is none such."""
    return asked.typed["sort"] if asked.typed["sort"] in ORDERS else next(iter(ORDERS))


def page_of(rows: GrantQuerySet, first: int, size: int) -> list[Grant]:
    """So many of these lines in their order, from `first` on: sorted by their keys alone, then those few are read."""
    keys = list(rows.values_list("pk", flat=True)[first : first + size])
    found = rows.order_by().in_bulk(keys)
    return [found[key] for key in keys if key in found]


def holders(rows: Iterable[Grant], at: datetime) -> list[Holder]:
    """These lines with who signed them: one statement more."""
    rows = list(rows)
    signed = signers({row.version_id for row in rows}, at)
    return [Holder(row, kind_of(Field(row.field)), signed.get(row.version_id, ())) for row in rows]


def signers(versions: Iterable[int], at: datetime) -> dict[int, tuple[str, ...]]:
    """Of each version who had signed it by then, by printed name; no statement without versions."""
    keys, found = list(versions), dict[int, tuple[str, ...]]()
    approving = [verdict for verdict in Verdict if verdict.approves]
    rows = Decision.objects.filter(version__in=keys, verdict__in=approving, at__lte=at) if keys else []
    for row in rows:
        found[row.version_id] = (*found.get(row.version_id, ()), row.person_name)
    return found


def kind_of(field: Field) -> str:
    """As the line component draws it."""
    return {Field.HUMAN_APPROVAL: "human", Field.NEVER: "never"}.get(field, "")


@require_safe
def who_page(request: Request) -> HttpResponse:
    """The question and, when one was asked, its answer."""
    asked, line, problem = question(request)
    typed = asked.typed["q"]
    lines = lines_in_order(line.target, request.user, asked) if line and not problem else Grant.objects.none()
    found = holders(page_of(lines, asked.first, PAGE + 1), asked.at)
    newer, older = asked.pages(len(found) > PAGE)
    context: dict[str, Any] = {
        "q": typed[:MAX_LINE], "line": line, "holders": found[:PAGE], "asked": asked, "tabs": asked.tabs(),
        "newer": newer, "older": older, "problem": problem,
        "is_filtered": bool(asked.kind or asked.typed["agent"]),
        "unfiltered": asked.link(kind="", agent=""), "at_now": asked.link(at=""),
        "sorts": SORTS, "sort": sort_of(asked), "csv": reverse("who-csv") + asked.link(),
    }  # fmt: skip
    return render(request, "audits/who.html", context, status=400 if problem else 200)


def question(request: Request) -> tuple[Asked, Line | None, str]:
    """What was asked, the line it is about when there is one, and the sentence that says what is wrong with it."""
    asked = read(request, "q", "agent", "sort", longest=MAX_LINE + 1)
    line, problem = _read(asked.typed["q"]) if asked.typed["q"] else (None, "")
    return asked, line, problem or asked.problem


def _read(typed: str) -> tuple[Line | None, str]:
    """The line typed, or the sentence that says why it is none."""
    try:
        return parse_line(typed), ""
    except LineErrors as errors:
        first = errors.errors[0]
        return None, f"{first.message} {first.remedy}".strip()


urls: list[URLPattern] = [path("who/", who_page, name="who")]
