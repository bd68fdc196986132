"""What can never be stored, and what a draft still lacks: each as a sentence at its input."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from approvals import validity
from approvals.completeness import MOST_LINKS, TEXTS, first_hidden, malformed, missing
from approvals.content import Content, Link
from approvals.scope.grammar import MAX_LINES, Line
from approvals.vocabulary import Field, Level
from tests.contents import content


def flawed(body: Content) -> set[str]:
    """The keys of the inputs with a flaw; each flaw is a full sentence."""
    flaws = malformed(body)
    assert all(flaw.message.endswith(".") and flaw.message[0].isupper() for flaw in flaws)
    return {flaw.key for flaw in flaws}


def test_a_good_content_has_no_flaw_and_lacks_nothing() -> None:
    assert not malformed(content())
    assert not missing(content(), validity.now())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *((key, "x" * (most + 1)) for key, most in TEXTS.items() if key != "run_link"),
        *(("job", f"Look here{character}there.") for character in "\u200b\u202e\u2066\x00\x1b\ufeff\ud800"),
        *((key, "name\u202e") for key in ("agent", "parent", "owner", "backup_owner", "rollback_owner")),
        *((key, "name\x00") for key in ("owner", "human_approval_by", "identity", "rollback_path")),
        ("owner", "x" * 151),
        ("retention_days", 0),
        ("retention_days", -5),
        ("retention_days", 10**12),
        ("run_record_location", "javascript:alert(1)"),
        ("run_record_location", "https://user:password@example.org/"),
        ("run_record_location", "https:///nowhere"),
        ("run_link", "ftp://example.org/"),
        ("run_link", "javascript:alert(1)"),
        ("identity", "AKIA" + "A" * 16),
        ("rollback_path", "Use ghp_" + "a" * 36),
        ("when_wrong", "-----BEGIN RSA PRIVATE KEY-----"),
    ],
)
def test_what_can_never_be_stored(key: str, value: Any) -> None:
    assert key in flawed(content(**{key: value}))


@pytest.mark.parametrize("key", ["run_record_location", "run_link"])
@pytest.mark.parametrize(
    "url",
    [
        "https://user@logs.example/", "https://:word@logs.example/", "https://@logs.example/", "ftp://logs.example/",
        "https://logs.example\\@127.0.0.1/", "https://logs.example/\\x", "https://logs.example\x00.evil.example/",
        "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://127.0.0.01/",
        "https://１２７.０.０.１.4/", "https://logs%2eexample/", "https://logs..example/", "https://[::1%25eth0]/",
        "https://logs.example:99999/", "https://logs.example:0/", "file:///var/log/x", "https:",
    ],
)  # fmt: skip
def test_ws_21_a_run_record_hides_no_user_name_and_no_number(key: str, url: str) -> None:
    """The portal never fetches one; it shows it, and people follow it."""
    level = Level.RUN if key == "run_link" else Level.SYSTEM
    assert key in flawed(content(level=level, **{key: url}))


@pytest.mark.parametrize(
    "place",
    [
        "https://logs.example.org:8443/sentry/?q={run}#last", "http://127.0.0.1:9000/", "https://bücher.example/é",
        "https://[2001:db8::1]/x", "s3 bucket, by day", "/var/log/agent/*.jsonl", "logs_1/x",
    ],
)  # fmt: skip
def test_a_plain_place_of_run_records_is_taken(place: str) -> None:
    assert "run_record_location" not in flawed(content(run_record_location=place))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "//example.org", "https://", "https://a b", "https://u@example.org/", "data:text/html,x",
        "https://example.org/\u202e", "https://example.org/\x00", "https://[broken", "https://e.org/" + "x" * 1000, "",
    ],
)  # fmt: skip
def test_a_link_that_is_no_link(url: str) -> None:
    assert flawed(content(links=(Link(url),))) == {"links"}


def test_a_link_may_name_its_digest() -> None:
    assert not malformed(content(links=(Link("https://example.org/", "a" * 64),)))
    for wrong in ("a" * 63, "A" * 64, "g" * 64):
        assert flawed(content(links=(Link("https://example.org/", wrong),))) == {"links"}
    assert flawed(content(links=(Link("https://example.org/"),) * (MOST_LINKS + 1))) == {"links"}


def test_a_secret_in_the_note_of_a_line_is_refused_too() -> None:
    assert flawed(content(data_sources=f"crm.customers  # ghp_{'b' * 36}")) == {"data_sources"}


def test_a_secret_in_a_line_is_not_repeated_in_the_message() -> None:
    secret = "ghp_" + "b" * 36
    flaws = malformed(content(tools=f"Bash(curl -H {secret} *)"))
    assert [flaw.key for flaw in flaws] == ["tools"]
    assert secret not in flaws[0].message


def test_lines_of_a_run_belong_to_the_packet_of_a_run() -> None:
    for field in (Field.FILES_READ, Field.FILES_CHANGE, Field.COMMANDS):
        lines = {field: (Line("Bash", "ls"),)}
        assert flawed(Content(lines=lines)) == {field.value}
        assert not flawed(Content(level=Level.RUN, lines=lines))


def test_a_packet_has_no_more_lines_than_a_text() -> None:
    lines = tuple(Line("Bash", f"echo {number}") for number in range(MAX_LINES))
    assert not malformed(Content(lines={Field.TOOLS: lines}))
    assert malformed(Content(lines={Field.TOOLS: lines, Field.NEVER: lines[:1]}))


def test_the_start_is_before_the_end() -> None:
    end = validity.now() + timedelta(days=9)
    assert flawed(content(starts=end, ends=end)) == {"starts"}
    assert not malformed(content(starts=end - timedelta(seconds=1), ends=end))


def test_text_of_every_script_is_welcome() -> None:
    for text in (
        "Größe prüfen.",
        "يراجع الأخطاء الجديدة.",
        "新しいエラーを調べる。",
        "Fix it 👩‍💻 today.",
        "a\tb\r\nc",
    ):
        assert first_hidden(text) == ""
        assert not malformed(content(job=text))


def test_what_a_run_lacks_is_not_what_a_system_packet_lacks() -> None:
    now = validity.now()
    system = {flaw.key for flaw in missing(Content(), now)}
    run = {flaw.key for flaw in missing(Content(level=Level.RUN), now)}
    assert system - run == {"access_revoked", "when_wrong"}
    assert run - system == {"task", "look_at"}
    assert "tools" in system & run


def test_a_line_that_only_forbids_is_no_line_that_allows() -> None:
    forbids = content(data_sources="", tools="", write_actions="", never="Bash(rm *)")
    assert [flaw.key for flaw in missing(forbids, validity.now())] == ["tools"]
    asks = content(data_sources="", tools="", write_actions="", human_approval="Bash(rm *)")
    assert not missing(asks, validity.now())
