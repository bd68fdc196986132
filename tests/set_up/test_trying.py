"""Each test of the set-up page really tries, says what happened and no more, and leaves one event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from approvals import validity
from approvals.models import Event, Letter, SignOffRule
from approvals.vocabulary import EventKind, LetterState, Role
from portal.celery import app
from portal.models import SecondFactorRule
from portal.set_up import trying
from portal.set_up.facts import facts
from portal.set_up.rows import rows
from portal.set_up.trying import try_out
from tests.accounts.entering import with_app
from tests.accounts.providing import running
from tests.cast import Cast, person, rules_ask
from tests.letters.mailserver import DROP, Script, refusing, serving
from tests.set_up.answering import answering

pytestmark = pytest.mark.django_db


def events() -> list[Any]:
    rows = Event.objects.filter(kind=EventKind.SET_UP_TESTED).order_by("pk")
    return [json.loads(bytes(row.body))["detail"] for row in rows]


def said(key: str, cast: Cast) -> tuple[bool, str]:
    before = len(events())
    result = try_out(key, cast.admin)
    assert events()[before:] == [{"test": key, "passed": result.passed, "sentence": result.said}]
    return result.passed, result.said


def test_a_test_e_mail_that_the_server_accepts_is_not_said_to_have_arrived(cast: Cast, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example"
    with serving(Script(), settings) as server:
        passed, words = said("mail", cast)
    assert passed
    assert "accepted the e-mail to you. Accepted is not arrived" in words
    [letter] = server.heard
    assert letter["To"] == cast.admin.email
    assert Letter.objects.get().state == LetterState.SENT, "it went the way of all others"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (Script("550 No such mailbox"), "refused the e-mail to you for good: it said “550 No such mailbox”."),
        (Script("451 Busy"), "did not take the e-mail: it said “451 Busy”. The worker will try it again."),
        (Script(DROP), "broke off while it had the e-mail. Nobody knows whether it arrives."),
    ],
)
def test_a_mail_server_that_says_no(cast: Cast, settings: Any, script: Script, words: str) -> None:
    settings.EMAIL_URL = "smtp://mail.example"
    with serving(script, settings):
        passed, told = said("mail", cast)
    assert not passed
    assert words in told


def test_a_mail_server_that_is_down(cast: Cast, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example"
    refusing(settings)
    passed, words = said("mail", cast)
    assert not passed
    assert words.endswith("did not take the e-mail: nobody listens there. The worker will try it again.")


def test_without_a_mail_server_nobody_is_said_to_have_got_anything(cast: Cast) -> None:
    assert said("mail", cast) == (
        False, "There is no mail server: the e-mail was written into a file, and nobody gets it.",
    )  # fmt: skip
    assert len(mail.outbox) == 1


def test_who_has_no_address_gets_no_e_mail(cast: Cast) -> None:
    cast.admin.email = ""
    assert said("mail", cast) == (
        False, "Your account has no e-mail address that is one. Ask an administrator to set it.",
    )  # fmt: skip
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("says", "passes", "words"),
    [
        ({}, True, "asked from the machine it runs on"),
        ({"status": 400}, False, "Add it to ALLOWED_HOSTS."),
        ({"status": 503}, False, "Something answered there (503)"),
        ({"body": b"Welcome"}, False, "not as this portal does"),
        ({"status": 301, "headers": {"Location": "https://elsewhere.example/x"}}, False, "was not followed"),
    ],
)
def test_the_public_address(cast: Cast, settings: Any, says: dict[str, Any], passes: bool, words: str) -> None:
    with answering(**says) as server:
        settings.PUBLIC_URL = server.url
        passed, told = said("address", cast)
    assert server.asked == ["/healthz"]
    assert passed is passes
    assert words in told


def test_a_proxy_that_lets_underscores_pass_is_found_out(cast: Cast, settings: Any) -> None:
    with answering(headers={"X-Underscore-Probe": "arrived"}) as server:
        settings.PUBLIC_URL = server.url
        assert said("address", cast)[0], "without a proxy nobody is believed anyway"
        settings.TRUSTED_PROXIES = ["127.0.0.1/32"]
        passed, words = said("address", cast)
    assert not passed
    assert "Let the proxy drop them." in words


def test_a_provider_that_describes_itself(cast: Cast) -> None:
    with running():
        passed, words = said("provider", cast)
    assert passed
    assert "only a sign-in can tell" in words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>", "something that is no description"),
        (b"[]", "something that is no description"),
        (b'{"issuer": "https://other.example"}', "of another issuer than OIDC_ISSUER"),
        (b'{"issuer": "HERE", "token_endpoint": "x"}', "lacks authorization_endpoint and jwks_uri"),
    ],
)
def test_a_provider_that_says_something_else(cast: Cast, settings: Any, body: bytes, words: str) -> None:
    with answering() as server:
        settings.OIDC_ISSUER, server.body = server.url, body.replace(b"HERE", server.url.encode())
        passed, told = said("provider", cast)
    assert (passed, server.asked) == (False, ["/.well-known/openid-configuration"])
    assert words in told


def test_without_a_provider_nothing_is_asked(cast: Cast) -> None:
    assert said("provider", cast) == (False, "No sign-in provider is set: OIDC_ISSUER is empty.")


def test_accounts_without_a_second_factor_are_named(cast: Cast) -> None:
    passed, words = said("sign-in", cast)
    assert not passed
    assert cast.security.printed_name in words
    for account in (cast.security, cast.security2, cast.admin):
        with_app(account)
    assert said("sign-in", cast)[0]


def test_signers_are_distinct_people_who_can_show_who_they_are(cast: Cast) -> None:
    assert said("signers", cast)[0]
    cast.security2.email = cast.security.email.upper()
    cast.security2.save()
    passed, words = said("signers", cast)
    assert (passed, words) == (False, "1 of Security could sign now; it takes two.")
    cast.security2.email, cast.security2.password = "two@example.org", "!"
    cast.security2.save()
    passed, words = said("signers", cast)
    assert not passed
    assert f"{cast.security2.printed_name} has no password, no passkey" in words
    cast.security2.is_active = False
    cast.security2.save()
    assert said("signers", cast)[1] == "1 of Security could sign now; it takes two."


def test_every_signature_the_rules_ask_for_is_filled_with_distinct_people(cast: Cast) -> None:
    rules_ask({"Security": 2})
    assert said("rules", cast)[0]
    cast.security2.email = cast.security.email
    cast.security2.save()
    passed, words = said("rules", cast)
    assert (passed, words) == (False, "Where two of Security must sign, too few can: 1 in Security.")


def test_a_team_of_one_has_nobody_beside_the_author(cast: Cast) -> None:
    SignOffRule.objects.update(is_active=False)
    SignOffRule(name="The team", group=None, count=1, longest_life=9).save()
    person("lonely", "Lou", "Lonely", ("Night shift",))
    passed, words = said("rules", cast)
    assert not passed
    assert "Where one of Night shift must sign beside the author, too few can: 1 in Night shift." in words
    assert "Web platform" not in words, "two of it can"


def test_a_situation_without_a_rule_is_told_and_so_is_having_none(cast: Cast) -> None:
    SignOffRule.objects.exclude(tier="high").update(is_active=False)
    passed, words = said("rules", cast)
    assert not passed
    assert "No rule applies to standing authority of low risk" in words
    SignOffRule.objects.update(is_active=False)
    assert said("rules", cast) == (False, "There is no rule, so nothing can be approved.")


def test_a_worker_is_called_and_says_nothing_or_something(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = ""
    assert said("worker", cast) == (False, "There is no broker, so no worker can be called.")
    settings.REDIS_URL = "redis://broker.example"

    def calling(answers: Any) -> None:
        monkeypatch.setattr(app.control, "ping", answers)

    calling(lambda timeout: [{"one": {"ok": "pong"}}])
    assert said("worker", cast) == (True, "1 worker answered.")
    calling(lambda timeout: [])
    assert "No worker answered within" in said("worker", cast)[1]

    def down(timeout: int) -> None:
        raise ConnectionError("no")

    calling(down)
    assert "The broker cannot be reached (ConnectionError)" in said("worker", cast)[1]


def test_a_backup_that_is_only_tried_is_none(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Path] = []

    def nothing_fits(folder: Path) -> None:
        tried.append(folder)
        raise OSError(28, "No space left on device", str(folder))

    monkeypatch.setattr(trying, "written", nothing_fits)
    assert said("backup", cast) == (False, "No backup could be written: No space left on device")
    assert not tried[0].exists()
    assert facts(validity.now()).backup_at is None


def test_what_is_no_test_is_none(cast: Cast) -> None:
    with pytest.raises(KeyError):
        try_out("database", cast.admin)
    assert events() == []


def test_a_role_that_needs_a_second_factor_is_one_gap_less(cast: Cast) -> None:
    now = validity.now()

    def missing() -> list[str]:
        return next(row for row in rows(facts(now), now) if row.key == "sign-in").missing

    assert missing() == ["A password alone opens the accounts of Security and Administrators."]
    SecondFactorRule.objects.filter(group__name__in=(Role.SECURITY, Role.ADMINISTRATORS)).update(required=True)
    assert missing() == []
