"""What the scheduler pokes and what is done by hand: each change with its event and its history."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands

import audits.tasks
import portal.tasks
from approvals import tasks
from audits import sealing
from tests.cast import Cast, Clock, Walk
from tests.doors.tracing import traced

pytestmark = pytest.mark.django_db
RECORDS = {
    "stop": "suspended", "import_packets": "drafted", "take_second_factor": "factor_removed", "backup": "backed_up",
    "restore": "restored", "export_evidence": "evidence_taken", "seal": "a change of the key, a restore, triggers",
    "sweep": "as the tasks it runs", "seed_demo": "as the verbs it walks",
}  # fmt: skip
CHANGES_NOTHING = {
    "why": "asks", "verify_record": "reads", "serve": "runs", "worker": "runs", "scheduler": "runs", "up": "runs",
    "database_roles": "gives rights to a role, and writes no row", "rebuild_search": "makes an index of what is there",
}  # fmt: skip


def test_tl_11_what_changes_unrecorded_is_found(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    with traced() as trace:
        type(version)._base_manager.filter(pk=version.pk).update(state="rejected")
    assert len(list(trace.problems())) == 2


def test_tl_11_what_the_scheduler_pokes_records_each_change_as_the_system(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    work: list[Callable[[], object]] = [getattr(tasks, name) for name in settings.DUE]
    work += [portal.tasks.end_access, audits.tasks.seal_record]
    in_force(), in_review()
    recorded = set()
    for days in (8, 14, 60, 30):
        clock.forward(days=days)
        for task in work:
            with traced() as trace:
                task()
            assert not list(trace.problems()), getattr(task, "name", task)
            assert not [event for event in trace.events if event.actor or not event.actor_name.startswith("system: ")]
            recorded |= {event.kind for event in trace.events}
    assert {"letter_sent", "closed_idle", "ended"} <= recorded


def test_tl_11_commands_record_what_they_change(cast: Cast, in_force: Walk) -> None:
    packages = {"approvals", "audits", "portal"}
    ours = {name for name, app in get_commands().items() if str(app) in packages}
    assert ours == RECORDS.keys() | CHANGES_NOTHING.keys(), "Say whether the command records what it changes."
    version = in_force()
    sealing.seal()
    for command, kind, options in (
        ("stop", "suspended", {"reason": "It looped.", "person": "responder"}),
        ("seal", "seal_key_changed", {"new_key": True, "reason": "Every year.", "person": "admin"}),
    ):
        with traced() as trace:
            call_command(
                command, *([version.packet.agent.slug] if command == "stop" else []), **options, stdout=StringIO()
            )
        assert [event.kind for event in trace.events] == [kind] and not list(trace.problems())
        assert trace.events[0].actor and trace.events[0].actor.username == options["person"]
