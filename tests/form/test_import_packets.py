"""manage.py import_packets: drafts only, each file for itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from approvals.documents import to_json, to_yaml
from approvals.models import Version
from approvals.vocabulary import State
from tests.cast import Cast, content


def run(*arguments: str) -> None:
    call_command("import_packets", "--as", "engineer", *arguments)


def test_each_file_becomes_a_draft_and_is_told_by_reference(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.yaml").write_text(to_yaml(content()))
    (tmp_path / "two.json").write_text(to_json(content(agent="other-agent")))
    run(str(tmp_path / "one.yaml"), str(tmp_path / "two.json"))
    assert [version.state for version in Version.objects.all()] == [State.DRAFT, State.DRAFT]
    told = capsys.readouterr().out
    assert all(f": {version}" in told for version in Version.objects.all())


def test_a_bad_file_is_told_and_does_not_stop_the_next(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.yaml").write_text("packet: 1\nagent: a\nagent: b\n")
    (tmp_path / "secret.yaml").write_text(to_yaml(content(identity="AKIAABCDEFGHIJKLMNOP")))
    (tmp_path / "good.yaml").write_text(to_yaml(content()))
    files = [str(tmp_path / name) for name in ("bad.yaml", "missing.yaml", "secret.yaml", "good.yaml")]
    with pytest.raises(CommandError, match="3 of 4"):
        run(*files)
    told = capsys.readouterr()
    assert "“agent” stands twice" in told.err
    assert "No such file" in told.err
    assert "looks like a secret" in told.err
    assert "AKIAABCDEFGHIJKLMNOP" not in told.err
    assert Version.objects.get().state == State.DRAFT


def test_an_unknown_author_imports_nothing(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(to_yaml(content()))
    with pytest.raises(CommandError, match="Nobody active"):
        call_command("import_packets", "--as", "stranger", str(tmp_path / "good.yaml"))
    assert not Version.objects.exists()


def test_a_new_agent_of_someone_in_two_teams_needs_a_team(cast: Cast, tmp_path: Path) -> None:
    cast.engineer.groups.add(cast.other_team)
    (tmp_path / "good.yaml").write_text(to_yaml(content()))
    with pytest.raises(CommandError):
        run(str(tmp_path / "good.yaml"))
    run("--team", cast.other_team.name, str(tmp_path / "good.yaml"))
    assert Version.objects.get().packet.agent.team == cast.other_team
