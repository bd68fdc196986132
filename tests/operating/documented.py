"""What docs/operate.md, the unit and compose.yaml tell people to run, taken out of them to be run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

import yaml

from tests.house.reading import HERE

PAGE = (HERE / "docs" / "operate.md").read_text(encoding="utf-8")
UNIT = (HERE / "deploy" / "approvals@.service").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((HERE / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (HERE / "Dockerfile").read_text(encoding="utf-8")
FROM_ELSEWHERE = {"postgres", "redis", "proxy"}  # images that are not ours


def script(heading: str, replaced: Mapping[str, str]) -> str:
    """The `sh` blocks under a heading as one script, with the places of this test instead of those of the page.

    A place the page does not name is a mistake: the test would run something else than what stands there.
    """
    section = re.split(r"\n#+ ", PAGE.split(f"# {heading}\n", 1)[1])[0]
    found = "".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    for old, new in replaced.items():
        assert old in found, f"{heading} does not say {old!r} any more."
        found = found.replace(old, new)
    return f"set -eu\n{found}"


def roles() -> list[list[str]]:
    """The command line of each role as the unit starts it, for the roles the page names; without the program."""
    started = re.search(r"systemctl enable --now (.*)", PAGE)
    line = re.search(r"ExecStart=(.*)", UNIT)
    assert started and line
    names = [name.removeprefix("approvals@") for name in started[1].split()]
    return [shlex.split(line[1].replace("%i", name))[1:] for name in names]


def contained(name: str) -> list[str]:
    """What a container of this service runs: the image's entry point with the service's command."""
    entry, command = (re.search(rf"^{word} (\[.*\])", DOCKERFILE, re.MULTILINE) for word in ("ENTRYPOINT", "CMD"))
    assert entry and command
    service = COMPOSE["services"][name]
    return [
        *service.get("entrypoint", yaml.safe_load(entry[1])),
        *(service.get("command") or (yaml.safe_load(command[1]) if "entrypoint" not in service else [])),
    ]
