"""A bundle verifies, is the same again, and answers; taking it stands in the record, and who may not gets none."""

from __future__ import annotations

import io
import json
import time
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from approvals import transitions
from approvals.models import Event
from approvals.vocabulary import EventKind
from audits import evidence, sealing
from audits.evidence import verify
from audits.models import Checkpoint
from tests.cast import Cast, Clock, Walk, refused
from tests.evidence.bundles import WHY, holds_zipped, opened, taken

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def test_what_is_in_it_and_that_taking_it_is_an_event(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    zipped = taken(version.packet, cast.auditor)
    files = opened(zipped)
    assert holds_zipped(zipped)
    assert files[f"versions/{version.packet}-v1.json"] == bytes(version.content or b"")
    bodies = [bytes(one) for one in version.packet.events.order_by("pk").values_list("body", flat=True)]
    assert files["events.jsonl"].splitlines() == bodies[:-1]
    event = Event.objects.get(kind=EventKind.EVIDENCE_TAKEN)
    detail = json.loads(bytes(event.body))["detail"]
    assert (event.actor, event.packet) == (cast.auditor, version.packet)
    assert (detail["reason"], detail["sha256"]) == (WHY, sha256(zipped).hexdigest())
    assert detail["scope"] == {"packet": str(version.packet)} and detail["bytes"] == len(zipped)


def test_ev_3_the_five_questions_are_answered_in_under_a_second(
    cast: Cast, in_force: Walk, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = in_force()
    clock.forward(hours=2)
    transitions.suspend(version.packet_id, actor=cast.responder, reason="It deleted a branch.")
    path = tmp_path / "bundle.zip"
    path.write_bytes(taken(version.packet, cast.auditor))
    begun = time.process_time()
    assert verify.main([str(path), "--at", "2026-11-02T10:00:00Z"]) == 0
    seconds = time.process_time() - begun
    out = capsys.readouterr().out
    signer = version.decisions.get().person
    for line in (
        f"{version}, agent {version.packet.agent.slug}",
        f"  What exactly: content digest {version.digest}",
        f"  Who, when, by which rule: {signer.printed_name} ({signer.username}) approved it for Security, "
        "Mon 02 Nov 2026 09:00:00 UTC, under the rule “1 of Security”, signed with password: “The scope is narrow.”",
        f"  In force: Mon 02 Nov 2026 09:00:00 UTC until {verify.said_at(str(version.ends_at))}",
        "    Suspended Mon 02 Nov 2026 11:00:00 UTC by Ravi Rao",
        "Was it valid, Mon 02 Nov 2026 10:00:00 UTC?",
        f"  {version.packet}: yes, v1",
        "All of this is as the record stood Mon 02 Nov 2026 11:00:00 UTC.",
        "Everything in this bundle agrees.",
    ):
        assert line in out.splitlines(), out
    assert seconds <= 1.0
    print(f"FG-8: a bundle of {path.stat().st_size:,} bytes verified offline and answered in {seconds:.3f} s")
    assert verify.main([str(path), "--at", "2026-11-02T11:00:00Z"]) == 0
    assert f"  {version.packet}: NO, the packet was suspended then" in capsys.readouterr().out.splitlines()


def test_ev_4_the_same_record_gives_the_same_bytes(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    first = taken(version.packet, cast.auditor)
    assert taken(version.packet, cast.security, "Another reason.") == first
    size = Checkpoint.objects.filter(size__lte=Event.objects.filter(kind="approved").get().leaf.index + 1).get().size
    transitions.suspend(version.packet_id, actor=cast.responder, reason="It deleted a branch.")
    later = taken(version.packet, cast.auditor)
    assert later != first and holds_zipped(later)
    assert taken(version.packet, cast.auditor, at_checkpoint=size) == first


def test_everything_is_sealed_first(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    assert not Checkpoint.objects.exists()
    assert holds_zipped(taken(version.packet, cast.auditor))
    assert sealing.seal(everything=True) == 1  # the event of taking it


def test_who_may_not_see_the_packet_takes_nothing(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    before = Event.objects.count()
    for code, reference, taker, reason, given in (
        ("no_packet", str(version.packet), cast.outsider, WHY, {}),
        ("no_packet", "AP-9999", cast.auditor, WHY, {}),
        ("no_reason", str(version.packet), cast.auditor, " ", {}),
        ("no_checkpoint", str(version.packet), cast.auditor, WHY, {"at_checkpoint": 9999}),
    ):
        file = io.BytesIO()
        with refused(code):
            evidence.take_packet(reference, file, taker=taker, reason=reason, **given)
        assert not file.getvalue()
    assert Event.objects.count() == before
    assert holds_zipped(taken(version.packet, cast.teammate))


def test_the_command_writes_it_and_leaves_nothing_behind_when_it_cannot(
    cast: Cast, in_force: Walk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version, path = in_force(), tmp_path / "f.zip"
    with pytest.raises(CommandError, match="no packet"):
        call_command("export_evidence", str(version.packet), person="outsider", reason=WHY, out=str(path))
    assert not path.exists()
    call_command("export_evidence", str(version.packet).lower(), person="auditor", reason=WHY, out=str(path))
    assert holds_zipped(path.read_bytes()) and sha256(path.read_bytes()).hexdigest() in capsys.readouterr().out
    with pytest.raises(CommandError, match="there already"):
        call_command("export_evidence", str(version.packet), person="auditor", reason=WHY, out=str(path))
    assert Event.objects.filter(kind=EventKind.EVIDENCE_TAKEN).count() == 1
