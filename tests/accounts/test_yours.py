"""“Your account”: sessions and their end, one's own fields, the password, and roles that need a second factor."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals.letters import outbox
from approvals.models import Letter
from approvals.vocabulary import EventKind
from portal.accounts import urls
from portal.models import SecondFactorRule, User
from tests.accounts.entering import enter, entered, told, who, with_app
from tests.cast import PASSWORD, Cast
from tests.pages.asking import signed_in

pytestmark = pytest.mark.databases
NEW = "quite another long password"


def test_the_account_page_stays_within_ten_statements(cast: Cast) -> None:
    client = entered("security")
    for _ in range(3):
        entered("security")
    with_app(cast.security)
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/account/")
    assert len(asked) <= 10, [query["sql"][:90] for query in asked]
    assert page.content.decode().count("This session") == 1
    assert len(page.context["sessions"]) == 4


def test_reading_pages_writes_nothing_about_the_session(cast: Cast) -> None:
    client = entered()
    with CaptureQueriesContext(connection) as asked:
        client.get("/account/")
        client.get("/packets/")
    assert not [query["sql"] for query in asked if re.match("INSERT|UPDATE|DELETE", query["sql"])]


def test_signing_out_elsewhere_ends_that_session_only(cast: Cast) -> None:
    here, there, another = entered(), entered(), entered("teammate")
    other = next(one for one in here.get("/account/").context["sessions"] if not one.current)
    assert here.get(f"/account/sessions/{other.pk}/end/").status_code == 405
    another.post(f"/account/sessions/{other.pk}/end/")
    assert who(there) == "engineer", "somebody else's session is not there"
    here.post(f"/account/sessions/{other.pk}/end/")
    assert (who(here), who(there), who(another)) == ("engineer", "", "teammate")


def test_signing_out_everywhere_ends_every_session_at_once(cast: Cast) -> None:
    here, there, another = entered(), entered(), entered("teammate")
    assert here.post("/account/sessions/end/")["Location"] == "/sign-in/"
    assert (who(here), who(there), who(another)) == ("", "", "teammate")
    assert told(EventKind.SIGNED_OUT) == [{"person": "engineer", "sessions": 2}]


def test_a_new_password_ends_every_other_session_and_is_told(cast: Cast) -> None:
    here, there = entered(), entered()
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post("/account/password/", form | {"oldpassword": "wrong"}).status_code == 200
    assert here.post("/account/password/", form | {"password1": "short", "password2": "short"}).status_code == 200
    assert who(there) == "engineer"
    assert here.post("/account/password/", form).status_code == 302
    assert (who(here), who(there)) == ("engineer", "")
    assert enter(password=PASSWORD).status_code == 200
    assert told(EventKind.PASSWORD_CHANGED) == [{"person": "engineer", "by": "themselves"}]
    outbox.announce_all()
    assert Letter.objects.get(recipient=cast.engineer).subject.startswith("The password was changed")
    assert NEW not in str(list(cast.engineer.history.values_list()))


def test_time_zone_and_night_contact_are_ones_own_and_nothing_else_is(cast: Cast) -> None:
    client = entered()
    form = {"time_zone": "Asia/Tokyo", "night_contact": "+81 3", "is_superuser": "on", "username": "root",
            "email": "x@example.org"}  # fmt: skip
    assert client.post("/account/", form).status_code == 302
    person = User.objects.get(pk=cast.engineer.pk)
    assert (person.time_zone, person.night_contact) == ("Asia/Tokyo", "+81 3")
    assert (person.username, person.email, person.is_superuser) == ("engineer", "engineer@example.org", False)
    assert told(EventKind.PERSON_CHANGED)[0]["fields"] == ["night_contact", "time_zone"]
    assert client.post("/account/", form | {"time_zone": "Nowhere"}).status_code == 422
    assert person.history.count() == cast.engineer.history.count()


def required(role: str) -> None:
    rule = SecondFactorRule.objects.get(group__name=role)
    rule.required = True
    rule.save()


def test_a_role_that_needs_a_factor_opens_nothing_without_one(cast: Cast) -> None:
    client = entered("security")
    required("Security")
    for path in ("/", "/packets/", "/account/", "/administration/", "/why/", "/api/v1/packets/", "/no-such-page/"):
        assert client.get(path)["Location"].startswith("/account/second-factor/"), path
        assert client.post(path)["Location"].startswith("/account/second-factor/"), path
    page = client.get("/account/second-factor/").content.decode()
    assert "Your role (Security) needs a second factor" in page
    assert entered("engineer").get("/packets/").status_code == 200, "other roles go on"


def test_with_a_factor_it_opens(cast: Cast) -> None:
    client = entered("security")
    required("Security")
    with_app(cast.security)
    assert client.get("/packets/").status_code == 200
    assert client.get("/account/second-factor/")["Location"] == "/account/"


def test_what_is_open_meanwhile_is_only_setting_one_up_and_leaving(cast: Cast) -> None:
    client = entered("security")
    required("Security")
    assert client.get("/account/app/")["Location"].startswith("/account/again/")
    client.post("/account/again/", {"password": PASSWORD})
    assert client.get("/account/app/").status_code == 200
    assert client.post("/sign-out/").status_code == 302


def test_an_administrator_turns_it_on_and_that_is_an_event_with_history(cast: Cast) -> None:
    rule = SecondFactorRule.objects.get(group__name="Security")
    client = signed_in(cast.admin)
    assert client.post(f"/portal/secondfactorrule/{rule.pk}/change/", {"required": "on"}).status_code == 302
    rule.refresh_from_db()
    assert rule.required
    assert told(EventKind.FACTOR_RULE_CHANGED)[0]["fields"] == ["required"]
    assert rule.history.first().history_user == cast.admin
    other = signed_in(cast.auditor).post(f"/portal/secondfactorrule/{rule.pk}/change/", {}, follow=True)
    assert other.status_code == 403
    rule.refresh_from_db()
    assert rule.required


def test_a_lost_password_is_set_by_a_link_that_works_once(cast: Cast, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example.org"
    there = entered()
    client = Client()
    for address in ("engineer@example.org", "nobody@example.org"):
        answer = client.post("/sign-in/lost-password/", {"email": address})
        assert answer["Location"] == "/sign-in/lost-password/sent/"
    assert [message.to for message in mail.outbox] == [["engineer@example.org"]]
    link = re.search(r"/sign-in/lost-password/\S+", str(mail.outbox[0].body))
    assert link
    form = client.get(link[0], follow=True)
    assert link[0] not in form.request["PATH_INFO"], "the key does not stay in the address"
    answer = client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert answer["Location"] == "/sign-in/"
    assert (who(client), who(there)) == ("", ""), "it signs nobody in, and everybody out"
    assert enter(password=NEW).status_code == 302
    assert "has been used" in Client().get(link[0]).content.decode()
    assert told(EventKind.PASSWORD_CHANGED) == [{"person": "engineer", "by": "a link sent by e-mail"}]
    assert not Letter.objects.filter(text__contains=link[0]).exists()


def test_without_a_mail_server_no_link_is_promised(cast: Cast) -> None:
    assert "lost-password" not in Client().get("/sign-in/").content.decode()
    assert "An administrator can set a new password" in Client().get("/sign-in/lost-password/").content.decode()
    assert Client().post("/sign-in/lost-password/", {"email": "engineer@example.org"}).status_code == 404
    assert mail.outbox == []


def test_no_page_of_the_library_is_served_in_its_own_look(cast: Cast) -> None:
    """Each view of the accounts has a template of ours."""
    views: list[Any] = [pattern.callback for pattern in urls.urlpatterns]
    templates = [
        view.view_initkwargs.get("template_name") or getattr(view.view_class, "template_name", "")
        for view in views
        if hasattr(view, "view_class")
    ]
    assert len(views) > 25
    assert not [name for name in templates if name and name.startswith(("account/", "mfa/", "usersessions/"))]
