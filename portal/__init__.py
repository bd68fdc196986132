"""Wiring: settings, addresses, accounts, pages of the shell. Decides nothing."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
