"""A packet as YAML, JSON, PDF or Markdown, for whoever may see it; and telling a document from a configuration."""

from __future__ import annotations

import json
import re

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, re_path
from django.views.decorators.http import require_safe

from approvals.asking import asked
from approvals.documents import to_json, to_yaml
from approvals.models import Version
from approvals.pages import Request
from approvals.pages.dossier import opened
from approvals.pages.printed import paper
from approvals.printing.markdown import markdown
from approvals.printing.typeset import typeset

KEY = re.compile(rb"^packet[ \t]*:", re.MULTILINE)


def is_packet(name: str, raw: bytes) -> bool:
    """Whether this looks like a packet document: YAML, or a JSON object with the key “packet”."""
    text = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] not in (b"{", b"["):
        return name.endswith((".yaml", ".yml")) or KEY.search(text) is not None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and "packet" in data


@require_safe
def version_document(request: Request, reference: str, number: int, kind: str) -> HttpResponse:
    """The version as its authors wrote it, to keep or to import again."""
    rows = Version.objects.visible_to(request.user).select_related(
        "packet__agent", "packet__parent", "owner", "backup_owner", "rollback_owner", "human_approval_by"
    )
    version = get_object_or_404(rows, packet__reference=reference, number=number)
    content = asked(version)
    text = to_yaml(content) if kind == "yaml" else to_json(content)
    types = {"yaml": "application/yaml; charset=utf-8", "json": "application/json; charset=utf-8"}
    name = f"{version.packet.reference}-v{version.number}.{kind}"
    kept = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=types[kind], headers=kept)


@require_safe
def version_pdf(request: Request, reference: str, number: int) -> HttpResponse:
    """The version on paper, as it stands now; the signed JSON is inside."""
    printed = paper(opened(request.user, reference, int(number)))
    kept = {"Content-Disposition": f'attachment; filename="{reference}-v{int(number)}.pdf"'}
    return HttpResponse(typeset(printed), content_type="application/pdf", headers=kept)


@require_safe
def version_markdown(request: Request, reference: str, number: int) -> HttpResponse:
    """The version for a pull request, shown as plain text to be copied."""
    printed = paper(opened(request.user, reference, int(number)))
    return HttpResponse(markdown(printed), content_type="text/plain; charset=utf-8")


AT = r"^packets/(?P<reference>AP-[0-9]{4,9})/v(?P<number>[0-9]{1,9})"

urls: list[URLPattern] = [
    re_path(rf"{AT}\.pdf$", version_pdf, name="version-pdf"),
    re_path(rf"{AT}\.md$", version_markdown, name="version-markdown"),
    re_path(rf"{AT}\.(?P<kind>yaml|json)$", version_document, name="version-document"),
]
