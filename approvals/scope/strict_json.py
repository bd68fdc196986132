"""JSON from a stranger: one reading or none. Each refusal says where and what to do."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from approvals.scope.imported import ImportRefused, shown

MAX_BYTES = 1_000_000
MAX_DEPTH = 64


def read_object(raw: bytes) -> dict[str, Any]:
    """The object in the file. Raises ImportRefused."""
    if len(raw) > MAX_BYTES:
        size = f"{len(raw) / 1_000_000:.1f} MB"
        raise ImportRefused(f"This file has {size}; at most 1 MB is read.", "Choose the settings file itself.")
    text = _text(raw)
    _check_depth(text)
    found = _parsed(text)
    if not isinstance(found, dict):
        raise ImportRefused("This file does not hold a JSON object.", "It should begin with { and end with }.")
    return found


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"This file is not UTF-8 text (byte {error.start + 1} cannot be read)."
        raise ImportRefused(message, "Save it as UTF-8 and choose it again.") from error
    if not text.strip():
        raise ImportRefused("This file is empty.", "Choose the settings file itself.")
    return text


def _check_depth(text: str) -> None:
    """Counts open brackets outside strings before anything is parsed, so that no parser can be exhausted."""
    depth, in_string, escaped = 0, False, False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ImportRefused(f"This file is nested more than {MAX_DEPTH} levels deep.", "Remove the nesting.")
        elif character in "]}":
            depth -= 1


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_number, parse_float=_number
        )
    except json.JSONDecodeError as error:
        message = f"This file is not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        raise ImportRefused(message, "Correct it there and choose the file again.") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, content in pairs:
        if key in found:
            message = (
                f"The key “{shown(key)}” stands twice in the same object, and programs differ in which one counts."
            )
            raise ImportRefused(message, "Remove one of them.")
        found[key] = content
    return found


def _no_constant(name: str) -> NoReturn:
    raise ImportRefused(f"This file holds {name}, which is not a JSON value.", "Replace it by a number or by null.")


def _number(text: str) -> float:
    """Numbers are read roughly: no setting that matters here is one, and an endless one must not be computed."""
    return float(text[:40])
