"""The addresses of the auditor's pages."""

from __future__ import annotations

from audits.pages import history, may, record, who, who_csv, why

urlpatterns = [*why.urls, *who.urls, *who_csv.urls, *may.urls, *record.urls, *history.urls]
