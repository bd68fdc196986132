"""What stands in bundles: periods, e-mails with their checkpoints, papers, cuts; and who gets a period."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.conf import LazySettings
from pypdf import PdfReader

from approvals import transitions
from approvals.cuts import Cut, Cuts
from approvals.letters import outbox, sending
from approvals.models import Event, Letter
from approvals.people import Person
from approvals.vocabulary import ABOUT_LETTERS, EventKind, Field
from audits import evidence, sealing
from audits.evidence import gathering, packing, verify
from tests.cast import MONDAY, Cast, Clock, Walk, refused, sign
from tests.evidence.bundles import WHY, Memory, holds, holds_zipped, opened, taken
from tests.letters.mailserver import Script, serving

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def of_period(taker: Person, first: int, days: int) -> bytes:
    """The bundle of a period that begins so many days after Monday."""
    file, since = io.BytesIO(), MONDAY.replace(hour=0) + first * DAY
    evidence.take_period(since, since + days * DAY, file, taker=taker, reason=WHY)
    return file.getvalue()


def test_a_period_holds_what_was_recorded_in_it_and_nothing_else(cast: Cast, in_review: Walk, clock: Clock) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security, cuts=Cuts(lines=(Cut(Field.TOOLS, "Bash(git log *)"),)))
    clock.to(MONDAY + DAY)
    sign(version, cast.security2)
    clock.to(MONDAY + 2 * DAY)
    transitions.suspend(version.packet_id, actor=cast.responder, reason="It deleted a branch.")
    zipped = of_period(cast.auditor, 1, 1)
    files = opened(zipped)
    assert holds_zipped(zipped)
    kinds = [json.loads(body)["kind"] for body in files["events.jsonl"].splitlines()]
    assert kinds == ["signed", "approved"]
    (row,) = json.loads(files["decisions.json"])
    assert row["username"] == "security2" and row["cuts_before"][0]["lines"] == [["tools", "Bash(git log *)", ""]]
    bundle = verify.Bundle(Memory(files))
    assert bundle.verify()
    assert any("ask the bundle of the packet" in line for line in verify.answers(bundle, "2026-11-03T12:00:00Z"))
    event = Event.objects.get(kind=EventKind.EVIDENCE_TAKEN)
    assert event.packet is None and of_period(cast.admin, 1, 1) == zipped


def test_a_period_is_for_who_may_see_everything(cast: Cast, in_force: Walk, clock: Clock) -> None:
    in_force()
    before = Event.objects.count()
    for taker in (cast.engineer, cast.teammate, cast.outsider):
        with refused("not_you"):
            of_period(taker, 0, 1)
    for code, first, days in (("no_period", 1, -1), ("no_period", 0, 0), ("no_events", 5, 1)):
        with refused(code):
            of_period(cast.auditor, first, days)
    assert Event.objects.count() == before
    assert holds_zipped(of_period(cast.responder, 0, 1))


def test_what_is_too_much_for_a_bundle_is_refused_in_words(
    cast: Cast, in_force: Walk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = in_force()
    for module, name, most in ((gathering, "MOST_EVENTS", 2), (packing, "LARGEST", 20_000)):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, most)
            with refused("bundle_too_large"):
                taken(version.packet, cast.auditor)
    assert not Event.objects.filter(kind=EventKind.EVIDENCE_TAKEN).exists()


def test_decisions_with_cuts_and_words_of_every_kind_verify(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2}, job="Räumt “auf”.\tSagt\n日本語 \U0001f600 </script>")
    sign(version, cast.security, reason="Über\nzwei Zeilen — \\ \" ' 'n.")
    ends = (version.ends or MONDAY) - timedelta(days=3)
    sign(version, cast.security2, cuts=Cuts(lines=(Cut(Field.TOOLS, "Bash(git log *)", Field.NEVER),), ends=ends))
    files = opened(taken(version.packet, cast.auditor))
    bundle = verify.Bundle(Memory(files))
    assert bundle.verify(), bundle.wrong
    told = verify.answers(bundle)
    assert any(f"until {verify.said_at(str(ends))}" in line for line in told)
    assert all("\n" not in line for line in told)


def test_another_decision_in_the_events_is_found_though_signed(cast: Cast, in_force: Walk) -> None:
    """Whoever has the key and the record's events cannot put other cuts or another person beside them."""
    files = opened(taken(in_force().packet, cast.auditor))
    for change in ({"cuts_before": [{"never": ["Bash(rm *)"]}]}, {"username": "auditor"}, {"event": 0}):
        rows = json.loads(files["decisions.json"])
        bundle = verify.Bundle(Memory({**files, "decisions.json": verify.canonical([rows[0] | change])}))
        bundle._digests = lambda: None  # type: ignore[method-assign]  # as if it were signed so
        assert not bundle.verify() and "ecision" in bundle.wrong[0]


def test_the_paper_says_what_was_signed_and_is_the_same_later(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    files = opened(taken(version.packet, cast.auditor))
    made = files[f"papers/{version.packet}-v1.pdf"]
    reader = PdfReader(io.BytesIO(made))
    words = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    for part in (
        "In force as of Mon 2 Nov 2026 09:00:00 UTC", "Erin Ek (engineer)", "crm.customers", "svc-sentry-dev",
        "Sam Sato approved Mon 2 Nov 2026 09:00 UTC", "As Security, under “1 of Security”; signed with password.",
    ):  # fmt: skip
        assert part in words, words
    assert reader.attachments[f"{version.packet}-v1.json"] == [bytes(version.content or b"")]
    signer = version.decisions.get().person
    signer.first_name, signer.is_active = "Renamed", False
    signer.save()
    clock.forward(days=3)
    assert opened(taken(version.packet, cast.auditor))[f"papers/{version.packet}-v1.pdf"] == made


def test_e_mails_with_their_outcome_and_the_checkpoint_at_their_foot(
    cast: Cast, in_force: Walk, settings: LazySettings
) -> None:
    version = in_force()
    sealing.seal()
    outbox.announce_all()
    with serving(Script(), settings):
        sending.send_due()
    sealing.seal()
    files = opened(taken(version.packet, cast.auditor))
    rows = json.loads(files["letters.json"])
    recorded = version.packet.events.filter(kind__in=ABOUT_LETTERS)
    assert len(rows) == recorded.count() > 0
    letter = Letter.objects.select_related("recipient", "event").get(key=rows[0]["letter"])
    assert (rows[0]["to"], rows[0]["subject"]) == (letter.recipient.username, letter.subject)
    assert (rows[0]["outcome"], rows[0]["attempts"]) == ("letter_sent", 1)
    assert letter.event is not None and rows[0]["about"] == letter.event.kind
    assert all(letter.text[:200].encode() not in data for data in files.values())
    foot = verify.FOOTER.search(letter.text)
    assert foot is not None
    for text, words in (
        (letter.text, "not rewritten since"),
        (letter.text.replace(f" {foot[2]} ", " 1 "), "cannot be compared"),
        (letter.text.replace(foot[3], "A" * 43 + "="), "it was rewritten"),
    ):
        bundle = verify.Bundle(Memory(files), b"", text)
        assert bundle.verify() is (text == letter.text)
        assert words in [*bundle.agrees, *bundle.wrong][-1]
    assert holds(files) and not holds({**files, "letters.json": b"[]"})
