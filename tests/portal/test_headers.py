"""What every answer carries, and what the health address says."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@pytest.mark.django_db
def test_a_page_may_load_only_what_is_ours(client: Client) -> None:
    headers = client.get("/sign-in/").headers
    assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_the_session_stands_in_the_database_and_its_cookie_is_closed(client: Client) -> None:
    session = client.session
    session["a"] = 1
    session.save()
    response = client.get("/sign-in/")
    assert Session.objects.count() == 1
    cookie = response.cookies["csrftoken"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_sign_in_page(client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in/")


@pytest.mark.django_db
def test_health_says_that_the_database_answers(client: Client) -> None:
    assert client.get(reverse("healthz")).status_code == 200
    assert client.post(reverse("healthz")).status_code == 405


@pytest.mark.django_db
def test_health_says_when_it_does_not(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise DatabaseError("server closed the connection")

    monkeypatch.setattr(connection, "cursor", gone)
    response = client.get(reverse("healthz"))
    assert (response.status_code, response.content) == (503, b"The database does not answer.\n")


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_a_bad_request_and_gets_its_page(client: Client) -> None:
    """The page is made before anybody's session was looked at."""
    response = client.get("/sign-in/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert "Agent Approvals" in response.content.decode()
