"""What a version will need: how it compares with the one in force, its findings, its tier, and its rules."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from approvals import needs, rules, validity
from approvals.asking import asked, granted, line_of, lines_asked, lines_granted
from approvals.circumstances import facts_of
from approvals.content import Content
from approvals.cuts import Changes, changes
from approvals.errors import Refused, refuse_if
from approvals.models import Packet, SignOffRule, Version
from approvals.needs import Need
from approvals.risk import Facts, data_class, findings, lines_outside, tier
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line
from approvals.scope.matching import may_write
from approvals.standing import stands_at
from approvals.vocabulary import ChangeKind, Field, Level, State


def compared(version: Version, moment: datetime) -> Changes | None:
    """What this version changes against the one in force, or None when it is new authority."""
    current = _current(version, moment)
    return changes_since(current, asked(version), moment) if current else None


def _current(version: Version, moment: datetime) -> Version | None:
    current: Version | None = version.packet.versions.for_page().approved_at(moment).order_by("-number").first()
    return current


def changes_since(current: Version, wanted: Content, moment: datetime) -> Changes:
    """What a content changes against what is granted of an approved version at this instant.

    No start asked means from the last signature on, so never earlier than what is in force. A line that a signer
    moved to a person's yes lets nobody say yes to a write that its own field never allowed; asked anew as a plain
    line it would, so it counts as added.
    """
    base = granted(current, moment)
    if wanted.starts is None:
        base = replace(base, starts=None)
    return changes(replace(base, lines={**base.lines, Field.HUMAN_APPROVAL: _whole(current, moment)}), wanted)


def _whole(version: Version, moment: datetime) -> tuple[Line, ...]:
    """The lines of Human approval that hold all they name. The rows may be loaded already."""
    rows = sorted(
        (one for one in version.grants.all() if one.field == Field.HUMAN_APPROVAL and stands_at(one, moment)),
        key=lambda grant: grant.pk,
    )
    return tuple(
        line_of(grant)
        for grant in rows
        if not grant.was or Field(grant.was).counts_as is Field.WRITE_ACTIONS or not may_write(line_of(grant))
    )


def count_wider_lines(current: Version, version: Version, moment: datetime) -> int:
    """How many lines the version widens against what is granted of the current one. Reads lines only, no people."""
    base = {**lines_granted(current, moment), Field.HUMAN_APPROVAL: _whole(current, moment)}
    wider = changes(Content(lines=base), Content(lines=lines_asked(version))).wider
    return sum(1 for change in wider if change.line)


def kind_of(difference: Changes | None) -> ChangeKind:
    """New, wider, or nothing wider. A later end alone is what a renewal asks, and no wider authority."""
    if difference is None:
        return ChangeKind.NEW
    return ChangeKind.WIDER if any(not change.is_end for change in difference.wider) else ChangeKind.NOTHING_WIDER


def kind_at(version: Version, moment: datetime) -> ChangeKind:
    """How the version compares with the one in force at this instant, and with those that are yet to begin."""
    return kind_beside(_current(version, moment), version.packet, asked(version), moment)


def kind_beside(current: Version | None, packet: Packet, wanted: Content, moment: datetime) -> ChangeKind:
    """As `kind_at`, of a content that need not be saved, with the version in force at hand.

    A new version also takes the place of every approved one that begins later. Else lines that such a one has dropped
    could come back as nothing wider than what still holds today.
    """
    kind = kind_of(changes_since(current, wanted, moment) if current else None)
    if kind is not ChangeKind.NOTHING_WIDER:
        return kind
    wanted = replace(wanted, starts=None)  # until they begin, the one in force is the measure
    later = packet.versions.for_page().counting_at(moment).filter(in_force_from__gt=moment)
    return max((kind_of(changes_since(one, wanted, moment)) for one in later), key=_is_wider, default=kind)


def _is_wider(kind: ChangeKind) -> bool:
    return kind is ChangeKind.WIDER


def assess(version: Version) -> Need | None:
    """Set findings, tier, change and rules of the version; returns what they ask, None when no rule matches."""
    now = validity.now()
    version.change = kind_at(version, now)
    noticed = notice(version, asked(version), facts_of(asked(version), version.packet, now), now)
    version.findings = [asdict(finding) for finding in noticed.findings]
    version.rules = noticed.rules
    version.reminder_days = list(noticed.need.reminder_days) if noticed.need else []
    return noticed.need


@dataclass(frozen=True, slots=True)
class Noticed:
    """What the findings are, and what the rules ask by them: the rows of the snapshot, and their sum or None."""

    findings: tuple[Finding, ...]
    rules: list[dict[str, object]]
    need: Need | None


def notice(version: Version, content: Content, facts: Facts, now: datetime) -> Noticed:
    """Look at the version as it stands and set its tier and data class; `version.change` is known already.

    The rules follow from the tier, and the longest life from the rules, so the end is held against it last: that
    finding is a low one and changes no tier.
    """
    found = findings(content, facts)
    version.tier, version.data_class = tier(found), data_class(content, facts.register) or ""
    rows = needs.snapshot(needs.matching(all_rules(), version, asked_life(version, now)), version.packet.agent.team)
    need = needs.need(rows)
    if need is not None:
        found = findings(content, replace(facts, longest_life=need.longest_life))
    return Noticed(found, rows, need)


def all_rules() -> list[SignOffRule]:
    """The active rules, as they are now."""
    return list(SignOffRule.objects.active())


def asked_life(version: Version, now: datetime) -> timedelta:
    """How long the version would hold as asked; zero while no end is given."""
    return (version.ends - max(version.starts or now, now)) if version.ends else timedelta()


def need_or_refusal(version: Version) -> Need:
    """What the version needs to be signed, assessed now. Raises Refused when it cannot be submitted as it stands."""
    need = assess(version)
    refuse_if(why_cannot_be_signed(version, need))
    if need is None:
        raise _no_rule()
    return need


def why_cannot_be_signed(version: Version, need: Need | None) -> Refused | None:
    """The reason the version cannot be submitted as it stands, or None: rules, people, life, parent."""
    if need is None:
        return _no_rule()
    return _too_long(version, need) or _nobody_to_sign(version, need) or _outside_parent(version)


def _too_long(version: Version, need: Need) -> Refused | None:
    now = validity.now()
    latest = max(version.starts or now, now) + need.longest_life
    if version.ends is None or version.ends <= latest:
        return None
    return Refused(
        "too_long",
        f"The end is more than {need.longest_life.days} days away, and the rules allow no more.",
        f"Choose an end no later than {latest:%-d %b %Y %H:%M} UTC.",
    )


def _nobody_to_sign(version: Version, need: Need) -> Refused | None:
    authors = rules.authors(version)
    members = needs.members_of(need.seats, {pk for pk in authors if pk})
    seats = [group for group, count in need.seats.items() for _ in range(count)]
    if needs.can_fill(seats, members):
        return None
    return Refused(
        "nobody_to_sign",
        "There are not enough people who may sign this: authors cannot sign, and each signature needs another person.",
        "Ask an administrator to add people to the signing group.",
    )


def _outside_parent(version: Version) -> Refused | None:
    parent = version.packet.parent
    if version.packet.level != Level.RUN or parent is None:
        return None
    current = (
        parent.versions.for_page().filter(state=State.APPROVED).granted_at(validity.now()).order_by("-number").first()
    )
    if current is None:
        return Refused(
            "parent_not_in_force", f"{parent} is not in force, so no run can be inside it.", "Renew it first."
        )
    if version.ends and current.ends_at and version.ends > current.ends_at:
        return Refused(
            "outside_parent", f"The run would end after its system packet {parent} does.",
            f"Choose an end no later than {current.ends_at:%-d %b %Y %H:%M} UTC.",
        )  # fmt: skip
    return outside(asked(version), granted(current, validity.now()), parent)


def outside(run: Content, system: Content, parent: Packet) -> Refused | None:
    """The first line of the run that is not provably inside its parent, as a refusal that names it; or None."""
    for field, line in lines_outside(run, system):
        return Refused(
            "outside_parent",
            f"The line {line} ({field.label}) is not provably inside {parent}.",
            "Use a line of the system packet word for word, or a narrower one that begins the same.",
        )
    return None


def _no_rule() -> Refused:
    return Refused("no_rule", "No sign-off rule covers this packet, so nobody can sign it.", "Ask an administrator.")
