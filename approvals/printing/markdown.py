"""A paper as GitHub-flavoured Markdown for a pull request, compact. What people wrote stays text.

A punctuation mark of theirs that could begin something gets a backslash (CommonMark 0.31, 2.4). That is not enough
for what GitHub makes of the finished text: mentions, references, addresses, emoji names and formulas. A word that
could become one stands in a code span, where none of these is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from approvals.printing.paper import Entry, Paper, Signature
from approvals.scope.grammar import Line
from approvals.telling import moment_text, visible

PUNCTUATION = re.compile(r"([\\`*_\[\]#<>&~|])")
LIST_OR_RULE = re.compile(r"(\d*)([-+=.)])")  # at the beginning of a line
COMES_ALIVE = re.compile(
    r"@|://|www\.|mailto:|xmpp:|#\d|GH-\d|[0-9a-f]{7}|\$|:\d{3,}:|:[a-z0-9_]*[a-z+-][a-z0-9_+-]*:", re.IGNORECASE
)
AROUND = re.compile(r"([“‘]*)(.+?)([,.;”’]*)", re.DOTALL)  # quotation marks and stops stay outside the span
TICKS = re.compile(r"`+")


def markdown(paper: Paper) -> str:
    """The whole text, ending in a line break."""
    parts = [
        f"### {plain(paper.name)}: {plain(paper.heading)}",
        f"**{plain(paper.as_of)}**",
        *(plain(remark) for remark in paper.remarks if remark),
        " · ".join(plain(one) for one in paper.about),
        "\n".join(f"{at}. {_entry(entry, ' ' * len(f'{at}. '))}" for at, entry in enumerate(paper.ten, 1)),
        "\n".join(f"- {_entry(entry, '  ')}" for entry in paper.extras if entry.label != "Content digest"),
        *_accepted(paper),
        "**Signatures**",
        "\n".join([*(f"- {plain(one)}" for one in paper.needed), *map(_signature, paper.signatures)]),
        f"SHA-256 of the signed content: {code(paper.digest)}"
        if paper.digest
        else "No content digest: this is a draft.",
        f"[{plain(paper.name)} in Agent Approvals](<{paper.url}>) says how it stands now.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _accepted(paper: Paper) -> Iterator[str]:
    """The findings somebody took on, with who, when and why."""
    taken = [one for one in paper.findings if one.accepted]
    if taken:
        yield "**Findings accepted**"
        yield "\n".join(f"- {plain(f'{one.line} {one.sentence} {one.accepted}'.strip())}" for one in taken)


def plain(text: str) -> str:
    """One line of text that renders as itself and as nothing else, wherever in a line it stands."""
    words = [_word(word) for word in visible(" ".join(text.split())).split(" ")]
    return LIST_OR_RULE.sub(r"\1\\\2", " ".join(words), count=1) if LIST_OR_RULE.match(words[0]) else " ".join(words)


def _word(word: str) -> str:
    if not COMES_ALIVE.search(word):
        return PUNCTUATION.sub(r"\\\1", word)
    before, kept, after = AROUND.fullmatch(word).groups()  # type: ignore[union-attr]  # every word matches
    return before + code(kept) + after


def code(text: str) -> str:
    """The text as one code span, whatever backticks are in it."""
    shown = visible(" ".join(text.split("\n")))
    fence = "`" * (max((len(run) for run in TICKS.findall(shown)), default=0) + 1)
    padded = f" {shown} " if shown[:1] in ("`", " ") or shown[-1:] in ("`", " ") else shown
    return f"{fence}{padded}{fence}"


def quote(text: str, indent: str = "") -> str:
    """A text of several lines as a block quote, its line ends kept."""
    lines = [plain(line) for line in text.strip().split("\n")]
    ended = [f"{line}\\" if line and after else line for line, after in zip(lines, [*lines[1:], ""], strict=True)]
    return "\n".join(f"{indent}> {line}".rstrip() for line in ended)


def _entry(entry: Entry, indent: str) -> str:
    head = f"**{entry.label}**"
    if entry.text and entry.mono:
        return f"{head}: {code(entry.text)}"
    if "\n" in entry.text.strip():
        return f"{head}:\n\n{quote(entry.text, indent)}\n"
    if entry.text and not entry.became:
        return f"{head}: {plain(entry.text)}"
    note = f" ({plain(entry.note)})" if entry.note else ""
    rows = [*map(_line, entry.lines), *(f"{code(one.text)} ({plain(one.words)})" for one in entry.became)]
    return f"{head}{note}:\n" + "\n".join(f"{indent}- {row}" for row in rows)


def _line(line: Line) -> str:
    """The line whole, in a code span, with its note."""
    return code(str(line)) + (f" {plain(line.note)}" if line.note else "")


def _signature(one: Signature) -> str:
    said = f"- **{plain(one.name)}** {plain(f'{one.past} {moment_text(one.at)}. {one.role} {one.note}'.strip())}"
    reason = f"\n\n{quote(one.reason, '  ')}\n" if one.reason.strip() else ""
    return f"{said}{reason}"
