"""Why was this agent allowed to do that? The answer, from the record.

No checks are recorded yet, so the answer says what the packets would have said: would have allowed it, would have held
it for a person, would not have allowed it; or that it cannot be said. `refused` and `allowed` speak of calls that were
asked and answered, so a line under "Never allowed" is `not_allowed` here, with that line named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from approvals import validity
from approvals.break_glass import broken_glass
from approvals.content import instant
from approvals.cuts import Cuts
from approvals.models import Agent, Decision, Version
from approvals.scope.matching import Action, Outcome, Placed, Ruling, actions_of
from approvals.standing import by_break_glass
from approvals.vocabulary import Tag, Verdict
from audits import sentences
from audits.authority import Authority, TooMuch, Viewer, load
from audits.moments import INSTANT, JUST, MINUTE, Moment
from audits.near_misses import NearMiss, grant_of, load_others, near_misses


class Says(StrEnum):
    """The verdicts, never blurred. Those without a check behind them are the only ones given so far."""

    WOULD_HAVE_ALLOWED = "would_have_allowed"
    HELD = "held"
    NOT_ALLOWED = "not_allowed"
    CANNOT_SAY = "cannot_say"

    @property
    def words(self) -> str:
        return sentences.VERDICTS[self.value]

    @property
    def tag(self) -> Tag:
        tone, icon = {
            "would_have_allowed": ("good", "check"),
            "held": ("warn", "hand"),
            "not_allowed": ("bad", "stop"),
        }.get(self.value, ("", "question"))
        return Tag(tone, icon, self.words)


STRICTEST = (Says.NOT_ALLOWED, Says.CANNOT_SAY, Says.HELD, Says.WOULD_HAVE_ALLOWED)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the record says of one call at one moment, and everything that stands behind it."""

    verdict: Says
    headline: str
    detail: str
    agent: str
    at: datetime
    until: datetime
    action: Action | None = None
    outcome: Outcome | None = None
    version: Version | None = None
    placed: Placed | None = None
    lines: tuple[Placed, ...] = ()  # every line of that version that stood then
    decisions: tuple[Decision, ...] = ()
    ends: datetime | None = None
    near_misses: tuple[NearMiss, ...] = ()
    notes: tuple[str, ...] = ()
    readings: tuple[Answer, ...] = field(default=())  # what else the typed text can mean, or the minute's other halves

    @property
    def sentence(self) -> str:
        return " ".join(part for part in (self.headline, self.detail, *self.notes) if part)

    @property
    def is_known(self) -> bool:
        """False when this viewer has no such agent: then nothing else may be said."""
        return self.detail != sentences.NO_SUCH_AGENT

    @property
    def is_whole_minute(self) -> bool:
        return self.until > self.at

    def as_data(self) -> dict[str, Any]:
        """The seam of `manage.py why --json`."""
        version = self.version
        return {
            "verdict": self.verdict.value,
            "sentence": self.sentence,
            "at": instant(self.at),
            "packet": version.packet.reference if version else None,
            "version": version.number if version else None,
            "line": _line_data(self.placed) if self.placed else None,
            "owner": _username(version.owner) if version else None,
            "job": version.job if version else None,
            "identity": version.identity if version else None,
            "signers": [_signer_data(decision) for decision in self.decisions],
            "ends": instant(self.ends),
            "rollback": {"owner": _username(version.rollback_owner), "path": version.rollback_path}
            if version
            else None,
            "run_record": {"location": version.run_record_location, "retention_days": version.retention_days}
            if version
            else None,
            "near_misses": [_near_data(miss) for miss in self.near_misses],
        }


def _username(person: Any) -> str | None:
    return person.username if person else None


def _line_data(placed: Placed) -> dict[str, str]:
    return {"field": placed.field.value, "text": str(placed.line)}


def _signer_data(decision: Decision) -> dict[str, Any]:
    """`digest` is what they signed: the version's digest, the cuts standing then, and their own."""
    return {
        "name": decision.person_name, "role": decision.role, "at": instant(decision.at), "digest": decision.digest,
        "version_digest": decision.version.digest, "shown_by": decision.shown_by or None,
        "shown_at": instant(decision.shown_at),
    }  # fmt: skip


def _near_data(miss: NearMiss) -> dict[str, Any]:
    version = miss.version
    return {
        "packet": version.packet.reference, "version": version.number, "line": _line_data(miss.placed),
        "sentence": miss.sentence,
    }  # fmt: skip


def answer(agent: str, typed: str, moment: datetime, viewer: Viewer, *, minute: bool = False) -> Answer:
    """What this agent's packets said of that call then, as far as this viewer may see; None sees everything.

    `minute` means the whole minute that begins at the moment. Raises ValueError, with a sentence, for a text that is
    empty or too long to be a call.
    """
    actions = actions_of(typed)
    now = validity.now()
    until = min(moment + (MINUTE - JUST if minute else INSTANT), max(now, moment))
    if moment > now:
        return _cannot_say(sentences.FUTURE, agent, moment, until)
    try:
        authority = load(agent, viewer, moment, until)
    except TooMuch:
        return _cannot_say(sentences.TOO_MUCH, agent, moment, until)
    if not authority.held and not _knows(agent, viewer):
        return _cannot_say(sentences.NO_SUCH_AGENT, agent, moment, until)
    question = _Question(agent, viewer, authority)
    answers = [question.over_the_window(action) for action in actions]
    return question.signed(_together(answers))


