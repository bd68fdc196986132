"""An OpenID Connect provider on this machine, and somebody who goes there and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.test import Client, override_settings
from oidc_provider_mock import run_server_in_thread

from portal.environment import claimed_groups, provider_key, provider_settings

GROUPS = "sec=Security, web=Web platform, gone=No such group"


class Provider:
    """Where it is, and what it says of people."""

    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}"

    def knows(self, sub: str, **claims: Any) -> None:
        """From now on it says this of the person."""
        requests.put(f"{self.url}/users/{sub}", json=claims, timeout=10).raise_for_status()

    def settings(self, groups: str = GROUPS) -> dict[str, Any]:
        """What the portal's settings become when it is set up."""
        app = provider_settings(self.url, "portal", "a secret of the client")
        app["openid_connect"]["APPS"][0]["provider_id"] = settings.OIDC_PROVIDER  # addresses were made with this one
        claim, mapped = claimed_groups(groups)
        return {"OIDC_ISSUER": self.url, "OIDC_CLAIM": claim, "OIDC_GROUPS": mapped, "SOCIALACCOUNT_PROVIDERS": app}

    def send_back(self, sub: str, client: Client, start: str = "/sign-in/provider/") -> Any:
        """Start at the portal, sign in at the provider as this person, and come back; the portal's answer."""
        there = client.get(start)
        assert there.status_code == 302, there.content
        answer = requests.post(there["Location"], data={"sub": sub}, allow_redirects=False, timeout=10)
        back = urlsplit(answer.headers["Location"])
        return client.get(f"{back.path}?{back.query}")


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that is up and set up here."""
    with run_server_in_thread() as server:
        provider = Provider(server.server_port)
        with override_settings(**provider.settings()):
            yield provider


__all__ = ["GROUPS", "Provider", "provider_key", "running"]
