"""The packets list as a file, filtered and sorted as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from approvals.models import Seat
from approvals.pages.csv_rows import CHUNK, MOST, csv_response
from approvals.pages.list_places import place_of, written
from approvals.pages.lists import Listing, Row, rows_of

HEADER = (
    "Reference", "Version", "Agent", "Team", "Business or engineering job", "Status", "Risk", "Agent owner", "Identity",
    "In force from", "Ends", "Signatures", "Link",
)  # fmt: skip


@require_safe
def packets_csv(request: HttpRequest) -> StreamingHttpResponse:
    """What this person may see of the list, from its beginning."""
    return csv_response("packets", HEADER, _rows(Listing.of(request)))


def _rows(listing: Listing) -> Iterator[tuple[object, ...]]:
    """Page after page, as somebody would turn them. Stops one row after what the file takes."""
    place, read = None, 0
    while read <= MOST:
        keys = listing.keys(limit=CHUNK, beyond=place)
        rows = rows_of(keys, listing.now, waiting=listing.tab == "waiting")
        signatures = _signatures(rows)
        for row in rows:
            yield _row(row, signatures.get(row.version.pk, ""))
        if len(keys) < CHUNK or not rows:
            return
        place, read = place_of(written(rows[-1].version, listing.sort.name), listing.sort.name), read + len(keys)


def _signatures(rows: list[Row]) -> dict[int, str]:
    seats = Seat.objects.filter(version__in=[row.version.pk for row in rows]).order_by().values("version")
    counted = seats.annotate(needed=Count("pk"), given=Count("pk", filter=Q(decision__isnull=False)))
    return {row["version"]: f"{row['given']} of {row['needed']}" for row in counted}


def _row(row: Row, signatures: str) -> tuple[object, ...]:
    version = row.version
    packet = version.packet
    return (
        packet.reference, f"v{version.number}", packet.agent.slug, packet.agent.team.name, version.heading,
        row.standing.tag.words, version.tier, version.owner.username if version.owner else "", version.identity,
        version.in_force_from, row.ends_at, signatures,
        f"{settings.PUBLIC_URL}{version.get_absolute_url()}",
    )  # fmt: skip


urls = [path("packets.csv", packets_csv, name="packets-csv")]
