"""The addresses of the workflow pages."""

from __future__ import annotations

from approvals.pages import (
    accepting,
    agents,
    as_typed,
    deciding,
    form,
    handing_over,
    importing,
    letters,
    lists,
    looking,
    packet,
    packet_document,
    packets_csv,
    rules,
    search,
    starting,
    verbs,
)

urlpatterns = [
    *form.urls,
    *as_typed.urls,
    *starting.urls,
    *importing.urls,
    *packet_document.urls,
    *lists.urls,
    *packets_csv.urls,
    *search.urls,
    *agents.urls,
    *letters.urls,
    *deciding.urls,
    *looking.urls,
    *verbs.urls,
    *handing_over.urls,
    *rules.urls,
    *accepting.urls,
    *packet.urls,
]
