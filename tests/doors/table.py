"""The role table: what each role meets at each address, as people wrote it down in roles.txt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

FILE = Path(__file__).with_name("roles.txt")
CELLS = {"see", "again", "acts", "own", "turn", "shut", "sign-in", "no", "403", "404", "405"}
METHODS = {"GET": ["GET"], "POST": ["POST"], "BOTH": ["GET", "POST"]}
BRACES = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True)
class Table:
    """Cells by (method, address, state) and role. The state is empty for a row that holds in every state."""

    roles: tuple[str, ...]
    rows: dict[tuple[str, str, str], dict[str, str]]

    def expects(self, method: str, name: str, state: str, role: str) -> str:
        """What this role meets there. A method without a row is not allowed, whoever asks."""
        row = self.rows.get((method, name, state)) or self.rows.get((method, name, ""))
        if row is None:
            return "sign-in" if role == "nobody" and not self._is_public(name) else "405"
        return row[role]

    def _is_public(self, name: str) -> bool:
        """Whether some method of this address answers who is not signed in."""
        return any(row[self.roles[0]] != "sign-in" for (_, one, _), row in self.rows.items() if one == name)

    def names(self) -> set[str]:
        """The addresses that have a row."""
        return {name for _, name, _ in self.rows}


@cache
def table() -> Table:
    """The table as it stands in the file. Raises ValueError with the line that cannot be read."""
    return read(FILE.read_text(encoding="utf-8"))


def read(text: str) -> Table:
    """A table from its text: a line of roles, then rows of METHOD, address, perhaps state, and a cell a role."""
    roles: tuple[str, ...] = ()
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if not roles:
            roles = tuple(words)
            continue
        for key, cells in _row(words, len(roles), number):
            if key in rows:
                raise ValueError(f"roles.txt:{number} says again what {' '.join(key)} is.")
            rows[key] = dict(zip(roles, cells, strict=True))
    return Table(roles, rows)


def _row(words: list[str], width: int, number: int) -> Iterator[tuple[tuple[str, str, str], list[str]]]:
    method, names, *rest = words
    states = rest.pop(0).split(",") if rest[0].startswith("@") else [""]
    cells = rest if rest[-1] != "…" else rest[:-1] + [rest[-2]] * (width - len(rest) + 1)
    if method not in METHODS or len(cells) != width or not set(cells) <= CELLS:
        raise ValueError(
            f"roles.txt:{number} needs GET, POST or BOTH, an address, and {width} of {', '.join(sorted(CELLS))}."
        )
    for verb, name, state in product(METHODS[method], _spelt(names), states):
        yield (verb, name, state.removeprefix("@")), cells


def _spelt(names: str) -> list[str]:
    """a_{b,c}_d is a_b_d and a_c_d."""
    found = BRACES.search(names)
    if found is None:
        return [names]
    return [one for part in found[1].split(",") for one in _spelt(names.replace(found[0], part, 1))]
