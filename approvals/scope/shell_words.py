"""One word of a shell command: its value as the shell will see it, as far as it can be seen.

What is expanded when the command runs (variables, substitutions, patterns of file names, braces) becomes UNSEEN.
Anything the grammar names and this module does not know is refused: a word is read with certainty or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tree_sitter import Node

from approvals.scope.programs import UNSEEN


class Unreadable(ValueError):
    """The question cannot be read with certainty, so its answer is no. The text is a full sentence."""


class OnlyWhole(Exception):
    """A word no line for one program may cover; only a line for the whole tool does."""


# Fixed patterns of ours; each character is looked at once.
PLAIN_VARIABLE = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@#?$!*-]|\{[A-Za-z_][A-Za-z0-9_]*\})\Z")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
ESCAPED_IN_STRING = re.compile(r"\\([\"$`\\\n])")
META = frozenset(";&|<>()$`'\" \t\n")
PATTERN = frozenset("*?[{")

Visit = Callable[[Node], None]


def source(node: Node) -> str:
    """The text of a node."""
    return (node.text or b"").decode("utf-8")


def value(node: Node, inside: Visit) -> str:
    """The word's value. Commands found in it (substitutions) are handed to `inside`."""
    match node.type:
        case "word" | "number" | "file_descriptor":
            return _bare(source(node))
        case "raw_string":
            return _raw(source(node))
        case "string":
            return "".join(_in_string(child, inside) for child in node.children[1:-1])
        case "ansi_c_string":
            return UNSEEN
        case "simple_expansion" | "expansion":
            return _variable(source(node))
        case "command_substitution" | "process_substitution":
            return _substitution(node, inside)
        case "concatenation":
            return _joined(node, inside)
        case "brace_expression":
            return UNSEEN
        case "arithmetic_expansion":
            raise OnlyWhole("It holds arithmetic, which the shell may expand into anything.")
    raise Unreadable(f"The shell word {source(node)[:40]!r} cannot be read with certainty.")


def _bare(text: str) -> str:
    """A word without quotes. Unescaped metacharacters mean that the grammar and the shell disagree."""
    plain = ESCAPED.sub("", text)
    if META & set(plain) or plain.endswith("\\"):
        raise Unreadable(f"The shell word {text[:40]!r} cannot be read with certainty.")
    if PATTERN & set(plain) and text != "{}":
        return _up_to_pattern(text)
    return ESCAPED.sub(lambda m: "" if m.group(1) == "\n" else m.group(1), text)


def _up_to_pattern(text: str) -> str:
    """What stands before the first pattern character, then UNSEEN: the shell puts file names there."""
    shown: list[str] = []
    characters = iter(text)
    for character in characters:
        if character in PATTERN:
            break
        shown.append(next(characters, "") if character == "\\" else character)
    return "".join(shown) + UNSEEN


def _raw(text: str) -> str:
    if len(text) < 2 or text[0] != "'" or text[-1] != "'" or "'" in text[1:-1]:
        raise Unreadable("A quoted text in this command cannot be read with certainty.")
    return text[1:-1]


def _in_string(node: Node, inside: Visit) -> str:
    if node.type == "string_content":
        text = source(node)
        plain = ESCAPED.sub("", text)
        if "`" in plain or '"' in plain or any(start in plain for start in ("$(", "${", "$[")):
            raise Unreadable("A quoted text in this command cannot be read with certainty.")
        return ESCAPED_IN_STRING.sub(lambda m: "" if m.group(1) == "\n" else m.group(1), text)
    if node.type == "$":
        return "$"
    return value(node, inside)


def _variable(text: str) -> str:
    if not PLAIN_VARIABLE.match(text):
        raise OnlyWhole("It expands a variable in a way that can run a command or change it.")
    return UNSEEN


def _substitution(node: Node, inside: Visit) -> str:
    if source(node).startswith("`") and "\\" in source(node):
        raise Unreadable("Backquotes with a backslash inside cannot be read with certainty.")
    for child in node.named_children:
        inside(child)
    for child in node.children:
        if not child.is_named and child.type not in SUBSTITUTION_MARKS:
            raise Unreadable(f"A substitution holds {child.type!r}, which cannot be read with certainty.")
    return UNSEEN


SUBSTITUTION_MARKS = frozenset({"$(", "`", "<(", ">(", ")", ";", "&", "\n"})


def _joined(node: Node, inside: Visit) -> str:
    if source(node) == "{}":
        return "{}"
    return "".join(_part(child, inside) for child in node.children)


def _part(node: Node, inside: Visit) -> str:
    if not node.is_named:
        if node.type == "$":
            return UNSEEN
        raise Unreadable(f"The shell word holds {node.type!r}, which cannot be read with certainty.")
    return value(node, inside)


def leaves(root: Node) -> Iterator[Node]:
    """Every node without children, in order; no recursion, so that deep nesting is no danger."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.child_count:
            stack.extend(reversed(node.children))
        else:
            yield node
