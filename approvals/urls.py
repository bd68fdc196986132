"""The addresses of the workflow pages."""

from __future__ import annotations

from approvals.pages import (
    accepting,
    agents,
    agents_csv,
    agents_list,
    as_typed,
    deciding,
    form,
    handing_over,
    importing,
    letters,
    letters_csv,
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
    *agents_list.urls,
    *agents_csv.urls,
    *agents.urls,
    *letters.urls,
    *letters_csv.urls,
    *deciding.urls,
    *looking.urls,
    *verbs.urls,
    *handing_over.urls,
    *rules.urls,
    *accepting.urls,
    *packet.urls,
]
