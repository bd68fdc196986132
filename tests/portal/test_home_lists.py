"""The lists of Home: what each row says, what leads on from it, who sees it, and what all of it costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from approvals import transitions
from approvals.asking import asked
from approvals.letters import reminders, sending
from approvals.models import Version
from approvals.scope.grammar import parse
from approvals.transitions import Seen
from approvals.vocabulary import Field, State
from portal.pages.ends import FEWEST
from portal.pages.figures import ENOUGH
from tests import present
from tests.cast import Cast, Clock, Walk, latest, run_content, working_day
from tests.pages.asking import signed_in
from tests.pages.test_statements import FEW, MANY, statements

pytestmark = pytest.mark.django_db


def home(person: Any) -> Any:
    response = signed_in(person).get("/")
    assert response.status_code == 200
    return response


def text(person: Any) -> str:
    return " ".join(home(person).content.decode().split())


def amended(version: Version, actor: Any, **lines: str) -> Version:
    """A next version in review, with these lines instead."""
    draft = latest(transitions.amend(version.pk, actor=actor))
    content = asked(draft)
    changed = {**content.lines, **{Field(place): parse(typed) for place, typed in lines.items()}}
    draft = transitions.edit(draft.pk, replace(content, lines=changed), seen=Seen.of(draft), actor=actor)
    return latest(transitions.submit(draft.pk, seen=Seen.of(draft), actor=actor))


def test_a_row_says_how_many_lines_are_wider_and_what_holds_meanwhile(cast: Cast, in_force: Walk) -> None:
    version = amended(in_force(), cast.engineer, write_actions="Edit(docs/**)\nEdit(src/**)\nWrite(notes.md)")
    page = text(cast.security)
    assert f"{version} · 2 lines wider" in page
    assert "keeps v1 until" in page


def test_a_first_packet_is_a_new_agent_and_a_second_one_is_not(cast: Cast, in_force: Walk, in_review: Walk) -> None:
    in_review(agent="fresh-bot")
    in_force(agent="known-bot")
    second = in_review(agent="known-bot")
    page = text(cast.security)
    assert page.count("new agent") == 1
    assert f"{second} · new authority" in page


def test_a_renewal_that_waits_says_when_the_agent_stops(cast: Cast, in_force: Walk) -> None:
    standing = in_force()
    draft = transitions.renew(standing.pk, actor=cast.engineer, ends=working_day(120))
    transitions.submit(draft.pk, seen=Seen.of(draft), actor=cast.engineer)
    page = text(cast.security)
    assert "nothing wider" in page
    assert "sentry-dev stops" in page
    assert "unless this is signed" in page


def test_renew_is_one_click_away_and_gives_way_to_the_open_version(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    clock.to((version.ends_at or clock.moment) - timedelta(days=20))
    assert f'aria-label="Renew {version}"' in text(cast.engineer)
    assert f'aria-label="Renew {version}"' in text(cast.engineer)
    assert Version.objects.count() == 1  # looking renews nothing
    assert signed_in(cast.engineer).post(f"{version.get_absolute_url()}renew/").status_code == 302
    page = text(cast.engineer)
    assert f'aria-label="Renew {version}"' not in page
    assert "/v2/" in page[page.index('id="ending"') :]
    assert version.packet.reference not in text(cast.outsider)


def test_security_sees_what_ends_without_a_renewal_and_cannot_renew_it(
    cast: Cast, in_force: Walk, clock: Clock
) -> None:
    bare, renewed = in_force(agent="bare-bot"), in_force(agent="renewed-bot")
    clock.to((bare.ends_at or clock.moment) - timedelta(days=20))
    transitions.renew(renewed.pk, actor=cast.engineer, ends=clock.now() + timedelta(days=60))
    ending = home(cast.security).context["desk"].ending
    assert ending == [bare]
    assert ">Renew<" not in text(cast.security)


def test_what_somebody_was_told_is_what_was_sent(cast: Cast, in_force: Walk, clock: Clock, mailoutbox: Any) -> None:
    version = in_force()
    ends = version.ends_at or clock.moment
    clock.to(ends - timedelta(days=31))
    assert "No e-mail about it was sent yet." not in text(cast.engineer)  # it does not end soon
    clock.to(ends - timedelta(days=30))
    assert "No e-mail about it was sent yet." in text(cast.engineer)
    for days in (30, 14):
        clock.to(ends - timedelta(days=days) + timedelta(minutes=1))
        reminders.flag(clock.now())
        sending.send_due()
    assert "You were told 30 and 14 days before." in text(cast.engineer)
    assert f"{cast.engineer.printed_name} was told 30 and 14 days before." in text(cast.security)


def test_what_ended_lately_can_be_renewed_by_its_owner(cast: Cast, ended: Walk, clock: Clock) -> None:
    version = ended()
    page = text(cast.engineer)
    assert "Yours, ended in the last 30 days" in page
    assert f'aria-label="Renew {version}"' in page
    assert home(cast.auditor).context["desk"].ended == [version]
    assert home(cast.outsider).context["desk"].ended == []
    clock.forward(days=31)
    assert home(cast.engineer).context["desk"].ended == []


def test_a_run_is_meant_to_end_and_is_not_called_for(cast: Cast, in_force: Walk) -> None:
    run = in_force(body=run_content(in_force().packet))
    desk = home(cast.engineer).context["desk"]
    assert run not in desk.ending
    assert run.pk not in [row.pk for row in desk.ends]


def test_agents_without_a_packet_are_counted_with_the_longest(
    cast: Cast, drafted: Walk, in_force: Walk, clock: Clock
) -> None:
    gone = in_force(agent="gone-bot")
    clock.forward(days=5)
    transitions.revoke(gone.packet_id, actor=cast.engineer, reason="Over.")
    clock.forward(days=7)
    drafted(agent="new-bot")
    response = home(cast.security)
    assert [(one.slug, one.since) for one in response.context["unapproved"]] == [
        ("gone-bot", clock.moment - timedelta(days=7)), ("new-bot", clock.moment),
    ]  # fmt: skip
    assert "Two agents have no packet in force.</b> The oldest for 7 days." in text(cast.security)
    assert home(cast.outsider).context["unapproved"] == []


def test_somebody_without_a_team_learns_whom_to_ask(cast: Cast, in_review: Walk) -> None:
    in_review()
    page = text(cast.person("newcomer"))
    assert "You are on no team yet" in page
    assert cast.admin.printed_name in page
    assert 'href="/packets/?tab=all"' in page
    assert "You are on no team yet" not in text(cast.outsider)


class Cells(HTMLParser):
    """The rows of the table that says the same as the bars, and the bars themselves."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.bars, self.rows, self.cell = 0, list[list[str]](), False
        self.feed(page[page.index('id="ends"') : page.index("</details>", page.index('id="ends"'))])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.bars += tag == "rect" and dict(attrs).get("class") == "b" and "y" in dict(attrs)
        self.rows += [[]] if tag == "tr" else []
        self.cell = tag in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.cell and data.strip():
            self.rows[-1].append(data)


