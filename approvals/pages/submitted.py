"""What somebody reads right after Submit: who was told, when they usually answer, and what holds meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from approvals import validity
from approvals.letters.audience import reachable, signers
from approvals.models import Version
from approvals.pages.usual_answer import in_words, usual_answer
from approvals.telling import short_text

NAMED = 4  # more names than this are only counted


def submitted(version: Version) -> str:
    """The sentences, for a version that is in review now."""
    return f"{version} is submitted. {_told(version)} {_answer(version)} {_meanwhile(version)}"


def _told(version: Version) -> str:
    names = list(dict.fromkeys(one.person.printed_name for one in signers(version) if reachable(one.person)))
    groups = _and(list(_groups(version)))
    if not names:
        return f"{groups} has to sign it, but nobody there has an address an e-mail could go to: tell them yourself."
    more = len(names) - NAMED
    listed = [*names[:NAMED], f"{more} more"] if more > 0 else names
    return f"An e-mail goes to {_and(listed)} of {groups}."


def _groups(version: Version) -> dict[str, None]:
    return dict.fromkeys(version.seats.order_by("position").values_list("group__name", flat=True))


def _answer(version: Version) -> str:
    now = validity.now()
    usual = usual_answer(_groups(version).keys(), now)
    if usual is not None:
        return f"They usually answer {in_words(usual)}."
    if version.answer_by is None:
        return ""
    return f"The sign-off rules ask for an answer by {short_text(version.answer_by, now)}."


def _meanwhile(version: Version) -> str:
    now = validity.now()
    current = version.packet.versions.granted_at(now).order_by("-number").first()
    if current is None:
        return "Until the last signature the agent has no authority from this packet."
    return f"Meanwhile v{current.number} stays in force until {short_text(current.ends_at, now)}."


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
