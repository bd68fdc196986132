"""What is well and what is late, as sentences: pure over what was read, and the same for page, banner and monitor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from approvals.models import Pulse
from approvals.vocabulary import Tag
from portal.health.owed import Owed

MINUTE = timedelta(minutes=1)
LETTER_LATE = 30 * MINUTE  # a mail server that asks to come again is asked after 1, 5 and 15 minutes
EVENT_LATE = 5 * MINUTE
SEAL_LATE = 2 * MINUTE  # what no process seals after its commit is asked for each minute
SWEEP_LATE = 10 * MINUTE  # every step of it is asked for each minute
QUEUE_LONG = 500
STILL = "Nothing is lost: what is due stands in the database and is done as soon as it goes on."


class Condition(StrEnum):
    """How a part stands."""

    WELL = "well"
    LATE = "late"
    UNSEEN = "unseen"

    @property
    def tag(self) -> Tag:
        return {
            "well": Tag("good", "check", "Well"),
            "late": Tag("bad", "alert", "Late"),
            "unseen": Tag("quiet", "clock", "Not seen yet"),
        }[self.value]


@dataclass(frozen=True, slots=True)
class Sign:
    """One part: what it does, how it stands, since when that is known, and what to do when it is late."""

    name: str
    label: str
    does: str
    condition: Condition
    at: datetime | None
    said: str = ""
    remedy: str = ""


# name → label, what it does, how old its sign of life may be, what to do
PROCESSES = {
    "scheduler": ("Scheduler", "asks a worker for everything that may be due", 3 * MINUTE,
                  "Start the scheduler again; its log says why it stopped."),
    "worker": ("Worker", "writes letters, reminders and ends", 5 * MINUTE,
               "Start a worker again; its log says why it stopped."),
}  # fmt: skip
SERVERS = {
    "mail": ("Mail server", "takes the e-mails",
             "Look at the mail server and at EMAIL_URL. E-mails are tried again by themselves for three days."),
    "broker": ("Broker", "carries what the scheduler asks for",
               "Look at Redis and at REDIS_URL. Pages and signatures go on; `manage.py sweep` does its work."),
}  # fmt: skip
STEPS = {
    "expire_due": "Ends written down",
    "flag_expiring": "Reminders flagged",
    "send_letters": "Letters sent",
    "flag_overdue": "Overdue answers told",
    "flag_unrenewed": "Late renewals told",
    "warn_idle": "Idle reviews warned",
    "suspend_unfilled": "Unfilled break-glass suspended",
    "close_idle": "Idle reviews closed",
    "seal_record": "Record sealed",
    "end_access": "Ends of access written down",
    "forget_working_copies": "Finished working copies forgotten",
}


def signs(owed: Owed, now: datetime) -> list[Sign]:
    """Every part, in the order in which one looks for a cause."""
    return [*_owed(owed, now), *processes(owed, now), *servers(owed), *steps(owed, now)]


def late(owed: Owed, now: datetime) -> list[Sign]:
    """Only what is late; empty when everything owed is on time."""
    return [sign for sign in signs(owed, now) if sign.condition is Condition.LATE]


def _owed(owed: Owed, now: datetime) -> Iterator[Sign]:
    yield _waiting("letters", "E-mails", "the oldest that has not left", owed.letter_since, now, LETTER_LATE,
                   "Open it on the page E-mails: it says what the mail server answered.")  # fmt: skip
    yield _waiting("webhooks", "Webhooks", "the oldest that has not left", owed.webhook_since, now, LETTER_LATE,
                   "Open it among the deliveries of Webhooks: it says what the receiver answered.")  # fmt: skip
    yield _waiting("events", "Events", "the oldest whose e-mails are not written", owed.event_since, now, EVENT_LATE,
                   "Look at the worker and the scheduler below; `manage.py sweep` writes them at once.")  # fmt: skip
    yield _waiting("seal", "Record", "the oldest event under no signed checkpoint", owed.seal_since, now, SEAL_LATE,
                   "Look at the worker below; `manage.py seal` does it at once, or says why it cannot.")  # fmt: skip


def _waiting(
    name: str, label: str, does: str, since: datetime | None, now: datetime, most: timedelta, remedy: str
) -> Sign:
    is_late = since is not None and now - since > most
    said = "" if since else "None waits."
    return Sign(name, label, does, Condition.LATE if is_late else Condition.WELL, since, said, remedy)


def waiting(owed: Owed, now: datetime) -> list[Sign]:
    """What is owed and has not been done."""
    return list(_owed(owed, now))


def processes(owed: Owed, now: datetime) -> list[Sign]:
    """Scheduler and worker."""
    return [
        _alive(name, label, does, owed.pulses.get(name), now, most, f"{remedy} {STILL}")
        for name, (label, does, most, remedy) in PROCESSES.items()
    ]


def servers(owed: Owed) -> list[Sign]:
    """Mail server and broker, as the worker found them. How old that is, is the worker's to answer for."""
    return [_found(name, label, does, owed.pulses.get(name), remedy) for name, (label, does, remedy) in SERVERS.items()]


def steps(owed: Owed, now: datetime) -> list[Sign]:
    """Each step of the sweep, by whoever did it: worker or `manage.py sweep`."""
    remedy = f"Look at the worker's log: this step fails or never comes. {STILL}"
    return [_alive(name, label, "", owed.pulses.get(name), now, SWEEP_LATE, remedy) for name, label in STEPS.items()]


def _alive(name: str, label: str, does: str, pulse: Pulse | None, now: datetime, most: timedelta, remedy: str) -> Sign:
    if pulse is None:
        return Sign(name, label, does, Condition.UNSEEN, None, "It has given no sign of life so far.", remedy)
    is_late = now - pulse.at > most
    return Sign(name, label, does, Condition.LATE if is_late else Condition.WELL, pulse.at, "", remedy)


def _found(name: str, label: str, does: str, pulse: Pulse | None, remedy: str) -> Sign:
    if pulse is None:
        return Sign(name, label, does, Condition.UNSEEN, None, "No worker has looked at it so far.", remedy)
    if not pulse.is_well:
        return Sign(name, label, does, Condition.LATE, pulse.at, f"It did not answer ({pulse.said}).", remedy)
    if pulse.count is not None and pulse.count > QUEUE_LONG:
        said = f"{pulse.count} tasks wait for a worker."
        return Sign(name, label, does, Condition.LATE, pulse.at, said, "Start another worker, or look at its log.")
    counted = "" if pulse.count is None else f"{pulse.count} task{'' if pulse.count == 1 else 's'} waiting."
    return Sign(name, label, does, Condition.WELL, pulse.at, f"It answered. {counted}".strip(), remedy)
