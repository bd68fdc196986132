"""A text handed to a command by <<: where it ends is found a second time, by hand."""

from __future__ import annotations

from tree_sitter import Node

from approvals.scope.shell_words import source

EXPANDED = frozenset("$`\\")


def is_certain(data: bytes, node: Node) -> bool:
    """True when the end mark is where the grammar says, and the shell expands nothing in between."""
    by_type = {child.type: child for child in node.children}
    start, end, body = (by_type.get(name) for name in ("heredoc_start", "heredoc_end", "heredoc_body"))
    if start is None or end is None:
        return False
    mark = source(start)
    word = mark.strip("'\"")
    quoted = mark in (f"'{word}'", f'"{word}"')
    place = data.find(b"\n", start.end_byte) + 1
    if not word.replace("_", "").isalnum() or (mark != word and not quoted) or place == 0:
        return False
    if any(quote in data[start.end_byte : place] for quote in (b"'", b'"', b"\\", b"`")):
        return False
    text = data[place : end.start_byte].decode()
    begins_there = body is None or body.start_byte >= place
    return (
        begins_there and _ends_there(data, end, text, word, "<<-" in by_type) and (quoted or not EXPANDED & set(text))
    )


def _ends_there(data: bytes, end: Node, text: str, word: str, tabs: bool) -> bool:
    lines = [line.lstrip("\t") if tabs else line for line in text.split("\n")]
    last = data[end.start_byte :].split(b"\n", 1)[0].decode()
    alone = not lines[-1].strip("\t" if tabs else "")
    return alone and last == word and word not in lines
