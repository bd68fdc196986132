"""What nearly allowed it: lines that are alike, lines that were gone by then, and packets that were not in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db.models import Q

from approvals import telling
from approvals.asking import placed
from approvals.models import Grant, Version
from approvals.scope.matching import Action, Outcome, Placed, Ruling, decide
from approvals.standing import is_granted
from approvals.vocabulary import State
from audits.authority import Authority, Held, Viewer, add_lines, readable, stands, visible
from audits.moments import JUST

NEAREST = 10
MOST = 8
YES = (Ruling.ALLOWED, Ruling.HELD)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One line of one version that did not count, and why."""

    version: Version
    placed: Placed
    why: str  # goes on from the version's name

    @property
    def sentence(self) -> str:
        return f"{self.version} {self.why}"


def grant_of(row: Placed) -> Grant:
    """The row a line was read from."""
    return cast(Grant, row.source)


def near_misses(
    authority: Authority, others: list[Held], action: Action, moment: datetime, outcome: Outcome
) -> tuple[NearMiss, ...]:
    """The nearest first: lines gone from what was in force, then packets that were not, then lines that are alike."""
    found = [
        *_gone_lines(authority, action, moment),
        *_stopped(authority, action, moment),
        *(miss for held in others if (miss := _elsewhere(held, action, moment))),
        *(_alike(row) for row in outcome.near_misses),
    ]
    first: dict[object, NearMiss] = {}
    for miss in found:
        first.setdefault(miss.placed.source, miss)
    return tuple(first.values())[:MOST]


def _gone_lines(authority: Authority, action: Action, moment: datetime) -> Iterator[NearMiss]:
    """Lines of versions in force that a signer had cut or the owner had given up by then, or that came later."""
    for held in authority.in_force_at(moment):
        gone = [grant for grant in held.grants if not stands(grant, moment)]
        row = _deciding(placed(gone), action) if gone else None
        if row is not None:
            yield NearMiss(held.version, row, _why_gone(held.version, grant_of(row), moment))


def _why_gone(version: Version, grant: Grant, moment: datetime) -> str:
    if grant.until is None or grant.until > moment:
        return f"has this line only since {_when(grant.since, moment)}."
    if version.in_force_from is not None and grant.until <= version.in_force_from:
        return "was asked with this line, and a signer cut it before it came into force."
    return f"had this line until {_when(grant.until, moment)}, when it was given up."


def _stopped(authority: Authority, action: Action, moment: datetime) -> Iterator[NearMiss]:
    """Versions that were granted and still did not count: suspended, without their parent, or only for runs."""
    counting = authority.in_force_at(moment)
    for held in authority.held:
        if not held.granted_at(moment):
            miss = _elsewhere(held, action, moment)
        elif held not in counting or held.version.each_run_needs_packet:
            miss = _near(held, action, moment, _why_stopped(held, moment))
        else:
            continue
        if miss is not None:
            yield miss


def _why_stopped(held: Held, moment: datetime) -> str:
    stop = held.stop_at(moment)
    if stop is not None:
        return f"but {stop.by} had suspended it {_when(stop.since, moment)}: “{stop.reason}”"
    if held.version.packet.parent is not None:
        parent = held.version.packet.parent
        return f"but the packet it runs inside, {parent}, was not in force then, or you may not see it."
    return "but each run needs a packet of its own, and none that allows this was in force then."


def _elsewhere(held: Held, action: Action, moment: datetime) -> NearMiss | None:
    """The near miss of a version that was not granted at the moment, with the instant that made the difference."""
    version = held.version
    instead = held.instead_at(moment)
    if instead is not None and is_granted(version, moment):
        return _near(held, action, moment, f"but by break-glass {instead} stood in its place.")
    if version.glass_broken_at is not None and version.state != State.APPROVED:
        return _near(held, action, moment, _why_no_glass(version, moment))
    if version.state == State.IN_REVIEW:
        return _near(held, action, moment, "but it has not been signed by everyone yet.", "asks for it")
    start = version.in_force_from
    if start is None or start > moment:
        return _near(held, action, start or moment, f"but it came into force only {_when(start, moment)}.")
    instant, words = min(
        ((at, words) for at, words in _ends(version) if at is not None and at <= moment), key=lambda end: end[0]
    )
    return _near(held, action, max(start, instant - JUST), f"but {words} {_when(instant, moment)}.")


