"""Checks a bundle that somebody brings: opened with care, nothing of it unpacked, nothing of it run."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from audits import kept
from audits.evidence import verify

LARGEST = 10 * 2**20  # bytes of the zip
MOST_FILES = 2_000
MOST_UNPACKED = 100 * 2**20
RATIO = 100  # unpacked to packed, of any one file


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, in sentences: what agrees, what is wrong, and what the bundle says if nothing is.

    `ours`: signed with a key of this portal. None of the texts is safe to put into a page as it is: they quote the
    bundle.
    """

    holds: bool
    agrees: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    ours: bool = False


def check(file: BinaryIO, *, key: str = "", checkpoint: str = "", at: str = "") -> Checked:
    """What a zip that somebody brings is worth. Reads at most 10 MB, writes nothing, runs nothing of it, never raises.

    `key`: a public key (PEM) they have from elsewhere. `checkpoint`: one they hold, or the text of an e-mail with one
    at its foot. `at`: an instant with its zone, such as 2026-11-28T12:00:00Z, to be told whether it was valid then.
    """
    raw = file.read(LARGEST + 1)
    try:
        _refuse_hostile(raw)
        bundle = verify.Bundle(verify.Packed(BytesIO(raw)), verify.public_key(key.encode()) if key else b"", checkpoint)
        moment = verify.moment(at) if at else ""
    except verify.Wrong as wrong:
        return Checked(holds=False, wrong=(str(wrong),))
    except ValueError:
        return Checked(holds=False, wrong=("The moment cannot be read. Write it as 2026-11-28T12:00:00Z.",))
    holds = bundle.verify()
    says = tuple(verify.answers(bundle, moment)) if holds else ()
    return Checked(holds, tuple(bundle.agrees), tuple(bundle.wrong), says, ours=holds and _is_ours(bundle))


def _is_ours(bundle: verify.Bundle) -> bool:
    signer = verify.public_key(bundle.files.read("public_key.pem"))
    return any(one.public == signer for one in kept.verifiers())


def _refuse_hostile(raw: bytes) -> None:
    """Raise Wrong, in plain words, for what no bundle is and what could do harm."""
    if len(raw) > LARGEST:
        raise verify.Wrong(f"The file is larger than {LARGEST // 2**20} MB. Check it with verify.py instead.")
    try:
        rows = ZipFile(BytesIO(raw)).infolist()
    except (BadZipFile, LargeZipFile, ValueError, NotImplementedError, OSError, OverflowError):
        raise verify.Wrong("The file is no zip that can be read.") from None
    if len(rows) > MOST_FILES:
        raise verify.Wrong(f"The zip holds more than {MOST_FILES:,} files.")
    if sum(row.file_size for row in rows) > MOST_UNPACKED or any(map(_is_bomb, rows)):
        raise verify.Wrong("Unpacked, the zip would be far larger than it looks.")
    for row in rows:
        if problem := _problem(row):
            raise verify.Wrong(f"The zip holds {problem}: {verify.visible(row.filename[:80])}.")
    if len({row.filename for row in rows}) < len(rows):
        raise verify.Wrong("The zip holds two files of one name.")


def _is_bomb(row: ZipInfo) -> bool:
    return row.file_size > RATIO * max(row.compress_size, 1)


def _problem(row: ZipInfo) -> str:
    name = row.orig_filename
    if stat.S_ISLNK(row.external_attr >> 16):
        return "a link instead of a file"
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return "a file that would be put outside of its folder"
    if ".." in name.replace("\\", "/").split("/"):
        return "a file that would be put outside of its folder"
    if row.flag_bits & 1:
        return "an encrypted file"
    return "" if verify.NAME.fullmatch(name) else "a file under a name no bundle has"
