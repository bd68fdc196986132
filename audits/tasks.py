"""What the scheduler pokes: thin doors."""

from __future__ import annotations

import logging

from celery import shared_task

from approvals.pulses import beating
from audits import sealing
from audits.guards import gone

logger = logging.getLogger(__name__)


@shared_task
@beating
def seal_record() -> int:
    """Seal what no process has sealed after its commit; returns how many events."""
    if lost := gone():
        logger.error("triggers of the record are gone", extra={"triggers": ", ".join(lost)})
    return sealing.seal(settled=sealing.SETTLED)
