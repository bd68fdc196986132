"""Files nobody should have to handle: each is refused with a sentence that says why and what to do."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.scope.claude_code import ImportRefused, import_file


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf  \n", "empty"),
        (b" " * 5_000_000, "5.0 MB; at most 1 MB"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8 text (byte 1"),
        (b'{"permissions": {"allow": ["\xe9"]}}', "not UTF-8 text (byte 29"),
        (b'{"permissions": {}\n  "model": 1}', "line 2, column 3"),
        (b'{"permissions": {},}', "line 1"),
        (b"{'permissions': {}}", "line 1, column 2"),
        (b'{"permissions": {}} x', "line 1, column 21"),
        (b'{"permissions": {"allow": [], "allow": ["Bash"]}}', "“allow” stands twice"),
        (b'{"model": NaN}', "NaN"),
        (b'{"model": -Infinity}', "-Infinity"),
        (b"[" * 100_000, "levels deep"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "levels deep"),
        (b"[]", "does not hold a JSON object"),
        (b'"permissions"', "does not hold a JSON object"),
        (b"{}", "neither Claude Code's settings"),
        (b'{"name": "x", "version": "1"}', "neither Claude Code's settings"),
        (b'{"permissions": []}', "“permissions” is not an object"),
        (b'{"permissions": {"allow": "Bash"}}', "“permissions.allow” is not a list"),
        (b'{"mcpServers": []}', "“mcpServers” is not an object"),
        (b'{"tools": {}}', "“tools” is not a list"),
        (json.dumps({"permissions": {"allow": ["Bash(ls)"] * 2000}}).encode(), "2,000 rules; at most 1,000"),
        (json.dumps({"tools": [{}] * 2000}).encode(), "2,000 tools"),
        (json.dumps({"mcpServers": {str(n): {} for n in range(2000)}}).encode(), "2,000 servers"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(raw: bytes, message: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        import_file("settings.json", raw)
    assert message in caught.value.message
    assert caught.value.message.endswith(".")


def test_a_byte_order_mark_is_no_reason_to_refuse() -> None:
    assert [
        row.text for row in import_file("x.json", b'\xef\xbb\xbf{"permissions": {"allow": ["Bash(ls)"]}}').rows
    ] == ["Bash(ls)"]


def test_numbers_without_end_are_read_roughly() -> None:
    assert import_file("x.json", b'{"permissions": {}, "cleanupPeriodDays": ' + b"9" * 100_000 + b"}").rows == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
KEYS = st.sampled_from(
    [
        "permissions",
        "mcpServers",
        "tools",
        "hooks",
        "env",
        "result",
        "enabledMcpjsonServers",
        "disableAllHooks",
        "apiKeyHelper",
    ]
)
INNER = st.dictionaries(
    st.sampled_from(["allow", "ask", "deny", "additionalDirectories", "defaultMode", "command", "args"]), JSON
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(KEYS, JSON | INNER | st.dictionaries(st.text(max_size=5), INNER, max_size=2), max_size=4),
    st.text(max_size=20),
)
def test_any_json_is_read_or_refused(data: dict[str, object], name: str) -> None:
    with contextlib.suppress(ImportRefused):
        found = import_file(name, json.dumps(data).encode())
        assert all(finding.sentence.endswith(".") for finding in found.findings)


@pytest.mark.parametrize("hidden", ["\ud800", "\u202e", "\x00", "\u200b"])
def test_what_cannot_be_seen_or_stored_is_told_in_words(hidden: str) -> None:
    name = f"a{hidden}b"
    files = (
        {
            "permissions": {"allow": [name], "additionalDirectories": [f"/{name}"]},
            name: 1,
            "env": {f"{name}TOKEN": "abcdefgh"},
        },
        {"mcpServers": {name: {"command": "npx", "env": {f"{name}TOKEN": "abcdefgh"}}}},
        {"tools": [{"name": name}]},
    )
    for data in files:
        found = import_file(f"{name}.json", json.dumps(data).encode())
        told = [row.text + row.origin + row.why for row in found.rows] + [
            finding.sentence for finding in found.findings
        ]
        assert told
        assert not any(hidden in text for text in told)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with pytest.raises(ImportRefused):
        import_file("x", raw)
