"""`manage.py rebuild_search`: make the words under which packets are found anew, from the packets themselves."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand

from approvals import search_index
from approvals.models import Packet
from approvals.transitions.claiming import queued


class Command(BaseCommand):
    """Harmless while the portal runs: each packet is settled under its own claim, as its verbs do."""

    help = "Make the search index anew. Only needed after a change made in the database by hand."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many packets were read."""
        count = 0
        for key in Packet.objects.order_by("pk").values_list("pk", flat=True).iterator():
            with queued(key) as packet:
                search_index.settle(packet)
            count += 1
        self.stdout.write(f"The words of {count} packets are as their content says.")
