"""The environment, read strictly: what cannot be understood stops the start with a sentence, never with a guess."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

YES, NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})

# What the scheme of EMAIL_URL says about encryption, and the port it stands for.
MAIL_SCHEMES: dict[str, tuple[dict[str, bool], int]] = {
    "smtp": ({}, 25),
    "smtps": ({"EMAIL_USE_SSL": True}, 465),
    "smtp+tls": ({"EMAIL_USE_TLS": True}, 587),
}


class Environment:
    """Reads one value by its name; an empty value counts as not set."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.secrets: list[str] = []
        """Every secret that was read, so that the log can leave it out."""

    def text(self, name: str, default: str = "") -> str:
        """The value, or the default."""
        return self._values.get(name, "").strip() or default

    def flag(self, name: str, default: bool = False) -> bool:
        """Yes or no, in the usual spellings."""
        value = self.text(name).lower()
        if value and value not in YES | NO:
            raise ImproperlyConfigured(f"{name} is “{value}”. Write 1 for yes or 0 for no.")
        return value in YES if value else default

    def whole(self, name: str, default: int, *, least: int | None = None, most: int | None = None) -> int:
        """A whole number between `least` and `most`."""
        value = self.text(name)
        try:
            number = int(value) if value else default
        except ValueError:
            raise ImproperlyConfigured(f"{name} is “{value}”. Write a whole number.") from None
        if (least is not None and number < least) or (most is not None and number > most):
            raise ImproperlyConfigured(f"{name} is {number}. Write a whole number from {least} to {most}.")
        return number

    def words(self, name: str) -> list[str]:
        """A list separated by commas."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def networks(self, name: str) -> list[Network]:
        """Addresses or networks separated by commas."""
        found: list[Network] = []
        for word in self.words(name):
            try:
                found.append(ipaddress.ip_network(word))
            except ValueError:
                raise ImproperlyConfigured(
                    f"{name} holds “{word}”. Write addresses or networks such as 10.0.0.5 or 10.0.0.0/24."
                ) from None
        return found

    def file_or_text(self, name: str, default: str = "") -> str:
        """The value of NAME, or what the file named by NAME_FILE holds. Both at once is a mistake."""
        path = self.text(f"{name}_FILE")
        if not path:
            return self.text(name, default)
        if self.text(name):
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE names a file that cannot be read: {error}.") from None

    def secret(self, name: str) -> str:
        """A value that must never reach a log."""
        value = self.file_or_text(name)
        if value:
            self.secrets.append(value)
        return value

    def url(self, name: str, *schemes: str, default: str = "") -> str:
        """A URL with one of the schemes. Its password, when it has one, is remembered as a secret."""
        value = self.file_or_text(name, default)
        if not value:
            return value
        parts = split(name, value, schemes)
        if parts.password:
            self.secrets += [parts.password, unquote(parts.password)]
        return value

    def origin(self, name: str, default: str) -> SplitResult:
        """A URL that is nothing but scheme, host and port."""
        parts = split(name, self.url(name, "http", "https", default=default), ("http", "https"))
        if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
            raise ImproperlyConfigured(
                f"{name} has to be scheme, host and port only, such as https://approvals.example.org."
            )
        return parts


def split(name: str, value: str, schemes: tuple[str, ...]) -> SplitResult:
    """The parts of a URL. Its value is not repeated in the refusal, because it may hold a password."""
    wanted = ", ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - asking for it is what checks it
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not a URL. Write one that begins with {wanted}.") from None
    if parts.scheme not in schemes:
        raise ImproperlyConfigured(f"{name} begins with “{parts.scheme}://”. It has to begin with {wanted}.")
    return parts


def mail_settings(url: str, folder: Path) -> dict[str, Any]:
    """Django's mail settings for EMAIL_URL; without one every mail becomes a file in the folder."""
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": folder}
    parts = split("EMAIL_URL", url, tuple(MAIL_SCHEMES))
    if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ImproperlyConfigured("EMAIL_URL has to be smtp://, smtps:// or smtp+tls:// with user:password@host:port.")
    encryption, port = MAIL_SCHEMES[parts.scheme]
    return {
        "EMAIL_BACKEND": "approvals.letters.conversation.Backend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        **encryption,
    }


def provider_key(issuer: str) -> str:
    """How accounts of this provider are kept apart from those of another one that may come later."""
    return f"oidc-{sha256(issuer.encode()).hexdigest()[:16]}"


def provider_settings(issuer: str, client_id: str, client_secret: str) -> dict[str, Any]:
    """What the sign-in library wants to know of the OpenID Connect provider; nothing when none is named."""
    named = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": client_id, "OIDC_CLIENT_SECRET": client_secret}
    missing = ", ".join(name for name, value in named.items() if not value)
    if len(missing.split(", ")) == len(named):
        return {}
    if missing:
        raise ImproperlyConfigured(f"Sign-in with a provider needs {missing} too. Set all three, or none of them.")
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise ImproperlyConfigured(
            "OIDC_ISSUER has to begin with https://: what comes from it decides who somebody is."
        )
    app = {"provider_id": provider_key(issuer), "name": str(parts.hostname)[:40], "client_id": client_id,
           "secret": client_secret, "settings": {"server_url": issuer}}  # fmt: skip
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def claimed_groups(text: str) -> tuple[str, dict[str, str]]:
    """The claim that names groups, and which group here each of its values stands for.

    “agents-security=Security, web=Web platform” reads the claim `groups`; “roles: …” in front names another claim.
    """
    named = re.match(r"([\w.-]+):\s", text)
    claim, rest = (named[1], text[named.end() :]) if named else ("groups", text)
    pairs = [pair.partition("=") for pair in rest.split(",") if pair.strip()]
    if any(not (theirs.strip() and ours.strip()) for theirs, _, ours in pairs):
        raise ImproperlyConfigured(
            "OIDC_GROUPS has to be pairs such as agents-security=Security, web=Web platform. "
            "Another claim than groups is named in front, as in roles: agents-security=Security."
        )
    return claim, {theirs.strip(): ours.strip() for theirs, _, ours in pairs}
