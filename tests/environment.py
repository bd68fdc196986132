"""The environment of a test run, set before Django reads it: a data folder of its own, and nothing of the machine's."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

KEPT = {"DATABASE_URL"}  # set by tests.servers.on_postgresql to run the same tests there
OIDC = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_GROUPS")
OURS = {
    name + suffix
    for name in (*OIDC, "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "METRICS_TOKEN", "SECRET_KEY", "SEAL_KEY")
    for suffix in ("", "_FILE")
} | {
    "ALLOWED_HOSTS", "CLOCK_SHIFT", "DEBUG", "DEMO_PASSWORD", "MAIL_FROM", "METRICS_ON_LOOPBACK", "PORT", "PUBLIC_URL",
    "STATIC_DIR", "TRUSTED_PROXIES", "WITNESS_FILE",
}  # fmt: skip

if "PYTEST_XDIST_WORKER" not in os.environ:  # the workers of a parallel run inherit what their parent set
    for name in OURS - KEPT:
        os.environ.pop(name, None)
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="approvals-tests-")
    os.environ["DEMO"] = "1"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs an event loop in the thread of the test
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    os.environ["SECRET_KEY"] = "only-for-tests-" * 4
    Path(os.environ["DATA_DIR"], "static").mkdir()
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)


def change_settings() -> None:
    """What is different in tests: quick passwords, no collected files, pokes that stay in memory, a database file."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "memory://"
    settings.INSTALLED_APPS += ["zeal"]  # a page that asks the database once for each row of a list fails its test
    settings.MIDDLEWARE.insert(0, "zeal.middleware.zeal_middleware")
    # A stock screen for people gets two of them: who asks, and who is shown. That is no list.
    # Whoever comes in leaves one session and gets another.
    settings.ZEAL_ALLOWLIST = [
        {"model": "portal.User", "field": "get()"},
        {"model": "sessions.Session", "field": "get()"},
    ]
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database.setdefault("TEST", {})["NAME"] = str(Path(os.environ["DATA_DIR"]) / "test.sqlite3")


change_settings()
