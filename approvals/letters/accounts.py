"""Letters about one's own account: how one signs in has changed. Told to the person themselves, whoever did it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import get_user_model

from approvals.letters.audience import Recipient, reachable
from approvals.letters.message import Message, subject_moment, told
from approvals.letters.occasion import detail_of
from approvals.models import Event
from approvals.vocabulary import EventKind

NOT_YOU = "If it was you, nothing has to be done. If it was not, open your account, sign out everywhere, set a new "
NOT_YOU += "password, and tell an administrator of the portal at once."


def hears(event: Event) -> Recipient | None:
    """Whose account it is; None when it is told to nobody."""
    if event.kind not in WHAT:
        return None
    person = get_user_model()._default_manager.get(username=detail_of(event)["person"])
    return Recipient(person, "it is about your own account") if reachable(person) else None


def compose(event: Event, to: Recipient) -> Message:
    """What changed, when, and what to do if it was somebody else."""
    what = WHAT[EventKind(event.kind)](detail_of(event))
    return Message(
        subject=f"{what[0].upper()}{what[1:]}, {subject_moment(event.effective_at, event.recorded_at)}",
        first=f"On {told(event.effective_at, to.person)} {what} for your account {to.person.username}.",
        second=NOT_YOU, tone="warn", path="/account/", link_label="Open your account", because=to.because,
    )  # fmt: skip


def _factor(detail: dict[str, str]) -> str:
    name = f" “{detail['name']}”" if detail["name"] else ""
    return f"{detail['factor']}{name}"


WHAT: dict[EventKind, Callable[[dict[str, str]], str]] = {
    EventKind.FACTOR_ADDED: lambda detail: f"{_factor(detail)} was set up",
    EventKind.FACTOR_REMOVED: lambda detail: f"{_factor(detail)} was removed",
    EventKind.PASSWORD_CHANGED: lambda detail: "the password was changed",
    EventKind.PROVIDER_LINKED: lambda detail: "sign-in with a provider was linked",
}
