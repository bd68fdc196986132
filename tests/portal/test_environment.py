"""The environment is read strictly: what cannot be understood is a sentence, and no sentence repeats a secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.environment import Environment, mail_settings


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("off", False), ("", False), (" ", False)])
def test_a_flag_is_yes_or_no(text: str, value: bool) -> None:
    assert Environment({"DEBUG": text}).flag("DEBUG") is value


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DEBUG", "perhaps", "DEBUG is “perhaps”. Write 1 for yes or 0 for no."),
        ("CLOCK_SHIFT", "7 days", "CLOCK_SHIFT is “7 days”. Write a whole number."),
        ("PORT", "70000", "PORT is 70000. Write a whole number from 1 to 65535."),
        ("PUBLIC_URL", "approvals.example.org", "PUBLIC_URL begins with “://”."),
        ("PUBLIC_URL", "https://example.org/portal", "PUBLIC_URL has to be scheme, host and port only"),
        ("TRUSTED_PROXIES", "10.0.0.1, proxy", "TRUSTED_PROXIES holds “proxy”."),
        ("DATABASE_URL", "mysql://somebody:password@host/x", "DATABASE_URL begins with “mysql://”."),
        ("DATABASE_URL", "postgres://somebody:password@host:port/x", "DATABASE_URL is not a URL."),
    ],
)
def test_what_cannot_be_understood_is_a_sentence(name: str, value: str, says: str) -> None:
    environment = Environment({name: value})
    read: dict[str, Callable[[], object]] = {
        "DEBUG": lambda: environment.flag(name),
        "CLOCK_SHIFT": lambda: environment.whole(name, 0),
        "PORT": lambda: environment.whole(name, 8000, least=1, most=65535),
        "PUBLIC_URL": lambda: environment.origin(name, "http://127.0.0.1"),
        "TRUSTED_PROXIES": lambda: environment.networks(name),
        "DATABASE_URL": lambda: environment.url(name, "postgres"),
    }
    with pytest.raises(ImproperlyConfigured) as refusal:
        read[name]()
    assert says in str(refusal.value)
    assert "password" not in str(refusal.value)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")
    environment = Environment({"SECRET_KEY_FILE": str(tmp_path / "key")})
    assert environment.secret("SECRET_KEY") == "from the file"
    assert environment.secrets == ["from the file"]


def test_value_and_file_together_are_refused(tmp_path: Path) -> None:
    environment = Environment({"SECRET_KEY": "one", "SECRET_KEY_FILE": str(tmp_path / "key")})
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY and SECRET_KEY_FILE are both set"):
        environment.secret("SECRET_KEY")


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE names a file that cannot be read"):
        Environment({"SECRET_KEY_FILE": str(tmp_path / "key")}).secret("SECRET_KEY")


def test_the_password_of_a_url_is_a_secret() -> None:
    environment = Environment({"DATABASE_URL": "postgres://somebody:p%40ss@host/portal"})
    environment.url("DATABASE_URL", "postgres")
    assert environment.secrets == ["p%40ss", "p@ss"]


@pytest.mark.parametrize(
    ("url", "port", "encrypted"),
    [
        ("smtp://mail.example.org", 25, (False, False)),
        ("smtps://mail.example.org", 465, (True, False)),
        ("smtp+tls://me:w%3Ard@mail.example.org:2525", 2525, (False, True)),
    ],
)
def test_the_scheme_of_email_url_says_how_mail_travels(url: str, port: int, encrypted: tuple[bool, bool]) -> None:
    found = mail_settings(url, Path("mail"))
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example.org", port)
    assert (found.get("EMAIL_USE_SSL", False), found.get("EMAIL_USE_TLS", False)) == encrypted
    assert found["EMAIL_HOST_PASSWORD"] == ("w:rd" if "@" in url else "")


def test_without_email_url_letters_are_files() -> None:
    assert mail_settings("", Path("mail"))["EMAIL_FILE_PATH"] == Path("mail")