def test_the_strip_is_hidden_below_ten_and_says_the_same_in_words(cast: Cast, in_force: Walk, clock: Clock) -> None:
    for number in range(FEWEST - 1):
        in_force(agent=f"bot-{number}", ends=working_day(10 * (number % 3) + 10))
    assert 'id="ends"' not in text(cast.security)
    in_force(agent="bot-last", ends=working_day(80))
    for person in (cast.security, cast.engineer):
        response = home(person)
        cells = Cells(response.content.decode())
        strip = response.context["strip"]
        said = [(label, int(count), int(bare)) for label, count, bare in cells.rows[1:]]
        assert said == [(bar.label, bar.count, bar.bare) for bar in strip.bars]
        assert cells.bars == sum(1 for bar in strip.bars if bar.count)
        assert (strip.count, strip.bare) == (FEWEST, 6)
    assert 'id="ends"' not in text(cast.outsider)


def test_the_median_is_told_to_who_sees_every_packet(cast: Cast, in_review: Walk, clock: Clock) -> None:
    for number in range(ENOUGH):
        version = in_review(agent=f"bot-{number}")
        clock.forward(hours=2)
        present.sign(version.pk, seen=Seen.of(version), actor=cast.security, reason="Narrow.")
    page = text(cast.auditor)
    assert f'2 h</b> <span class="small soft">over the {ENOUGH} reviews' in page
    assert f"<b>{ENOUGH}</b> for {ENOUGH} agents" in page
    assert "Median time" not in text(cast.engineer)
    assert "packets in force" not in text(cast.outsider)


def test_a_stopped_packet_is_not_counted_in_force(cast: Cast, in_force: Walk, suspended: Walk) -> None:
    in_force()
    suspended(agent="wild-bot")
    assert home(cast.auditor).context["figures"].packets == 1


def furnished(cast: Cast, in_force: Walk, in_review: Walk, count: int) -> None:
    """That many rows of every list."""
    for number in range(count):
        version = in_force(agent=f"bot-{count}-{number}", ends=working_day(20))
        in_review(agent=f"new-{count}-{number}")
        if number % 2:
            amended(version, cast.engineer, write_actions="Edit(docs/**)\nEdit(src/**)")
        else:
            transitions.suspend(version.packet_id, actor=cast.security, reason="Look.")


def test_home_takes_as_many_statements_for_sixty_rows_as_for_three(cast: Cast, in_force: Walk, in_review: Walk) -> None:
    people = [
        *(getattr(cast, name) for name in ("engineer", "outsider", "security", "auditor", "admin")),
        cast.person("x"),
    ]
    furnished(cast, in_force, in_review, FEW)
    few = {person: statements(person, "/") for person in people}
    furnished(cast, in_force, in_review, (MANY - FEW) // 3)
    assert {person: statements(person, "/") for person in people} == few
    assert Version.objects.filter(state=State.IN_REVIEW).count() > 20
