"""How one version stands at an instant, read from its rows. The query sets ask the same of the database.

The rows may be loaded already (a page loads a packet whole), so nothing here filters in SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q

from approvals.models import Grant, Packet, Suspension, Version
from approvals.querysets import VersionQuerySet
from approvals.vocabulary import Standing, State

# Days before the end at which it is near. One that lies before the beginning never existed, so a packet of ten days
# does not end soon from its first minute on.
NEAR = (30, 14, 7, 3, 1)


def is_granted(version: Version, moment: datetime) -> bool:
    """Approved, begun, not ended, not superseded, not revoked (`approved_at` in SQL)."""
    return version.state == State.APPROVED and _by_instants(version, moment) is Standing.IN_FORCE


def by_break_glass(version: Version, moment: datetime) -> bool:
    """In force with signatures missing (`by_break_glass_at` in SQL), unless suspended."""
    until, revoked = version.glass_until, version.packet.revoked_at
    open_then = is_in_place(version, moment) and until is not None and until > moment
    return open_then and (revoked is None or revoked > moment)


def is_in_place(version: Version, moment: datetime) -> bool:
    """Whether it stands, by break-glass, where the version approved before it stood; past its deadline too."""
    broken, over = version.glass_broken_at, version.glass_over_at
    return broken is not None and broken <= moment and (over is None or over > moment)


def granted_of(versions: Iterable[Version], moment: datetime) -> Version | None:
    """Of all versions of a packet the one in force unless suspended (`granted_at` in SQL), or None."""
    newest_first = sorted(versions, key=lambda version: version.number, reverse=True)
    in_place = next((one for one in newest_first if is_in_place(one, moment)), None)
    if in_place is not None:
        return in_place if by_break_glass(in_place, moment) else None
    return next((one for one in newest_first if is_granted(one, moment)), None)


def holds_until(version: Version) -> datetime | None:
    """The end as granted; of one in force by break-glass its deadline; None while nothing is granted."""
    return version.ends_at if version.state == State.APPROVED else version.glass_until


def standing_of(
    version: Version, moment: datetime, *, parent_holds: bool = True, beside: Iterable[Version] = ()
) -> Standing:
    """How the version stands. Not `parent_holds`: it is a run whose system packet is not in force, so it waits too.

    `beside` are the packet's other versions, where they are at hand: one of them may stand in its place.
    """
    if by_break_glass(version, moment):
        stopped = not parent_holds or suspension_at(version.packet, moment) is not None
        return Standing.SUSPENDED if stopped else Standing.BREAK_GLASS
    if version.state != State.APPROVED:
        return Standing(version.state)
    standing = _by_instants(version, moment)
    if standing is not Standing.IN_FORCE:
        return standing
    if any(one.number > version.number and is_in_place(one, moment) for one in beside):
        return Standing.SUPERSEDED
    if not parent_holds or suspension_at(version.packet, moment) is not None:
        return Standing.SUSPENDED
    return Standing.ENDS_SOON if ends_soon(version, moment) else Standing.IN_FORCE


def _by_instants(version: Version, moment: datetime) -> Standing:
    """What the clock says of an approved version, suspensions aside. What came first stays true."""
    over = [
        (version.packet.revoked_at, Standing.REVOKED),
        (version.superseded_at, Standing.SUPERSEDED),
        (version.ends_at, Standing.ENDED),
    ]
    past = [(instant, standing) for instant, standing in over if instant is not None and instant <= moment]
    if past:
        return min(past, key=lambda one: one[0])[1]
    begun = version.in_force_from is not None and version.in_force_from <= moment
    return Standing.IN_FORCE if begun else Standing.SCHEDULED


def suspension_at(packet: Packet, moment: datetime) -> Suspension | None:
    """The suspension that stops the packet at this instant, or None."""
    return next((stop for stop in packet.suspensions.all() if _stops(stop, moment)), None)


def _stops(stop: Suspension, moment: datetime) -> bool:
    return stop.since <= moment and (stop.until is None or stop.until > moment)


def ends_soon(version: Version, moment: datetime) -> bool:
    """Whether a threshold that existed has passed."""
    begun, ends = version.in_force_from, version.ends_at
    return begun is not None and ends is not None and any(
        begun < ends - timedelta(days=days) <= moment for days in NEAR
    )  # fmt: skip


def ending_soon(moment: datetime, end: str = "ends_at") -> Q:
    """`ends_soon` as a condition on versions. `end`: an expression of the same, where no index is to answer it."""
    near = Q()
    for days in NEAR:
        span = timedelta(days=days)
        near |= Q(**{f"{end}__lte": moment + span}, in_force_from__lt=F("ends_at") - span)
    return near


def standing_at(rows: VersionQuerySet, standing: Standing, moment: datetime) -> VersionQuerySet:
    """`standing_of` as a question to the database: the versions of these that stand so."""
    ended, superseded, revoked = F("ends_at"), F("superseded_at"), F("packet__revoked_at")
    match standing:
        case Standing.IN_FORCE:
            return rows.in_force_at(moment).filter(state=State.APPROVED).exclude(ending_soon(moment))
        case Standing.BREAK_GLASS:
            return rows.in_force_at(moment).by_break_glass_at(moment)
        case Standing.ENDS_SOON:
            return rows.in_force_at(moment).filter(ending_soon(moment), state=State.APPROVED)
        case Standing.SUSPENDED:
            return rows.granted_at(moment).exclude(pk__in=rows.model.objects.in_force_at(moment).values("pk"))
        case Standing.SCHEDULED:
            return rows.counting_at(moment).filter(_none_by(moment, "packet__revoked_at"), in_force_from__gt=moment)
        case Standing.ENDED:
            return rows.filter(_first("ends_at", moment, superseded_at__gt=ended, packet__revoked_at__gt=ended))
        case Standing.SUPERSEDED:
            return rows.filter(
                _first("superseded_at", moment, ends_at__gte=superseded, packet__revoked_at__gt=superseded)
            )
        case Standing.REVOKED:
            return rows.filter(_first("packet__revoked_at", moment, ends_at__gte=revoked, superseded_at__gte=revoked))
    open_glass = rows.model.objects.by_break_glass_at(moment).values("pk")
    return rows.filter(state=standing.value).exclude(pk__in=open_glass)


def _none_by(moment: datetime, column: str) -> Q:
    return Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__gt": moment})


def _first(column: str, moment: datetime, **others: F) -> Q:
    """Approved and over by this instant, and what else could end it came later or not at all."""
    found = Q(state=State.APPROVED) & Q(**{f"{column}__lte": moment})
    for later, instant in others.items():
        found &= Q(**{f"{later.rpartition('__')[0]}__isnull": True}) | Q(**{later: instant})
    return found


def stands_at(grant: Grant, moment: datetime) -> bool:
    """Whether the line stands at this instant: begun, and not cut or given up by then."""
    return (grant.since is None or grant.since <= moment) and (grant.until is None or grant.until > moment)
