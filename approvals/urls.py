"""The addresses of the workflow pages."""

from __future__ import annotations

from approvals.pages import agents, deciding, form, importing, letters, lists, looking, packet, packet_document, verbs

urlpatterns = [
    *form.urls,
    *importing.urls,
    *packet_document.urls,
    *lists.urls,
    *agents.urls,
    *letters.urls,
    *deciding.urls,
    *looking.urls,
    *verbs.urls,
    *packet.urls,
]
