"""The addresses of the auditor's pages."""

from __future__ import annotations

from audits.pages import history, record, who, why

urlpatterns = [*why.urls, *who.urls, *record.urls, *history.urls]
