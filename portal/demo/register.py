"""The data register of the demo: what its packets read, and who answers for it."""

from __future__ import annotations

from django.contrib.auth.models import Group

from approvals import events
from approvals.models import DataTarget
from approvals.risk.register import DataClass
from approvals.transitions.claiming import put_down
from approvals.vocabulary import EventKind
from portal.demo.people import CARE
from portal.models import User

# target → name, class, and a group or a person who answers for it
ENTRIES: dict[str, tuple[str, DataClass, str]] = {
    "crm.customers": ("Customer records", DataClass.CUSTOMER, CARE),
    "zendesk": ("Support tickets", DataClass.CUSTOMER, CARE),
    "payments": ("Payments", DataClass.PRODUCTION, "outsider"),
}


def fill_register(people: dict[str, User]) -> None:
    """Every entry, written by the administrator, each with its event."""
    for pattern, (name, data_class, answers) in ENTRIES.items():
        group = Group.objects.get(name=answers) if answers not in people else None
        row = DataTarget(
            pattern=pattern, name=name, data_class=data_class, owner=people.get(answers), owner_group=group
        )  # fmt: skip
        row.full_clean()
        put_down(row, people["admin"])
        detail = {"what": "data register entry", "name": pattern, "fields": ["data_class", "name"], "new": True}
        events.record(EventKind.REGISTER_CHANGED, actor=people["admin"], detail=detail)
