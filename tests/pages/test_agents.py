"""Agents: the list, the page with what to do when it is wrong, and stopping all of it."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from approvals import transitions
from approvals.models import Suspension
from approvals.pages import agents_list
from approvals.vocabulary import Standing
from portal.models import User
from tests.cast import Cast, Walk, no_trace, run_content
from tests.pages.asking import signed_in, words_of

pytestmark = pytest.mark.django_db

REASON = {"reason": "It pushed to main twice."}


def test_anonymous_people_are_sent_to_sign_in_and_outsiders_get_404(cast: Cast, client: Client, in_force: Walk) -> None:
    in_force()
    for address in ("/agents/", "/agents/sentry-dev/", "/agents/sentry-dev/stop/", "/identities/stop/?identity=x"):
        assert client.get(address).status_code == 302
    assert signed_in(cast.outsider).get("/agents/sentry-dev/").status_code == 404
    assert "sentry-dev" not in signed_in(cast.outsider).get("/agents/").content.decode()


@pytest.mark.parametrize("slug", ["nobody", "A B", "%00", "x" * 300])
def test_an_unknown_agent_is_404(slug: str, cast: Cast) -> None:
    assert signed_in(cast.auditor).get(f"/agents/{slug}/").status_code == 404


def test_the_list_says_who_runs_with_what(cast: Cast, in_force: Walk, drafted: Walk, suspended: Walk) -> None:
    in_force()
    drafted(agent="idle-bot")
    suspended(agent="wild-bot")
    client = signed_in(cast.auditor)
    rows = {one.agent.slug: one for one in client.get("/agents/").context["rows"]}
    assert list(rows) == ["idle-bot", "sentry-dev", "wild-bot"]
    assert rows["sentry-dev"].holds
    assert rows["sentry-dev"].holds.owner == cast.engineer
    assert rows["wild-bot"].standing is Standing.SUSPENDED
    assert [one.agent.slug for one in client.get("/agents/?show=without").context["rows"]] == ["idle-bot", "wild-bot"]
    assert [one.agent.slug for one in client.get("/agents/?show=stopped").context["rows"]] == ["wild-bot"]
    assert [one.agent.slug for one in signed_in(cast.teammate).get("/agents/?show=mine").context["rows"]] == list(rows)
    assert [one.agent.slug for one in client.get("/agents/?q=wild").context["rows"]] == ["wild-bot"]
    assert [one.agent.slug for one in client.get("/agents/?before=idle-bot").context["rows"]] == [
        "sentry-dev",
        "wild-bot",
    ]


def test_the_list_is_filtered_sorted_and_turned_by_its_address(
    cast: Cast, in_force: Walk, drafted: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents_list, "PAGE", 2)
    for name in ("bot-c", "bot-a", "bot-e", "bot-b", "bot-d"):
        in_force(agent=name, owner="teammate" if name == "bot-b" else "engineer")
    drafted(agent="idle-bot", owner="teammate")
    client = signed_in(cast.auditor)
    assert turned(client, "?q=bot-&sort=newest", "older") == [
        ["bot-d", "bot-b"], ["bot-e", "bot-a"], ["bot-c"]
    ]  # fmt: skip
    forth = [["bot-a", "bot-b"], ["bot-c", "bot-d"], ["bot-e", "idle-bot"]]
    assert turned(client, "?team=Web+platform", "older") == forth
    assert turned(client, "?team=Web+platform&before=bot-d", "newer") == forth[::-1]
    assert turned(client, "?owner=teammate", "older") == [["bot-b"]]
    assert turned(client, "?team=Billing", "older") == [[]]
    assert turned(signed_in(cast.outsider), "?owner=teammate", "older") == [[]]
    page = client.get("/agents/?sort=owner__password&team=%00").context["bar"]
    assert [problem.split(" ")[0] for problem in page.problems] == ["Team", "This"]


def turned(client: Client, address: str, way: str) -> list[list[str]]:
    """The names on every page from here, by its links."""
    pages: list[list[str]] = []
    while address:
        page = client.get(f"/agents/{address}").context
        pages.append([row.agent.slug for row in page["rows"]])
        address = page[way]
        assert len(pages) < 20
    return pages


def test_a_stop_of_a_packet_one_may_not_see_is_not_told(cast: Cast, in_force: Walk) -> None:
    shared, hidden = in_force(), in_force()
    transitions.share(shared.packet_id, actor=cast.engineer, person=cast.outsider)
    transitions.suspend(hidden.packet_id, actor=cast.engineer, reason="It deleted a branch.")
    client = signed_in(cast.outsider)
    assert [one.standing for one in client.get("/agents/").context["rows"]] == [Standing.IN_FORCE]
    assert list(client.get("/agents/?show=stopped").context["rows"]) == []
    transitions.suspend(shared.packet_id, actor=cast.engineer, reason="This one too.")
    assert [one.agent.slug for one in client.get("/agents/?show=stopped").context["rows"]] == ["sentry-dev"]


def test_a_run_whose_system_packet_is_stopped_is_not_shown_in_force(cast: Cast, in_force: Walk) -> None:
    system = in_force()
    run = in_force(body=run_content(system.packet))
    client = signed_in(cast.auditor)
    rows = {row.version: row.standing for row in client.get("/agents/sentry-dev/").context["rows"]}
    assert rows[run] in (Standing.IN_FORCE, Standing.ENDS_SOON)
    transitions.suspend(system.packet_id, actor=cast.security, reason="Look first.")
    rows = {row.version: row.standing for row in client.get("/agents/sentry-dev/").context["rows"]}
    assert rows[run] == Standing.SUSPENDED


def test_the_page_says_what_to_do_when_it_is_wrong(cast: Cast, in_force: Walk) -> None:
    cast.teammate.night_contact = "+00 555 0102"
    cast.teammate.save()
    version = in_force(rollback_owner="teammate", rollback_path="Revert by label.", access_revoked="Disable svc-x.")
    page = signed_in(cast.responder).get("/agents/sentry-dev/").content.decode()
    for words in ("Tomás Ortiz", "+00 555 0102", "Revert by label.", "Disable svc-x.", version.identity):
        assert words in page


def test_a_responder_stops_the_agent_and_cannot_start_it(cast: Cast, in_force: Walk) -> None:
    first, second = in_force(), in_force()
    client = signed_in(cast.responder)
    assert "Stop sentry-dev" in words_of(client.get("/agents/sentry-dev/"), "button")
    page = client.get("/agents/sentry-dev/stop/")
    assert {str(one) for one in page.context["affected"]} == {str(first), str(second)}
    assert Suspension.objects.count() == 0  # looking stops nothing
    assert client.post("/agents/sentry-dev/stop/", {"reason": ""}).status_code == 422
    assert client.post("/agents/sentry-dev/stop/", REASON).status_code == 302
    assert Suspension.objects.filter(until__isnull=True, by=cast.responder).count() == 2
    page = client.get("/agents/sentry-dev/")
    assert words_of(page, "button") == []
    assert "Already stopped." in page.content.decode()
    assert REASON["reason"] in page.content.decode()
    with no_trace():
        assert client.post("/agents/sentry-dev/stop/", REASON).status_code == 409


@pytest.mark.parametrize("reason", ["It loops\u200b.", "It leaked ghp_" + "a1B2" * 9, "x" * 4001, ""])
def test_a_reason_that_has_to_be_mended_leaves_the_button_where_it_is(cast: Cast, in_force: Walk, reason: str) -> None:
    version = in_force()
    for address in ("/agents/sentry-dev/stop/", f"{version.packet.get_absolute_url()}suspend/"):
        page = signed_in(cast.responder).post(address, {"reason": reason})
        assert page.status_code == 422
        assert words_of(page, "button")
    assert not version.packet.suspensions.exists()


def test_an_auditor_reads_why_they_cannot_stop(cast: Cast, in_force: Walk) -> None:
    in_force()
    client = signed_in(cast.auditor)
    page = client.get("/agents/sentry-dev/")
    assert words_of(page, "button") == []
    assert page.context["why_not"].message in page.content.decode()
    with no_trace():
        assert client.post("/agents/sentry-dev/stop/", REASON).status_code == 403
    assert words_of(client.get("/agents/sentry-dev/stop/"), "button") == []


def test_stopping_an_identity_stops_every_agent_that_uses_it(cast: Cast, in_force: Walk) -> None:
    in_force(identity="svc-shared")
    in_force(agent="other-bot", identity="svc-shared")
    untouched = in_force(agent="third-bot", identity="svc-own")
    client = signed_in(cast.security)
    page = client.get("/identities/stop/", {"identity": "svc-shared"})
    assert len(page.context["affected"]) == 2
    response = client.post("/identities/stop/", {"identity": "svc-shared", **REASON})
    assert response.status_code == 302
    assert Suspension.objects.count() == 2
    assert not untouched.packet.suspensions.exists()


@pytest.mark.parametrize("identity", ["", "svc-nobody", "x" * 400, "a\x00b"])
def test_an_identity_nobody_knows_is_404(identity: str, cast: Cast, in_force: Walk) -> None:
    in_force()
    assert signed_in(cast.security).get("/identities/stop/", {"identity": identity}).status_code == 404
    assert signed_in(cast.security).post("/identities/stop/", {"identity": identity, **REASON}).status_code == 404


def test_an_identity_is_not_told_to_outsiders(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    assert signed_in(cast.outsider).get("/identities/stop/", {"identity": version.identity}).status_code == 404


def test_the_command_stops_in_the_name_of_somebody(cast: Cast, in_force: Walk) -> None:
    version, out = in_force(), StringIO()
    call_command("stop", "sentry-dev", reason="It loops.", person="responder", stdout=out)
    assert version.packet.suspensions.get().by == cast.responder
    assert version.packet.reference in out.getvalue()


def test_the_command_alone_stands_in_the_record_as_itself_and_cannot_sign_in(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    call_command("stop", "sentry-dev", reason="It loops.", stdout=StringIO())
    stop = version.packet.suspensions.get()
    assert stop.by_name == "Command line"
    operator = User.objects.get(username="command-line")
    assert not operator.has_usable_password()
    assert not operator.is_staff


@pytest.mark.parametrize(
    ("agent", "extra"), [("nobody", {}), ("sentry-dev", {"person": "auditor"}), ("sentry-dev", {"person": "ghost"})]
)
def test_the_command_refuses_in_words(agent: str, extra: dict[str, str], cast: Cast, in_force: Walk) -> None:
    in_force()
    with pytest.raises(CommandError, match=r"\.$"):
        call_command("stop", agent, reason="It loops.", **extra)
    assert Suspension.objects.count() == 0


def test_a_stopped_packet_says_so_on_its_agents_page(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    transitions.suspend(version.packet_id, actor=cast.engineer, reason="Looking into it.")
    page = signed_in(cast.auditor).get("/agents/sentry-dev/")
    assert page.context["standing"] == "suspended"
    assert "Looking into it." in page.content.decode()


def test_the_list_shows_standing_authority_before_a_run(cast: Cast, in_force: Walk) -> None:
    standing = in_force()
    run = in_force(body=run_content(standing.packet))
    page = signed_in(cast.engineer).get("/agents/").content.decode()
    assert str(standing.packet) in page
    assert str(run.packet) not in page
