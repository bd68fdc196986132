"""Letters about somebody named by e-mail who was never here: asked to come, to be let in, not reached, accepted."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth import get_user_model

from approvals.letters.audience import Recipient, may_see, owners, reachable
from approvals.letters.message import Message, told
from approvals.letters.occasion import Occasion, foot
from approvals.models import Event, Letter, Version
from approvals.people import Person
from approvals.vocabulary import EventKind, Role, State

KINDS = (EventKind.PERSON_INVITED, EventKind.PART_ACCEPTED)
INVITED = "somebody here named you by this address"
LET_IN = "you are an administrator, and only you can let them in"
DRAFTED = "you drafted it"
NOT_REACHED = "you named them by this address"


def hears(event: Event) -> list[Recipient]:
    """Who is asked, and whoever can let them in; of an acceptance that a draft waited for, its submitting side."""
    occasion = Occasion.of(event)
    if occasion is None:
        return []
    told_of = _asked(occasion) if event.kind == EventKind.PERSON_INVITED else _waiting(occasion)
    found = {one.person.pk: one for one in told_of if one.person.pk != event.actor_id}
    return list(found.values())


def _asked(occasion: Occasion) -> Iterator[Recipient]:
    person = invited(occasion.event)
    if not person.awaited:
        return
    yield Recipient(person, INVITED)
    if not settings.OIDC_ISSUER:
        people = get_user_model()._default_manager.filter(groups__name=Role.ADMINISTRATORS, is_active=True)
        yield from (Recipient(one, LET_IN) for one in people.order_by("pk") if reachable(one))


def _waiting(occasion: Occasion) -> Iterator[Recipient]:
    if occasion.version.state != State.DRAFT:
        return
    drafted = Recipient(occasion.version.created_by, DRAFTED)
    for one in (*owners(occasion.version), drafted):
        if reachable(one.person) and may_see(one.person, occasion.packet):
            yield one


def invited(event: Event) -> Person:
    """Whom the event is about."""
    return get_user_model()._default_manager.get(username=Occasion(event, Version()).detail["person"])


def not_reached(lost: Letter) -> list[Recipient]:
    """Whoever typed the address hears that no letter gets there; of any other letter of these kinds nobody does."""
    event = lost.event
    if event is None or event.actor is None or lost.recipient != invited(event) or not reachable(event.actor):
        return []
    return [Recipient(event.actor, NOT_REACHED)]


def overtaken(letter: Letter) -> str:
    """Why the letter is not needed any more; empty while the draft still names them and they are not here."""
    event, person = letter.event, letter.recipient
    if event is None or event.kind != EventKind.PERSON_INVITED or person != invited(event):
        return ""
    occasion = Occasion.of(event)
    version = occasion.version if occasion else None
    if person.has_left or version is None:
        return f"Not needed any more: the account of {person.printed_name} was closed."
    if person.pk not in (version.owner_id, version.backup_owner_id, version.rollback_owner_id):
        return f"Not needed any more: {version} names somebody else now."
    return ""


def compose(event: Event, to: Recipient) -> Message:
    """The letter about this event for this person."""
    occasion = Occasion.of(event)
    assert occasion is not None, "it is about a version, or nobody hears of it"  # noqa: S101 - hears() asked
    if event.kind == EventKind.PART_ACCEPTED:
        return _accepted(occasion, to)
    return {LET_IN: _to_let_in, NOT_REACHED: _was_not_reached}.get(to.because, _to_come)(occasion, to)


def _to_come(occasion: Occasion, to: Recipient) -> Message:
    """To a mailbox nobody has signed in with yet: which agent and which part, and nothing of the content."""
    version, at = occasion.version, occasion.event.effective_at
    parts = " and ".join(occasion.detail["parts"]).lower()
    way = (
        "Sign in with your organisation’s account, which has to have this address."
        if settings.OIDC_ISSUER
        else "An administrator of the portal was told; they let you in and tell you how to sign in."
    )
    return Message(
        subject=f"{occasion.name} names you, {occasion.said(at)}",
        first=f"{occasion.who} named you as {parts} of the agent {occasion.agent} in {version} on "
        f"{told(at, to.person)}.",
        second=f"{way} Then read it, and say on its page that you accept. Until then it cannot be submitted; if you do "
        "nothing, nothing happens.",
        facts=(("Packet", f"{version}"), ("Agent", occasion.agent)), path=version.get_absolute_url(),
        link_label="Sign in and read it", because=to.because,
    )  # fmt: skip


def _to_let_in(occasion: Occasion, to: Recipient) -> Message:
    version, at, person = occasion.version, occasion.event.effective_at, invited(occasion.event)
    return Message(
        subject=f"{person.username} waits to be let in, {occasion.said(at)}",
        first=f"{occasion.who} named {person.username} in {version} on {told(at, to.person)}. Nobody here has signed "
        "in with this address.",
        second="If they belong here, open their account, set a password, tick “Active”, and tell them. If they do not, "
        "take away the tick “named by e-mail”. If you do nothing, they stay out and the draft waits.",
        tone="warn", facts=(("Packet", f"{version}"), ("Agent", occasion.agent)),
        path=f"/portal/user/{person.pk}/change/", link_label="Open their account", because=to.because,
    )  # fmt: skip


def _was_not_reached(occasion: Occasion, to: Recipient) -> Message:
    version, at, person = occasion.version, occasion.event.effective_at, invited(occasion.event)
    return Message(
        subject=f"{occasion.name}: no e-mail reaches {person.username}, {occasion.said(at)}",
        first=f"You named {person.username} in {version} on {told(at, to.person)}, and the e-mail that asks them to "
        "come could not be delivered.",
        second="Check the address in the draft, and name somebody else if it is wrong. If you do nothing, the draft "
        "cannot be submitted.",
        tone="warn", path=version.get_absolute_url(), link_label="Open the draft", because=to.because,
        foot=foot(version),
    )  # fmt: skip


def _accepted(occasion: Occasion, to: Recipient) -> Message:
    version, at = occasion.version, occasion.event.effective_at
    parts = " and ".join(occasion.detail["parts"]).lower()
    return Message(
        subject=f"{occasion.name}: {occasion.who} accepted, {occasion.said(at)}",
        first=f"{occasion.who} accepted to be named as {parts} in {version} on {told(at, to.person)}.",
        second="Submit it for review when nobody else is waited for. It is a draft: if you do nothing, nothing "
        "happens.",
        tone="good", path=version.get_absolute_url(), link_label="Open the draft", because=to.because,
        foot=foot(version),
    )  # fmt: skip
