"""The packet page: who sees it, what it prints whole, and that looking never changes anything."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from approvals import transitions
from approvals.cuts import Cut, Cuts
from approvals.transitions import Seen
from approvals.vocabulary import TEN_LABELS, ChangeKind, Field
from tests import present
from tests.cast import Cast, Clock, Walk, content, latest, no_trace, sign
from tests.pages.asking import signed_in, words_of

pytestmark = pytest.mark.django_db

HOSTILE = 'Sort mail. <script>alert(1)</script> "quoted" & more'


def test_anonymous_people_are_sent_to_sign_in(client: Client, in_review: Walk) -> None:
    version = in_review()
    for address in (version.get_absolute_url(), version.packet.get_absolute_url()):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/")


def test_an_outsider_gets_404_and_everybody_concerned_the_page(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    assert signed_in(cast.outsider).get(version.get_absolute_url()).status_code == 404
    for person in (cast.engineer, cast.teammate, cast.security, cast.auditor, cast.responder, cast.admin):
        assert signed_in(person).get(version.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    "address", ["/packets/AP-9999/", "/packets/~x/", "/packets/AP-0001/v99/", "/packets/AP-0001/v0/"]
)
def test_what_is_not_there_is_404(address: str, cast: Cast, in_review: Walk) -> None:
    in_review()
    assert signed_in(cast.security).get(address).status_code == 404


def test_a_number_no_database_holds_is_404(cast: Cast, in_review: Walk) -> None:
    in_review()
    assert signed_in(cast.security).get(f"/packets/AP-0001/v{'9' * 40}/").status_code == 404


def test_the_ten_labels_stand_in_their_order(cast: Cast, in_review: Walk) -> None:
    labels = words_of(signed_in(cast.security).get(in_review().get_absolute_url()), "dt")
    assert tuple(labels[:10]) == TEN_LABELS
    assert "Never allowed" in labels


def test_every_signed_line_and_the_whole_digest_are_printed(cast: Cast, in_review: Walk) -> None:
    tools = "\n".join(f"Bash(tool-{number} *)" for number in range(120))
    version = in_review(tools=tools)
    page = signed_in(cast.security).get(version.get_absolute_url()).content.decode()
    assert all(f"tool-{number} *" in page for number in range(120))
    assert page.count(version.digest) >= 2  # among the fields, and above the button that signs it
    assert "<details" not in page.partition("<main")[2]


def test_user_text_is_escaped_and_the_unseen_is_shown(cast: Cast, in_review: Walk) -> None:
    version = in_review(job=HOSTILE, rollback_path="Call\u200cme")
    page = signed_in(cast.security).get(version.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'Call<mark class="odd">[U+200C]</mark>me' in page


def test_a_link_that_is_no_web_address_is_text(cast: Cast, drafted: Walk) -> None:
    version = drafted(run_record_location="s3//bucket/javascript")
    page = signed_in(cast.engineer).get(version.get_absolute_url()).content.decode()
    assert "s3//bucket/javascript" in page
    assert 'href="s3' not in page


def test_the_packet_shows_the_version_in_force_and_notices_the_open_one(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    draft = transitions.amend(version.pk, actor=cast.engineer)
    page = signed_in(cast.engineer).get(version.packet.get_absolute_url())
    assert page.context["version"] == version
    assert page.context["notice"] == draft
    assert f"{draft} is a draft." in page.content.decode()


def test_without_one_in_force_it_shows_the_newest(cast: Cast, drafted: Walk) -> None:
    version = drafted()
    assert signed_in(cast.engineer).get(version.packet.get_absolute_url()).context["version"] == version


def test_looking_leaves_no_trace(cast: Cast, in_review: Walk, suspended: Walk) -> None:
    addresses = [version.get_absolute_url() for version in (in_review(), suspended())]
    clients = [signed_in(person) for person in (cast.engineer, cast.security, cast.auditor)]
    verbs = ("submit", "discard", "withdraw", "amend", "renew", "decide", "ask", "give-up")
    with no_trace():
        for client in clients:
            for address in addresses:
                assert client.get(address).status_code == 200
                for name in verbs:
                    assert client.get(f"{address}{name}/").status_code in (200, 403, 405, 409)


def test_wider_lines_come_first_with_their_finding(cast: Cast, in_force: Walk, in_review: Walk) -> None:
    version = in_force(tools="Bash(git diff *)\nBash(git log *)")
    draft = transitions.amend(version.pk, actor=cast.engineer)
    from tests.cast import content

    body = content(tools="Bash(git diff *)\nBash(gh api *)", ends=draft.ends)
    transitions.edit(draft.pk, body, seen=Seen.of(latest(draft)), actor=cast.engineer)
    wider = in_review(of=latest(draft))
    page = signed_in(cast.security).get(wider.get_absolute_url())
    compared = page.context["compared"]
    assert compared.since == version
    assert compared.changes.wider[0].text == "Bash(gh api *)"
    html = page.content.decode()
    assert "the version in force" in html
    assert html.index("Bash(gh api *)") < html.index("Bash(git log *)")


def test_a_draft_that_was_sent_back_has_the_reason_on_top(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    seen = Seen.of(version)
    draft = present.request_changes(version.pk, seen=seen, actor=cast.security, reason="Say which tables.")
    page = signed_in(cast.engineer).get(draft.get_absolute_url())
    assert "Say which tables." in page.content.decode()
    assert page.context["compared_back"].since == version


def test_what_was_cut_is_told_beside_what_was_asked(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2}, tools="Bash(git diff *)\nBash(git log *)")
    sign(version, cast.security)
    clock.forward(minutes=5)
    cuts = Cuts((Cut(Field.TOOLS, "Bash(git log *)"), Cut(Field.TOOLS, "Bash(git diff *)", Field.HUMAN_APPROVAL)))
    version = sign(version, cast.security2, cuts=cuts)
    page = signed_in(cast.auditor).get(version.get_absolute_url()).content.decode()
    assert "Sofia Silva</bdi></b> cut 2 lines after an earlier signature" in page
    assert '<s class="mono">Bash(git log *)</s>' in page
    assert "cut by Sofia Silva" in page


def test_the_granted_end_stands_beside_the_asked_one(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review()
    nearer = clock.now() + timedelta(days=20)
    version = sign(version, cast.security, cuts=Cuts(ends=nearer))
    page = signed_in(cast.engineer).get(version.get_absolute_url()).content.decode()
    assert "Granted: ends" in page


def test_a_stop_says_who_when_why_and_what_it_cannot(cast: Cast, suspended: Walk) -> None:
    page = signed_in(cast.auditor).get(suspended().get_absolute_url()).content.decode()
    assert "Suspended by <bdi>Ravi Rao</bdi>" in page
    assert "It deleted a branch." in page
    assert "What this cannot stop" in page


def test_a_signature_prints_name_role_rule_and_digest(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    decision = version.decisions.get()
    page = signed_in(cast.auditor).get(version.get_absolute_url()).content.decode()
    for words in (decision.person_name, "As Security, under “1 of Security”", decision.digest, decision.reason):
        assert words in page


def test_a_signer_who_left_is_flagged(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    version.decisions.get().person.groups.clear()
    page = signed_in(cast.auditor).get(version.get_absolute_url()).content.decode()
    assert "has left the group since" in page


def test_the_journey_shows_the_steps_not_begun(cast: Cast, drafted: Walk, in_review: Walk, revoked: Walk) -> None:
    client = signed_in(cast.auditor)
    labels = [
        [step.label for step in client.get(version.get_absolute_url()).context["steps"]]
        for version in (drafted(), in_review(), revoked())
    ]
    assert labels[0] == ["Draft", "Submitted", "In review", "In force", "Ends"]
    assert labels[1] == ["Draft", "Submitted", "In review, 0 of 1 signature", "In force", "Ends"]
    assert labels[2] == ["Draft", "Submitted", "1 signature", "In force", "Revoked"]


def test_the_page_names_its_forms_in_words_that_do_not_overclaim(cast: Cast, in_review: Walk) -> None:
    page = signed_in(cast.security).get(in_review().get_absolute_url()).content.decode().lower()
    assert "delivered" not in page
    assert "guarantee" not in page


def test_the_record_says_what_the_portal_did_and_what_takes_effect_later(
    cast: Cast, clock: Clock, in_force: Walk
) -> None:
    version = in_force(starts=clock.moment + timedelta(days=3))
    page = signed_in(cast.engineer).get(version.get_absolute_url()).content.decode()
    assert "takes effect Thu 5 Nov 2026 09:00 UTC" in page
    clock.to(version.ends_at or clock.moment)
    transitions.expire(version.pk, seen=Seen.of(latest(version)))
    page = signed_in(cast.engineer).get(version.get_absolute_url()).content.decode()
    assert "by the portal" in re.sub(r"<[^>]+>|\s+", " ", page).replace("  ", " ")
    assert "system: expire" not in page


def test_what_a_version_that_begins_later_drops_is_shown_when_it_comes_back(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    first = in_force()
    narrower = transitions.amend(first.pk, actor=cast.engineer)
    body = content(tools="Bash(git diff *)", starts=clock.moment + timedelta(days=5))
    narrower = transitions.edit(narrower.pk, body, seen=Seen.of(narrower), actor=cast.engineer)
    second = in_force(of=narrower)
    again = transitions.amend(second.pk, actor=cast.engineer)
    third = in_review(of=transitions.edit(again.pk, content(), seen=Seen.of(again), actor=cast.engineer))
    assert third.change == ChangeKind.WIDER
    shown = signed_in(cast.security).get(third.get_absolute_url())
    assert "What changed since v2, which begins" in shown.content.decode()
    assert [change.text for change in shown.context["compared_later"].changes.wider] == ["Bash(git log *)"]
