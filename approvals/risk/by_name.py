"""What can be said of a line's name, and of words that are not what they look like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from approvals.risk.kinds import found
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line
from approvals.scope.matching import Placed, can_ever_match
from approvals.scope.tools import KNOWN_TOOLS, mcp_parts
from approvals.vocabulary import Field

# Tools whose name nobody gives to anything else.
TOOLS_TO_MIMIC = ("Bash", "PowerShell", "NotebookEdit", "MultiEdit", "WebFetch", "WebSearch")
# Signs and pairs of signs that are read as one another, and what both are reduced to.
ALIKE = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"))
SWAPS = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("1", "i"), ("l", "i"), ("5", "s"), ("-", "_"), ("-", "."))
KEY = re.compile(r"(?<![A-Za-z0-9+=_/-])[A-Za-z0-9+=_]{24,}(?![A-Za-z0-9+=_/-])")
ASSIGNED = re.compile(r"(?i)\b(?:password|passwd|secret|api[_-]?key|token)\s*[=:]\s*([^\s$<{*()\"',]{8,})")
SCRIPTS = ("CYRILLIC", "GREEK")
WORD = re.compile(r"\w+")


def any_page(field: Field, line: Line) -> list[Finding]:
    """Fetching without a host reads strangers' text."""
    if not fetches_any_page(line):
        return []
    sentence = "Reads any page, so it may follow a stranger's instructions."
    return [found("any_page", sentence, line=line, field=field)]


def fetches_any_page(line: Line) -> bool:
    """Whether the line fetches or searches without naming a host."""
    return line.target in ("WebFetch", "WebSearch") and line.method in (None, "", "*", "domain:*")


def whole_server(field: Field, line: Line) -> list[Finding]:
    """A whole tool server: tools it gains later are allowed too."""
    if not is_whole_server(line):
        return []
    sentence = "Allows every tool of the server, also those it gains later."
    return [found("whole_server", sentence, line=line, field=field)]


def is_whole_server(line: Line) -> bool:
    """Whether the line is an MCP server with all its tools."""
    parts = mcp_parts(line.target)
    return parts is not None and parts[1] in (None, "", "*")


def any_method(field: Field, line: Line) -> list[Finding]:
    """A write line that names no method allows every way of changing something."""
    named = line.target in KNOWN_TOOLS or mcp_parts(line.target) is not None
    one = line.method is not None and line.method.strip("* ")
    if field.counts_as is not Field.WRITE_ACTIONS or named or one or "." in line.target or not line.target.strip("*"):
        return []
    return [found("any_method", f"Allows everything {line.target} can change.", line=line, field=field)]


def wide_name(field: Field, line: Line) -> list[Finding]:
    """A name that ends in a wildcard takes in what is added later."""
    if "*" not in line.target or not line.target.strip("*") or mcp_parts(line.target) is not None:
        return []
    sentence = f"Allows everything whose name begins with {line.target.split('*', 1)[0]}, also what is added later."
    return [found("wide_name", sentence, line=line, field=field)]


def mimics_a_tool(field: Field, line: Line) -> list[Finding]:
    """A name that reads like a tool and is none: whoever signs it believes to have signed the tool."""
    alike = [tool for tool in TOOLS_TO_MIMIC if line.target != tool and plain(line.target) == plain(tool)]
    mcp = mcp_parts(line.target) is None and plain(line.target).startswith(("mcp-", "mcp--"))
    if not alike and not mcp:
        return []
    meant = alike[0] if alike else "an MCP tool, which begins with mcp__,"
    return [found("lookalike_name", f"Looks like {meant} and is not.", line=line, field=field)]


def dead(field: Field, line: Line) -> list[Finding]:
    """A line no check can ever match protects nobody and allows nothing."""
    why = can_ever_match(Placed(field, line))
    return [] if why is None else [found("never_bites", f"Declared, not checked: {why}", line=line, field=field)]


def mixed(field: Field, line: Line) -> list[Finding]:
    """A method in two scripts."""
    word = mixed_word(line.method or "")
    return [found("mixed_scripts", _mixed(word), line=line, field=field)] if word else []


def key_in_line(field: Field, line: Line) -> list[Finding]:
    """A line or its note that may hold a key. The value is not repeated in the sentence."""
    if not may_be_key(f"{line.method or ''} {line.note}"):
        return []
    return [found("looks_like_a_key", "Something in this line looks like a password or a key.", line=line, field=field)]


def plain(name: str) -> str:
    """A name with everything reduced that is read as something else."""
    name = name.lower().replace("_", "-").replace(".", "-")
    for sign, other in ALIKE:
        name = name.replace(sign, other)
    return name


def lookalikes(name: str) -> set[str]:
    """The names that differ from this one by one sign which is read as another; at most a few for each letter."""
    return set(_swapped(name)) - {name}


def _swapped(name: str) -> Iterator[str]:
    for pair in SWAPS:
        for sign, other in (pair, pair[::-1]):
            at = name.find(sign)
            while at >= 0:
                yield name[:at] + other + name[at + len(sign) :]
                at = name.find(sign, at + 1)


def mixed_word(text: str) -> str:
    """The first word that mixes Latin letters with Cyrillic or Greek ones; empty when there is none."""
    if text.isascii():
        return ""
    return next((word for word in WORD.findall(text) if _is_mixed(word)), "")


def _is_mixed(word: str) -> bool:
    names = [unicodedata.name(letter, "") for letter in word if letter.isalpha()]
    return any(name.startswith("LATIN") for name in names) and any(name.startswith(SCRIPTS) for name in names)


def _mixed(word: str) -> str:
    odd = [letter for letter in word if unicodedata.name(letter, "").startswith(SCRIPTS)]
    return f"“{word[:60]}” holds {unicodedata.name(odd[0]).lower()}, which looks like a Latin letter."


def mixed_texts(texts: Iterable[tuple[str, str]]) -> list[Finding]:
    """The same for the texts of a packet: label and text of each."""
    return [found("mixed_scripts", f"{label}: {_mixed(word)}") for label, text in texts if (word := mixed_word(text))]


def may_be_key(text: str) -> bool:
    """Whether a text looks like a key or password of no known form: long and random, or named as one."""
    return any(map(_is_random, KEY.findall(text))) or any(map(_is_random_enough, ASSIGNED.findall(text)))


def _is_random(word: str) -> bool:
    """Digits, small and capital letters all through: neither a digest, nor an identifier made of words."""
    counts = [sum(map(kind, word)) for kind in (str.isdigit, str.islower, str.isupper)]
    return min(counts) >= 3


def _is_random_enough(word: str) -> bool:
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word))


LOOKS: tuple[Callable[[Field, Line], list[Finding]], ...] = (
    any_page,
    whole_server,
    any_method,
    wide_name,
    mimics_a_tool,
    mixed,
    key_in_line,
    dead,
)
