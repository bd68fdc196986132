"""A packet with everything its page says, in a fixed number of statements whatever the number of rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import Case, Exists, F, OuterRef, Value, When
from django.db.models.functions import Concat, Trim
from django.http import Http404

from approvals import validity
from approvals.asking import asked
from approvals.circumstances import OWNER, entries_for
from approvals.models import (
    Acceptance,
    Decision,
    Event,
    GivenUp,
    Grant,
    Letter,
    Packet,
    PacketShare,
    PartAccepted,
    Question,
    Reminder,
    Seat,
    Suspension,
    Version,
)  # fmt: skip
from approvals.pages.elsewhere import Elsewhere, elsewhere, others_of
from approvals.pages.looking import lookers
from approvals.risk.register import Registered
from approvals.standing import granted_of, is_granted, standing_of
from approvals.together import Part, put, together
from approvals.vocabulary import OPEN_STATES, Standing, State
from approvals.walks import there_is

REFERENCE = re.compile(r"AP-\d{4,9}", re.ASCII)
EVENTS = 12  # on the page; the record has everything
LETTER = ("id", "subject", "state", "recipient_id", "address", "written_at", "settled_at", "version_id", "attempts",
          "server_said", "undelivered")  # fmt: skip

PRINTED = Trim(Concat("recipient__first_name", Value(" "), "recipient__last_name"))
NAME_OF_RECIPIENT = Case(When(recipient__first_name="", then="recipient__username"), default=PRINTED)


@dataclass(slots=True)
class Dossier:
    """The packet, its versions newest first, and the one the page shows with all that hangs on it."""

    packet: Packet
    versions: list[Version]
    shown: Version
    moment: datetime
    standing: Standing = Standing.DRAFT
    base: Version | None = None  # what the shown version is compared with
    sent_back: Version | None = None  # the last one a signer sent back before it
    to_begin: Version | None = None  # an approved one that begins later, whose place an open one would take
    shares: list[PacketShare] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    acceptances: dict[int, Acceptance] = field(default_factory=dict)  # by the place of the finding
    register: tuple[Registered, ...] = ()  # what the data register says now of the shown version's lines
    looking: list[Any] = field(default_factory=list)  # who may decide and has the shown version open just now
    elsewhere: Elsewhere | None = None  # the agent's other packets in force

    @property
    def in_force(self) -> Version | None:
        """The version that is granted now, by all signatures or by break-glass, suspended or not."""
        return granted_of(self.versions, self.moment)

    @property
    def open(self) -> Version | None:
        """The draft or the version in review, if there is one."""
        return next((one for one in self.versions if one.state in OPEN_STATES), None)

    @property
    def latest_approved(self) -> Version | None:
        return next((one for one in self.versions if one.state == State.APPROVED), None)


def opened(viewer: Any, reference: str, number: int | None = None) -> Dossier:
    """The packet as this person may see it. Raises Http404 for what is not there and what is not shown to them."""
    moment = validity.now()
    versions = _versions(viewer, reference, moment) if REFERENCE.fullmatch(reference) else []
    if not versions:
        raise Http404
    packet = versions[0].packet
    for version in versions:
        version.packet = packet
    put(packet, "versions", versions)
    dossier = Dossier(packet, versions, _shown(versions, number, moment), moment)
    dossier.base, dossier.sent_back, dossier.to_begin = _base(dossier), _sent_back(dossier), _to_begin(dossier)
    _load(dossier, viewer)
    for version in versions:
        holds = version.parent_holds  # type: ignore[attr-defined]
        version.standing = standing_of(version, moment, parent_holds=holds, beside=versions)  # type: ignore[attr-defined]
    dossier.standing = dossier.shown.standing  # type: ignore[attr-defined]
    return dossier


def _versions(viewer: Any, reference: str, moment: datetime) -> list[Version]:
    parent = Version.objects.in_force_at(moment).filter(packet=OuterRef("packet__parent"))
    rows = Version.objects.filter(packet__reference=reference).visible_to(viewer).for_page().prefetch_related(None)
    rows = rows.select_related("packet__revoked_by", "packet__parent__agent").defer("content")
    return [_settled(one) for one in rows.annotate(parent_holds_now=there_is(parent)).order_by("-number")]


def _settled(version: Version) -> Version:
    """A system packet needs no parent, so nothing can be wrong with it."""
    version.parent_holds = version.packet.parent_id is None or version.parent_holds_now  # type: ignore[attr-defined]
    return version


def _shown(versions: list[Version], number: int | None, moment: datetime) -> Version:
    if number is None:
        return granted_of(versions, moment) or versions[0]
    found = next((one for one in versions if one.number == number), None)
    if found is None:
        raise Http404
    return found


def _base(dossier: Dossier) -> Version | None:
    """The version in force; for one that is or was in force itself, the one approved before it."""
    shown = dossier.shown
    approved = next((one for one in dossier.versions if is_granted(one, dossier.moment)), None)
    if shown.state != State.APPROVED and approved is not None:
        return approved
    earlier = [one for one in dossier.versions if one.number < shown.number and one.state == State.APPROVED]
    return next(iter(earlier), None) if shown.state == State.APPROVED else None


def _sent_back(dossier: Dossier) -> Version | None:
    """The last version before the shown one that a signer sent back, since the last approval."""
    for one in dossier.versions:
        if one.number < dossier.shown.number and one.state in (State.CHANGES_REQUESTED, State.APPROVED):
            return one if one.state == State.CHANGES_REQUESTED else None
    return None


def _to_begin(dossier: Dossier) -> Version | None:
    """The approved version that begins last, when one is yet to begin and the shown one is open."""
    if dossier.shown.state not in OPEN_STATES:
        return None
    granted = (one for one in dossier.versions if one.state == State.APPROVED and one.superseded_at is None)
    return next((one for one in granted if one.in_force_from and one.in_force_from > dossier.moment), None)


def _load(dossier: Dossier, viewer: Any) -> None:
    shown, packet = dossier.shown, dossier.packet
    with_lines = [one.pk for one in (shown, dossier.base, dossier.to_begin) if one]
    with_decisions = [one.pk for one in (shown, dossier.sent_back) if one]
    people: Any = get_user_model().groups.through._default_manager
    editors: Any = Version.editors.through._default_manager
    still = people.filter(user=OuterRef("person"), user__is_active=True, group__name=OuterRef("role"))
    names = (("username", F("user__username")), ("first", F("user__first_name")), ("last", F("user__last_name")))
    shared = tuple((name, F(f"person__{name}")) for name in ("username", "first_name", "last_name"))
    parts = together(
        Part(Seat.objects.filter(version=shown), beside=(("group_name", F("group__name")),)),
        Part(Decision.objects.filter(version__in=with_decisions), beside=(("is_still_there", Exists(still)),)),
        Part(Question.objects.filter(version=shown)),
        Part(GivenUp.objects.filter(version=shown)),
        Part(Suspension.objects.filter(packet=packet)),
        Part(PartAccepted.objects.filter(packet=packet)),
        Part(Grant.objects.filter(version__in=with_lines)),
        Part(editors.filter(version__packet=packet), beside=names),
        Part(PacketShare.objects.filter(packet=packet, until__isnull=True), beside=shared),
        Part(_letters_about(shown), LETTER, (("to", NAME_OF_RECIPIENT),)),
        lookers(shown, dossier.moment),
        Part(Acceptance.objects.filter(version=shown)),
        Part(entries_for(asked(shown)), beside=(("answers", OWNER),)),
        *others_of(packet, viewer, dossier.moment),
    )
    _hang(dossier, *parts)
    newest = Event.objects.filter(packet=packet).without_letters().order_by("-pk")
    dossier.events = list(newest[: EVENTS + 1])


def _letters_about(version: Version) -> Any:
    """The e-mails about this version, and those that told of its end with others'."""
    reminded = Reminder.objects.filter(version=version, letter__isnull=False).values("letter").order_by()
    told = Letter.tells_of.through.objects.filter(event__version=version).values("letter").order_by()
    about = Letter.objects.filter(version=version).values("pk").order_by()
    return Letter.objects.filter(pk__in=about.union(reminded, told))  # an OR of them would read every e-mail


