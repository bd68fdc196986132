"""Questions, as verbs of the query sets. The moment is handed in: a query never asks the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Least

from approvals import instants
from approvals.append_only import AppendOnlyQuerySet
from approvals.errors import Refused
from approvals.terms import BEYOND
from approvals.vocabulary import ABOUT_LETTERS, EventKind, State
from approvals.walks import NEWEST, Place, from_the_fewest, packets_along, there_is

if TYPE_CHECKING:
    from approvals.people import Person

Viewer = "Person | AnonymousUser"


class PacketQuerySet(models.QuerySet[Any]):
    """Questions about packets."""

    def visible_to(self, viewer: Person | AnonymousUser) -> Self:
        """The packets this person may see, asked of guardian's rows. Nobody and inactive people see none."""
        from approvals import access  # access reads these models

        if not viewer.is_active or viewer.is_anonymous:
            return self.none()
        if access.sees_every_packet(viewer):
            return self.all()
        return self.filter(Q(pk__in=access.packets_of_person(viewer)) | Q(pk__in=access.packets_of_groups(viewer)))

    def legs_of(self, viewer: Person | AnonymousUser) -> list[Self]:
        """One query for each way this person may see these packets; nobody and inactive people have none."""
        from approvals import access

        if not viewer.is_active or viewer.is_anonymous:
            return []
        return [self] if access.sees_every_packet(viewer) else [self.filter(leg) for leg in access.legs(viewer)]

    def newest_visible_to(
        self, viewer: Person | AnonymousUser, *, limit: int, before: int | None = None, after: int | None = None
    ) -> list[int]:
        """Keys of one page of what this person may see, newest first: O(page), whatever the number of rows.

        `before` is the last key of the page above it, `after` the first key of the page below; at most one of them.
        """
        key = before if after is None else after
        return packets_along(
            self.legs_of(viewer), NEWEST, limit=limit, beyond=None if key is None else Place(key, key),
            backwards=after is not None,
        )  # fmt: skip

    def saying(self, terms: Sequence[bytes]) -> Self:
        """Packets in which each of these begins a word of what they say."""
        rows = self
        for term in terms:
            rows = rows.filter(Exists(packets_with(term).filter(packet=OuterRef("pk"))))
        return rows

    def with_version_in_force_at(self, moment: datetime) -> Self:
        """Packets one of whose versions holds at this instant."""
        return self.filter(Exists(_versions().filter(packet=OuterRef("pk")).in_force_at(moment)))

    def suspensions_at(self, moment: datetime) -> models.QuerySet[Any]:
        """The suspensions that hold at this instant, of any packet."""
        return _suspensions(moment)

    def suspended_at(self, moment: datetime) -> Self:
        return self.filter(Exists(_suspensions(moment).filter(packet=OuterRef("pk"))))


def packets_with(term: bytes) -> models.QuerySet[Any]:
    """Keys of the packets a word of which begins so; one packet may come twice. Says nothing of who may see them."""
    from approvals.models import SearchTerm

    return SearchTerm.objects.filter(term__gte=term, term__lt=term + BEYOND).values("packet")


def _versions() -> VersionQuerySet:
    from approvals.models import Version

    return Version.objects.all()


def key_shown_at(moment: datetime) -> Coalesce:
    """For versions: the key of the one that lists show of the same packet, the one granted now, else the newest."""
    same = _versions().filter(packet=OuterRef("packet")).order_by("-number")
    return Coalesce(Subquery(same.granted_at(moment).values("pk")[:1]), Subquery(same.values("pk")[:1]))


def _suspensions(moment: datetime) -> models.QuerySet[Any]:
    from approvals.models import Suspension

    return Suspension.objects.filter(Q(until__isnull=True) | Q(until__gt=moment), since__lte=moment)


