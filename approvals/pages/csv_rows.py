"""Lists as CSV: streamed row by row, quoted as RFC 4180 says, and harmless when a spreadsheet opens them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

MOST = 10_000  # rows of one file
CHUNK = 500  # read at once: memory stays flat however long the list is
# A spreadsheet runs a cell that begins so as a formula (OWASP ASVS 5.0, 1.2.10); an apostrophe makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "\ufeff"  # says UTF-8 to spreadsheets that would guess otherwise


class _Line:
    """What csv writes to: gives the line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def cell(value: object) -> str:
    """One value as text that no spreadsheet takes for a formula. Instants in UTC; None is empty; NUL is dropped."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = "" if value is None else str(value).replace("\x00", "")
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or text.startswith(FORMULA) else text


def lines(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The file, line by line: at most MOST rows, then a line that says that there are more."""
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield MARK + writer.writerow(list(header))
    for number, row in enumerate(rows):
        if number == MOST:
            yield writer.writerow([f"There are more than {MOST} rows. Narrow the list with filters to have the rest."])
            return
        yield writer.writerow([cell(value) for value in row])


def chunks(found: QuerySet[Any]) -> Iterator[list[Any]]:
    """These rows in their order, some at a time, up to one more than a file takes.

    Their keys are read first and at once, so that nothing comes twice or is left out while the file is on its way.
    """
    keys = list(found.values_list("pk", flat=True)[: MOST + 1])
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        rows = found.order_by().in_bulk(some)
        yield [rows[key] for key in some if key in rows]


def csv_response(name: str, header: Iterable[str], rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """The download, sent as it is read. `name`: the file's, without its ending.

    The first row is asked for before the answer begins, so that a failure is an error page and no broken file.
    """
    waiting = iter(rows)
    first = list(next(([row] for row in waiting), []))
    response = StreamingHttpResponse(lines(header, chain(first, waiting)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
