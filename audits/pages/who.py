"""Who may touch this? The lines in force now that name one tool or data source, over all agents."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from approvals import validity
from approvals.models import Grant, Version
from approvals.querysets import VersionQuerySet
from approvals.scope.grammar import MAX_LINE, Line, LineErrors, parse_line
from approvals.scope.tools import mcp_parts
from approvals.vocabulary import Field
from audits.authority import Viewer, visible

MOST = 100


@dataclass(frozen=True, slots=True)
class Holder:
    """One line in force, and how it stands to what was asked about."""

    grant: Grant
    kind: str  # "", "human" or "never", as the line component draws it

    @property
    def field(self) -> Field:
        return Field(self.grant.field)


def names_meaning(target: str) -> list[str]:
    """Every target a line may have that means this one: itself, its server, and each beginning with a star."""
    names = [target, *(f"{target[:end]}*" for end in range(len(target) + 1))]
    mcp = mcp_parts(target)
    return names if mcp is None else [*names, f"mcp__{mcp[0]}"]


def holders(target: str, viewer: Viewer) -> list[Holder]:
    """The lines in force now for this target that the viewer may see, at most one more than MOST: one statement."""
    now = validity.now()
    versions: VersionQuerySet = visible(Version.objects.all(), viewer).in_force_at(now)
    grants = Grant.objects.standing_at(now).filter(target__in=names_meaning(target), version__in=versions)
    rows = grants.select_related("version__packet__agent", "version__owner").defer(
        "version__content", "version__lines", "version__findings"
    )
    return [Holder(row, _kind(Field(row.field))) for row in rows.order_by("target", "method", "pk")[: MOST + 1]]


def _kind(field: Field) -> str:
    return {Field.HUMAN_APPROVAL: "human", Field.NEVER: "never"}.get(field, "")


@require_safe
def who_page(request: HttpRequest) -> HttpResponse:
    """The question and, when one was asked, its answer."""
    typed = request.GET.get("q", "").strip()
    line, problem = _read(typed) if typed else (None, "")
    found = holders(line.target, request.user) if line else []
    context = {
        "q": typed[:MAX_LINE],
        "line": line,
        "holders": found[:MOST],
        "more": len(found) > MOST,
        "problem": problem,
    }
    return render(request, "audits/who.html", context, status=400 if problem else 200)


def _read(typed: str) -> tuple[Line | None, str]:
    """The line typed, or the sentence that says why it is none."""
    try:
        return parse_line(typed), ""
    except LineErrors as errors:
        first = errors.errors[0]
        return None, f"{first.message} {first.remedy}".strip()


urls: list[URLPattern] = [path("who/", who_page, name="who")]
