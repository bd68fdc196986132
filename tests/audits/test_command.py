"""`manage.py why`: the seam others read, and its exit codes."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.cast import Cast, Clock, Walk


def why(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("why", *arguments, stdout=out)
    return int(left.value.code or 0), out.getvalue()


SEAM = [
    *("verdict", "sentence", "at", "packet", "version", "line", "owner", "job", "identity", "signers", "ends"),
    *("rollback", "run_record", "near_misses"),
]


def test_the_command_answers_in_json(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force(human_approval="Bash(git push *)")
    code, out = why("sentry-dev", "git diff HEAD", "--json")
    data = json.loads(out)
    assert code == 0
    assert list(data) == SEAM
    assert (data["verdict"], data["packet"], data["version"]) == ("would_have_allowed", version.packet.reference, 1)
    assert data["line"] == {"field": "tools", "text": "Bash(git diff *)"}
    assert data["owner"] == "engineer"
    signer = data["signers"][0]
    assert (signer["name"], signer["role"], signer["at"]) == ("Sam Sato", "Security", "2026-11-02T09:00:00Z")
    assert signer["digest"] == version.decisions.get().digest
    assert signer["version_digest"] == version.digest
    code, out = why("sentry-dev", "git push", "--json")
    assert (code, json.loads(out)["verdict"]) == (3, "held")
    code, out = why("sentry-dev", "git diff HEAD; rm -rf .", "--json")
    data = json.loads(out)
    assert (code, data["verdict"], data["packet"], data["signers"]) == (1, "not_allowed", None, [])
    assert data["near_misses"][0]["line"]["text"].startswith("Bash(")
    code, out = why("nobody", "git diff HEAD", "--json")
    assert (code, json.loads(out)["verdict"]) == (1, "cannot_say")


def test_the_command_answers_in_sentences_also_of_an_earlier_time(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    clock.to((version.ends_at or clock.moment) + timedelta(days=3))
    code, out = why("sentry-dev", "git diff HEAD", "--at", "2026-11-03 10:00")
    assert code == 0
    assert str(version) in out
    assert "Signed by Sam Sato (security) for Security" in out
    code, out = why("sentry-dev", "git diff HEAD")
    assert code == 1
    assert "it ended 3 days before" in out


def test_bad_use_of_the_command_is_exit_two(db: None) -> None:
    for arguments in (("sentry-dev", "x", "--at", "garbage"), ("sentry-dev", " "), ("sentry-dev", "x" * 30_000)):
        with pytest.raises(CommandError) as caught:
            call_command("why", *arguments)
        assert caught.value.returncode == 2
