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
from typing import Any, TypeVar

from approvals import validity
from approvals.break_glass import broken_glass
from approvals.cuts import Cuts
from approvals.models import Decision, GivenUp, Version
from approvals.scope.matching import Action, Outcome, Placed, Ruling, actions_of
from approvals.standing import by_break_glass
from approvals.vocabulary import Tag, Verdict
from audits import sentences
from audits.authority import Authority, TooMuch, Viewer, load
from audits.bases import MOST_BASES, Basis, bases
from audits.moments import INSTANT, JUST, MINUTE, Moment
from audits.naming import by_identity, knows
from audits.near_misses import NearMiss, grant_of, load_others, near_misses

Row = TypeVar("Row", Decision, GivenUp)


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
    also: tuple[Basis, ...] = ()  # other packets that said the same of it, or that this one runs inside
    identity: str = ""  # asked by it: only packets that name it count
    agents: tuple[str, ...] = ()  # when the identity is several agents': which
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
    def word(self) -> str:
        """What was asked by: an identity, or the agent's name."""
        return self.identity or self.agent

    @property
    def bases(self) -> tuple[Basis, ...]:
        """Every packet it rests on, the deciding one first; none when nothing speaks of the call."""
        if self.version is None or self.placed is None:
            return ()
        return (Basis(self.version, self.placed, self.lines, self.decisions, self.ends), *self.also)

    @property
    def is_whole_minute(self) -> bool:
        return self.until > self.at


def answer(agent: str, typed: str, moment: datetime, viewer: Viewer, *, minute: bool = False) -> Answer:
    """What this agent's packets said of that call then, as far as this viewer may see; None sees everything.

    `agent` may be an identity instead: then only packets that name it count. `minute` means the whole minute that
    begins at the moment. Raises ValueError, with a sentence, for a text that is empty or too long to be a call.
    """
    actions = actions_of(typed)
    found = _answered(agent, actions, moment, viewer, minute)
    if found.is_known:
        return found
    named = by_identity([agent], viewer)
    if len(named) != 1:
        several = tuple(one.agent for one in named)
        return replace(found, detail=sentences.several(agent, several), agents=several) if several else found
    by_it = _answered(named[0].agent, actions, moment, viewer, minute, identity=agent)
    return replace(by_it, notes=(sentences.as_identity(agent, named[0].agent), *by_it.notes))


def _answered(
    agent: str, actions: tuple[Action, ...], moment: datetime, viewer: Viewer, minute: bool, identity: str = ""
) -> Answer:
    now = validity.now()
    until = min(moment + (MINUTE - JUST if minute else INSTANT), max(now, moment))
    if moment > now:
        return _cannot_say(sentences.FUTURE, agent, moment, until)
    try:
        authority = load(agent, viewer, moment, until, identity)
    except TooMuch:
        return _cannot_say(sentences.TOO_MUCH, agent, moment, until)
    if not authority.held and not identity and not knows(agent, viewer):
        return _cannot_say(sentences.NO_SUCH_AGENT, agent, moment, until)
    question = _Question(agent, viewer, authority)
    answers = [question.over_the_window(action) for action in actions]
    return replace(question.signed(_together(answers)), identity=identity)


def answer_typed(agent: str, typed: str, moment: Moment, viewer: Viewer) -> Answer:
    """As `answer`, for a moment somebody typed; it says what was assumed about it."""
    found = answer(agent, typed, moment.at, viewer, minute=bool(moment.span))
    return replace(found, notes=(*found.notes, moment.note)) if moment.note and found.is_known else found


def _cannot_say(why: str, agent: str, at: datetime, until: datetime) -> Answer:
    return Answer(Says.CANNOT_SAY, Says.CANNOT_SAY.words, why, agent, at, until)


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
        in_force = self.authority.counting_at(at)
        found = bases(in_force, at, action, outcome)
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
            lines=found[0].lines if found else (),
            also=tuple(found[1 : MOST_BASES + 1]),
            notes=(sentences.more(len(found) - 1 - MOST_BASES),) if len(found) - 1 > MOST_BASES else (),
        )

    def _with_near(self, one: Answer) -> Answer:
        if one.outcome is None or one.action is None or one.outcome.ruling != Ruling.NO_LINE:
            return one
        if self.others is None:
            self.others = load_others(self.agent, self.viewer, self.authority)
        near = near_misses(self.authority, self.others, one.action, one.at, one.outcome)
        return replace(one, near_misses=near)

    def signed(self, one: Answer) -> Answer:
        """With the signatures under every version it rests on, and their ends as they were known then.

        What somebody signed or gave up after the moment is left out.
        """
        if one.version is None:
            return one
        versions = [one.version, *(basis.version for basis in one.also)]
        rows = Decision.objects.filter(version__in=versions, verdict__in=APPROVING, at__lte=one.at)
        decisions = list(rows.select_related("version", "person").defer("version__content", "version__lines"))
        nearer = [row for row in versions if row.ends_at != end_then(row, _of(row, decisions), (), one.at)]
        given_up = list(GivenUp.objects.filter(version__in=nearer, at__lte=one.at)) if nearer else []
        notes = (*one.notes, broken_glass(one.version)) if by_break_glass(one.version, one.at) else one.notes

        def standing(version: Version) -> tuple[tuple[Decision, ...], datetime | None]:
            signed = tuple(_of(version, decisions))
            return signed, end_then(version, signed, _of(version, given_up), one.at)

        signed, ends = standing(one.version)
        also = tuple(basis.signed(*standing(basis.version)) for basis in one.also)
        return replace(one, decisions=signed, ends=ends, also=also, notes=notes)


def _of(version: Version, rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.version_id == version.pk]


SAID = {Ruling.ALLOWED: Says.WOULD_HAVE_ALLOWED, Ruling.HELD: Says.HELD}
APPROVING = [verdict for verdict in Verdict if verdict.approves]


def end_then(
    version: Version, decisions: Iterable[Decision], given_up: Iterable[GivenUp], moment: datetime
) -> datetime | None:
    """The end as it stood at the moment: what its owner gave up later was not known then, nor who would sign yet."""
    if by_break_glass(version, moment):
        return version.glass_until
    cut = [Cuts.from_data(row.cuts).ends for row in decisions]
    dropped = [Cuts.from_data(row.cuts).ends for row in given_up]
    return min((end for end in (version.ends, *cut, *dropped) if end is not None), default=None)
