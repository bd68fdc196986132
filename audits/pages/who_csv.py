"""The answer to “Who may touch this?” as a file, as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from approvals.pages import Request
from approvals.pages.csv_rows import chunks, csv_response
from approvals.scope.grammar import Line
from audits.pages.asked import Asked
from audits.pages.who import Holder, holders, lines_in_order, question

HEADER = (
    "Agent", "Team", "May", "Field", "Line", "Version", "Agent owner", "Identity", "Signed by", "Ends", "Link",
)  # fmt: skip


@require_safe
def who_csv(request: Request) -> HttpResponseBase:
    """Every line this person may see about what was asked; what cannot be asked is explained on the page."""
    asked, line, problem = question(request)
    if line is None or problem:
        return redirect(reverse("who") + asked.link())
    return csv_response("who-may-touch-this", HEADER, _rows(line, request, asked))


def _rows(line: Line, request: Request, asked: Asked) -> Iterator[tuple[object, ...]]:
    for found in chunks(lines_in_order(line.target, request.user, asked)):
        yield from (_row(one) for one in holders(found, asked.at))


def _row(one: Holder) -> tuple[object, ...]:
    version = one.grant.version
    agent, owner = version.packet.agent, version.owner
    return (
        agent.slug, agent.team.name, one.group, one.field.label, one.grant, version, owner.username if owner else "",
        version.identity, "; ".join(one.signers), one.ends_at, f"{settings.PUBLIC_URL}{version.get_absolute_url()}",
    )  # fmt: skip


urls: list[URLPattern] = [path("who.csv", who_csv, name="who-csv")]
