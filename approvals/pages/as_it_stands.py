"""The rail beside the form: its risk, who has to sign, how long it may last, what is missing, what holds meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals.asking import granted
from approvals.circumstances import facts_of
from approvals.completeness import Flaw, malformed, missing
from approvals.content import Content
from approvals.models import Packet, Version
from approvals.pages.usual_answer import in_words, usual_answer
from approvals.risk import lines_outside
from approvals.rule_words import told_count
from approvals.scope.finding import Finding
from approvals.transitions.assessing import kind_beside, notice
from approvals.transitions.drafting import working_noon
from approvals.vocabulary import Severity


@dataclass(frozen=True, slots=True)
class AsItStands:
    """What the packet would meet if it were submitted as it is now, saved or only typed."""

    tier: Severity
    findings: tuple[Finding, ...]
    signers: str
    usually: str  # "within 5 hours", of the record's last decisions; empty when it knows too few
    answer_within: int
    longest_days: int
    latest_end: datetime | None
    too_long: bool
    missing: list[Flaw]
    wrong: list[Flaw]
    current: Version | None


def look(
    content: Content, packet: Packet, current: Version | None, now: datetime, parent: Version | None = None
) -> AsItStands:
    """Computed, nothing written; at submit the verb computes it again. The packet need not be saved.

    `current` is in force now; `parent` is what is in force of a run's system packet.
    """
    facts = facts_of(content, packet, now, along=[one for one in (current, parent) if one])
    version = Version(packet=packet, starts=content.starts, ends=content.ends)
    version.change = kind_beside(current, packet, content, now)
    noticed = notice(version, content, facts, now)
    rows, need = noticed.rules, noticed.need
    latest = max(content.starts or now, now) + need.longest_life if need else None
    usual = usual_answer({str(row["group_name"]) for row in rows}, now)
    return AsItStands(
        tier=Severity(version.tier),
        findings=noticed.findings,
        signers=told((str(row["group_name"]), int(str(row["count"]))) for row in rows),
        usually=in_words(usual) if usual else "",
        answer_within=need.answer_within.days if need else 0,
        longest_days=need.longest_life.days if need else 0,
        latest_end=latest,
        too_long=bool(latest and content.ends and content.ends > latest),
        missing=missing(content, now),
        wrong=malformed(content) + (_outside(content, parent, now) if parent else []),
        current=current,
    )


def _outside(run: Content, parent: Version, now: datetime) -> list[Flaw]:
    """The lines a submit would refuse, since the system packet does not provably allow them."""
    return [
        Flaw(field.value, f"{line} is not provably inside {parent.packet}.")
        for field, line in lines_outside(run, granted(parent, now))
    ]


def told(asked_of: Iterable[tuple[str, int]]) -> str:
    """“two of Security and one of Web platform”: per group the highest count. Empty when nobody is asked."""
    highest: dict[str, int] = {}
    for group, count in asked_of:
        highest[group] = max(count, highest.get(group, 0))
    parts = [f"{told_count(n)} of {group}" for group, n in highest.items()]
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
