"""Keep this answer, and the page of an answer that was kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.errors import Refused
from approvals.pages import Request
from audits.keeping import keep, kept_answer, moment_of
from audits.pages.why import WhyForm, asked, page

MAX_KEY = 2**63 - 1


@require_POST
def keep_page(request: Request) -> HttpResponse:
    """Ask once more and keep what the record says; then show the kept answer."""
    form = WhyForm(request.POST)
    found = asked(request, form) if form.is_valid() else None
    if found is None or not found.is_known:
        return render(request, "audits/why.html", page(request, form, found), status=404 if found else 422)
    try:
        event = keep(found, form.cleaned_data["did"], moment_of(found), request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return render(request, "audits/why.html", page(request, form, found), status=409)
    return redirect("why-kept", event.pk)


@require_safe
def kept_page(request: Request, event: int) -> HttpResponse:
    """The answer as it was kept. It is read from its event; nothing is asked again."""
    kept = kept_answer(event, request.user) if event <= MAX_KEY else None
    if kept is None:
        raise Http404("There is no such kept answer.")
    query = urlencode(kept.question)
    context: dict[str, Any] = {"kept": kept, "query": query, "again": f"{reverse('why')}?{query}"}
    return render(request, "audits/kept.html", context)


urls: list[URLPattern] = [
    path("why/keep/", keep_page, name="why-keep"),
    path("why/kept/<int:event>/", kept_page, name="why-kept"),
]
