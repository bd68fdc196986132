"""People who come through the OpenID Connect provider: which account, which groups, and who stays out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings

from approvals import transitions
from approvals.letters import outbox
from approvals.models import Letter
from approvals.vocabulary import EventKind
from portal.environment import claimed_groups, provider_key, provider_settings
from portal.models import User
from tests.accounts.entering import code, told, who, with_app
from tests.accounts.providing import Provider, running
from tests.cast import Cast, content

pytestmark = pytest.mark.databases


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as there:
        yield there


def groups(person: User) -> set[str]:
    return {group.name for group in User.objects.get(pk=person.pk).groups.all()}


def test_a_first_sign_in_makes_an_account_without_a_password(cast: Cast, provider: Provider) -> None:
    provider.knows("n-1", preferred_username="nora", email="nora@example.org", email_verified=True, name="Nora North")
    client = Client()
    assert provider.send_back("n-1", client, "/sign-in/provider/?next=/agents/")["Location"] == "/agents/"
    person = User.objects.get(username="nora")
    assert who(client) == "nora"
    assert (person.email, person.printed_name) == ("nora@example.org", "Nora North")
    assert not (person.has_usable_password() or person.is_staff or person.is_superuser or person.groups.exists())
    assert told(EventKind.SIGNED_IN) == [{"person": "nora", "by": ["provider"]}]
    assert told(EventKind.PERSON_CHANGED)[0]["new"] is True


def test_a_newcomer_without_a_team_is_told_whom_to_ask(cast: Cast, provider: Provider) -> None:
    client = Client()
    provider.send_back("n-2", client)
    assert "Ask an administrator of this portal to add you to your team" in client.get("/account/").content.decode()
    assert "administrator" in client.get("/").content.decode()


def test_the_second_time_the_same_account_is_found_whatever_its_name_there(cast: Cast, provider: Provider) -> None:
    provider.knows("n-3", preferred_username="nils")
    provider.send_back("n-3", Client())
    provider.knows("n-3", preferred_username="admin", email="admin@example.org", email_verified=True)
    client = Client()
    provider.send_back("n-3", client)
    assert who(client) == "nils"


def test_a_name_that_is_taken_gets_another_ending(cast: Cast, provider: Provider) -> None:
    provider.knows("n-4", preferred_username="security")
    client = Client()
    provider.send_back("n-4", client)
    assert who(client) not in ("security", "")
    assert not SocialAccount.objects.filter(user=cast.security).exists()


def test_groups_follow_the_claim_both_ways_and_each_change_is_an_event(cast: Cast, provider: Provider) -> None:
    provider.knows("g-1", preferred_username="greta", groups=["sec", "web", "unknown", "gone"])
    provider.send_back("g-1", Client())
    greta = User.objects.get(username="greta")
    assert groups(greta) == {"Security", "Web platform"}
    greta.groups.add(cast.other_team)
    provider.knows("g-1", preferred_username="greta", groups=["web"])
    provider.send_back("g-1", Client())
    assert groups(greta) == {"Web platform", "Billing"}, "a group that is not mapped stays as it is"
    provider.knows("g-1", preferred_username="greta")
    provider.send_back("g-1", Client())
    assert groups(greta) == {"Billing"}, "no claim means none of the mapped groups"
    assert told(EventKind.MEMBERSHIP_CHANGED) == [
        {"person": "greta", "added": ["Security", "Web platform"], "removed": []},
        {"person": "greta", "added": [], "removed": ["Security"]},
        {"person": "greta", "added": [], "removed": ["Web platform"]},
    ]


@pytest.mark.parametrize("claim", [{"sec": True}, 7, True, "security", [["sec"]], None])
def test_a_claim_of_another_form_gives_nothing(cast: Cast, provider: Provider, claim: Any) -> None:
    provider.knows("g-2", preferred_username="gustav", groups=claim)
    provider.send_back("g-2", Client())
    assert groups(User.objects.get(username="gustav")) == set()


def test_a_verified_address_links_the_one_account_that_has_it_and_its_owner_hears(
    cast: Cast, provider: Provider
) -> None:
    provider.knows("l-1", email="Engineer@Example.org", email_verified=True, preferred_username="somebody")
    client = Client()
    provider.send_back("l-1", client)
    assert who(client) == "engineer"
    assert User.objects.count() == len(cast.everyone())
    assert told(EventKind.PROVIDER_LINKED)[0]["person"] == "engineer"
    outbox.announce_all()
    told_them = Letter.objects.filter(recipient=cast.engineer).values_list("subject", flat=True)
    assert any(subject.startswith("Sign-in with a provider was linked") for subject in told_them)


def test_whoever_was_named_by_e_mail_comes_in_by_their_verified_address_alone(cast: Cast, provider: Provider) -> None:
    transitions.draft(content(rollback_owner="nora.north@example.org"), actor=cast.engineer)
    client = Client()
    provider.knows(
        "w-1", email="nora.north@example.org", email_verified=False, preferred_username="nora.north@example.org"
    )
    provider.send_back("w-1", client)
    assert who(client) not in ("", "nora.north@example.org")
    assert User.objects.get(username="nora.north@example.org").awaited
    provider.knows("w-2", email="Nora.North@example.org", email_verified=True, name="Nora North", groups=["web"])
    client = Client()
    provider.send_back("w-2", client)
    nora = User.objects.get(username="nora.north@example.org")
    assert who(client) == nora.username and nora.printed_name == "Nora North" and groups(nora) == {"Web platform"}
    assert nora.is_active and not nora.awaited and not nora.has_usable_password()
    assert told(EventKind.PERSON_ARRIVED) == [{"person": nora.username}]


def test_whoever_was_named_and_turned_away_stays_out(cast: Cast, provider: Provider) -> None:
    transitions.draft(content(rollback_owner="ned@example.org"), actor=cast.engineer)
    ned = User.objects.get(username="ned@example.org")
    ned.awaited = False
    ned.save()
    provider.knows("w-3", email="ned@example.org", email_verified=True)
    client = Client()
    assert provider.send_back("w-3", client).status_code == 403
    assert who(client) == "" and told(EventKind.PERSON_ARRIVED) == []


@pytest.mark.parametrize("verified", [False, None, "no"])
def test_an_address_that_is_not_verified_links_nothing_and_is_not_kept(
    cast: Cast, provider: Provider, verified: Any
) -> None:
    provider.knows("l-2", email="engineer@example.org", email_verified=verified, preferred_username="eve")
    client = Client()
    provider.send_back("l-2", client)
    assert who(client) == "eve"
    assert User.objects.get(username="eve").email == ""
    assert not SocialAccount.objects.filter(user=cast.engineer).exists()


def test_a_superuser_is_not_handed_out(cast: Cast, provider: Provider) -> None:
    provider.knows("l-3", email="admin@example.org", email_verified=True, preferred_username="mallory")
    client = Client()
    response = provider.send_back("l-3", client)
    assert response.status_code == 403
    assert "signs in with its password only" in response.content.decode()
    assert who(client) == ""
    assert not SocialAccount.objects.exists()
    assert not User.objects.filter(username="mallory").exists()


def test_two_accounts_with_the_address_and_one_linked_already_are_refused(cast: Cast, provider: Provider) -> None:
    provider.knows("l-4", email="engineer@example.org", email_verified=True)
    provider.send_back("l-4", Client())
    provider.knows("l-5", email="engineer@example.org", email_verified=True)
    client = Client()
    assert "belongs to somebody else" in provider.send_back("l-5", client).content.decode()
    cast.outsider.email = cast.teammate.email
    cast.outsider.save()
    provider.knows("l-6", email="teammate@example.org", email_verified=True)
    assert "More than one account" in provider.send_back("l-6", client).content.decode()
    assert who(client) == ""


def test_a_deactivated_account_stays_out_and_its_groups_as_they_are(cast: Cast, provider: Provider) -> None:
    provider.knows("i-1", email="security@example.org", email_verified=True, groups=["sec"])
    provider.send_back("i-1", Client())
    cast.security.refresh_from_db()
    cast.security.is_active = False
    cast.security.save()
    provider.knows("i-1", email="security@example.org", email_verified=True, groups=["web"])
    client = Client()
    response = provider.send_back("i-1", client)
    assert (response.status_code, who(client)) == (403, "")
    assert groups(cast.security) == {"Security"}


def test_a_second_factor_here_is_asked_for_after_the_provider(cast: Cast, provider: Provider) -> None:
    provider.knows("f-1", email="engineer@example.org", email_verified=True)
    provider.send_back("f-1", Client())
    secret = with_app(cast.engineer)
    client = Client()
    assert provider.send_back("f-1", client)["Location"] == "/sign-in/second-factor/"
    assert who(client) == ""
    client.post("/sign-in/second-factor/", {"code": code(secret)})
    assert who(client) == "engineer"


def test_the_answer_of_another_browser_is_worth_nothing(cast: Cast, provider: Provider) -> None:
    """The state is bound to the session in which it began."""
    there = Client().get("/sign-in/provider/")["Location"]
    asked = parse_qs(urlsplit(there).query)
    assert {"state", "code_challenge"} <= asked.keys()
    assert asked["redirect_uri"][0].endswith("/sign-in/provider/callback/")
    other = Client()
    response = other.get("/sign-in/provider/callback/", {"code": "x", "state": asked["state"][0]})
    assert response.status_code == 401
    assert "did not sign you in" in response.content.decode()
    assert who(other) == ""


def test_what_the_address_asks_for_beyond_next_is_not_handed_on(cast: Cast, provider: Provider) -> None:
    start = "/sign-in/provider/?process=connect&scope=admin&auth_params=prompt%3Dnone&next=//x.org"
    asked = parse_qs(urlsplit(Client().get(start)["Location"]).query)
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert "prompt" not in asked


def test_a_provider_that_does_not_answer_is_said(cast: Cast, provider: Provider) -> None:
    gone = provider_settings("http://localhost:9", "portal", "a secret of the client")
    gone["openid_connect"]["APPS"][0]["provider_id"] = provider_key("")
    with override_settings(SOCIALACCOUNT_PROVIDERS=gone):
        response = Client().get("/sign-in/provider/", follow=True)
    assert "did not sign you in" in response.content.decode()


def test_the_button_is_there_only_when_a_provider_is(cast: Cast, provider: Provider) -> None:
    assert "Sign in with localhost" in Client().get("/sign-in/").content.decode()
    with override_settings(SOCIALACCOUNT_PROVIDERS={}):
        assert "Sign in with" not in Client().get("/sign-in/").content.decode()
        assert Client().get("/sign-in/provider/").status_code == 404


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", ("groups", {})),
        ("a=Security", ("groups", {"a": "Security"})),
        ("a=Security, b = Web platform,", ("groups", {"a": "Security", "b": "Web platform"})),
        ("roles: a=Security", ("roles", {"a": "Security"})),
        ("urn:x:a=Security", ("groups", {"urn:x:a": "Security"})),
    ],
)
def test_the_mapping_is_read(text: str, read: tuple[str, dict[str, str]]) -> None:
    assert claimed_groups(text) == read


@pytest.mark.parametrize("text", ["Security", "a=", "=Security", "a=Security, b"])
def test_a_mapping_that_is_none_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="OIDC_GROUPS"):
        claimed_groups(text)


@pytest.mark.parametrize(
    ("issuer", "client", "secret", "says"),
    [
        ("https://id.example.org", "", "x", "OIDC_CLIENT_ID"),
        ("", "portal", "x", "OIDC_ISSUER"),
        ("https://id.example.org", "portal", "", "OIDC_CLIENT_SECRET"),
        ("http://id.example.org", "portal", "x", "https"),
    ],
)
def test_half_a_provider_or_an_open_line_stops_the_start(issuer: str, client: str, secret: str, says: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=says):
        provider_settings(issuer, client, secret)


def test_another_issuer_recognises_nobody_of_the_old_one() -> None:
    assert provider_key("https://a.example.org") != provider_key("https://b.example.org")
    assert provider_settings("", "", "") == {}
