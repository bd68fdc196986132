"""Draft, edit, discard, submit, withdraw, amend, renew: what the submitting side does."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from simple_history.utils import bulk_create_with_history

from approvals import events, rules, validity
from approvals.asking import asked, canonical_of, find_person, grants_for, put, standing_content
from approvals.completeness import Flaw, malformed, missing
from approvals.content import Content, digest
from approvals.errors import Refused, refuse_if
from approvals.models import Agent, Grant, Packet, Version
from approvals.models.agent import SLUG
from approvals.named import PARTS, still_asked
from approvals.people import Person
from approvals.transitions.assessing import need_or_refusal
from approvals.transitions.claiming import Seen, changing, finish, fresh, put_down, queued
from approvals.transitions.glass import settle_glass
from approvals.transitions.inviting import ask_awaited, with_sign_in_names
from approvals.transitions.seating import seat
from approvals.vocabulary import EventKind, Level, State


class Flawed(Refused):
    """The content cannot be stored or submitted as it is; `flaws` name the inputs."""

    def __init__(self, code: str, flaws: list[Flaw]) -> None:
        self.flaws = flaws
        super().__init__(code, " ".join(flaw.message for flaw in flaws))


def refuse_flaws(code: str, flaws: list[Flaw]) -> None:
    """Raise Flawed when there are any."""
    if flaws:
        raise Flawed(code, flaws)


@transaction.atomic
def draft(content: Content, *, actor: Person, team: Group | None = None) -> Version:
    """Open a new packet with version 1 as a draft. `team` is needed only for an agent nobody knows yet."""
    actor = fresh(actor)
    refuse_if(rules.why_not_draft(actor))
    refuse_flaws("malformed", malformed(content))
    agent = _agent(content.agent, actor, team)
    parent = _parent(content, actor)
    content = with_sign_in_names(content, actor)
    packet = Packet(
        reference="", agent=agent, level=content.level, parent=parent, created_at=validity.now(), created_by=actor
    )
    _number(packet, actor)
    return open_next(packet, content, actor, actor, {})


def _number(packet: Packet, actor: Person) -> None:
    """Give the packet its lasting number, which is its key."""
    packet.reference = f"~{secrets.token_hex(5)}"
    put_down(packet, actor)
    packet.reference = f"AP-{packet.pk:04d}"
    put_down(packet, actor)


def _agent(slug: str, actor: Person, team: Group | None) -> Agent:
    """The known agent of that name, if the actor's team runs it; else a new one of the given team."""
    known: Agent | None = Agent.objects.select_related("team").filter(slug=slug).first()
    if known is None:
        return _add_agent(slug, actor, team)
    if not rules.is_member(actor, known.team_id):
        raise Refused(
            "not_your_agent", f"{slug} belongs to {known.team}.", "Ask someone of that team, or use another name."
        )
    if not known.is_active:
        raise Refused("agent_inactive", f"{slug} has been deactivated.", "Use another name.")
    return known


def _add_agent(slug: str, actor: Person, team: Group | None) -> Agent:
    try:
        SLUG(slug)
    except ValidationError as error:
        raise Flawed("malformed", [Flaw("agent", error.messages[0])]) from error
    teams = actor.teams()
    team = team or (teams[0] if len(teams) == 1 else None)
    if team is None or team not in teams:
        raise Refused("no_team", f"{slug} is a new agent, and it needs a team.", "Choose one of your teams for it.")
    agent = Agent(slug=slug, team=team, added_at=validity.now(), added_by=actor)
    try:
        with transaction.atomic():
            put_down(agent, actor)
    except IntegrityError as error:
        raise Refused("agent_taken", f"{slug} was added a moment ago.", "Send the form again.") from error
    events.record(EventKind.AGENT_ADDED, agent=agent, actor=actor, detail={"team": team.name})
    return agent


def _parent(content: Content, actor: Person) -> Packet | None:
    if content.level is Level.SYSTEM:
        return None
    found: Packet | None = (
        Packet.objects.visible_to(actor)
        .filter(reference=content.parent, level=Level.SYSTEM, agent__slug=content.agent)
        .first()
    )
    if found is None:
        raise Flawed(
            "no_parent", [Flaw("parent", f"{content.agent} has no system packet “{content.parent}” for this run.")]
        )
    return found


