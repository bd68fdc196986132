"""What can only be said of the packet as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from approvals.content import TEAM, Content
from approvals.risk.by_name import may_be_key, mixed_texts, plain
from approvals.risk.facts import Facts
from approvals.risk.kinds import found
from approvals.scope.covering import covers
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line
from approvals.scope.tools import mcp_parts
from approvals.vocabulary import IDENTITY, Field, Level

MANY_LINES = 40
SIX_MONTHS = 183  # days; EU AI Act, articles 19(1) and 26(6): logs are kept for at least six months
LONG_LIFE = timedelta(days=90)
PERSONAL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}\Z|\A(root|admin|administrator)\Z", re.IGNORECASE)
OF_A_MACHINE = re.compile(
    r"gserviceaccount\.com\Z|(?:\A|[._+-])(svc|bot|agent|service|robot|ci)(?=[@._+-])", re.IGNORECASE
)
PLACEHOLDERS = frozenset(["tbd", "todo", "tba", "n/a", "na", "none", "-", "...", "xxx", "later", "unknown", "see wiki"])
FEWEST_WORDS = 3
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


def many_lines(content: Content, facts: Facts) -> list[Finding]:
    """More than anyone reads in an incident."""
    count = sum(len(lines) for lines in content.lines.values())
    if count <= MANY_LINES:
        return []
    return [found("many_lines", f"{count} lines are more than anyone reads in an incident.")]


def writes_without_a_person(content: Content, facts: Facts) -> list[Finding]:
    """Something may be changed, and no change waits for a person."""
    writes = content.of(Field.WRITE_ACTIONS) + content.of(Field.FILES_CHANGE)
    if not writes or content.of(Field.HUMAN_APPROVAL):
        return []
    sentence = "It may change things, and nothing waits for a person."
    return [found("writes_without_a_person", sentence, field=Field.HUMAN_APPROVAL)]


def nothing_never(content: Content, facts: Facts) -> list[Finding]:
    """No line wins over everything."""
    return [] if content.of(Field.NEVER) else [found("nothing_never", "Nothing is never allowed.", field=Field.NEVER)]


def covered_line(content: Content, facts: Facts) -> list[Finding]:
    """A line that says nothing a broader one does not allow already."""
    rows = [(field, line) for field in Field if field.allows for line in content.of(field)]
    broad = [(field, line) for field, line in rows if _is_broad(line)]
    return [
        found("covered_line", f"{other} allows this already.", line=line, field=field)
        for place, (field, line) in enumerate(rows)
        if (other := _broader(rows[:place], broad, field, line)) is not None
    ]


def _broader(
    before: Sequence[tuple[Field, Line]], broad: Sequence[tuple[Field, Line]], field: Field, line: Line
) -> Line | None:
    """The line of the same field that makes this one needless: a broader one, or the same one before it."""
    for place, other in broad:
        if place is field and other.key != line.key and covers(other, line):
            return other
    return next((other for place, other in before if place is field and other.key == line.key), None)


def _is_broad(line: Line) -> bool:
    """Whether the line could allow more than one thing: a literal one covers nothing but itself."""
    return line.method is None or "*" in line.target or "*" in line.method


def void_line(content: Content, facts: Facts) -> list[Finding]:
    """A line that Never takes away again, whole."""
    return _taken(content, Field.NEVER, "void_line", "{} under Never allowed takes all of this away.")


def held_line(content: Content, facts: Facts) -> list[Finding]:
    """A line that reads as if it allowed by itself, and every call of it waits for a person."""
    return _taken(content, Field.HUMAN_APPROVAL, "held_line", "{} waits for a person, so every call of this does too.")


def _taken(content: Content, by: Field, code: str, sentence: str) -> list[Finding]:
    return [
        found(code, sentence.format(other), line=line, field=field)
        for field in Field
        if field.allows
        for line in content.of(field)
        if (other := next((one for one in content.of(by) if covers(one, line)), None)) is not None
    ]


def lookalike_servers(content: Content, facts: Facts) -> list[Finding]:
    """Two MCP servers whose names are read as one another: one of them may be somebody else's."""
    seen: dict[str, str] = {}
    for field in Field:
        for line in content.of(field):
            server = (mcp_parts(line.target) or ("",))[0]
            other = seen.setdefault(plain(server), server)
            if server and other != server:
                return [found("lookalike_name", f"{server} and {other} are easily taken for each other.",
                              line=line, field=field)]  # fmt: skip
    return []


def lookalike_agent(content: Content, facts: Facts) -> list[Finding]:
    """An agent whose name is read as another's."""
    if not facts.alike:
        return []
    return [found("lookalike_name", f"{content.agent} is easily taken for {facts.alike[0]}.")]


def mixed_scripts(content: Content, facts: Facts) -> list[Finding]:
    """The words machines and people find things by."""
    return mixed_texts(((IDENTITY, content.identity), ("Run record location", content.run_record_location)))


def looks_like_a_key(content: Content, facts: Facts) -> list[Finding]:
    """Texts that may hold a key. The value is not repeated in the sentence."""
    texts = {
        "The identity": content.identity, "The job": content.job, "The rollback path": content.rollback_path,
        "How access is revoked": content.access_revoked, "What happens when it is wrong": content.when_wrong,
        "The task": content.task, "What to look at": content.look_at,
    }  # fmt: skip
    return [
        found("looks_like_a_key", f"{label} holds something that looks like a password or a key.")
        for label, text in texts.items()
        if may_be_key(text)
    ]


