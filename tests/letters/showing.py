"""One letter of each kind, walked through the verbs: for tests that look at all of them, and for their pictures."""

from __future__ import annotations

from datetime import timedelta

from approvals import tasks, transitions
from approvals.cuts import Cut, Cuts
from approvals.letters import outbox
from approvals.models import Letter
from approvals.transitions import Seen
from approvals.vocabulary import Field
from tests import present
from tests.cast import Cast, Clock, Walk, latest, sign

HIGH = "Bash(gh api *)"  # a line with a high finding


def one_of_each(cast: Cast, clock: Clock, in_review: Walk, in_force: Walk) -> dict[str, Letter]:
    """A letter of every kind that is written, by its kind; those about several are kinds of their own."""
    cast.teammate.night_contact = "+49 30 123456"
    cast.teammate.save()
    _review(cast, clock, in_review)
    _life(cast, clock, in_force, in_review)
    outbox.announce_all()
    found = {letter.event.kind: letter for letter in Letter.objects.select_related("event") if letter.event}
    several = Letter.objects.filter(event=None, tells_of__isnull=False).distinct().order_by("pk")
    found |= {f"several_{one.tells_of.first().kind}": one for one in several}
    reminders = Letter.objects.filter(event=None, tells_of__isnull=True).order_by("pk")
    return found | {"ends_soon" if one.version_id else "several_end_soon": one for one in reminders}


def _review(cast: Cast, clock: Clock, in_review: Walk) -> None:
    """Submitted, asked, answered, signed by one of two, sent back, rejected; and overdue, then closed as idle."""
    version = in_review(seats={"Security": 2}, tools=f"{HIGH}\nBash(git diff *)")
    outbox.announce_all()  # as a worker does meanwhile: what waits for a signature is told while it waits
    row = transitions.ask(version.pk, "Which tables\nof crm.customers?", actor=cast.security, line="crm.customers")
    transitions.answer(row.pk, "Names and order numbers only.", actor=cast.engineer)
    cuts = Cuts(lines=(Cut(Field.TOOLS, HIGH),))
    version = sign(version, cast.security, reason="Without the whole API.", cuts=cuts)
    outbox.announce_all()
    version = present.break_glass(version.pk, seen=Seen.of(version), actor=cast.security, reason="It is urgent.")
    outbox.announce_all()
    present.request_changes(version.pk, seen=Seen.of(version), actor=cast.security2, reason="Name the tables.")
    version = in_review()
    present.reject(version.pk, seen=Seen.of(version), actor=cast.security, reason="It has no limits.")
    in_review()
    outbox.announce_all()
    clock.forward(days=6)
    tasks.flag_overdue()
    outbox.announce_all()
    clock.forward(days=12)
    tasks.warn_idle()
    outbox.announce_all()
    clock.forward(days=4)
    tasks.close_idle()


def _life(cast: Cast, clock: Clock, in_force: Walk, in_review: Walk) -> None:
    """Approved, renewed, given up, suspended, resumed, ending alone and with others, ended, revoked."""
    version = in_force(ends=clock.moment + timedelta(days=40))
    draft = transitions.renew(version.pk, actor=cast.engineer, ends=clock.moment + timedelta(days=85))
    version = in_force(of=draft)
    cuts = Cuts(lines=(Cut(Field.TOOLS, "Bash(git log *)"),))
    transitions.give_up(version.pk, seen=Seen.of(latest(version)), actor=cast.engineer, cuts=cuts, reason="Not used.")
    transitions.suspend(version.packet_id, actor=cast.responder, reason="It deleted a branch.")
    transitions.resume(version.packet_id, actor=cast.security, reason="It was a misread log.")
    clock.forward(days=60)
    tasks.flag_expiring()
    for job in ("Answer refunds.", "Sort invoices."):
        in_force(job=job, ends=clock.moment + timedelta(days=31))
    clock.forward(days=1)
    tasks.flag_expiring()
    for days, due in (
        (22, tasks.flag_unrenewed),
        (2, tasks.expire_due),
        (5, tasks.flag_unrenewed),
        (2, tasks.expire_due),
    ):
        clock.forward(days=days)
        due()
        outbox.announce_all()
    version = in_force(rollback_owner="teammate")
    transitions.hand_over(version.packet_id, actor=cast.admin, leaver=cast.teammate, to=cast.outsider)
    transitions.revoke(version.packet_id, actor=cast.security, reason="The agent is retired.")
