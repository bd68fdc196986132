"""Who sees which packet. The only module that speaks to guardian.

The rows on Packet are the only source; verbs write them here. The broad right is asked first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from guardian.shortcuts import assign_perm, remove_perm

from approvals.models import Packet, PacketGroupSight, PacketUserSight
from approvals.people import Person
from approvals.vocabulary import OPEN_STATES, State
from approvals.walks import there_is

VIEW = "view_packet"


@dataclass(frozen=True, slots=True)
class Sight:
    """Who may see one packet: keys of people and of groups."""

    people: frozenset[int]
    groups: frozenset[int]


def sees_every_packet(viewer: Person | AnonymousUser) -> bool:
    """Whether this person holds the broad right, by role. A superuser does too; inactive people never."""
    if not viewer.is_active or not isinstance(viewer, Person):
        return False
    return viewer.is_superuser or any(getattr(group, "broad", False) for group in viewer.memberships())


def packets_of_person(viewer: Person) -> QuerySet[Any, Any]:
    """Keys of the packets shown to this person by name."""
    return PacketUserSight.objects.filter(user=viewer).values("content_object_id")


def packets_of_groups(viewer: Person) -> QuerySet[Any, Any]:
    """Keys of the packets shown to a group of this person."""
    return PacketGroupSight.objects.filter(group__in=viewer.memberships()).values("content_object_id")


def legs(viewer: Person, packet: str = "") -> list[Q]:
    """One condition for each way this person may see packets: by name, and by each group. `packet` leads to them."""
    by_name = Q(**{f"{packet}user_sights__user": viewer})
    return [by_name, *(Q(**{f"{packet}group_sights__group": group}) for group in viewer.memberships())]


def sight_of(viewer: Person | AnonymousUser, packet: str = "pk") -> Q:
    """The condition that this person may see the packet this column names, for rows that something else finds.

    Asked of each row by the few sights of its packet, where `visible_to` reads everything the person may see.
    """
    if not viewer.is_active or not isinstance(viewer, Person):
        return Q(pk__in=[])
    if sees_every_packet(viewer):
        return Q()
    # Who it is shown to is said as an expression: by a person's index, all their sights were read for each row.
    by_name = PacketUserSight.objects.alias(whom=Coalesce("user", 0)).filter(whom=viewer.pk)
    groups = [group.pk for group in viewer.memberships()]
    by_group = PacketGroupSight.objects.alias(whom=Coalesce("group", 0)).filter(whom__in=groups)
    return Q(there_is(by_name.filter(content_object=OuterRef(packet)))) | Q(
        there_is(by_group.filter(content_object=OuterRef(packet)))
    )


def expected(packet: Packet) -> Sight:
    """Who should see this packet, computed anew from its rows.

    The owners and rollback owner of the open and of every approved version, those the owner shares it with, the
    agent's team, and the groups that have a seat on any version.
    """
    counting = packet.versions.filter(state__in=[*OPEN_STATES, State.APPROVED, State.CHANGES_REQUESTED, State.REJECTED])
    named = counting.values_list("owner", "backup_owner", "rollback_owner")
    shared = packet.shares.filter(until__isnull=True).values_list("person", flat=True)
    people = {pk for row in named for pk in row if pk} | set(shared) | {packet.created_by_id}
    seats = packet.versions.filter(seats__isnull=False).values_list("seats__group", flat=True)
    return Sight(frozenset(people), frozenset(seats) | {packet.agent.team_id})


def standing(packet: Packet) -> Sight:
    """Who sees this packet by guardian's rows."""
    people = PacketUserSight.objects.filter(content_object=packet).values_list("user", flat=True)
    groups = PacketGroupSight.objects.filter(content_object=packet).values_list("group", flat=True)
    return Sight(frozenset(people), frozenset(groups))


def settle(packet: Packet) -> dict[str, list[str]]:
    """Bring guardian's rows to what is expected; returns the names added and removed, for the verb's event."""
    now, then = expected(packet), standing(packet)
    changed = {
        "sight_added": _name(now.people - then.people, now.groups - then.groups, packet, assign_perm),
        "sight_removed": _name(then.people - now.people, then.groups - now.groups, packet, _take),
    }
    return {key: names for key, names in changed.items() if names}


def _name(people: frozenset[int], groups: frozenset[int], packet: Packet, change: Any) -> list[str]:
    """Add or take these rows, people and groups each at once; returns their names."""
    from django.contrib.auth import get_user_model

    if not people and not groups:
        return []
    right = Permission.objects.filter(content_type__app_label="approvals", codename=VIEW)[0]
    whos: list[list[Any]] = [
        list(get_user_model()._default_manager.filter(pk__in=people).order_by("username")),
        list(Group.objects.filter(pk__in=groups).order_by("name")),
    ]
    for who in filter(None, whos):
        change(right, who, packet)
    return [str(one) for who in whos for one in who]


def _take(right: Permission, who: list[Any], packet: Packet) -> None:
    for one in who:
        remove_perm(right, one, packet)
