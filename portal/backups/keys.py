"""The keys, written apart from the backup and brought back beside it.

Whoever has a backup and SECRET_KEY reads the seeds of authenticator apps and signs links for lost passwords; whoever
has the sealing key can seal another record. So the two never lie in one file.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from portal.backups.manifest import NotDone

FORMAT = "agent-approvals keys"
SECRET_KEY = "secret_key"  # noqa: S105 - the name of a file
SEAL_KEY = "seal_key"
WHY = (
    "Keep this apart from the backups, where fewer people come: together they show the seeds of authenticator apps, "
    "sign links for lost passwords, and seal another record. Without it a restored portal works, but nobody's "
    "authenticator codes fit and it seals with a new key."
)


def write(path: Path) -> list[str]:
    """Write every key there is to a new file for its owner only; their names. Raises NotDone when there is none."""
    kept = _here()
    if not kept:
        raise NotDone("There are no keys here: SECRET_KEY is not set and DATA_DIR holds none.")
    told = {"format": FORMAT, "why": WHY, "keys": kept}
    _write(path, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    return sorted(kept)


def missing_here(path: Path) -> dict[str, str]:
    """The keys in this file that are not here yet. Raises NotDone when it holds none, or when another one is here."""
    kept, here = _read(path), _here()
    if other := sorted(name for name, value in kept.items() if here.get(name, value) != value):
        raise NotDone(f"There is another {', '.join(other)} here already. Put it aside, or leave out --keys.")
    return {name: value for name, value in kept.items() if name not in here}


def bring_back(kept: dict[str, str]) -> None:
    """Put these keys where the portal looks for them."""
    for name, value in kept.items():
        place = _place(name)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(place, f"{value}\n")


def _here() -> dict[str, str]:
    """Name to value: the files that are there, and before them what the environment holds."""
    kept = {
        name: _place(name).read_text(encoding="utf-8").strip()
        for name in (SEAL_KEY, SECRET_KEY)
        if _place(name).exists()
    }
    if settings.SEAL_KEY:
        kept[SEAL_KEY] = settings.SEAL_KEY
    try:
        return kept | {SECRET_KEY: settings.SECRET_KEY}
    except ImproperlyConfigured:
        return kept


def _place(name: str) -> Path:
    """The file in which the portal keeps this key when the environment does not hold it."""
    return Path(settings.SEAL_DIR) / "key" if name == SEAL_KEY else settings.DATA_DIR / name


def _read(path: Path) -> dict[str, str]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        kept = {str(name): str(value) for name, value in told["keys"].items() if told["format"] == FORMAT}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        kept = {}
    if not kept or not kept.keys() <= {SEAL_KEY, SECRET_KEY}:
        raise NotDone(f"{path} holds no keys that manage.py backup --keys wrote.")
    return kept


def _write(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise NotDone(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
