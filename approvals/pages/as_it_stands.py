"""The rail beside a draft: its risk, who has to sign, how long it may last, what is missing, what holds meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals import needs
from approvals.asking import asked
from approvals.completeness import Flaw, missing
from approvals.models import Version
from approvals.risk import findings, tier
from approvals.risk.facts import Facts
from approvals.scope.finding import Finding
from approvals.transitions.assessing import all_rules, asked_life, kind_beside
from approvals.transitions.drafting import working_noon
from approvals.vocabulary import Severity

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class AsItStands:
    """What the saved draft would meet if it were submitted now."""

    tier: Severity
    findings: tuple[Finding, ...]
    signers: str
    answer_within: int
    longest_days: int
    latest_end: datetime | None
    too_long: bool
    missing: list[Flaw]
    current: Version | None


def look(version: Version, current: Version | None, now: datetime) -> AsItStands:
    """Computed from the rows, nothing written; at submit the verb computes it again. `current` is in force now."""
    content = asked(version)
    found = findings(content, Facts(now))
    version.tier = tier(found)
    version.change = kind_beside(current, version, now)
    matching = needs.matching(all_rules(), version, asked_life(version, now))
    rows = needs.snapshot(matching, version.packet.agent.team)
    need = needs.need(rows)
    latest = max(version.starts or now, now) + need.longest_life if need else None
    return AsItStands(
        tier=Severity(version.tier),
        findings=found,
        signers=told((str(row["group_name"]), int(str(row["count"]))) for row in rows),
        answer_within=need.answer_within.days if need else 0,
        longest_days=need.longest_life.days if need else 0,
        latest_end=latest,
        too_long=bool(latest and version.ends and version.ends > latest),
        missing=missing(content, now),
        current=current,
    )


def told(asked_of: Iterable[tuple[str, int]]) -> str:
    """“two of Security and one of Web platform”: per group the highest count. Empty when nobody is asked."""
    highest: dict[str, int] = {}
    for group, count in asked_of:
        highest[group] = max(count, highest.get(group, 0))
    parts = [f"{NUMBERS[n] if n < len(NUMBERS) else n} of {group}" for group, n in highest.items()]
    return " and ".join(parts)


@dataclass(frozen=True, slots=True)
class Chip:
    """One proposed end: the last noon UTC of a working day that is at most so many days away."""

    days: int
    at: datetime

    @property
    def typed(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"

    @property
    def date(self) -> str:
        return f"{self.at:%Y-%m-%d}"


def chips(now: datetime) -> list[Chip]:
    """Ends in 30, 60 and 90 days. Never later than that: the rules count the days to the second."""
    return [Chip(days, _noon_by(now + timedelta(days=days))) for days in (30, 60, 90)]


def _noon_by(moment: datetime) -> datetime:
    noon = working_noon(moment)
    return noon if noon <= moment else working_noon(moment - timedelta(days=1))
