"""A log line stays one line and holds no secret."""

from __future__ import annotations

import logging

from portal.logs import OneLine


def line(message: str, *args: object, **extra: object) -> str:
    record = logging.makeLogRecord({"msg": message, "args": args, "levelname": "INFO", "name": "portal", **extra})
    return OneLine(["the-secret-key", "word", ""]).format(record)


def test_a_visitor_cannot_forge_a_second_line() -> None:
    written = line("Not found: %s", "/a\r\n2026-11-23 INFO portal: all is well\u2028\x1b[2J\u202e")
    assert len(written.splitlines()) == 1
    assert r"/a\r\n2026" in written
    assert r"\x1b[2J\u202e" in written


def test_a_secret_is_left_out() -> None:
    assert line("key=%s", "the-secret-key").endswith("key=[secret]")


def test_what_extra_adds_is_written() -> None:
    assert line("version was not expired", version=7, code="stale").endswith("version=7 code=stale")


def test_a_traceback_is_one_line_too() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError as error:
        written = line("failed", exc_info=(ValueError, error, error.__traceback__))
    assert len(written.splitlines()) == 1
    assert r"first\nsecond" in written
