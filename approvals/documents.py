"""A packet as YAML or JSON, out and in. Pure. Reading refuses what it does not know: no key is ignored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import yaml

from approvals.content import TEAM, Content, Lines, Link, document, normal
from approvals.scope.grammar import LineErrors, parse
from approvals.vocabulary import RUN_FIELDS, Field, Level

MAX_BYTES = 262_144
MAX_DEPTH = 8
KEYS = (
    *("packet", "agent", "level", "parent", "owner", "backup_owner", "job", "human_approval_by", "identity"),
    *("run_record", "starts", "ends", "rollback", "links", "system", "run"),
    *("data_sources", "tools", "write_actions", "human_approval", "never"),
)
INSIDE = {
    "run_record": ("location", "retention_days"),
    "rollback": ("owner", "path"),
    "system": ("access_revoked", "when_wrong", "each_run_needs_packet"),
    "run": ("task", "files_read", "files_change", "commands", "look_at", "link"),
}


class DocumentError(ValueError):
    """The document cannot be read as a packet. The message names the key, or the line and column."""


class _StrictLoader(yaml.SafeLoader):
    """Plain data only: no aliases (a few bytes could become gigabytes), no duplicate keys, times stay text."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # its stub is incomplete
            raise DocumentError(f"Line {mark.line + 1}: anchors and aliases are not allowed. Write the value out.")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise DocumentError(f"Line {key_node.start_mark.line + 1}: a key has to be a word.")
            if key_node.value in seen:
                raise DocumentError(f"Line {key_node.start_mark.line + 1}: “{key_node.value}” stands twice. Keep one.")
            seen.add(key_node.value)
        return super().construct_mapping(node, deep)


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def to_yaml(content: Content) -> str:
    """The packet as YAML; reading it back gives an equal content."""
    return str(yaml.safe_dump(document(content), sort_keys=False, allow_unicode=True, width=110))


def to_json(content: Content) -> str:
    """The packet as JSON; reading it back gives an equal content."""
    return json.dumps(document(content), ensure_ascii=False, indent=2) + "\n"


@contextmanager
def _readable() -> Iterator[None]:
    """Whatever else a parser stumbles over becomes a DocumentError."""
    try:
        yield
    except RecursionError as error:
        raise DocumentError("The document is nested too deeply.") from error
    except DocumentError:
        raise
    except ValueError as error:  # a number of thousands of digits, say
        raise DocumentError("The document holds a value that no packet can hold.") from error


def from_yaml(raw: bytes | str) -> Content:
    """Read YAML. Raises DocumentError."""
    try:
        with _readable():
            return from_data(yaml.load(_text(raw), Loader=_StrictLoader))  # noqa: S506 - a SafeLoader, made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"Line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise DocumentError(f"{place}this is not YAML: {getattr(error, 'problem', None) or error}.") from error


def from_json(raw: bytes | str) -> Content:
    """Read JSON. Raises DocumentError."""
    with _readable():
        try:
            return from_data(json.loads(_text(raw), object_pairs_hook=_once, parse_constant=_no_constant))
        except json.JSONDecodeError as error:
            place = f"Line {error.lineno}, column {error.colno}"
            raise DocumentError(f"{place}: this is not JSON: {error.msg}.") from error


def _text(raw: bytes | str) -> str:
    if len(raw) > MAX_BYTES:
        raise DocumentError(f"The document is larger than {MAX_BYTES // 1024} kB. A packet is one page.")
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
    except UnicodeDecodeError as error:
        raise DocumentError(f"Byte {error.start + 1} is not UTF-8 text. Save the document as UTF-8.") from error
    return text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for key, value in pairs:
        if key in rows:
            raise DocumentError(f"“{key}” stands twice. Keep one.")
        rows[key] = value
    return rows


def _no_constant(word: str) -> Any:
    raise DocumentError(f"{word} is not a value a packet can hold.")


