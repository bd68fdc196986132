"""Each system check: what is wrong, what to do, and silence when all is well."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as configured
from django.core.checks.registry import registry
from pytest_django import Settings

SAFE = {
    "CLOCK_SHIFT": 0,
    "DEBUG": False,
    "DEMO": False,
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMN",
    "PUBLIC_URL": "https://approvals.example.org",
    "ALLOWED_HOSTS": ["approvals.example.org"],
    "TRUSTED_PROXIES": ["10.0.0.1"],
    "EMAIL_URL": "smtp://mail.example.org",
    "REDIS_URL": "redis://redis.example.org",
}


def found(settings: Settings, **changes: Any) -> set[str]:
    """The ids of our own messages under these settings."""
    for name, value in (SAFE | changes).items():
        setattr(settings, name, value)
    checks = [check for check in registry.get_checks(True) if check.__module__ == "portal.checks"]
    messages = [message for check in checks for message in check(app_configs=None, databases=None)]
    assert all(message.hint for message in messages), "Say what to do about it in the hint."
    return {str(message.id) for message in messages}


def test_a_safe_installation_has_nothing_to_hear(settings: Settings) -> None:
    assert found(settings) == set()


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({"CLOCK_SHIFT": 60}, {"portal.E001"}),
        ({"CLOCK_SHIFT": -60}, {"portal.E001"}),
        ({"DEMO": True}, {"portal.E002"}),
        ({"SECRET_KEY": ""}, {"portal.E003"}),
        ({"SECRET_KEY": "short"}, {"portal.E004"}),
        ({"PUBLIC_URL": "http://approvals.example.org"}, {"portal.E005"}),
        ({"ALLOWED_HOSTS": ["elsewhere.example.org"]}, {"portal.E006"}),
        ({"ALLOWED_HOSTS": ["*"]}, {"portal.E007"}),
        ({"DEBUG": True}, {"portal.E008"}),
        ({"EMAIL_URL": ""}, {"portal.W001"}),
        ({"TRUSTED_PROXIES": []}, {"portal.W002"}),
        ({"REDIS_URL": ""}, {"portal.W003"}),
    ],
)
def test_what_is_unsafe_is_said(settings: Settings, changes: dict[str, Any], ids: set[str]) -> None:
    assert found(settings, **changes) == ids


def test_the_demo_may_move_its_clock_on_this_machine(settings: Settings) -> None:
    here = {"PUBLIC_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": ["127.0.0.1"]}
    assert found(settings, CLOCK_SHIFT=60, DEMO=True, **here) == set()


@pytest.mark.parametrize(
    "options", [{}, {"transaction_mode": "IMMEDIATE"}, {"init_command": "PRAGMA journal_mode=WAL"}]
)
def test_sqlite_that_loses_writes_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, options: dict[str, str]
) -> None:
    monkeypatch.setitem(configured.DATABASES, "default", {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": options})
    assert found(settings) == {"portal.E009"}