def _why_no_glass(version: Version, moment: datetime) -> str:
    if version.glass_broken_at is not None and version.glass_broken_at > moment:
        return f"but it came into force only {_when(version.glass_broken_at, moment)}, by break-glass."
    ends = [end for end in (version.glass_until, version.glass_over_at, version.packet.revoked_at) if end is not None]
    return f"but its break-glass was over {_when(min(ends), moment)}."


def _ends(version: Version) -> Iterator[tuple[datetime | None, str]]:
    packet = version.packet
    yield version.ends_at, "it ended"
    yield version.superseded_at, "a later version took its place"
    who = packet.revoked_by.printed_name if packet.revoked_by else "somebody"
    yield packet.revoked_at, f"{who} revoked the packet"


def _near(held: Held, action: Action, at: datetime, why: str, verb: str = "") -> NearMiss | None:
    row = _deciding(held.lines_at(at), action)
    if row is None:
        return None
    verb = verb or ("would have held it for a person" if not row.field.allows else "would have allowed it")
    return NearMiss(held.version, row, f"{verb}, {why}")


def _deciding(lines: list[Placed], action: Action) -> Placed | None:
    outcome = decide(lines, action)
    return outcome.lines[0] if outcome.ruling in YES and outcome.lines else None


def _alike(row: Placed) -> NearMiss:
    version = grant_of(row).version
    return NearMiss(version, row, "was in force with a line that is alike, and does not cover it.")


def _when(instant: datetime | None, moment: datetime) -> str:
    """3 days before (Fri 20 Nov 2026 12:00 UTC), seen from the moment that was asked about."""
    if instant is None:
        return "later"
    words = telling.relative_text(instant, moment)
    apart = {"now": "at that very instant", "just now": "less than a minute before"}.get(words, words)
    apart = apart.removesuffix(" ago") + " before" if apart.endswith(" ago") else apart
    apart = apart.removeprefix("in ") + " later" if apart.startswith("in ") else apart
    return f"{apart} ({telling.moment_text(instant)})"


def load_others(agent: str, viewer: Viewer, authority: Authority) -> list[Held]:
    """The nearest versions not granted then, the last to begin before and the first after, and those in review.

    At most three walks of ten rows, in two statements.
    """
    known = [held.version.pk for held in authority.held]
    there = visible(Version.objects.all(), viewer).filter(packet__agent__slug=agent).exclude(pk__in=known)
    approved = there.filter(state=State.APPROVED)
    before = approved.filter(in_force_from__lte=authority.since).order_by("-in_force_from")
    after = approved.filter(in_force_from__gt=authority.since).order_by("in_force_from")
    review = there.filter(state=State.IN_REVIEW, submitted_at__lte=authority.since).order_by("-submitted_at")
    walks = [walk.values("pk")[:NEAREST] for walk in (before, after, review)]
    rows = readable(Version.objects.filter(Q(pk__in=walks[0]) | Q(pk__in=walks[1]) | Q(pk__in=walks[2])))
    held = {row.pk: Held(row) for row in rows}
    add_lines(held)
    return sorted(held.values(), key=lambda one: _distance(one.version, authority.since))


def _distance(version: Version, moment: datetime) -> float:
    """Seconds between the moment and the version's life: ended or superseded before, or begun after."""
    if version.in_force_from is None:
        return 0.0
    if version.in_force_from > moment:
        return (version.in_force_from - moment).total_seconds()
    ends = [end for end in (version.ends_at, version.superseded_at, version.packet.revoked_at) if end is not None]
    return (moment - min(ends)).total_seconds()
