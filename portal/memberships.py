"""The one way by which somebody's groups change: each change is an event, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.contrib.auth.models import Group
from django.db import transaction

from approvals import events
from approvals.people import Person
from approvals.vocabulary import EventKind
from portal.models import User


@contextmanager
def recorded(person: User, *, actor: Person | None, system: str = "") -> Iterator[None]:
    """Whatever changes this person's groups inside is an event. Which groups one is in decides what one may sign."""
    with transaction.atomic():
        before = names(person)
        yield
        after = names(person)
        if before != after:
            detail = {"person": person.username, "added": sorted(after - before), "removed": sorted(before - after)}
            events.record(EventKind.MEMBERSHIP_CHANGED, actor=actor, system=system, detail=detail)


def names(person: User) -> set[str]:
    """The groups as the database has them now."""
    return set(Group.objects.filter(user=person).values_list("name", flat=True))


def keep_to(person: User, wanted: Iterable[str], *, of: Iterable[str], system: str) -> None:
    """Of these groups the person is in exactly the wanted ones afterwards; other groups stay as they are.

    A group that is not here is not made: it is somebody's mistake in a setting.
    """
    groups = {group.name: group for group in Group.objects.filter(name__in=set(of))}
    has, should = names(person) & groups.keys(), set(wanted) & groups.keys()
    with recorded(person, actor=None, system=system):
        for name in sorted(should - has):
            person.groups.add(groups[name])
        for name in sorted(has - should):
            person.groups.remove(groups[name])
