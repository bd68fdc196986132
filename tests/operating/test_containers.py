"""What stands in compose.yaml and Dockerfile can run: names, commands, files and settings are those of the portal."""

from __future__ import annotations

import ipaddress
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.house.reading import HERE
from tests.operating.documented import COMPOSE, DOCKERFILE, FROM_ELSEWHERE, PAGE, contained, roles
from tests.operating.production import bare

SERVICES = COMPOSE["services"]
OURSELVES = sorted(SERVICES.keys() - FROM_ELSEWHERE)


@pytest.mark.parametrize("command", [*map(contained, OURSELVES), *roles()], ids=lambda command: " ".join(command))
def test_every_command_is_one_that_takes_what_it_is_given(command: list[str]) -> None:
    manage, name, *arguments = command[command.index("manage.py") :]
    needed = ["/backups/some.zip"] if name == "restore" else []  # compose run says which
    load_command_class(get_commands()[name], name).create_parser(manage, name).parse_args([*arguments, *needed])


def test_a_machine_of_ones_own_starts_the_same_roles() -> None:
    assert [command[:2] for command in roles()] == [contained(name)[1:3] for name in ("web", "worker", "scheduler")]


def test_what_is_ours_runs_with_nothing_it_does_not_need() -> None:
    for name in OURSELVES:
        service = SERVICES[name]
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("ports") and not service.get("privileged"), name
        owner = "owner_database_url" in service["secrets"]
        assert owner == (name in {"migrate", "grant", "restore"}), f"{name}: only these are the owner of the tables"
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["proxy"]
    assert DOCKERFILE.rindex("\nUSER portal") > DOCKERFILE.rindex("\nRUN ")


def test_only_the_proxys_network_is_trusted() -> None:
    subnet = COMPOSE["networks"]["outside"]["ipam"]["config"][0]["subnet"]
    assert SERVICES["web"]["environment"]["TRUSTED_PROXIES"] == subnet
    assert ipaddress.ip_network(subnet).is_private
    assert SERVICES["proxy"]["networks"] == ["outside"] and "outside" not in SERVICES["postgres"]["networks"]
    caddy = (HERE / "deploy" / "Caddyfile").read_text()
    assert "reverse_proxy {$PORTAL:web:8000}" in caddy and SERVICES["proxy"]["environment"]["PORTAL"] == "web:8000"
    assert "trusted_proxies" not in caddy  # so Caddy writes X-Forwarded-… anew


def test_every_secret_is_a_file_that_the_page_makes() -> None:
    used = {name for service in SERVICES.values() for name in service.get("secrets", ())}
    assert used == set(COMPOSE["secrets"])
    for name in used:
        assert name in PAGE and COMPOSE["secrets"][name] == {"file": f"./secrets/{name}"}
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search("KEY$|PASSWORD$|DATABASE_URL$|EMAIL_URL$", name), "a secret is a file"
            if str(value).startswith("/run/secrets/"):
                assert str(value).removeprefix("/run/secrets/") in service["secrets"]


def test_every_setting_is_one_the_portal_reads() -> None:
    read = set(re.findall(r'environment\.\w+\(\s*"([A-Z_]+)"', (HERE / "portal" / "settings.py").read_text()))
    set_here = {name.removesuffix("_FILE") for name in SERVICES["web"]["environment"]}
    assert set_here <= read and {"DATA_DIR", "STATIC_DIR", "PORT"} <= read


def test_every_file_that_is_named_is_there() -> None:
    for source in copied():
        assert (HERE / source).exists(), source
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            if volume.startswith("./deploy"):
                assert (HERE / volume.split(":")[0]).is_file(), volume
    assert os.access(HERE / "deploy" / "roles.sh", os.X_OK)
    kept = set(re.findall(r"^!(.*)$", (HERE / ".dockerignore").read_text(), re.MULTILINE))
    assert set(copied()) == kept


def copied() -> list[str]:
    """What the image takes from here."""
    return [one for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE) for one in line.split()]


def test_the_image_is_installed_by_hash_from_what_is_locked() -> None:
    install = re.search(r"^RUN .*(pip install .*)$", DOCKERFILE, re.MULTILINE)
    assert install and "--require-hashes" in install[1] and "requirements.lock" in install[1]
    assert not re.search("https?://|index-url|trusted-host", DOCKERFILE)
    assert "--require-hashes -r requirements.lock" in PAGE


def test_the_image_collects_what_browsers_load_without_a_key_of_anybody(tmp_path: Path) -> None:
    line = re.search(r"^RUN (DATA_DIR=.* collectstatic --no-input)$", DOCKERFILE, re.MULTILINE)
    assert line
    here = {"/opt/portal/collected": str(tmp_path / "collected"), "/tmp/data": str(tmp_path / "data")}
    command = line[1].replace("/opt/venv/bin/python", shlex.quote(sys.executable))
    for old, new in here.items():
        assert old in command
        command = command.replace(old, new)
    subprocess.run(["sh", "-c", command], cwd=HERE, env=bare(), check=True, capture_output=True)
    assert (tmp_path / "collected" / "staticfiles.json").is_file()


def test_passwords_of_the_database_stand_on_no_command_line(tmp_path: Path) -> None:
    for name in ("owner_password", "app_password"):
        (tmp_path / name).write_text(f"the {name}\n")
    (tmp_path / "psql").write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\ncat > {tmp_path}/heard\n')
    (tmp_path / "psql").chmod(0o700)
    as_in_the_container = {"SECRETS": str(tmp_path), "POSTGRES_USER": "postgres", "ROLES": "deploy/roles.sql"}
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", "deploy/roles.sh"], cwd=HERE, env=bare() | as_in_the_container | path, check=True)
    assert "the app_password" not in (tmp_path / "arguments").read_text()
    heard = (tmp_path / "heard").read_text()
    assert heard.startswith("\\set owner_password 'the owner_password'\n\\set app_password 'the app_password'\n")
    assert heard.endswith((HERE / "deploy" / "roles.sql").read_text())
