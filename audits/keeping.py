"""Keep an answer: the question, the moment, the verdict and the answer's digest become an event of the record."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q

from approvals import access, events, validity
from approvals.content import digest_of
from approvals.errors import Refused
from approvals.models import Agent, Event
from approvals.people import Person
from approvals.vocabulary import EventKind, Verdict
from audits.answer import Answer, Says
from audits.answer_data import whole

MOST_A_DAY = 100
DAY = timedelta(days=1)
REFERENCE = re.compile(r"\bAP-[0-9]{4,9}\b")


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept answer as its page shows it: everything from the event, nothing asked again."""

    event: Event
    question: dict[str, str]
    answer: dict[str, Any]
    digest: str
    sees: str

    @property
    def verdict(self) -> Says:
        return Says(self.answer["verdict"])

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.answer["at"])

    @property
    def signers(self) -> list[dict[str, Any]]:
        return [
            {**one, "at": datetime.fromisoformat(one["at"]), "verdict": Verdict(one["verdict"]).label}
            for one in self.answer["signers"]
        ]

    @property
    def ends(self) -> datetime | None:
        return datetime.fromisoformat(self.answer["ends"]) if self.answer["ends"] else None


def keep(found: Answer, did: str, at: str, actor: Person) -> Event:
    """Record the answer and return its event; the same answer kept again by the same person is the event that is there.

    It belongs to the one packet it speaks of, so that whoever sees that packet sees it. One that speaks of several
    belongs to none: its keeper sees it, and who sees every packet. Raises Refused("kept_enough").
    """
    said = whole(found)
    question = {"agent": found.word, "did": did, "at": at}
    digest = digest_of({"question": question, "answer": said})
    mine = Event.objects.filter(actor=actor, kind=EventKind.ANSWER_KEPT).order_by("-pk")[:MOST_A_DAY]
    earlier: list[Event] = list(mine)
    if same := next((one for one in earlier if detail_of(one)["digest"] == digest), None):
        return same
    if len(earlier) == MOST_A_DAY and earlier[-1].recorded_at > validity.now() - DAY:
        raise Refused(
            "kept_enough", f"You have kept {MOST_A_DAY} answers within a day.",
            "The link to the question asks it again at any time.",
        )  # fmt: skip
    detail = {
        "question": question,
        "digest": digest,
        "answer": said,
        "sees": "every packet" if access.sees_every_packet(actor) else "the packets they may see",
    }
    return events.record(EventKind.ANSWER_KEPT, actor=actor, detail=detail, **_about(found, said))


def _about(found: Answer, said: dict[str, Any]) -> dict[str, Any]:
    """The packet it is about, or the agent, or nothing when it speaks of several packets."""
    spoken = set(REFERENCE.findall(json.dumps(said)))
    versions = [basis.version for basis in found.bases] + [miss.version for miss in found.near_misses]
    packets = {one.packet.reference: one for one in versions}
    if not spoken:
        return {"agent": Agent.objects.filter(slug=found.agent).first()}
    if len(spoken) == 1 and spoken <= packets.keys():
        return {"version": packets[spoken.pop()]}
    return {}


def detail_of(event: Event) -> dict[str, Any]:
    return dict(json.loads(bytes(event.body))["detail"])


def kept_answer(key: int, viewer: Person) -> Kept | None:
    """The kept answer with this key, if this person kept it or may see what it is about."""
    seen = Event.objects.visible_to(viewer).values("pk")
    rows = Event.objects.filter(Q(pk__in=seen) | Q(actor=viewer), pk=key, kind=EventKind.ANSWER_KEPT)
    event = rows.select_related("packet", "agent", "version__packet").first()
    if event is None:
        return None
    detail = detail_of(event)
    return Kept(event, detail["question"], detail["answer"], detail["digest"], detail["sees"])


def moment_of(found: Answer) -> str:
    """The moment of the question as a link names it: the minute, or the instant as exact as it was."""
    if found.is_whole_minute:
        return found.at.strftime("%Y-%m-%dT%H:%MZ")
    return found.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