def answer_typed(agent: str, typed: str, moment: Moment, viewer: Viewer) -> Answer:
    """As `answer`, for a moment somebody typed; it says what was assumed about it."""
    found = answer(agent, typed, moment.at, viewer, minute=bool(moment.span))
    return replace(found, notes=(*found.notes, moment.note)) if moment.note and found.is_known else found


def _cannot_say(why: str, agent: str, at: datetime, until: datetime) -> Answer:
    return Answer(Says.CANNOT_SAY, Says.CANNOT_SAY.words, why, agent, at, until)


def _knows(agent: str, viewer: Viewer) -> bool:
    agents = Agent.objects.all() if viewer is None else Agent.objects.visible_to(viewer)
    return agents.filter(slug=agent).exists()


def _together(answers: list[Answer]) -> Answer:
    """One answer of a text that can mean several calls: its own name when a line speaks of it, else the strictest."""
    named = answers[0] if len(answers) != 2 and (answers[0].placed or answers[0].near_misses) else None
    read = answers if len(answers) < 3 else answers[1:]  # a dotted name no line speaks of is a file
    first = named or min(read, key=lambda one: STRICTEST.index(one.verdict))
    others = tuple(one for one in read if one is not first and (one.placed or not named))
    if not others:
        return first
    note = "" if named else sentences.both_ways([(str(one.action), one.verdict.words) for one in read])
    return replace(first, notes=(*first.notes, *filter(None, [note])), readings=(*first.readings, *others))


@dataclass(slots=True)
class _Question:
    """One question to the authority that was loaded; what nearly allowed it is read at most once."""

    agent: str
    viewer: Viewer
    authority: Authority
    others: list[Any] | None = None

    def over_the_window(self, action: Action) -> Answer:
        """The answer when it is the same all the time; otherwise that it changed, and when."""
        answers: list[Answer] = []
        for at in self.authority.instants():
            outcome = self.authority.decide_at(at, action)
            one = self._answer(at, action, outcome)
            if not answers or (one.verdict, one.version) != (answers[-1].verdict, answers[-1].version):
                answers.append(one)
        if len(answers) == 1:
            return self._with_near(answers[0])
        if len({one.verdict for one in answers}) == 1:
            return replace(self._with_near(answers[0]), notes=(sentences.took_over(answers),))
        changed = _cannot_say(sentences.changed(answers), self.agent, self.authority.since, self.authority.until)
        return replace(
            changed, action=action, notes=sentences.turns(answers), readings=tuple(map(self._with_near, answers))
        )

    def _answer(self, at: datetime, action: Action, outcome: Outcome) -> Answer:
        placed = outcome.lines[0] if outcome.lines else None
        version = grant_of(placed).version if placed else None
        verdict = SAID.get(outcome.ruling, Says.NOT_ALLOWED)
        in_force = self.authority.in_force_at(at)
        return Answer(
            verdict,
            sentences.headline(verdict, outcome.ruling),
            sentences.detail(self.agent, outcome, in_force=bool(in_force)),
            self.agent,
            at,
            self.authority.until,
            action,
            outcome,
            version,
            placed,
            lines=tuple(row for held in in_force if held.version is version for row in held.lines_at(at)),
        )

    def _with_near(self, one: Answer) -> Answer:
        if one.outcome is None or one.action is None or one.outcome.ruling != Ruling.NO_LINE:
            return one
        if self.others is None:
            self.others = load_others(self.agent, self.viewer, self.authority)
        near = near_misses(self.authority, self.others, one.action, one.at, one.outcome)
        return replace(one, near_misses=near)

    def signed(self, one: Answer) -> Answer:
        """With the signatures under the version that decided, and its end as it was known then."""
        if one.version is None:
            return one
        decisions = Decision.objects.filter(version=one.version, verdict__in=APPROVING, at__lte=one.at)
        signed = tuple(decisions.select_related("version", "person").defer("version__content", "version__lines"))
        notes = (*one.notes, broken_glass(one.version)) if by_break_glass(one.version, one.at) else one.notes
        return replace(one, decisions=signed, ends=end_then(one.version, signed, one.at), notes=notes)


SAID = {Ruling.ALLOWED: Says.WOULD_HAVE_ALLOWED, Ruling.HELD: Says.HELD}
APPROVING = [verdict for verdict in Verdict if verdict.approves]


def end_then(version: Version, decisions: Iterable[Decision], moment: datetime) -> datetime | None:
    """The end as it stood at the moment: what its owner gave up later was not known then, nor who would sign yet."""
    if by_break_glass(version, moment):
        return version.glass_until
    cuts = [Cuts.from_data(decision.cuts).ends for decision in decisions]
    granted = min((end for end in (version.ends, *cuts) if end is not None), default=None)
    if granted == version.ends_at:
        return granted
    given_up = [Cuts.from_data(row.cuts).ends for row in version.given_up.filter(at__lte=moment)]
    return min((end for end in (granted, *given_up) if end is not None), default=None)
