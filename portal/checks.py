"""System checks: what is wrong with this installation, and what to do about it. An error stops the start."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@register(Tags.security)
def check_clock(app_configs: object, **kwargs: Any) -> Iterable[CheckMessage]:
    """A moved clock would move every end and every signature."""
    if settings.CLOCK_SHIFT and not settings.DEMO:
        yield Error(
            f"CLOCK_SHIFT moves the clock by {settings.CLOCK_SHIFT} seconds outside the demo.",
            hint="Unset CLOCK_SHIFT. It is for `make run` with the embedded database, and for the tests.",
            id="portal.E001",
        )


@register(Tags.security)
def check_demo(app_configs: object, **kwargs: Any) -> Iterable[CheckMessage]:
    """The demo has accounts with one shared password; it does not belong in front of people."""
    if settings.DEMO and urlsplit(settings.PUBLIC_URL).hostname not in LOOPBACK:
        yield Error(
            f"DEMO is on while the portal answers at {settings.PUBLIC_URL}.",
            hint="Unset DEMO. The demo accounts share one password and belong on this machine only.",
            id="portal.E002",
        )


@register(Tags.security)
def check_secret(app_configs: object, **kwargs: Any) -> Iterable[CheckMessage]:
    """Sessions and password links are signed with the secret key."""
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:
        key = ""
    if not key:
        yield Error(
            "There is no secret key.",
            hint="Set SECRET_KEY or SECRET_KEY_FILE, or start with `make run`, which makes one in DATA_DIR.",
            id="portal.E003",
        )
    elif len(key) < 32:
        yield Error(
            f"The secret key has {len(key)} characters.",
            hint="Use at least 32 random characters, for example from `openssl rand -base64 48`.",
            id="portal.E004",
        )


@register(Tags.security)
def check_public_url(app_configs: object, **kwargs: Any) -> Iterable[CheckMessage]:
    """Without https, passwords and session cookies can be read on the way."""
    public = urlsplit(settings.PUBLIC_URL)
    if public.scheme != "https" and public.hostname not in LOOPBACK:
        yield Error(
            f"PUBLIC_URL is {settings.PUBLIC_URL}: people would sign in without encryption.",
            hint="Put a proxy with TLS in front, name it in TRUSTED_PROXIES, and begin PUBLIC_URL with https://.",
            id="portal.E005",
        )
    if public.hostname and public.hostname not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        yield Error(
            f"ALLOWED_HOSTS does not hold {public.hostname}, the host of PUBLIC_URL.",
            hint="Add it to ALLOWED_HOSTS, or unset ALLOWED_HOSTS; every link in a letter would answer 400.",
            id="portal.E006",
        )
    if public.scheme == "https" and not settings.TRUSTED_PROXIES:
        yield Warning(
            "PUBLIC_URL is https and no proxy is trusted, so every page would redirect to itself.",
            hint="Set TRUSTED_PROXIES to the address of the proxy that ends TLS and sends X-Forwarded-Proto.",
            id="portal.W002",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS allows every host.",
            hint="Name the hosts people use. A forged host could end up in a link.",
            id="portal.E007",
        )


@register(Tags.security)
def check_debug(app_configs: object, **kwargs: Any) -> Iterable[CheckMessage]:
    """A debug page shows code and settings to whoever causes an error."""
    if settings.DEBUG and urlsplit(settings.PUBLIC_URL).hostname not in LOOPBACK:
        yield Error(
            f"DEBUG is on while the portal answers at {settings.PUBLIC_URL}.",
            hint="Unset DEBUG. It is for work on this machine.",
            id="portal.E008",
        )


@register(Tags.database)
def check_sqlite(app_configs: object, **kwargs: Any) -> Iterable[CheckMessage]:
    """SQLite loses writes with “database is locked” unless each transaction takes its lock at once."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        return
    options = database.get("OPTIONS", {})
    if options.get("transaction_mode") != "IMMEDIATE" or "journal_mode=WAL" not in options.get("init_command", ""):
        yield Error(
            "SQLite is not set to WAL with immediate transactions.",
            hint="Keep SQLITE_OPTIONS of portal/settings.py; without them concurrent signatures are lost.",
            id="portal.E009",
        )


@register(Tags.security, deploy=True)
def check_mail(app_configs: object, **kwargs: Any) -> Iterable[CheckMessage]:
    """Letters are a promise to owners, so files on a disk are not enough for an installation with people."""
    if not settings.EMAIL_URL:
        yield Warning(
            "Letters are written to files, so nobody is told before an approval ends.",
            hint="Set EMAIL_URL, such as smtp+tls://user:password@mail.example.org, and MAIL_FROM.",
            id="portal.W001",
        )


@register(Tags.security, deploy=True)
def check_broker(app_configs: object, **kwargs: Any) -> Iterable[CheckMessage]:
    """Worker and scheduler meet at the broker; `make run` brings its own, every other installation names one."""
    if not settings.REDIS_URL:
        yield Warning(
            "There is no broker, so no worker is ever asked to send letters or to write down ends.",
            hint="Set REDIS_URL, such as redis://redis.example.org:6379/0, or run `manage.py sweep` every few minutes.",
            id="portal.W003",
        )
