"""Who one is, shown in the panel: one post signs, a wrong one keeps everything but the password, and counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from approvals.models import Event, Presence, Version
from approvals.vocabulary import State
from portal.models import Attempts
from tests import present
from tests.accounts.entering import code, with_app
from tests.accounts.providing import running
from tests.cast import PASSWORD, Cast, Clock, Walk, kinds, latest, no_trace
from tests.pages.asking import signed_in, signing, verb

pytestmark = pytest.mark.django_db
WRONG = "not the password 4711"


def fields(html: str) -> str:
    """The panel alone."""
    return html.partition('id="decide"')[2].partition("</form>")[0]


@contextmanager
def undecided(version: Version) -> Iterator[None]:
    """Nothing of the version is different afterwards; a failed guess is in the record, and that is all."""
    before = (kinds(version), latest(version).revision)
    yield
    assert (kinds(version), latest(version).revision) == before and not version.decisions.exists()
    assert set(Event.objects.filter(version=None).values_list("kind", flat=True)) <= {"agent_added", "sign_in_failed"}


def post(client: Any, version: Version, **typed: Any) -> Any:
    return client.post(verb(version, "decide"), signing(version, **typed))


def test_so_20_wrong_or_missing_nothing_is_signed_and_all_but_the_password_stays(cast: Cast, in_review: Walk) -> None:
    version, client = in_review(), signed_in(cast.security)
    for password, words in ((WRONG, "This is not your password."), ("", "Your password is missing.")):
        with undecided(version):
            response = post(client, version, password=password, reason="My long reason.")
        panel = fields(response.content.decode())
        assert response.status_code == 422 and words in panel
        assert "My long reason." in panel and re.search(r'value="approve"[^>]*checked', panel)
        assert not Presence.objects.exists() and WRONG not in response.content.decode()
    assert latest(version).state == State.IN_REVIEW


def test_the_password_stands_in_no_row_and_no_session(cast: Cast, in_review: Walk) -> None:
    version, client = in_review(), signed_in(cast.security)
    post(client, version, password=WRONG)
    assert post(client, version).status_code == 302
    assert not any(word in bytes(event.body).decode() for event in Event.objects.all() for word in (WRONG, PASSWORD))
    assert WRONG not in str(dict(client.session)) and PASSWORD not in str(dict(client.session))
    assert version.decisions.get().shown_by == "password"


def test_guessing_in_the_panel_is_counted_and_what_was_written_waits(cast: Cast, in_review: Walk) -> None:
    version, client = in_review(), signed_in(cast.security)
    for _ in range(5):
        assert post(client, version, password=WRONG).status_code == 422
    with no_trace():
        response = post(client, version, reason="My long reason.")
    assert response.status_code == 429 and response["Retry-After"]
    assert "My long reason." in fields(client.get(version.get_absolute_url()).content.decode())


def test_the_right_password_is_not_counted(cast: Cast, in_review: Walk) -> None:
    client = signed_in(cast.security)
    for _ in range(7):
        assert post(client, in_review(seats=None)).status_code == 302
    assert not [one for one in Attempts.objects.all() if one.at]


def test_where_there_is_an_app_its_code_stands_beside_the_password(cast: Cast, in_review: Walk) -> None:
    version, client, secret = in_review(), signed_in(cast.security), with_app(cast.security)
    panel = fields(client.get(version.get_absolute_url()).content.decode())
    assert 'autocomplete="current-password"' in panel and 'autocomplete="one-time-code"' in panel
    for typed in ({}, {"code": "000000"}):
        with undecided(version):
            response = post(client, version, **typed)
        assert response.status_code == 422 and "This code does not fit" in fields(response.content.decode())
        assert "000000" not in fields(response.content.decode())
    assert post(client, version, code=code(secret)).status_code == 302
    assert version.decisions.get().signed_with == "signed with password and code"


def test_what_holds_already_needs_no_second_password(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version, client = in_review(), signed_in(cast.security)
    from approvals.transitions import Seen

    present.shown(Seen.of(version), cast.security, "approve", session=client.session.session_key or "")
    clock.forward(minutes=5)
    with no_trace():
        assert post(client, version, password="").status_code == 422
    present.shown(Seen.of(version), cast.security, "approve", session=client.session.session_key or "")
    assert post(client, version, password="").status_code == 302


def test_who_has_no_way_to_sign_is_told_before_reading(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    cast.security.set_unusable_password()
    cast.security.save()
    client = signed_in(cast.security)
    html = client.get(version.get_absolute_url()).content.decode()
    assert html.count("You cannot sign yet.") == 2 and html.index("You cannot sign yet.") < html.index("Findings")
    assert 'href="/account/"' in fields(html) and "<button" not in fields(html).partition("<footer>")[2]
    with no_trace():
        assert post(client, version).status_code == 403


def test_through_the_provider_and_back_with_what_was_written(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    cast.security.set_unusable_password()
    cast.security.save()
    with running() as provider:
        provider.knows("p-9", email="security@example.org", email_verified=True, groups=["sec"])
        client = signed_in(cast.outsider)
        client.logout()
        provider.send_back("p-9", client)
        assert "Sign in again at localhost to sign" in fields(client.get(version.get_absolute_url()).content.decode())
        with no_trace():
            away = post(client, version, password="", reason="My long reason.")["Location"]
        assert away.startswith("/account/show/?") and "long" not in away
        query = away.partition("?")[2]
        assert f"/account/show/provider/?{query}" in client.get(away).content.decode().replace("&amp;", "&")
        back = provider.send_back("p-9", client, f"/account/show/provider/?{query}")["Location"]
        assert back == f"{version.get_absolute_url()}#decide"
        panel = fields(client.get(version.get_absolute_url()).content.decode())
        assert "My long reason." in panel and re.search(r'value="approve"[^>]*checked', panel)
        assert "You have shown who you are until" in panel
        with no_trace():
            assert post(client, version, verdict="reject", password="", reason="Else.").status_code == 302
        assert latest(version).state == State.IN_REVIEW, "another verdict has to be shown for by itself"
        assert post(client, version, password="", reason="My long reason.").status_code == 302
    assert version.decisions.get().signed_with == "signed with provider"
    assert not client.session.get("decisions")


def test_a_secret_in_the_reason_does_not_wait_anywhere(cast: Cast, in_review: Walk) -> None:
    version, client = in_review(), signed_in(cast.security)
    token = "ghp_" + "a1B2" * 9
    assert post(client, version, by="elsewhere", reason=f"It used {token}.").status_code == 422
    assert token not in str(dict(client.session))


def test_what_somebody_else_wrote_is_not_shown(cast: Cast, in_review: Walk) -> None:
    version, client = in_review(), signed_in(cast.security)
    post(client, version, by="elsewhere", reason="My long reason.")
    assert "My long reason." in client.get(version.get_absolute_url()).content.decode()
    assert "My long reason." not in signed_in(cast.security2).get(version.get_absolute_url()).content.decode()


def test_breaking_the_glass_asks_the_same(cast: Cast, in_review: Walk) -> None:
    version, client = in_review(seats={"Security": 2}), signed_in(cast.security)
    address = verb(version, "break-glass")
    assert 'autocomplete="current-password"' in client.get(address).content.decode()
    for password in ("", WRONG):
        with undecided(version):
            response = client.post(address, signing(version, password=password, reason="Checkout is down."))
        assert response.status_code == 422 and "Checkout is down." in response.content.decode()
    assert client.post(address, signing(version, reason="Checkout is down.")).status_code == 302
    assert version.decisions.get().shown_by == "password"