def from_data(data: Any) -> Content:
    """Build the content from plain data. Raises DocumentError naming the key."""
    _known(data, KEYS, "")
    if data.get("packet") != 1 or isinstance(data.get("packet"), bool):
        raise DocumentError("“packet: 1” has to be there: it says which form of document this is.")
    data = normal(data)
    level = _level(data)
    inside = {key: _inside(data, key) for key in INSIDE}
    return Content(
        agent=_word(data, "agent"),
        level=level,
        parent=_word(data, "parent"),
        owner=_word(data, "owner"),
        backup_owner=_word(data, "backup_owner"),
        job=_word(data, "job"),
        lines=_lines(data, inside["run"]),
        human_approval_by=_word(data, "human_approval_by") or TEAM,
        identity=_word(data, "identity"),
        run_record_location=_word(inside["run_record"], "location", "run_record."),
        retention_days=_days(inside["run_record"].get("retention_days")),
        starts=_moment(data, "starts"),
        ends=_moment(data, "ends"),
        rollback_owner=_word(inside["rollback"], "owner", "rollback."),
        rollback_path=_word(inside["rollback"], "path", "rollback."),
        links=tuple(_link(item) for item in _list(data, "links")),
        access_revoked=_word(inside["system"], "access_revoked", "system."),
        when_wrong=_word(inside["system"], "when_wrong", "system."),
        each_run_needs_packet=_flag(inside["system"], "each_run_needs_packet"),
        task=_word(inside["run"], "task", "run."),
        look_at=_word(inside["run"], "look_at", "run."),
        run_link=_word(inside["run"], "link", "run."),
    )


def _known(data: Any, keys: tuple[str, ...] | list[str], where: str) -> None:
    if not isinstance(data, dict):
        raise DocumentError(f"{where or 'The document'} has to be a list of keys and values.")
    for key in data:
        if key not in keys:
            raise DocumentError(f"“{key}” is not a key of {where or 'a packet'}. Known are: {', '.join(keys)}.")


def _level(data: dict[str, Any]) -> Level:
    level = data.get("level", "system")
    if level not in list(Level):
        raise DocumentError("“level” is either “system” or “run”.")
    other = "run" if level == "system" else "system"
    if data.get(other):
        raise DocumentError(f"“{other}” is not a key of a {level} packet.")
    return Level(level)


def _inside(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key) or {}
    _known(value, INSIDE[key], f"“{key}”")
    return dict(value)


def _word(data: dict[str, Any], key: str, where: str = "") -> str:
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DocumentError(f"“{where}{key}” has to be text. Put it in quotes.")
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise DocumentError(f"“{where}{key}” holds a character that is not text. Type it again.")
    return value.strip()


def _flag(data: dict[str, Any], key: str) -> bool:
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise DocumentError(f"“{key}” is either true or false.")
    return value


def _days(value: Any) -> int | None:
    if value is not None and (type(value) is not int or not 0 < value <= 36_500):
        raise DocumentError("“run_record.retention_days” is a whole number of days from 1 to 36500.")
    return value


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key) or []
    if not isinstance(value, list):
        raise DocumentError(f"“{key}” has to be a list.")
    return value


def _link(item: Any) -> Link:
    _known(item, ("url", "sha256"), "“links”")
    return Link(_word(item, "url", "links."), _word(item, "sha256", "links."))


def _lines(data: dict[str, Any], run: dict[str, Any]) -> Lines:
    rows = {place: _parsed(run if place in RUN_FIELDS else data, place) for place in Field}
    return {place: lines for place, lines in rows.items() if lines}


def _parsed(data: dict[str, Any], place: Field) -> tuple[Any, ...]:
    value = data.get(place.value) or []
    if isinstance(value, list):
        if not all(isinstance(item, str) and "\n" not in item for item in value):
            raise DocumentError(f"“{place.value}” has to be a list of lines, each a text of its own.")
        value = "\n".join(value)
    if not isinstance(value, str):
        raise DocumentError(f"“{place.value}” has to be a list of lines.")
    try:
        return parse(value)
    except LineErrors as errors:
        first = errors.errors[0]
        raise DocumentError(f"“{place.value}”, line {first.line}, column {first.column}: {first.message}") from errors


def _moment(data: dict[str, Any], key: str) -> datetime | None:
    return moment(_word(data, key), f"“{key}”")


def moment(typed: str, where: str, error: Callable[[str], Exception] = DocumentError) -> datetime | None:
    """An instant from text: RFC 3339 with an offset, or a bare date, which means 00:00 UTC of that day."""
    if not typed:
        return None
    try:
        if len(typed) <= 10:
            typed = f"{date.fromisoformat(typed)}T00:00:00Z"
        read = datetime.fromisoformat(typed)
        if not 2000 <= read.year < 2200:  # what is shown in any zone stays inside the calendar
            raise ValueError(typed)
    except ValueError as cause:
        raise error(f"{where} has to be a date such as 2027-02-26, or a time such as 2027-02-26T12:00:00Z.") from cause
    if read.tzinfo is None:
        raise error(f"{where} has no time zone. Write 2027-02-26T12:00:00Z for UTC.")
    return read.astimezone(UTC).replace(microsecond=0)