class VersionQuerySet(models.QuerySet[Any]):
    """Questions about versions."""

    def visible_to(self, viewer: Person | AnonymousUser) -> Self:
        """Versions are seen through their packet."""
        from approvals import access
        from approvals.models import Packet

        if access.sees_every_packet(viewer):
            return self
        return self.filter(packet__in=Packet.objects.visible_to(viewer))

    def legs_of(self, viewer: Person | AnonymousUser) -> list[Self]:
        """One query for each way this person may see the packets of these versions; nobody has none."""
        from approvals import access

        if not viewer.is_active or viewer.is_anonymous:
            return []
        if access.sees_every_packet(viewer):
            return [self]
        return [self.filter(leg) for leg in access.legs(viewer, "packet__")]

    def shown_at(self, moment: datetime) -> Self:
        """Of each packet the version that lists show of it: the one granted now, else the newest."""
        return self.filter(pk=key_shown_at(moment))

    def approved_at(self, moment: datetime) -> Self:
        """Signed by all, begun, not ended, not superseded, not revoked: what the next version is compared with."""
        return self.filter(instants.approved(moment)).filter(instants.not_revoked(moment))

    def by_break_glass_at(self, moment: datetime) -> Self:
        """In force with signatures missing: the glass is broken, and neither its deadline nor its end has come."""
        return self.filter(instants.by_break_glass(moment)).filter(instants.not_revoked(moment))

    def granted_at(self, moment: datetime) -> Self:
        """In force unless suspended: approved, or by break-glass, which stands in the place of the one approved before.

        It stands there until it is settled, past its deadline too: nothing comes back by itself.
        """
        before = _versions().filter(instants.in_place(moment), packet=OuterRef("packet"), number__gt=OuterRef("number"))
        holds = instants.approved(moment) | instants.by_break_glass(moment)
        return self.filter(holds, instants.not_revoked(moment), ~Exists(before))

    def unfilled_at(self, moment: datetime) -> Self:
        """Whose glass was broken, and whose deadline came with signatures missing; nobody has written that down yet."""
        return self.filter(glass_until__lte=moment, glass_over_at__isnull=True)

    def in_force_at(self, moment: datetime) -> Self:
        """Versions whose authority holds at this instant. Start counts, end does not; a dead worker changes nothing.

        A run holds only while some version of its parent does.
        """
        parent = _versions().granted_at(moment).filter(~Exists(_suspensions(moment).filter(packet=OuterRef("packet"))))
        return (
            self.granted_at(moment)
            .filter(~Exists(_suspensions(moment).filter(packet=OuterRef("packet"))))
            .filter(Q(packet__parent__isnull=True) | Q(there_is(parent.filter(packet=OuterRef("packet__parent")))))
        )

    def counting_at(self, moment: datetime) -> Self:
        """Approved, and neither over nor superseded by then: in force, suspended, or still to begin."""
        return self.filter(instants.counting(moment))

    def to_stop_at(self, moment: datetime) -> Self:
        """What a stop of everything has to reach: what counts then, and what a last signature could still grant."""
        return self.filter(Q(state=State.IN_REVIEW) | instants.counting(moment))

    def lapsed_by(self, moment: datetime) -> Self:
        """Versions whose end has come as granted and is not written down yet."""
        return self.filter(state=State.APPROVED, end_recorded_at__isnull=True, ends_at__lte=moment).filter(
            Q(superseded_at__isnull=True) | Q(superseded_at__gte=models.F("ends_at")),
            Q(packet__revoked_at__isnull=True) | Q(packet__revoked_at__gte=models.F("ends_at")),
        )

    def owing_reminders(self, moment: datetime, horizon: datetime) -> Self:
        """Versions that still count and end after now and by the horizon; a suspension does not spare them."""
        return self.filter(
            state=State.APPROVED, ends_at__gt=moment, ends_at__lte=horizon, superseded_at__isnull=True,
            packet__revoked_at__isnull=True,
        )  # fmt: skip

    def idle_since(self, moment: datetime, ended_by: datetime) -> Self:
        """In review, and without an event since that moment, or with an end, asked or as cut, that has passed."""
        return self.filter(state=State.IN_REVIEW).filter(
            Q(last_event_at__lte=moment) | Q(ends__lte=ended_by) | Q(ends_at__lte=ended_by)
        )

    def overdue_at(self, moment: datetime) -> Self:
        """In review past the answer's due date, and nobody has been told of it yet."""
        from approvals.models import Event

        told = Event.objects.filter(version=OuterRef("pk"), kind=EventKind.ANSWER_OVERDUE)
        return self.filter(~Exists(told), state=State.IN_REVIEW, answer_by__lte=moment)

    def waiting_for(self, person: Person) -> Self:
        """In review, with an open seat for a group of this person, not written and not decided by them.

        Who wrote in a version before it, back to the last approved one, is an author of this one too.
        """
        from approvals.models import Decision, Seat

        # "Not decided" is said so that no index answers it: SQLite would read every open seat again for each version.
        seats = Seat.objects.filter(version=OuterRef("pk"), group__in=person.memberships())
        seat = seats.exclude(decision__isnull=False)
        return (
            self.filter(Exists(seat), state=State.IN_REVIEW)
            .exclude(Exists(Decision.objects.filter(version=OuterRef("pk"), person=person)))
            .exclude(Exists(self._written_by(person)))
        )

    def _written_by(self, person: Person) -> models.QuerySet[Any]:
        approved_since = _versions().filter(
            packet=OuterRef("version__packet"), state=State.APPROVED, number__gte=OuterRef("version__number"),
            number__lt=OuterRef(OuterRef("number")),
        )  # fmt: skip
        writing: models.QuerySet[Any] = self.model.editors.through.objects.all()
        return writing.filter(
            ~Exists(approved_since), user=person, version__packet=OuterRef("packet"),
            version__number__lte=OuterRef("number"),
        )  # fmt: skip

    def for_page(self) -> Self:
        """With everything a page says of a version beside its own columns, in a fixed number of statements."""
        return self.select_related(
            "packet__agent__team", "packet__parent", "owner", "backup_owner", "rollback_owner", "human_approval_by",
            "submitted_by", "created_by", "based_on",
        ).prefetch_related("packet__suspensions")  # fmt: skip


