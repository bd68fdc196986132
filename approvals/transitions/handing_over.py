"""Hand over: somebody leaves, and what they are named for becomes a draft with somebody else's name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from approvals import events, rules, validity
from approvals.asking import asked, put, standing_content
from approvals.errors import Refused, refuse_if
from approvals.models import Version
from approvals.named import PARTS, parts_of, version_to_hand_over
from approvals.people import Person
from approvals.transitions.claiming import claim, finish, fresh, queued
from approvals.transitions.drafting import open_next, still_active
from approvals.vocabulary import EventKind, State


def hand_over(packet_id: int, *, actor: Person, leaver: Person, to: Person) -> Version:
    """Name `to` where `leaver` is named, in the packet's draft or in a new one; returns that draft.

    What is in force stays so to its end; the draft is reviewed like any other. Whoever hands over has written in it.
    """
    with queued(packet_id) as packet:
        actor, leaver, to = fresh(actor), fresh(leaver), fresh(to)
        refuse_if(rules.why_not_hand_over(packet, actor))
        refuse_if(_why_not_to(leaver, to))
        version = version_to_hand_over(packet.versions.for_page(), leaver, validity.now())
        if version is None:
            raise Refused("not_named", f"{leaver.printed_name} is not named in {packet}.", "Nothing is to hand over.")
        if version.state == State.IN_REVIEW:
            remedy = "Its owner or team withdraws it, or it is decided; then hand it over."
            raise Refused("in_review", f"{version} is in review, and what is reviewed does not change.", remedy)
        parts = parts_of(version, leaver)
        draft = _renamed(version, actor, parts, to)
        detail = {"parts": [PARTS[part] for part in parts], "leaver": leaver.username, "successor": to.username}
        events.record(EventKind.HANDED_OVER, version=draft, actor=actor, detail=detail)
    return draft


def _why_not_to(leaver: Person, to: Person) -> Refused | None:
    if not to.is_active:
        return Refused("inactive_person", f"{to.printed_name} is not active.", "Choose somebody else.")
    if to.pk == leaver.pk:
        return Refused("inactive_person", f"{to.printed_name} is who it is handed over from.", "Choose somebody else.")
    return None


def _renamed(version: Version, actor: Person, parts: list[str], to: Person) -> Version:
    """The draft with the new name: the one there is, or the next one. Nobody is their own backup."""
    is_draft = version.state == State.DRAFT
    content = asked(version) if is_draft else still_active(standing_content(version, validity.now()))
    names: dict[str, Any] = dict.fromkeys(parts, to.username)
    content = replace(content if is_draft else replace(content, starts=None), **names)
    if content.backup_owner and content.backup_owner == content.owner:
        content = replace(content, backup_owner="")
    if not is_draft:
        detail = {"from": version.number, "renews": False}
        return open_next(version.packet, content, actor, actor, detail, based_on=version)
    claim(Version, version.pk)
    put(still_active(content), version)
    version.revision += 1
    version.editors.add(actor)
    finish(version, EventKind.EDITED, actor, {"changed": parts})
    return version
