"""Reading one page of a list along an index: each way to see is a walk of its own, cut at the page, then merged.

A page costs the same whether it is the first or the last, and whatever else is in the table: nothing is skipped over
by number, and nothing is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

Rows = TypeVar("Rows", bound=QuerySet[Any])
FEW = 1000  # a set of at most this many packets is read whole; a larger one is met on the way


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted: by one column, and by key where two rows have the same. `packet` is the column listed."""

    column: str
    falling: bool = False
    key: str = "pk"
    key_falling: bool = False
    packet: str = "pk"

    def sorted_by(self, backwards: bool) -> list[str]:
        falls = self.falling != backwards, self.key_falling != backwards
        names = [self.column] if self.column == self.key else [self.column, self.key]
        return [f"-{name}" if fall else name for name, fall in zip(names, falls, strict=False)]

    def beyond(self, place: Place, backwards: bool) -> Q:
        """What comes after this place. The bound on the column stands alone too: it is what an index can follow."""
        column, key = _way(self.falling != backwards), _way(self.key_falling != backwards)
        if self.column == self.key:
            return Q(**{f"{self.key}__{key}": place.key})
        further = Q(**{f"{self.column}__{column}": place.value}) | Q(**{f"{self.key}__{key}": place.key})
        return Q(**{f"{self.column}__{column}e": place.value}) & further


def _way(falling: bool) -> str:
    return "lt" if falling else "gt"


@dataclass(frozen=True, slots=True)
class Place:
    """One row's place in an order."""

    value: Any
    key: int | str


NEWEST = Order("pk", falling=True, key_falling=True)


def along(rows: Rows, order: Order, *, beyond: Place | None = None, backwards: bool = False) -> Rows:
    """These rows in their order, from behind this place on; `backwards` from before it, the nearest first."""
    asked = Q() if beyond is None else order.beyond(beyond, backwards)
    return rows.filter(asked).order_by(*order.sorted_by(backwards))


def packets_along(
    legs: Sequence[QuerySet[Any]], order: Order, *, limit: int, beyond: Place | None = None, backwards: bool = False
) -> list[int]:
    """Keys of packets, one page along the order. `beyond`: the last row of the page before; `backwards` towards it.

    One statement over all legs. Each stands in a subselect of its own: SQLite wants LIMIT there.
    """
    columns = dict.fromkeys([order.column, order.key, order.packet])
    rows = (along(leg, order, beyond=beyond, backwards=backwards).values_list(*columns)[:limit] for leg in legs)
    walks = [compiled for leg in rows if (compiled := _compiled(leg))]
    if not walks:
        return []
    places = {name: number for number, name in enumerate(columns, 1)}
    ways = ((order.column, order.falling), (order.key, order.key_falling))
    sort = ", ".join(f"{places[name]} {'DESC' if falling != backwards else 'ASC'}" for name, falling in ways)
    union = " UNION ".join(
        f"SELECT * FROM ({sql}) AS leg{number}"  # noqa: S608 - the ORM's own SQL, values as parameters
        for number, (sql, _) in enumerate(walks)
    )
    found = _rows(
        legs[0].db, f"{union} ORDER BY {sort} LIMIT {limit:d}", [one for _, params in walks for one in params]
    )
    keys = [row[places[order.packet] - 1] for row in found]
    return keys[::-1] if backwards else keys


def _compiled(rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]] | None:
    """The statement with its parameters, or None when Django sees that no row can match: nobody's teams, say."""
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return None


def there_is(rows: QuerySet[Any]) -> Coalesce:
    """`Exists`, asked of each row on its way: for where an OR or a list of columns stands around it.

    There PostgreSQL would rather read all such rows of the table once, for it does not count that the page is cut.
    """
    return Coalesce(Subquery(rows.order_by().values(found=Value(True))[:1]), Value(False))


def from_the_fewest(rows: Rows, sets: Sequence[QuerySet[Any]], packet: str = "pk") -> Rows:
    """The same rows, read from the smallest of these sets when that is small, else met on the way along the order.

    Each set is a query for keys of packets that one index answers, and holds at least every packet of the answer:
    it says where to begin, never what belongs to the list. One statement.
    """
    return narrowed(rows, sets, sizes(sets), packet) if sets else rows


def narrowed(rows: Rows, sets: Sequence[QuerySet[Any]], counted: Sequence[int], packet: str = "pk") -> Rows:
    """`from_the_fewest`, with the sizes known already."""
    size, smallest = min(zip(counted, range(len(sets)), strict=True))
    return rows.filter(**{f"{packet}__in": sets[smallest]}) if size <= FEW else rows


def sizes(sets: Sequence[QuerySet[Any]], most: int = FEW) -> list[int]:
    """How many rows each of these has, counted no further than one more than `most`. One statement."""
    compiled = [one.order_by()[: most + 1].query.sql_with_params() for one in sets]
    counts = ", ".join(
        f"(SELECT COUNT(*) FROM ({sql}) AS found{number})"  # noqa: S608 - the ORM's own SQL, values as parameters
        for number, (sql, _) in enumerate(compiled)
    )
    return list(_rows(sets[0].db, f"SELECT {counts}", [value for _, params in compiled for value in params])[0])


def _rows(database: str, sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connections[database].cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
