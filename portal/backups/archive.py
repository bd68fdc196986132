"""The file: written beside its place and moved there when it is whole; read only when every sum is right.

A zip whose parts are named and summed in `manifest.json`; the sum of the manifest stands in the zip's comment.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from portal.backups import manifest
from portal.backups.manifest import Manifest, NotDone, Part

MANIFEST = "manifest.json"
CHUNK = 1 << 20
# What Python's zip reader raises on a file that is none, or that was changed. A changed byte can name another kind of
# compression, whose errors are its own: OSError is how bz2 says that it cannot read on.
DAMAGE = (
    OSError,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    KeyError,
)


class Sink:
    """One part while it is written: counts and sums what goes through."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self._sum, self.size = out, hashlib.sha256(), 0

    def write(self, block: bytes | memoryview) -> None:
        self._out.write(block)
        self._sum.update(block)
        self.size += len(block)

    @property
    def sha256(self) -> str:
        return self._sum.hexdigest()


class Writer:
    """An archive while it is written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.parts: list[Part] = []

    @contextmanager
    def part(self, name: str, **about: Any) -> Iterator[Sink]:
        """Write one part; `about` is what its manifest entry says besides."""
        with self._archive.open(name, "w", force_zip64=True) as out:
            sink = Sink(out)
            yield sink
        self.parts.append(Part(name, sink.size, sink.sha256, **about))

    def close(self, described: Manifest) -> None:
        """Write the manifest; nothing can be added afterwards."""
        body = described.dumps()
        self._archive.writestr(MANIFEST, body)
        self._archive.comment = _comment(body)


@contextmanager
def written(path: Path) -> Iterator[Writer]:
    """An archive that is at `path` once the block has ended well: whole, on the disk, for its owner only."""
    if path.exists():
        raise NotDone(f"{path} is there already, and a backup is never written over. Name another file.")
    beside = path.with_name(f".{path.name}.unfinished-{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
        _sync(path.parent)
    except OSError as error:
        raise NotDone(f"The backup cannot be written to {path}: {error.strerror or error}.") from None
    finally:
        beside.unlink(missing_ok=True)


class Reader:
    """An archive whose every byte agrees with its manifest."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.manifest = _checked(archive)

    def part(self, part: Part) -> IO[bytes]:
        """The part, to be read from its beginning."""
        return self._archive.open(part.name)


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """The archive, checked. Raises NotDone when it is cut off, changed, or something else."""
    try:
        with zipfile.ZipFile(path) as archive:
            try:
                reader = Reader(archive)
            except DAMAGE as error:
                raise NotDone(f"{path} is damaged or was changed ({error}). Take another copy of it.") from None
            yield reader
    except zipfile.BadZipFile:
        raise NotDone(f"{path} is cut off, or not a backup of this portal. Take another copy of it.") from None
    except FileNotFoundError:
        raise NotDone(f"There is no file {path}.") from None


def sum_of(file: IO[bytes]) -> tuple[int, str]:
    """Size in bytes and SHA-256 in hex of what is left to read."""
    size, summed = 0, hashlib.sha256()
    while block := file.read(CHUNK):
        size += len(block)
        summed.update(block)
    return size, summed.hexdigest()


def _checked(archive: zipfile.ZipFile) -> Manifest:
    names = sorted(archive.namelist())
    if MANIFEST not in names:
        raise NotDone("This file is not a backup of this portal: it has no manifest.")
    body = archive.read(MANIFEST)
    described = manifest.read(body)
    if archive.comment != _comment(body):
        raise NotDone("The manifest of this backup was changed. Take another copy of it.")
    if names != sorted([MANIFEST, *(part.name for part in described.parts)]):
        raise NotDone("This backup does not hold what its manifest names. Take another copy of it.")
    for part in described.parts:
        with archive.open(part.name) as file:
            if sum_of(file) != (part.size, part.sha256):
                raise NotDone(f"{part.name} in this backup was changed: its SHA-256 differs. Take another copy of it.")
    return described


def _comment(body: bytes) -> bytes:
    return f"{manifest.FORMAT}, manifest SHA-256 {hashlib.sha256(body).hexdigest()}".encode()


def _sync(folder: Path) -> None:
    """The name is on the disk too."""
    with suppress(OSError):  # some network file systems know no such thing
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
