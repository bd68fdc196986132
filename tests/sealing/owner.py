"""The owner of the database, who can drop triggers and write what he likes: one random edit after another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection, transaction

from audits.tree import leaf_hash
from tests.sealing.recording import run

EVENTS, LEAVES, SUBTREES, CHECKPOINTS = "approvals_event", "audits_leaf", "audits_subtree", "audits_checkpoint"
KEYS = {EVENTS: "id", LEAVES: "log_index", SUBTREES: "id", CHECKPOINTS: "size"}
SAYS_NOTHING = {(SUBTREES, "id")}  # a number that nothing refers to
Row = dict[str, Any]


@dataclass
class Owner:
    """What stands in the four tables, and what each reference could be instead."""

    draw: Random
    others: dict[str, list[int | None]]
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows = {table: _rows(table) for table in KEYS}

    @contextmanager
    def at_work(self) -> Iterator[str]:
        """One edit, which is put back; says what it was. A byte of an event, leaf or checkpoint names its index."""
        with transaction.atomic():
            yield self.draw.choice((self._value, self._value, self._value, self._gone, self._swapped, self._agreed))()
            transaction.set_rollback(True)

    def _value(self) -> str:
        """Another value in one column of one row: a byte of what is bytes, a character of what is text."""
        table = self.draw.choice([name for name, rows in self.rows.items() if rows])
        place, row = self._row(table)
        column = self.draw.choice([name for name in row if (table, name) not in SAYS_NOTHING])
        self._set(table, row, column, self._other(column, row[column]))
        named = {EVENTS: place, LEAVES: place}.get(table) if isinstance(row[column], bytes) else None
        return f"{table}.{column}" + ("" if named is None else f" at Index {named}:")

    def _gone(self) -> str:
        """A row that is there no more. An older checkpoint takes nothing with it: later ones are over the same."""
        table = self.draw.choice([name for name, rows in self.rows.items() if rows])
        row = self.rows[table][-1] if table == CHECKPOINTS else self._row(table)[1]
        run(f"DELETE FROM {table} WHERE {KEYS[table]} = %s", row[KEYS[table]])
        return f"{table} row gone"

    def _swapped(self) -> str:
        """Two events in each other's place: every byte is still there."""
        one, other = self.draw.sample(self.rows[EVENTS], 2)
        for column in [name for name in one if name != "id"]:
            self._set(EVENTS, one, column, other[column])
            self._set(EVENTS, other, column, one[column])
        return "two events swapped"

    def _agreed(self) -> str:
        """Another body, and the leaf made to agree with it."""
        place, row = self._row(EVENTS)
        body = row["body"].replace(b'"detail":{', b'"detail":{"also":%d,' % self.draw.randrange(10**6))
        self._set(EVENTS, row, "body", body)
        self._set(LEAVES, self.rows[LEAVES][place], "hash", leaf_hash(body))
        return "an event and its leaf"

    def _row(self, table: str) -> tuple[int, Row]:
        place = self.draw.randrange(len(self.rows[table]))
        return place, self.rows[table][place]

    def _set(self, table: str, row: Row, column: str, value: Any) -> None:
        run(f"UPDATE {table} SET {column} = %s WHERE {KEYS[table]} = %s", value, row[KEYS[table]])

    def _other(self, column: str, value: Any) -> Any:
        if column in self.others:
            return self.draw.choice([one for one in self.others[column] if one != value])
        match value:
            case bytes():
                at = self.draw.randrange(len(value))
                return bytes([*value[:at], value[at] ^ self.draw.randint(1, 255), *value[at + 1 :]])
            case datetime():
                return str(value + timedelta(microseconds=self.draw.choice((-1, 1)) * self.draw.randint(1, 10**12)))
            case int():  # a key nobody has: the database itself refuses two of the same
                return value + self.draw.choice((-1, 1)) * self.draw.randint(10**4, 10**6)
        at = self.draw.randrange(len(value) + 1)
        letters = [one for one in "abcXYZ019 /+=\n" if one != value[at : at + 1]]
        return f"{value[:at]}{self.draw.choice(letters)}{value[at + 1 :]}"


def _rows(table: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY {KEYS[table]}")
        names = [one[0] for one in cursor.description]
        plain = [[bytes(one) if isinstance(one, memoryview) else one for one in row] for row in cursor.fetchall()]
    return [dict(zip(names, row, strict=True)) for row in plain]
