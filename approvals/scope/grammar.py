"""The scope grammar: text as people type it, read into canonical lines and written back.

    crm.customers                        a bare name: every use of it
    Bash(git diff *)                     a name and a method, up to the line's last ")"
    zendesk: get_ticket, search_*        short for zendesk(get_ticket) and zendesk(search_*)
    mcp__github__list_issues  # read     a note: "#" at line start or after a space outside parentheses

A *name* is ASCII, so that no look-alike letter can stand for another: it begins with a letter, a digit, "_", "*" or
"@" and goes on with those or any of ``- . / :``. Case is kept. A colon belongs to the name (``s3:GetObject``) unless a
space or the line's end follows it. A *method* is anything visible, in NFC; ``:*`` at its end is written `` *``, as
Claude Code means it, except in ``domain:*``. A line that is only a note is a remark to whoever edits the text: it is
not part of the scope and is dropped. Of equal lines the first stays. So ``parse(write(parse(text))) == parse(text)``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from approvals.scope.characters import first_refused, named

MAX_LINE = 1024
MAX_TEXT = 64 * 1024
MAX_LINES = 500

# Fixed patterns of ours, each a single character class: linear, and never built from what a user typed.
NAME_START = re.compile(r"[A-Za-z0-9_*@]")
NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_*@./:-]")


@dataclass(frozen=True, slots=True)
class Line:
    """One canonical line of the scope. `method` None is the bare target: every use of it."""

    target: str
    method: str | None = None
    note: str = ""

    def __str__(self) -> str:
        return self.target if self.method is None else f"{self.target}({self.method})"

    @property
    def key(self) -> tuple[str, str | None]:
        """What makes two lines the same line: everything but the note."""
        return self.target, self.method


class LineError(ValueError):
    """One place the text cannot be read: a full sentence, where (1-based), and what to write instead."""

    def __init__(self, message: str, line: int, column: int, remedy: str = "") -> None:
        self.message, self.line, self.column, self.remedy = message, line, column, remedy
        super().__init__(f"Line {line}, column {column}: {message} {remedy}".strip())


class LineErrors(ValueError):
    """Every error of one text."""

    def __init__(self, errors: tuple[LineError, ...]) -> None:
        self.errors = errors
        super().__init__("\n".join(str(error) for error in errors))


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read, each line with the number of the typed line it came from, and what could not."""

    lines: tuple[tuple[int, Line], ...]
    errors: tuple[LineError, ...]


def parse(text: str) -> tuple[Line, ...]:
    """The canonical lines of a text. Raises LineErrors with every error when one line cannot be read."""
    reading = read(text)
    if reading.errors:
        raise LineErrors(reading.errors)
    return tuple(line for _, line in reading.lines)


def parse_line(text: str) -> Line:
    """The one line of a text that must hold exactly one. Raises LineErrors."""
    lines = parse(text)
    if len(lines) != 1:
        raise LineErrors((LineError(f"One line was expected here, not {len(lines)}.", 1, 1),))
    return lines[0]


def read(text: str) -> Reading:
    """Read as much as can be read; for showing lines while a person types."""
    if len(text) > MAX_TEXT or len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT:
        return Reading((), (_too_much_text(),))
    lines: dict[tuple[str, str | None], tuple[int, Line]] = {}
    errors: list[LineError] = []
    for number, typed in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        try:
            for line in _read_line(unicodedata.normalize("NFC", typed.removesuffix("\r")), number):
                lines.setdefault(line.key, (number, line))
        except LineError as error:
            errors.append(error)
    found = tuple(lines.values())
    errors.extend(_over_limits(found))
    return Reading(found, tuple(errors))


def write(lines: Iterable[Line]) -> str:
    """The canonical text: one line each, with its note."""
    return "\n".join(_written(line) for line in lines)


def _written(line: Line) -> str:
    return f"{line}  # {line.note}" if line.note else str(line)


def _read_line(typed: str, number: int) -> Iterator[Line]:
    """The lines one typed line stands for: none, one, or one for each method of a list."""
    text = typed.replace("\t", " ")
    note_at = _note_start(text)
    if len(text) > MAX_LINE:
        raise _too_long(number)
    refused_at = first_refused(text, note_at)
    if refused_at is not None:
        raise _unseen(text[refused_at], number, refused_at)
    body, note = text[:note_at].rstrip(), text[note_at + 1 :].strip()
    start = len(body) - len(body.lstrip())
    for target, method in _read_body(body[start:], number, start) if body.strip() else ():
        line = Line(target, method, note)
        if len(_written(line)) > MAX_LINE:
            raise _too_long(number)
        yield line


def _note_start(text: str) -> int:
    """Where the note's "#" stands, or the length of the text."""
    depth = 0
    for place, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif character == "#" and depth == 0 and (place == 0 or text[place - 1] == " "):
            return place
    return len(text)


