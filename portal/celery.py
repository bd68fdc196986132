"""The Celery application. Its schedule only pokes: what is due is written in the database."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def keep_time(**signal: object) -> None:
    """In the scheduler only: whatever scheduler it is, and however it was started, it gives signs of life."""
    from portal.health import scheduling

    scheduling.connect()
