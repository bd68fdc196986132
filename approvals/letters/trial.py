"""A test e-mail to oneself: written, claimed, sent and settled as every letter is, so that it proves the whole way."""

from __future__ import annotations

from django.db import transaction

from approvals import events, validity
from approvals.errors import Refused
from approvals.letters.audience import Recipient, reachable
from approvals.letters.message import Message, subject_moment, told
from approvals.letters.writing import write
from approvals.models import Letter
from approvals.people import Person
from approvals.vocabulary import EventKind


def why_not_try(person: Person) -> Refused | None:
    """The reason no test e-mail can go to this person, or None."""
    if not reachable(person):
        return Refused(
            "no_address", "Your account has no e-mail address that is one.", "Ask an administrator to set it."
        )
    return None


@transaction.atomic
def send_trial(person: Person) -> Letter:
    """Write a test e-mail to this person, with its event; the worker sends it. Twice in one minute it is the same one.

    Raises Refused("no_address").
    """
    if refusal := why_not_try(person):
        raise refusal
    now = validity.now()
    key = f"trial-{person.pk}-{now:%Y%m%d%H%M}"
    there: Letter | None = Letter.objects.filter(key=key).first()
    if there:
        return there
    event = events.record(EventKind.LETTER_TRIED, actor=person, detail={"letter": key, "to": person.username})
    to = Recipient(person, "you asked for it")
    message = Message(
        subject=f"Test e-mail of the approvals portal, {subject_moment(now, now)}",
        first=f"You asked for this e-mail on {told(now, person)}.",
        second="If you read it, e-mails of the portal reach you. Nothing has to be done.",
        path="/letters/", link_label="Open your e-mails", because=to.because,
    )  # fmt: skip
    return write(message, to, key=key, event=event, reply_to="")
