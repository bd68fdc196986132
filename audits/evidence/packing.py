"""The files of a bundle, put down one by one with their digests, and packed so that the same files are the same bytes.

The zip is stored, not compressed: no two libraries need to agree on how to. It is sorted and knows no dates.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from approvals.errors import Refused
from audits.evidence.verify import central_header, ending, local_header

LARGEST = 512 * 2**20  # bytes of all files
CHUNK = 2**16


@dataclass(frozen=True, slots=True)
class File:
    """What is known of one file."""

    size: int
    crc: int
    sha256: str


@dataclass(slots=True)
class Folder:
    """Files on the disk, so that memory stays flat however many there are."""

    path: Path
    files: dict[str, File] = field(default_factory=dict)

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write one file. Raises Refused("bundle_too_large")."""
        (self.path / name).parent.mkdir(exist_ok=True)
        size, crc, hashed = 0, 0, sha256()
        room = LARGEST - sum(one.size for one in self.files.values())
        with (self.path / name).open("wb") as file:
            for chunk in chunks:
                size, crc = size + len(chunk), zlib.crc32(chunk, crc)
                if size > room:
                    raise too_large()
                hashed.update(chunk)
                file.write(chunk)
        self.files[name] = File(size, crc, hashed.hexdigest())

    def pack(self, target: BinaryIO) -> tuple[int, str]:
        """Write the zip of all files, by name; its size and SHA-256."""
        size, hashed = 0, sha256()
        for chunk in self._chunks():
            size += len(chunk)
            hashed.update(chunk)
            target.write(chunk)
        return size, hashed.hexdigest()

    def _chunks(self) -> Iterator[bytes]:
        directory, offset = b"", 0
        for name, file in sorted(self.files.items()):
            head = local_header(name.encode(), file.crc, file.size)
            yield head
            with (self.path / name).open("rb") as source:
                yield from iter(partial(source.read, CHUNK), b"")
            directory += central_header(name.encode(), file.crc, file.size, offset)
            offset += len(head) + file.size
        yield directory + ending(len(self.files), len(directory), offset)


def too_large() -> Refused:
    return Refused(
        "bundle_too_large", f"A bundle holds at most {LARGEST // 2**20} MB, and this would be more.",
        "Take shorter periods, or one packet.",
    )  # fmt: skip
