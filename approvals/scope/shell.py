"""A shell command, read by a real grammar into parts. A command is allowed only when every part of it is.

A part is one simple command, one file a redirection writes or reads, or a construct (loop, function, …) that no line
for one program may cover. The grammar's reading is checked a second time: each byte must belong to a word or an
operator this module knows, so that where grammar and shell might disagree, the answer is "cannot be read": a no.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from approvals.scope.characters import EMOJI_STYLE, is_refused, named
from approvals.scope.programs import UNSEEN
from approvals.scope.shell_heredoc import is_certain
from approvals.scope.shell_part import Part, command_part
from approvals.scope.shell_words import OnlyWhole, Unreadable, leaves, source, value

MAX_COMMAND = 10_000
MAX_PARTS = 50
MAX_DEPTH = 40
BASH = Language(tree_sitter_bash.language())

GROUPS = frozenset({"program", "list", "pipeline", "subshell", "compound_statement", "negated_command"})
MARKS = frozenset({";", "&", "&&", "||", "|", "|&", "(", ")", "{", "}", "!", "\n"})
WRITES = frozenset({">", ">>", ">|", "&>", "&>>", ">&"})
CLOSES = frozenset({">&-", "<&-"})
HARMLESS_FILES = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/stdin", "/dev/tty"})
MOVES = frozenset({"cd", "pushd", "popd"})
REDIRECTS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})
CONSTRUCTS = {
    "if_statement": "a condition",
    "for_statement": "a loop",
    "c_style_for_statement": "a loop",
    "while_statement": "a loop",
    "case_statement": "a condition",
    "function_definition": "a function",
    "test_command": "a test",
    "declaration_command": "a change of variables",
    "unset_command": "a change of variables",
    "variable_assignment": "a change of variables",
    "variable_assignments": "a change of variables",
}


@dataclass(slots=True)
class _Reader:
    data: bytes
    parts: list[Part] = field(default_factory=list)
    heredocs: int = 0
    depth: int = 0

    def add(self, part: Part) -> None:
        self.parts.append(part)
        if len(self.parts) > MAX_PARTS:
            raise Unreadable(f"This command has more than {MAX_PARTS} parts. Run it in smaller steps.")

    def visit(self, node: Node) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("This command is nested too deeply to be read.")
        if node.type in GROUPS:
            self._children(node)
        elif node.type == "command":
            self._command(node, ())
        elif node.type == "redirected_statement":
            self._redirected(node)
        elif node.type == "file_redirect":
            self._no_words(self._file(node))
        elif node.type in CONSTRUCTS:
            self._construct(node)
        elif node.type == "comment":
            self._comment(node)
        else:
            raise Unreadable(f"This command holds {source(node)[:40]!r}, which cannot be read with certainty.")
        self.depth -= 1

    def _children(self, node: Node) -> None:
        opens = source(node)[1:2] in (" ", "\t", "\n") and node.named_children
        if node.type == "compound_statement" and not opens:
            raise Unreadable("A brace in this command cannot be read with certainty.")
        for child in node.children:
            if child.is_named:
                self.visit(child)
            elif child.type not in MARKS:
                raise Unreadable(f"This command holds {child.type!r} where it cannot be read with certainty.")

    def _comment(self, node: Node) -> None:
        before = self.data[node.start_byte - 1 : node.start_byte]
        after = self.data[node.end_byte : node.end_byte + 1]
        if before not in (b"", b" ", b"\t", b"\n", b";") or b"\n" in (node.text or b"") or after not in (b"", b"\n"):
            raise Unreadable("A remark in this command cannot be read with certainty.")

    def _construct(self, node: Node) -> None:
        """Only the whole tool covers it; its commands are still looked at one by one, for lines that forbid."""
        raw = " ".join(source(node).split())
        self.add(
            Part("run", raw, raw, only_whole=f"It holds {CONSTRUCTS[node.type]}, which no line for one program covers.")
        )
        stack = list(node.children)
        while stack:
            child = stack.pop()
            if child.type in ("command", "redirected_statement"):
                self.visit(child)
            else:
                stack.extend(child.children)

    def _redirected(self, node: Node) -> None:
        self._check_words(node)
        body = node.child_by_field_name("body")
        extra: list[tuple[str, str]] = []
        for child in node.children:
            if child == body:
                continue
            extra.extend(self._redirect(child))
        if body is not None and body.type == "command":
            self._command(body, tuple(extra), source(node))
        elif extra:
            raise Unreadable("Words follow a redirection where they cannot be read with certainty.")
        elif body is not None:
            self.visit(body)

    def _value(self, node: Node) -> str:
        try:
            return value(node, self.visit)
        except OnlyWhole as reason:
            raise Unreadable(f"A redirection cannot be read with certainty. {reason}") from reason

    def _check_descriptor(self, node: Node) -> None:
        """The grammar takes some words that end in a digit for a number."""
        first = node.children[0]
        if first.type == "file_descriptor" and not source(first).isdecimal():
            raise Unreadable(f"The redirection {source(node)[:40]!r} cannot be read with certainty.")

    def _redirect(self, node: Node) -> list[tuple[str, str]]:
        self._check_descriptor(node)
        """Handles one redirection; returns words (raw, value) that the grammar filed under it but the command gets."""
        if node.type == "file_redirect":
            return self._file(node)
        if node.type == "herestring_redirect":
            for child in node.named_children:
                if child.type != "file_descriptor":
                    self._value(child)
            return []
        if node.type == "heredoc_redirect":
            return self._heredoc(node)
        raise Unreadable(f"The redirection {source(node)[:40]!r} cannot be read with certainty.")

    def _file(self, node: Node) -> list[tuple[str, str]]:
        self._check_words(node)
        self._check_descriptor(node)
        operator = next((c.type for c in node.children if not c.is_named), "")
        targets = [c for c in node.named_children if c.type != "file_descriptor"]
        if operator in CLOSES:
            return [(source(t), self._value(t)) for t in targets]
        if operator not in WRITES | {"<", "<&"} or not targets:
            raise Unreadable(f"The redirection {source(node)[:40]!r} cannot be read with certainty.")
        first = self._value(targets[0])
        copies = operator in (">&", "<&") and (first.isdecimal() or first == "-")
        if not copies and first not in HARMLESS_FILES:
            hidden = "The file it names cannot be seen before it runs." if UNSEEN in first or not first else ""
            kind = "write" if operator in WRITES else "read"
            self.add(Part(kind, first.replace(UNSEEN, "…"), source(node), only_whole=hidden))
        return [(source(t), self._value(t)) for t in targets[1:]]

    def _heredoc(self, node: Node) -> list[tuple[str, str]]:
        self.heredocs += 1
        extra: list[tuple[str, str]] = []
        for child in node.children:
            if child.type in ("heredoc_start", "heredoc_body", "heredoc_end", "file_descriptor"):
                continue
            if child.type in GROUPS | {"command", "redirected_statement"}:
                self.visit(child)
            elif child.type == "file_redirect":
                extra.extend(self._file(child))
            elif child.is_named:
                extra.append((source(child), self._value(child)))
            elif child.type not in MARKS | {"<<", "<<-"}:
                raise Unreadable("The text after << cannot be read with certainty.")
        if self.heredocs > 1 or not is_certain(self.data, node):
            raise Unreadable("The text after << cannot be read with certainty. Quote its end mark, as in <<'EOF'.")
        return extra

    def _check_words(self, node: Node) -> None:
        """An unescaped line end ends a command, and without a space there is no new word, whatever the grammar says."""
        for before, child in zip(node.children, node.children[1:], strict=False):
            between = self.data[before.end_byte : child.start_byte]
            joined = before.is_named and child.is_named and not between
            number = child.child_count and child.children[0].type == "file_descriptor"
            if b"\n" in between.replace(b"\\\n", b"") or (joined and (number or child.type not in REDIRECTS)):
                raise Unreadable("Where a word of this command ends cannot be read with certainty.")

    def _command(self, node: Node, extra: tuple[tuple[str, str], ...], typed: str = "") -> None:
        self._check_words(node)
        raw, words, environment = [], [], []
        whole = ""
        more = list(extra)
        for child in node.children:
            try:
                if child.type == "variable_assignment":
                    environment.append((source(child), self._assignment(child)))
                elif child.type in ("file_redirect", "herestring_redirect", "heredoc_redirect"):
                    more.extend(self._redirect(child))
                else:
                    word = child.children[0] if child.type == "command_name" and child.child_count == 1 else child
                    words.append(UNSEEN if word.type == "$" else value(word, self.visit))
                    raw.append(source(child))
            except OnlyWhole as reason:
                whole = str(reason)
                words.append(UNSEEN)
                raw.append(source(child))
        raw.extend(r for r, _ in more)
        words.extend(v for _, v in more)
        self.add(command_part(raw, tuple(words), environment, whole, typed or source(node)))

    def _assignment(self, node: Node) -> str | None:
        """The name when the assignment is a harmless one with a value one can see, else None."""
        name, content = node.child_by_field_name("name"), node.child_by_field_name("value")
        seen = "" if content is None else value(content, self.visit)
        is_plain = name is not None and name.type == "variable_name" and source(node).startswith(f"{source(name)}=")
        return source(name) if name is not None and is_plain and UNSEEN not in seen else None

    def _no_words(self, extra: list[tuple[str, str]]) -> None:
        if extra:
            self._command_words(extra)

    def _command_words(self, extra: list[tuple[str, str]]) -> None:
        raw, words = [r for r, _ in extra], tuple(v for _, v in extra)
        self.add(command_part(raw, words, [], "", " ".join(raw)))


def parts_of(command: str) -> tuple[Part, ...]:
    """The parts of a command. Raises Unreadable with the reason when it cannot be read with certainty."""
    _check_text(command)
    data = command.encode("utf-8")
    root = Parser(BASH).parse(data).root_node
    if root.has_error:
        raise Unreadable("This is not a complete shell command, or not one that can be read.")
    _check_gaps(data, root)
    reader = _Reader(data)
    reader.visit(root)
    parts = tuple(_after_moves(reader.parts))
    if not any(parts):
        raise Unreadable("This text holds no command.")
    return parts


def _check_text(command: str) -> None:
    if len(command) > MAX_COMMAND:
        raise Unreadable(f"This command is longer than {MAX_COMMAND:,} characters.")
    for character in command:
        if is_refused(character) and character not in "\n\t" and character not in EMOJI_STYLE:
            raise Unreadable(f"This command holds {named(character)}, which a reader cannot see.")


def _check_gaps(data: bytes, root: Node) -> None:
    """Between the grammar's leaves may stand nothing but white space; an escaped line end needs some beside it."""
    place = 0
    for leaf in leaves(root):
        _check_gap(data[place : leaf.start_byte], place)
        place = max(place, leaf.end_byte)
    _check_gap(data[place:], place)


def _check_gap(gap: bytes, place: int) -> None:
    plain = gap.replace(b"\\\n", b"")
    continues = len(plain) < len(gap)
    if plain.strip(b" \t\n") or (continues and ((not plain and place) or b"\n" in plain)):
        raise Unreadable("A part of this command cannot be read with certainty.")


def _after_moves(parts: list[Part]) -> Iterator[Part]:
    """After a change of folder a relative file name could be anywhere."""
    moves = any(part.kind == "run" and MOVES & set(part.words[:3]) for part in parts)
    for part in parts:
        if moves and part.kind != "run" and not part.text.startswith(("/", "~/")):
            part = replace(
                part, only_whole="The command changes its folder first, so where this file lies cannot be seen."
            )
        yield part
