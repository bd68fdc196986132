"""Name somebody by e-mail who was never here: an account that opens nothing, and a letter that asks them to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from approvals import events, invited, validity
from approvals.asking import PEOPLE, find_person
from approvals.content import Content
from approvals.errors import Refused
from approvals.models import Event, PartAccepted, Version
from approvals.named import PARTS
from approvals.people import Person
from approvals.transitions.claiming import put_down
from approvals.vocabulary import EventKind

MOST_A_DAY = 20  # people one person may ask to come: letters go to addresses nobody here has looked at


def with_sign_in_names(content: Content, actor: Person) -> Content:
    """The content with people by sign-in name. An address nobody here has becomes an account that waits for its person.

    Inside a verb only. Raises Refused: "unknown_person" for an address that names nobody, "too_many_invited".
    """
    typed = {key: getattr(content, key) for key in PEOPLE}
    named: dict[str, Any] = {key: _name(text, actor) for key, text in typed.items() if invited.is_address(text)}
    return replace(content, **named)


def _name(typed: str, actor: Person) -> str:
    try:
        find_person(typed)
    except Refused:
        return (invited.look_up(typed) or _awaited(invited.as_name(typed), actor)).username
    return typed


def _awaited(address: str, actor: Person) -> Person:
    """The account of somebody who is not here yet: no password, no group, no way in."""
    today = Event.objects.filter(kind=EventKind.PERSON_INVITED, effective_at__gt=validity.now() - timedelta(days=1))
    if today.filter(actor=actor).count() >= MOST_A_DAY:
        raise Refused(
            "too_many_invited", f"You named {MOST_A_DAY} people by e-mail within a day.",
            "Name somebody who is here, or ask an administrator to add them.",
        )  # fmt: skip
    person = get_user_model()(username=address, email=address, is_active=False, awaited=True)
    person.set_unusable_password()
    try:
        with transaction.atomic():
            put_down(person, actor)
    except IntegrityError:  # somebody else named them a moment ago
        person = get_user_model()._default_manager.get(username=address)
    return person


def ask_awaited(version: Version, actor: Person | None) -> None:
    """Ask everybody whom the saved version names and who is not here yet, once for each part of the packet."""
    asked: dict[str, list[str]] = {}
    for part, words in PARTS.items():
        person = getattr(version, part)
        if person is None or not person.awaited:
            continue
        row = {"packet": version.packet, "person": person, "part": part}
        if not PartAccepted.objects.filter(**row).exists():
            put_down(PartAccepted(**row), actor)
            asked.setdefault(person.username, []).append(words)
    for name, parts in asked.items():
        detail = {"person": name, "parts": parts}
        events.record(EventKind.PERSON_INVITED, version=version, actor=actor, detail=detail)
