"""The e-mails as a file, filtered and sorted as the page shows them; never their words, which are for their reader."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from approvals.models import Letter
from approvals.pages.csv_rows import chunks, csv_response
from approvals.pages.letters import LettersListing
from approvals.vocabulary import LetterState
from approvals.walks import along

HEADER = ("Subject", "To", "Address", "Packet", "Status", "Written", "Settled", "Attempts", "The server said", "Link")


@require_safe
def letters_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The e-mails this person may see, from the first one on."""
    return csv_response("e-mails", HEADER, _rows(LettersListing.of(request)))


def _rows(listing: LettersListing) -> Iterator[tuple[object, ...]]:
    for found in chunks(along(listing.letters(), listing.order)):
        yield from (_row(one) for one in found)


def _row(letter: Letter) -> tuple[object, ...]:
    return (
        letter.subject, letter.recipient.username, letter.address, letter.version or "",
        LetterState(letter.state).tag.words, letter.written_at, letter.settled_at, letter.attempts, letter.server_said,
        f"{settings.PUBLIC_URL}{reverse('letter', args=[letter.pk])}",
    )  # fmt: skip


urls = [path("letters.csv", letters_csv, name="letters-csv")]
