"""How the tests read a PDF: its text, what is attached, and what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pypdf import PdfReader


@dataclass(frozen=True)
class Print:
    """A PDF that was read: the words of all pages in one line, the pages, and its files."""

    words: str
    pages: list[str]
    files: dict[str, bytes]
    reader: PdfReader

    @property
    def joined(self) -> str:
        """The words without any space: what a line break cut in two is whole again."""
        return "".join(self.words.split())

    @property
    def root(self) -> Any:
        return self.reader.trailer["/Root"]


def read(body: bytes) -> Print:
    """Everything the tests ask of a PDF."""
    reader = PdfReader(BytesIO(body))
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    files = {name: content[0] for name, content in reader.attachments.items()}
    return Print(" ".join(pages), pages, files, reader)
