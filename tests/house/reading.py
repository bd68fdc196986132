"""How the house rules read the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
PACKAGES = ("approvals", "audits", "portal")  # in the order in which they may import each other
LEFT_OUT = {".git", ".venv", ".tools", "data", "__pycache__", "node_modules"}


@dataclass(frozen=True)
class Module:
    """One Python file, parsed."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(HERE))

    @property
    def rooms(self) -> tuple[str, ...]:
        """("approvals", "scope", "grammar") for approvals/scope/grammar.py."""
        parts = self.path.relative_to(HERE).with_suffix("").parts
        return parts[:-1] if parts[-1] == "__init__" else parts

    @property
    def tree(self) -> ast.Module:
        return parsed(self.path)

    def imports(self) -> Iterator[tuple[ast.stmt, str]]:
        """Each import statement with each dotted name it asks for."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Each call of a method, with the method's name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node, node.func.attr


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def modules(*folders: str, migrations: bool = False) -> list[Module]:
    """Every Python file of these folders."""
    paths = sorted(path for folder in folders for path in (HERE / folder).rglob("*.py"))
    return [Module(path) for path in paths if migrations or "migrations" not in path.parts]


def files(*endings: str) -> list[Path]:
    """Every file that belongs to the project and ends so."""
    found = (path for path in HERE.rglob("*") if path.is_file() and path.name.endswith(endings))
    return sorted(path for path in found if not LEFT_OUT & set(path.relative_to(HERE).parts))


def loud(problems: list[str]) -> str:
    """The problems as the message of a failed assertion."""
    return "\n" + "\n".join(problems)
