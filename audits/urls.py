"""The addresses of the auditor's pages."""

from __future__ import annotations

from audits.pages import bundle, evidence, first, history, keeping, may, pasting, record, who, who_csv, why, why_pdf

urlpatterns = [
    *first.urls,
    *why.urls,
    *why_pdf.urls,
    *pasting.urls,
    *keeping.urls,
    *who.urls,
    *who_csv.urls,
    *may.urls,
    *record.urls,
    *evidence.urls,
    *bundle.urls,
    *history.urls,
]
