"""What the rows say is missing, and that nothing on them is a secret."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.set_up.facts import Facts, Member
from portal.set_up.rows import FRESH, Row, rows, unfinished
from tests.cast import MICROSECOND, MONDAY


def member(name: str, *roles: str, person: str = "", can_show: bool = True) -> Member:
    return Member(name, f"{name}@example.org", person or name, can_show, False, frozenset(roles))


WHOLE = Facts(
    (member("a", "Security"), member("b", "Security"), member("c", "Administrators"), member("d", "Administrators")),
    ("Security", "Administrators"), 7, MONDAY,
)  # fmt: skip


def row(key: str, there: Facts = WHOLE) -> Row:
    return next(one for one in rows(there, MONDAY) if one.key == key)


@pytest.fixture
def served(settings: Any) -> Any:
    """An installation that lacks nothing the portal can see."""
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://approvals.example.org", ["approvals.example.org"]
    settings.TRUSTED_PROXIES, settings.REDIS_URL = ["10.0.0.5/32"], "redis://broker.example"
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtps://u:hush@mail.example", "mail.example", 465
    settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER = True, False, "u"
    settings.EMAIL_HOST_PASSWORD = "hush"
    return settings


def test_an_installation_that_is_whole_lacks_nothing_and_tells_no_secret(served: Any) -> None:
    found = rows(WHOLE, MONDAY)
    assert unfinished(found) == []
    assert "hush" not in str(found)
    assert {one.tag.words for one in found} == {"Ready", "Ask it"}


def test_a_portal_on_this_machine_only_has_an_address_and_an_e_mail_server_to_do(served: Any) -> None:
    served.PUBLIC_URL, served.EMAIL_URL, served.REDIS_URL = "http://localhost:8000", "", ""
    assert unfinished(rows(WHOLE, MONDAY)) == ["public address", "mail sender", "worker and scheduler"]


def test_https_needs_a_proxy_that_is_believed(served: Any) -> None:
    served.TRUSTED_PROXIES = []
    assert "redirect to itself" in row("address").missing[0]


def test_letters_in_the_clear_are_something_to_do_unless_they_stay_here(served: Any) -> None:
    served.EMAIL_USE_SSL = False
    assert "unencrypted" in row("mail").missing[0]
    served.EMAIL_HOST = "localhost"
    assert row("mail").missing == []


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ((), "there is nobody"),
        ((member("a", "Security"),), "there is one"),
        ((member("a", "Security"), member("b", "Security", can_show=False)), "there is one"),
        ((member("a", "Security"), member("b", "Security", person="a")), "there is one"),
    ],
)
def test_two_signers_are_two_people_who_can_sign(served: Any, members: tuple[Member, ...], words: str) -> None:
    found = row("signers", Facts(members, (), 1))
    assert f"and {words}." in found.missing[0]
    assert "two administrators, and there is nobody" in found.missing[1]
    assert [step.label for step in found.steps] == ["People"], "said once"


def test_without_rules_the_first_one_is_the_next_step(served: Any) -> None:
    assert row("rules", Facts(WHOLE.members, (), 0)).missing == ["There is no rule, so nothing can be approved."]


def test_a_backup_is_taken_at_all_and_each_week(served: Any) -> None:
    assert "so is every signature" in row("backup", replace(WHOLE, backup_at=None)).missing[0]
    assert row("backup", replace(WHOLE, backup_at=MONDAY - FRESH)).missing == []
    assert "7 days old" in row("backup", replace(WHOLE, backup_at=MONDAY - FRESH - MICROSECOND)).missing[0]