def _hang(
    dossier: Dossier, seats: list[Any], decisions: list[Any], questions: list[Any], given_up: list[Any],
    suspensions: list[Any], taken: list[Any], grants: list[Any], editors: list[Any], shares: list[Any],
    letters: list[Any], looks: list[Any], acceptances: list[Any], entries: list[Any], *others: list[Any],
) -> None:  # fmt: skip
    """Give each row its place, so that rules and templates find it without asking the database."""
    shown, packet = dossier.shown, dossier.packet
    for version in filter(None, (shown, dossier.sent_back)):
        put(version, "decisions", [one for one in decisions if one.version_id == version.pk])
    by_key = {one.pk: one for one in decisions}
    for seat in seats:
        seat.group = Group(pk=seat.group_id, name=seat.group_name)
        seat.decision = by_key.get(seat.decision_id)
    for decision in decisions:
        decision.broke_glass = decision.person_id == shown.glass_broken_by_id
        decision.gone = bool(decision.role) and not decision.is_still_there
    put(shown, "seats", sorted(seats, key=lambda seat: seat.position))
    put(shown, "questions", questions)
    put(shown, "given_up", given_up)
    put(packet, "parts_accepted", taken)
    put(packet, "suspensions", sorted(suspensions, key=lambda stop: stop.since, reverse=True))
    for version in filter(None, (shown, dossier.base, dossier.to_begin)):
        put(version, "grants", sorted((one for one in grants if one.version_id == version.pk), key=_place))
    for version in dossier.versions:
        put(version, "editors", [_editor(row) for row in editors if row.version_id == version.pk])
    for share in shares:
        share.person = _named(share.person_id, share.username, share.first_name, share.last_name)
    dossier.shares, dossier.letters = shares, letters[::-1]
    dossier.acceptances = {one.place: one for one in acceptances}
    dossier.register = tuple(one.as_registered(one.answers) for one in entries)
    dossier.elsewhere = elsewhere(*others)
    decided = {decision.person_id for decision in decisions if decision.version_id == shown.pk}
    there = [_named(one.person_id, one.username, one.first, one.last) for one in looks if one.person_id not in decided]
    dossier.looking = there


def _place(grant: Grant) -> tuple[int, int]:
    return grant.position, grant.pk


def _editor(row: Any) -> Any:
    return _named(row.user_id, row.username, row.first, row.last)


def _named(key: int, username: str, first: str, last: str) -> Any:
    return get_user_model()(pk=key, username=username, first_name=first, last_name=last)