def _read_body(body: str, number: int, start: int) -> Iterator[tuple[str, str | None]]:
    """Target and method of a typed line without its note. `start` is the column it began at, 0-based."""
    opening, listed = body.find("("), _list_colon(body)
    if listed is not None and (opening < 0 or listed < opening):
        name = _name(body[:listed], number, start, body)
        yield from ((name, method) for method in _listed(body, listed, number, start))
    elif opening < 0:
        yield _name(body, number, start, body), None
    else:
        name = _name(body[:opening], number, start, body)
        yield name, _method(body, opening, number, start)


def _list_colon(body: str) -> int | None:
    """The colon that opens a list of methods: the first one before a space or at the end."""
    place = body.find(": ")
    if place < 0 and body.endswith(":"):
        place = len(body) - 1
    return None if place < 0 else place


def _name(name: str, number: int, start: int, body: str) -> str:
    if not name:
        raise LineError("This line has no name before the parenthesis.", number, start + 1, "Write Bash(git diff *).")
    place = _wrong_place(name)
    if place is None:
        return name
    character, column = name[place], start + place + 1
    if character == " ":
        raise LineError("This name has a space in it.", number, column, _instead_of_space(name, body))
    if character == ")":
        message = "This line closes a parenthesis that it never opened."
        raise LineError(message, number, column, "Remove it, or add the opening one.")
    verb = "begin with" if place == 0 else "hold"
    raise LineError(f"A name cannot {verb} {_shown(character)}.", number, column, _instead_of(body, character))


def _wrong_place(name: str) -> int | None:
    if not NAME_START.match(name):
        return 0
    wrong = NOT_IN_NAME.search(name)
    return None if wrong is None else wrong.start()


def _shown(character: str) -> str:
    return f"“{character}”" if character.isascii() else f"“{character}” ({named(character)})"


def _instead_of_space(name: str, body: str) -> str:
    if "(" in body:
        return f"Did you mean {name.split()[0]}{body[body.find('(') :]}?" if len(name.split()) == 1 else ""
    first, rest = name.split(" ", 1)
    guess = f"Bash({name})" if first.islower() else f"{first}({rest.strip()})"
    return f"Did you mean {guess}? A remark goes after a #."


def _instead_of(body: str, character: str) -> str:
    if character == "-":
        return f"Did you mean {body.lstrip('- ')}?"
    if character in "~/.":
        return f"For a file write Read({body}) or Edit({body})."
    if character == ",":
        return "Write one name on each line, or NAME: method, method with a space after the colon."
    return "A name is made of ASCII letters, digits and _ - . / : * @."


def _method(body: str, opening: int, number: int, start: int) -> str:
    closing = body.rfind(")")
    if closing < opening:
        raise LineError("This line has no closing parenthesis.", number, start + len(body) + 1, _closed(body))
    if closing != len(body) - 1:
        remedy = "A remark goes after a #. Parentheses inside a method must be in pairs when a remark follows."
        raise LineError("Text follows the closing parenthesis.", number, start + closing + 2, remedy)
    method = _canonical(body[opening + 1 : closing])
    if not method:
        remedy = f"Write {body[:opening]} alone to mean every use of it, or say which."
        raise LineError("Nothing stands between the parentheses.", number, start + opening + 2, remedy)
    return method


def _closed(body: str) -> str:
    kept, hash_sign, note = body.partition(" #")
    return f"Did you mean {kept.rstrip()}){'  #' + note if hash_sign else ''}?"


def _listed(body: str, colon: int, number: int, start: int) -> Iterator[str]:
    """The methods of NAME: m, m."""
    place = colon + 1
    for part in body[colon + 1 :].split(","):
        if "(" in part or ")" in part:
            remedy = "Write such a method on its own line, as NAME(METHOD)."
            raise LineError("A method in a list cannot hold a parenthesis.", number, start + place + 1, remedy)
        method = _canonical(part)
        if not method:
            remedy = f"Write {body[:colon]}: method, method, or {body[:colon]} alone to mean every use of it."
            raise LineError("A method is missing here.", number, start + place + 1, remedy)
        yield method
        place += len(part) + 1


def _canonical(method: str) -> str:
    method = method.strip()
    if method.endswith(":*") and method != "domain:*":
        method = f"{method[:-2].rstrip()} *".strip()
    return method


def _unseen(character: str, number: int, place: int) -> LineError:
    message = f"This line holds {named(character)}, which a reader cannot see."
    return LineError(message, number, place + 1, "Delete it, or type the line again.")


def _too_long(number: int) -> LineError:
    message = f"This line is longer than {MAX_LINE} characters."
    return LineError(message, number, MAX_LINE + 1, "Shorten it, or split it into several lines.")


def _too_much_text() -> LineError:
    return LineError(f"This text is longer than {MAX_TEXT // 1024} kB.", 1, 1, "Keep the lines this agent needs.")


def _over_limits(found: tuple[tuple[int, Line], ...]) -> Iterator[LineError]:
    """The limits hold for the canonical text too, so that what was read can be read again."""
    if len(found) > MAX_LINES:
        message = f"This text has more than {MAX_LINES} lines."
        yield LineError(message, found[MAX_LINES][0], 1, "Keep the lines this agent needs, or use a wildcard.")
    elif len(write(line for _, line in found).encode("utf-8", "surrogatepass")) > MAX_TEXT:
        yield _too_much_text()
