"""How text, links and instants are told to people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals import telling

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("git\u200bdiff", "git[U+200B]diff"),
        ("\u202egnp.exe", "[U+202E]gnp.exe"),
        ("a\u2066b\u2069", "a[U+2066]b[U+2069]"),
        ("bell\x07nul\x00", "bell[U+0007]nul[U+0000]"),
        ("soft\u00adhyphen", "soft[U+00AD]hyphen"),
        ("\ufeffstart", "[U+FEFF]start"),
        ("tag\U000e0041", "tag[U+E0041]"),
        ("blank\u2800\u3164", "blank[U+2800][U+3164]"),
        ("wide\u2003space", "wide[U+2003]space"),
        ("lone\rreturn", "lone[U+000D]return"),
    ],
)
def test_what_nobody_can_see_is_shown_by_its_number(text: str, shown: str) -> None:
    assert telling.visible(text) == shown


@pytest.mark.parametrize("text", ["one\ntwo\tthree", "Grüße, 日本語, שלום", "trois\u00a0: oui", "100 €"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert telling.visible(text) == text


def test_a_line_end_of_windows_is_a_line_end() -> None:
    assert telling.visible("one\r\ntwo") == "one\ntwo"
    assert telling.visible(None) == ""


@given(st.text())
def test_visible_text_needs_no_second_look(text: str) -> None:
    once = telling.visible(text)
    assert telling.visible(once) == once


@pytest.mark.parametrize("url", ["https://logs.example/a?b=c#d", "http://127.0.0.1:8000/", "HTTPS://Example.org"])
def test_an_address_of_the_web_may_be_a_link(url: str) -> None:
    assert telling.outside_link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", " JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x",
        "file:///etc/passwd", "//example.org/a", "/relative", "https:", "https://", "https://good.example@bad.example/",
        "https://a.example/\u202egpj", "https://[::1", "https:\\\\a.example", "https://a.example/a b", "", None,
    ],
)  # fmt: skip
def test_any_other_address_is_only_text(url: str | None) -> None:
    assert telling.outside_link(url) is None


def test_a_moment_is_told_in_utc_with_its_weekday() -> None:
    assert telling.moment_text(NOON) == "Mon 30 Nov 2026 12:00 UTC"
    assert telling.moment_text(datetime.fromisoformat("2026-12-01T01:30:00+02:00")) == "Mon 30 Nov 2026 23:30 UTC"


def test_the_year_is_told_when_it_is_another_one() -> None:
    assert telling.short_text(NOON, NOON) == "30 Nov 12:00 UTC"
    assert telling.short_text(NOON, datetime(2027, 1, 1, tzinfo=UTC)) == "30 Nov 2026 12:00 UTC"


@pytest.mark.parametrize(
    ("zone", "hour", "local"),
    [
        ("Europe/Berlin", 12, "13:00"),
        ("Europe/Berlin", 23, "Tue 1 Dec 00:00"),
        ("America/New_York", 3, "Sun 29 Nov 22:00"),
        ("Asia/Kolkata", 12, "17:30"),
        ("UTC", 12, ""),
        ("Europe/London", 12, ""),
        (None, 12, ""),
        ("Mars/Olympus", 12, ""),
        ("../../etc/passwd", 12, ""),
    ],
)
def test_the_readers_own_clock_stands_beside(zone: str | None, hour: int, local: str) -> None:
    assert telling.local_text(NOON.replace(hour=hour), zone) == local


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=59), "in less than a minute"),
        (timedelta(seconds=-1), "just now"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(minutes=59, seconds=40), "in 1 hour"),
        (timedelta(hours=-3), "3 hours ago"),
        (timedelta(hours=47), "in 47 hours"),
        (timedelta(hours=47, minutes=59), "in 2 days"),
        (timedelta(days=7), "in 7 days"),
        (timedelta(days=6, hours=23, minutes=59), "in 7 days"),
        (timedelta(days=-97), "97 days ago"),
        (timedelta(days=3650), "in 10 years"),
    ],
)
def test_how_far_away_a_moment_is(away: timedelta, words: str) -> None:
    assert telling.relative_text(NOON + away, NOON) == words