class GrantQuerySet(models.QuerySet[Any]):
    """Questions about lines."""

    def standing_at(self, moment: datetime) -> Self:
        """The lines that stand at this instant: begun, and not cut or given up by then."""
        return self.filter(Q(since__isnull=True) | Q(since__lte=moment), Q(until__isnull=True) | Q(until__gt=moment))

    def asked(self) -> Self:
        """The lines as they were submitted."""
        return self.filter(since__isnull=True)


class AgentQuerySet(models.QuerySet[Any]):
    """Questions about agents."""

    def visible_to(self, viewer: Person | AnonymousUser) -> Self:
        """Agents with a packet this person may see, agents of their teams, or all with the broad right."""
        from approvals import access
        from approvals.models import Packet

        if not viewer.is_active or viewer.is_anonymous:
            return self.none()
        if access.sees_every_packet(viewer):
            return self.all()
        seen = Packet.objects.visible_to(viewer).values("agent")
        return self.filter(Q(team__in=viewer.groups.all()) | Q(pk__in=seen))

    def without_packet_in_force_at(self, moment: datetime) -> Self:
        """Active agents nobody has authorised at this instant. Asked packet by packet: few for each agent."""
        from approvals.models import Packet

        held = Packet.objects.filter(agent=OuterRef("pk")).with_version_in_force_at(moment)
        return self.filter(is_active=True).exclude(Exists(held))

    def without_packet_in_force_since(self, moment: datetime) -> Self:
        """As `without_packet_in_force_at`, each with `since`: when its last authority went, else when it was added."""
        from approvals.models import Packet

        end = "versions__ends_at"
        stop = Subquery(_suspensions(moment).filter(packet=OuterRef("pk")).values("since")[:1])
        early = (Coalesce(one, end) for one in ("versions__superseded_at", "revoked_at", stop))
        held = Q(versions__state=State.APPROVED, gone__gt=F("versions__in_force_from"), gone__lte=moment)
        of_agent = Packet.objects.filter(agent=OuterRef("pk")).annotate(gone=Least(end, *early)).order_by()
        last = of_agent.values("agent").annotate(last=Max("gone", filter=held)).values("last")
        return self.without_packet_in_force_at(moment).annotate(since=Coalesce(Subquery(last), "added_at"))


class EventQuerySet(AppendOnlyQuerySet):
    """Questions about the record. It only grows."""

    def visible_to(self, viewer: Person | AnonymousUser) -> Self:
        """Events are seen through their packet or agent; those of neither need the broad right."""
        from approvals import access
        from approvals.models import Agent, Packet

        if viewer.is_active and not viewer.is_anonymous and access.sees_every_packet(viewer):
            return self.all()
        agents = Agent.objects.visible_to(viewer)
        return self.filter(Q(packet__in=Packet.objects.visible_to(viewer)) | Q(packet__isnull=True, agent__in=agents))

    def on_the_way_of(self, viewer: Person | AnonymousUser) -> Self:
        """`visible_to` for a page along the keys: what little one may see is read first, else each row is asked."""
        from approvals import access
        from approvals.models import Agent

        if not viewer.is_active or access.sees_every_packet(viewer):
            return self.visible_to(viewer)
        of_no_packet = Q(packet__isnull=True, agent__in=Agent.objects.visible_to(viewer))
        rows = self.filter(access.sight_of(viewer, "packet") | of_no_packet)
        return from_the_fewest(rows, [self.model.objects.visible_to(viewer).values("pk")])

    def recorded_in(self, since: datetime | None, until: datetime | None) -> Self:
        """Recorded from `since`, up to and without `until`; None leaves that side open."""
        rows = self if since is None else self.filter(recorded_at__gte=since)
        return rows if until is None else rows.filter(recorded_at__lt=until)

    def unannounced(self) -> Self:
        """Events whose letters have not been written yet, oldest first."""
        return self.filter(announced__isnull=True).order_by("pk")

    def without_letters(self) -> Self:
        """What happened to packets and people; what became of e-mails is shown beside it, with the letters."""
        return self.exclude(kind__in=ABOUT_LETTERS)

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Refused("append_only", "Events are recorded one by one, by events.record.")


def rule_is_kept() -> Refused:
    """Made anew each time: an exception that is raised twice keeps the frames of both."""
    return Refused(
        "rule_in_use", "Sign-off rules are never deleted: what was signed under one names it.", "Retire it instead."
    )


class RuleQuerySet(models.QuerySet[Any]):
    """Questions about sign-off rules. A packet keeps naming the rule it was signed under, so none is deleted."""

    def active(self) -> Self:
        """The rules that count now, with their groups."""
        return self.filter(is_active=True).select_related("group", "team").order_by("pk")

    def delete(self) -> NoReturn:
        raise rule_is_kept()
