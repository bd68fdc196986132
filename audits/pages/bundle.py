"""Check a bundle yourself: the file is looked at and forgotten. Nothing is recorded, unpacked or run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_safe

from approvals import validity
from approvals.content import instant
from approvals.pages import Request
from approvals.pages.limits import read_at_most
from audits import evidence
from audits.evidence import Checked, verify
from audits.evidence.checking import LARGEST
from audits.moments import MomentError, read_moment

AROUND = 100_000  # bytes a form needs beside the file: the e-mail pasted, the names of its fields
LONGEST = 50_000
LONGEST_LABEL = 40
MEGABYTES = LARGEST // 2**20
NO_FILE = "Choose the zip of a bundle, or drop it here."
TOO_LARGE = (
    f"The file is larger than {MEGABYTES} MB, so it was not looked at. Check it with verify.py, which stands beside."
)
NO_CHECKPOINT = "Paste the foot of one e-mail, or one checkpoint: this is longer."
# What verify.py says of its own options; this page has other words for it.
OPTIONS = ("NOTE", "Was it valid at some moment?")
VERIFIER = Path(verify.__file__)
README = VERIFIER.with_name("README.txt")
BY_HAND = "With openssl 3 and coreutils alone"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing the bundle says, and about what: a label, or empty."""

    label: str
    words: str

    @classmethod
    def of(cls, row: str) -> Said:
        label, colon, words = row.strip().partition(": ")
        return cls(label, words) if colon and len(label) <= LONGEST_LABEL else cls("", row.strip())


@dataclass(frozen=True, slots=True)
class Part:
    """What the bundle says about one version, or about one moment."""

    title: str
    rows: Sequence[Said]


def _too_large(request: Request) -> HttpResponse:
    return _page(request, wrong={"file": TOO_LARGE}, status=413)


@read_at_most(LARGEST + AROUND, _too_large)
@require_http_methods(["GET", "HEAD", "POST"])
def bundle_page(request: Request) -> HttpResponse:
    """GET asks for a bundle; POST says what it is worth, and changes nothing."""
    if request.method != "POST":
        return _page(request)
    file, wrong = request.FILES.get("file"), dict[str, str]()
    if not isinstance(file, UploadedFile):
        wrong["file"] = NO_FILE
    elif (file.size or 0) > LARGEST:
        return _too_large(request)
    checkpoint = request.POST.get("checkpoint", "").replace("\r\n", "\n")
    if len(checkpoint) > LONGEST:
        wrong["checkpoint"] = NO_CHECKPOINT
    try:
        at = _moment(request)
    except MomentError as error:
        at, wrong["at"] = None, str(error)
    if wrong or file is None:
        return _page(request, wrong=wrong, status=422)
    checked = evidence.check(BytesIO(file.read()), checkpoint=checkpoint, at=instant(at) or "")
    return _page(request, checked, at, name=file.name or "", status=200 if checked.holds else 422)


def _moment(request: Request) -> datetime | None:
    """The moment asked about, or None. Raises MomentError."""
    typed = request.POST.get("at", "").strip()
    return read_moment(typed, request.user.zone, validity.now()).at if typed else None


def _page(
    request: Request, checked: Checked | None = None, at: datetime | None = None, *, name: str = "",
    wrong: dict[str, str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = {
        "checked": checked, "at": at, "name": name, "wrong": wrong or {},
        "agrees": [one for one in checked.agrees if not one.startswith(OPTIONS)] if checked else [],
        "parts": list(parts(checked.says)) if checked else [],
        "typed": {field: request.POST.get(field, "") for field in ("checkpoint", "at")},
        "by_hand": by_hand(),
    }  # fmt: skip
    return render(request, "audits/bundle.html", context, status=status)


def parts(says: Iterable[str]) -> Iterator[Part]:
    """What the bundle says, part by part; its last line, which is about all of it, is a part without rows."""
    title, rows = "", list[Said]()
    for line in says:
        if line.startswith(" "):
            rows.append(Said.of(line))
            continue
        if title and not title.startswith(OPTIONS):
            yield Part(title, rows)
        title, rows = line, []
    if title:
        yield Part(title, rows)


def by_hand() -> str:
    """The lines for openssl, as they stand in every bundle."""
    _, _, rest = README.read_text(encoding="utf-8").partition(f"{BY_HAND}, ")
    _, _, lines = rest.partition("\n")
    return "\n".join(line.strip() for line in lines.partition("\n\n")[0].splitlines())


@require_safe
def verifier(request: Request) -> FileResponse:
    """The program that checks a bundle without this portal."""
    return FileResponse(VERIFIER.open("rb"), as_attachment=True, filename=VERIFIER.name, content_type="text/x-python")


urls: list[URLPattern] = [
    path("audit/bundle/", bundle_page, name="audit-bundle"),
    path("audit/verify.py", verifier, name="audit-verifier"),
]
