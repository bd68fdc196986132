"""The agents list as a file, filtered and sorted as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.http import StreamingHttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from approvals.pages import Request
from approvals.pages.agents_list import AgentRow, AgentsListing, rows_of
from approvals.pages.csv_rows import chunks, csv_response

HEADER = ("Agent", "Team", "Status", "In force", "Agent owner", "Identity", "Ends", "Added", "Link")


@require_safe
def agents_csv(request: Request) -> StreamingHttpResponse:
    """The agents this person may see, from the first one on."""
    return csv_response("agents", HEADER, _rows(AgentsListing.of(request)))


def _rows(listing: AgentsListing) -> Iterator[tuple[object, ...]]:
    for found in chunks(listing.in_order()):
        yield from (_row(one) for one in rows_of(found, listing.person, listing.now))


def _row(row: AgentRow) -> tuple[object, ...]:
    agent, holds = row.agent, row.holds
    owner = holds.owner.username if holds and holds.owner else ""
    return (
        agent.slug, agent.team.name, row.words, holds.packet.reference if holds else "", owner,
        holds.identity if holds else "", row.ends_at, agent.added_at,
        f"{settings.PUBLIC_URL}{reverse('agent', args=[agent.slug])}",
    )  # fmt: skip


urls = [path("agents.csv", agents_csv, name="agents-csv")]
