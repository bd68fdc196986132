"""One part of a shell command, and why a line for one program may not cover it."""

from __future__ import annotations

from dataclasses import dataclass

from approvals.scope.programs import (
    NEVER_BY_WILDCARD,
    RESERVED,
    SAFE_ENVIRONMENT,
    UNSEEN,
    name_of,
    second_program,
    unwrapped,
)
from approvals.scope.shell_words import Unreadable


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a command. `kind` is "run", "write" (a file) or "read" (a file)."""

    kind: str
    text: str  # what a line is compared with: no wrapper, no harmless assignment, one space between words
    raw: str = ""  # as typed
    words: tuple[str, ...] = ()  # values, wrappers included, assignments not
    only_exact: str = ""  # why no line with a wildcard covers it
    only_whole: str = ""  # why only a line for the whole tool covers it


def command_part(
    raw: list[str], words: tuple[str, ...], environment: list[tuple[str, str | None]], whole: str, typed: str
) -> Part:
    """The part for one simple command: `raw` and `words` run in step, `environment` holds what is set before it."""
    if not words:
        raise Unreadable("A part of this command has no program.")
    if words[0] in RESERVED:
        raise Unreadable(f"The word {words[0]!r} stands where it cannot be read with certainty.")
    exact = "" if all(name in SAFE_ENVIRONMENT for _, name in environment) else "It sets a variable before the command."
    place, appended = 0, ""
    while taken := unwrapped(words[place:]):
        appended = f" {UNSEEN}" if words[place] == "xargs" else appended
        place += taken
    if taken is None:
        exact = f"It runs its command through {words[place]} in a way no line with a wildcard covers."
    inner = words[place:] + ((UNSEEN,) if appended else ())
    name = name_of(inner)
    if UNSEEN in inner[0] or inner[0].startswith("~") or not inner[0]:
        whole = whole or "Which program it runs cannot be seen before it runs."
    elif name in NEVER_BY_WILDCARD:
        exact = exact or f"{name} runs or changes other commands, so no line with a wildcard covers it."
    elif option := second_program(inner):
        exact = (
            exact
            or f"With {option!r}, {name} can run another program or write a file, so no line with a wildcard covers it."
        )
    return Part("run", " ".join(raw[place:]) + appended, typed.strip(), words, exact, whole)
