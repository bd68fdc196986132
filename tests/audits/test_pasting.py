"""A pasted line of a log finds agent, call and moment; what is in doubt is shown first, and never guessed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.pasted import LONGEST, NO_CALL, NO_TIME, NO_YEAR, NO_ZONE, SEVERAL, PastedError, read_pasted
from tests.audits.reading import signed_in, text_of
from tests.cast import Cast, Clock, Walk, no_trace

AT = "2026-11-02T14:02:31.123Z"


def used(**given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": "toolu_1", **given}


def transcript(*blocks: dict[str, Any]) -> str:
    message = {"role": "assistant", "content": [{"type": "text", "text": "I push."}, *blocks]}
    return json.dumps({"type": "assistant", "timestamp": AT, "cwd": "/repo", "message": message})


PUSH = used(name="Bash", input={"command": "git push origin main", "description": "Push"})
EDIT = used(name="Edit", input={"file_path": "/repo/docs/a.md", "old_string": "x", "new_string": "y"})
HOOK = {"session_id": "s", "cwd": "/repo", "hook_event_name": "PreToolUse", "agent": "sentry-dev"}


@pytest.mark.parametrize(
    ("line", "name", "calls", "at", "remarks"),
    [
        (transcript(PUSH), None, ["Bash(git push origin main)"], AT, []),
        (transcript(PUSH, EDIT), None, ["Bash(git push origin main)", "Edit(docs/a.md)"], AT, [SEVERAL]),
        (json.dumps(HOOK | {"tool_name": "Read", "tool_input": {"file_path": "/etc/passwd"}}),
         "sentry-dev", ["Read(/etc/passwd)"], "", [NO_TIME]),
        (json.dumps({"ts": 1793628151.5, "user": "svc-deploy-bot", "cmd": "kubectl get pods"}),
         "svc-deploy-bot", ["Bash(kubectl get pods)"], "2026-11-02T14:02:31.500000Z", []),
        (json.dumps({"@timestamp": "2026-11-02 14:02:31", "meta": {"agent.name": "a-b", "tool.name": "WebSearch"}}),
         "a-b", ["WebSearch"], "2026-11-02T14:02:31", [NO_ZONE]),
        (json.dumps({"eventTime": AT, "userIdentity": {"arn": "arn:aws:sts::1:role/svc-x"}, "eventName": "Get"}),
         "svc-x", ["Get"], AT, []),
        ("<34>1 2026-11-02T14:02:31Z host sudo 12 - - svc-x : TTY=pts/0 ; USER=root ; COMMAND=/usr/bin/git push origin",
         "root", ["Bash(/usr/bin/git push origin)"], "2026-11-02T14:02:31Z", []),
        ("Nov  2 14:02:31 build7 sentry-dev[991]: git push origin agent/fix",
         "sentry-dev", ["git push origin agent/fix"], "Nov 2 14:02:31", [NO_YEAR]),
        (f'time={AT} agent=docs-writer tool=mcp__github__create_pull_request msg="a \\"b\\" c"',
         "docs-writer", ["mcp__github__create_pull_request"], AT, []),
        ("svc-deploy-bot", "svc-deploy-bot", [], "", [NO_TIME, NO_CALL]),
    ],
)  # fmt: skip
def test_lines_are_read_as_programs_write_them(
    line: str, name: str | None, calls: list[str], at: str, remarks: list[str]
) -> None:
    found = read_pasted(line)
    assert list(found.calls) == calls
    assert found.at == at
    assert name is None or name in found.names
    assert set(remarks) <= set(found.remarks)
    assert bool(remarks) or not found.remarks


@pytest.mark.parametrize("text", ["", "   ", "{", '{"a": 1}{"b": 2}', '{"a":' * 100, "x" * (LONGEST + 1)])
def test_what_cannot_be_read_is_a_sentence(text: str) -> None:
    with pytest.raises(PastedError, match=r"Paste"):
        read_pasted(text)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200) | st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9),
       lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["agent", "tool", "input", "ts", "x"]), inner),
       max_leaves=20).map(json.dumps))  # fmt: skip
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        found = read_pasted(text)
    except PastedError:
        return
    assert all(len(name) <= 300 for name in found.names)


def paste(cast: Cast, text: str, who: str = "auditor") -> Any:
    return signed_in(getattr(cast, who)).post("/why/read/", {"pasted": text})


def test_a_line_without_doubt_is_asked_at_once_and_nothing_is_written(cast: Cast, in_force: Walk, clock: Clock) -> None:
    in_force()
    clock.forward(days=1)
    client = signed_in(cast.auditor)
    client.get("/why/")
    line = json.dumps({"timestamp": AT, "identity": "svc-sentry-dev", "tool": "Bash", "command": "git diff HEAD"})
    with no_trace():
        response = client.post("/why/read/", {"pasted": line})
    asked = parse_qs(urlsplit(response.headers["Location"]).query)
    assert asked == {"agent": ["svc-sentry-dev"], "did": ["Bash(git diff HEAD)"], "at": [AT]}
    page = text_of(client.get(response.headers["Location"]))
    assert "would have allowed it" in page
    assert "svc-sentry-dev is an identity of sentry-dev" in page


def test_what_is_in_doubt_is_shown_and_offered_and_not_asked(cast: Cast, in_force: Walk, clock: Clock) -> None:
    in_force(identity="svc-shared")
    in_force(identity="svc-shared", agent="other-bot")
    response = paste(cast, json.dumps({"ts": AT, "user": "svc-shared", "cmd": "git diff"}))
    page = text_of(response)
    assert response.status_code == 200
    assert "The line names several agents." in page
    assert 'class="verdict' not in page
    assert "other-bot: Bash(git diff)" in page
    in_passing = text_of(paste(cast, f"{AT} host runner: sentry-dev wants Bash(git diff)"))
    assert "names the agent only in passing, as “sentry-dev”" in in_passing
    assert 'value="sentry-dev"' in in_passing
    unknown = text_of(paste(cast, transcript(PUSH)))
    assert "names no agent you may see" in unknown
    assert 'value="Bash(git push origin main)"' in unknown


def test_an_agent_one_may_not_see_is_not_found_in_a_line(cast: Cast, in_force: Walk, clock: Clock) -> None:
    in_force()
    page = text_of(paste(cast, json.dumps({"ts": AT, "agent": "sentry-dev", "cmd": "git diff"}), "outsider"))
    assert "names no agent you may see" in page
    assert signed_in(cast.auditor).get("/why/read/").status_code == 405
    assert paste(cast, "{").status_code == 422
