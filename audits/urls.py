"""The addresses of the auditor's pages."""

from __future__ import annotations

from audits.pages import history, may, record, who, why

urlpatterns = [*why.urls, *who.urls, *may.urls, *record.urls, *history.urls]