def personal_identity(content: Content, facts: Facts) -> list[Finding]:
    """A person's account makes the agent's acts theirs."""
    machine = OF_A_MACHINE.search(content.identity)
    if not facts.identity_is_a_person and (machine or not PERSONAL.search(content.identity)):
        return []
    if facts.identity_is_a_person:
        sentence = "The identity is the account of a person here, so what the agent does would count as theirs."
    else:
        sentence = "The identity looks like a person's or a shared administrator's."
    return [found("personal_identity", sentence)]


def shared_identity(content: Content, facts: Facts) -> list[Finding]:
    """Two agents behind one account: nobody can say which of them it was, or stop only one."""
    if not facts.sharing:
        return []
    others = ", ".join(facts.sharing)
    return [found("shared_identity", f"The identity is also used by {others}, so its acts cannot be told apart.")]


def short_retention(content: Content, facts: Facts) -> list[Finding]:
    """Run records that are gone when somebody asks."""
    if content.retention_days is None or content.retention_days >= SIX_MONTHS:
        return []
    days = f"{content.retention_days} day{'' if content.retention_days == 1 else 's'}"
    return [found("short_retention", f"The run records are gone after {days}.")]


def unsafe_record(content: Content, facts: Facts) -> list[Finding]:
    """A record the agent could change, or anybody on the way could read."""
    place = content.run_record_location
    try:
        parts = urlsplit(place)
        host = parts.hostname or ""
    except ValueError:
        return []
    local = host in LOCAL_HOSTS or place.startswith(("/", "~", "./", "file:"))
    if local:
        return [found("unsafe_record", "The run record lies where the agent runs, so the agent can change it.")]
    return [found("unsafe_record", "The run record is reached without encryption.")] if parts.scheme == "http" else []


def thin_rollback(content: Content, facts: Facts) -> list[Finding]:
    """Steps nobody could follow at night."""
    text = content.rollback_path.strip()
    thin = len(text.split()) < FEWEST_WORDS and not text.startswith(("https://", "http://"))
    if not text or not (thin or text.lower().rstrip(".!") in PLACEHOLDERS):
        return []
    return [found("thin_rollback", "The rollback path is too short to be followed.")]


def one_person(content: Content, facts: Facts) -> list[Finding]:
    """Owner, backup and rollback in one pair of hands."""
    if not content.owner or content.owner != content.rollback_owner or content.backup_owner not in ("", content.owner):
        return []
    return [found("one_person", "Only one person answers for this agent, by day and by night.")]


def person_alone(content: Content, facts: Facts) -> list[Finding]:
    """A yes that only the owner could say is no second pair of eyes."""
    if not content.of(Field.HUMAN_APPROVAL) or not facts.owner_answers_alone:
        return []
    group = "the agent's team" if content.human_approval_by in ("", TEAM) else content.human_approval_by
    sentence = f"Nobody of {group} but the owner could say yes to what needs human approval."
    return [found("person_alone", sentence, field=Field.HUMAN_APPROVAL)]


def long_life(content: Content, facts: Facts) -> list[Finding]:
    """More than a quarter between two looks; a day of grace for ends at noon of a working day."""
    life = _life(content, facts)
    if life is None or life <= LONG_LIFE + timedelta(days=1):
        return []
    return [found("long_life", f"It would hold for {life.days} days before anybody looks at it again.")]


def life_beyond_rule(content: Content, facts: Facts) -> list[Finding]:
    """Told while drafting; submitting it is refused."""
    life = _life(content, facts)
    if life is None or facts.longest_life is None or life <= facts.longest_life:
        return []
    return [
        found("life_beyond_rule", f"It would hold for {life.days} days; the rules allow {facts.longest_life.days}.")
    ]


def _life(content: Content, facts: Facts) -> timedelta | None:
    return content.ends - max(content.starts or facts.now, facts.now) if content.ends else None


def run_outside_parent(content: Content, facts: Facts) -> list[Finding]:
    """Told while drafting; submitting it is refused."""
    if facts.parent is None or content.level is not Level.RUN:
        return []
    return [
        found("run_outside_parent", f"Not provably inside {content.parent}.", line=line, field=field)
        for field, line in outside(content, facts.parent)
    ]


def outside(run: Content, system: Content) -> Iterator[tuple[Field, Line]]:
    """The lines of the run that are not provably inside its parent."""
    for field in Field:
        wider = [] if field is Field.NEVER else _that_allow(field, system)
        for line in () if field is Field.NEVER else run.of(field):
            if not any(covers(other, line) for other in wider):
                yield field, line


def _that_allow(field: Field, system: Content) -> list[Line]:
    """Lines of the parent a run's line may stand on: writes on writes, a person's yes also on a person's yes."""
    places = [Field.WRITE_ACTIONS] if field.counts_as is Field.WRITE_ACTIONS else [
        Field.DATA_SOURCES, Field.TOOLS, Field.WRITE_ACTIONS,
    ]  # fmt: skip
    if field is Field.HUMAN_APPROVAL:
        places.append(Field.HUMAN_APPROVAL)
    return [line for place in places for line in system.of(place)]


LOOKS: tuple[Callable[[Content, Facts], list[Finding]], ...] = (
    run_outside_parent, personal_identity, shared_identity, lookalike_agent, lookalike_servers, mixed_scripts,
    looks_like_a_key, thin_rollback, person_alone, writes_without_a_person, many_lines, void_line, held_line,
    covered_line, nothing_never, short_retention, unsafe_record, one_person, long_life, life_beyond_rule,
)  # fmt: skip
