"""Several packets with their versions and suspensions, for pages about everything of an agent or an identity."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404

from approvals import rules
from approvals.errors import Refused
from approvals.models import Agent, Packet, Version
from approvals.models.agent import SLUG
from approvals.pages.seen import NOT_YOU
from approvals.standing import granted_of
from approvals.together import put
from approvals.vocabulary import State


def named(viewer: Any, slug: str) -> Agent:
    """The agent of that name. Raises Http404 for what is no name, is not there, or is not shown to this person."""
    try:
        SLUG(slug)
    except ValidationError as error:
        raise Http404 from error
    found: Agent = get_object_or_404(Agent.objects.visible_to(viewer).select_related("team", "added_by"), slug=slug)
    return found


def with_versions(rows: Any, most: int) -> list[Packet]:
    """The newest of these packets: three statements, whatever their number."""
    packets = list(
        rows.select_related("agent__team", "parent", "revoked_by")
        .prefetch_related("suspensions")
        .order_by("-pk")[:most]
    )
    versions = Version.objects.filter(packet__in=packets).select_related("owner", "rollback_owner").order_by("-number")
    of_packet: dict[int, list[Version]] = {packet.pk: [] for packet in packets}
    for version in versions.defer("content", "lines", "findings", "rules"):
        of_packet[version.packet_id].append(version)
    for packet in packets:
        for version in of_packet[packet.pk]:
            version.packet = packet
        put(packet, "versions", of_packet[packet.pk])
    return packets


def main_version(packet: Packet, now: datetime) -> Version:
    """The version that counts: the one granted now, else the newest."""
    versions: list[Version] = list(packet.versions.all())
    return granted_of(versions, now) or versions[0]


def counts(packet: Packet, now: datetime) -> bool:
    """Whether there is anything to stop: something approved whose end has not come, or a review that could end so."""
    return packet.revoked_at is None and any(
        one.state == State.IN_REVIEW or (one.state == State.APPROVED and one.ends_at is not None and one.ends_at > now)
        for one in packet.versions.all()
    )


def why_not_stop(packets: list[Packet], person: Any, now: datetime) -> Refused | None:
    """The reason this person can stop none of these packets, or None. Nothing to stop is one too.

    That it is not theirs to stop comes before that one of them is stopped already.
    """
    refusals = [rules.why_not_suspend(packet, person) for packet in packets if counts(packet, now)]
    if not refusals:
        return Refused("nothing_to_stop", "There is nothing to stop: no packet of it is granted or in review.")
    if None in refusals:
        return None
    return next((one for one in refusals if one and one.code in NOT_YOU), refusals[0])
