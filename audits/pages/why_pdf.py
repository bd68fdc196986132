"""The answer as PDF, for whoever may ask it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from approvals import validity
from approvals.pages import Request
from audits.pages.why import Shown, WhyForm, around, asked, authorities, page
from audits.printed import pdf


@require_safe
def why_pdf(request: Request) -> HttpResponse:
    """The PDF of what the page would say now; a question that cannot be read gets the page that says why."""
    if not request.GET:
        return redirect("why")
    form = WhyForm(request.GET)
    found = asked(request, form) if form.is_valid() else None
    if found is None or not found.is_known:
        return render(request, "audits/why.html", page(request, form, found), status=404 if found else 400)
    shown = Shown.of(found, form.cleaned_data["did"])
    held = authorities(found)
    made = pdf(shown, held, around(found) if held else [], validity.now(), request.user.time_zone)
    kept = {"Content-Disposition": 'attachment; filename="answer.pdf"'}
    return HttpResponse(made, content_type="application/pdf", headers=kept)


urls: list[URLPattern] = [path("why.pdf", why_pdf, name="why-pdf")]