def open_next(
    packet: Packet, content: Content, author: Person, actor: Person | None, detail: Mapping[str, Any], **columns: Any
) -> Version:
    """The next draft. `actor` None: a verdict opened it, and nobody has written in it yet."""
    number = (packet.versions.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    version = Version(packet=packet, number=number, created_at=validity.now(), created_by=author, **columns)
    put(content, version)
    put_down(version, actor)
    if actor is not None:
        version.editors.add(actor)
    finish(version, EventKind.DRAFTED, actor, detail)
    ask_awaited(version, actor)
    return version


def edit(version_id: int, content: Content, *, seen: Seen, actor: Person) -> Version:
    """Write the draft anew. Agent, level and parent stay as they are."""
    with changing(version_id, seen.as_content()) as version:
        actor = fresh(actor)
        refuse_if(rules.why_not_edit(version, actor))
        before = asked(version)
        content = replace(content, agent=before.agent, level=before.level, parent=before.parent)
        refuse_flaws("malformed", malformed(content))
        put(with_sign_in_names(content, actor), version)
        version.revision += 1
        version.editors.add(actor)
        finish(version, EventKind.EDITED, actor, {"changed": _changed(before, asked(version))})
        ask_awaited(version, actor)
    return version


def _changed(before: Content, after: Content) -> list[str]:
    return [key for key in Content.__slots__ if getattr(before, key) != getattr(after, key)]


def discard(version_id: int, *, seen: Seen, actor: Person) -> Version:
    """Close a draft that is not wanted any more. Its rows stay."""
    with changing(version_id, seen.as_content()) as version:
        actor = fresh(actor)
        refuse_if(rules.why_not_discard(version, actor))
        version.state, version.closed_reason = State.CLOSED, "Discarded"
        version.revision += 1
        finish(version, EventKind.DISCARDED, actor)
    return version


def submit(version_id: int, *, seen: Seen, actor: Person) -> Version:
    """Freeze the content and ask for its signatures. Rules, findings and tier are kept as they are now."""
    with changing(version_id, seen.as_content()) as version:
        actor = fresh(actor)
        refuse_if(rules.why_not_submit(version, actor))
        refuse_flaws("incomplete", malformed(asked(version)) + missing(asked(version), validity.now()))
        refuse_if(why_not_named(version))
        version.submitted_at, version.submitted_by = validity.now(), actor
        version.editors.add(actor)
        need = need_or_refusal(version)
        version.content = canonical_of(version)
        version.digest = digest(version.content)
        version.state = State.IN_REVIEW
        version.answer_by = validity.now() + need.answer_within
        version.revision += 1
        put_down(version, actor)
        bulk_create_with_history(grants_for(version), Grant, default_user=actor, default_date=validity.now())
        seat(version, need, actor)
        finish(version, EventKind.SUBMITTED, actor, {
            "digest": version.digest, "tier": version.tier, "change": version.change,
            "seats": [seat.group.name for seat in version.seats.select_related("group")],
            "rules": [row["name"] for row in version.rules], "findings": [row["code"] for row in version.findings],
        })  # fmt: skip
    return version


def why_not_named(version: Version) -> Refused | None:
    """The reason the people it names keep it from being submitted, or None."""
    for person, part in still_asked(version):
        todo = "signed in for the first time" if person.awaited else "accepted"
        return Refused(
            "not_accepted", f"{person.printed_name} is named as {PARTS[part].lower()} and has not {todo}.",
            "They were asked by e-mail. Submit when they have accepted, or name somebody else.",
        )  # fmt: skip
    for key in PARTS:
        person = getattr(version, key)
        if person is not None and not person.is_active:
            return Refused("inactive_person", f"{person.printed_name} is not active any more.", "Name somebody else.")
    return None


def withdraw(version_id: int, *, seen: Seen, actor: Person) -> Version:
    """Take the version back from review; its content opens as the next draft, so nothing typed is lost."""
    with changing(version_id, seen.as_content()) as version:
        actor = fresh(actor)
        refuse_if(rules.why_not_withdraw(version, actor))
        close(version, EventKind.WITHDRAWN, actor, "Withdrawn")
        return reopen(version)


def close(version: Version, kind: EventKind, actor: Person | None, reason: str, **event: Any) -> None:
    """End the review without a verdict. Inside a verb only."""
    settle_glass(version)
    version.state, version.closed_reason = State.CLOSED, reason
    version.revision += 1
    finish(version, kind, actor, {"reason": reason}, **event)


def reopen(version: Version) -> Version:
    """Open draft n+1 with the same content, for its submitter. Inside a verb only."""
    author = version.submitted_by or version.created_by
    content = still_active(asked(version))
    return open_next(
        version.packet, content, author, None, {"from": version.number}, based_on=version, renews=version.renews
    )


def amend(version_id: int, *, actor: Person) -> Version:
    """Open a draft with the content of this version: the last approved one, or the last one when none is in force."""
    return _next(version_id, actor, renews=False)


def renew(version_id: int, *, actor: Person, ends: datetime | None = None) -> Version:
    """Amend with a new end: the given one, or as long again from now as the version was granted for."""
    return _next(version_id, actor, renews=True, ends=ends)


def _next(version_id: int, actor: Person, *, renews: bool, ends: datetime | None = None) -> Version:
    packet_id = Version.objects.values_list("packet", flat=True).get(pk=version_id)
    try:
        with queued(packet_id):
            actor = fresh(actor)
            version = Version.objects.for_page().get(pk=version_id)
            refuse_if(rules.why_not_amend(version, actor))
            content = replace(still_active(standing_content(version, validity.now())), starts=None)
            if renews:
                content = replace(content, ends=ends or _same_life(version))
            detail = {"from": version.number, "renews": renews}
            return open_next(version.packet, content, actor, actor, detail, based_on=version, renews=renews)
    except IntegrityError as error:  # the constraint is the last word when two come at once
        raise Refused("open_version", "Another draft was opened meanwhile.", "Go on with that one.") from error


def still_active(content: Content) -> Content:
    """The content without people who have left, so that the draft asks for their successors."""
    gone: dict[str, Any] = {}
    for key in ("owner", "backup_owner", "rollback_owner"):
        try:
            find_person(getattr(content, key))
        except Refused:
            gone[key] = ""
    return replace(content, **gone)


def _same_life(version: Version) -> datetime:
    """As long again as it was granted for, from now, at noon UTC of a working day."""
    start = version.in_force_from or version.submitted_at or validity.now()
    life = (version.ends_at or version.ends or validity.now()) - start
    return working_noon(validity.now() + max(life, timedelta(days=1)))


def working_noon(moment: datetime) -> datetime:
    """Noon UTC of that day, moved back from a weekend to the Friday before."""
    noon = moment.replace(hour=12, minute=0, second=0, microsecond=0)
    return noon - timedelta(days=max(0, noon.weekday() - 4))
