"""What can be said of the data a packet reaches, and of what its packets make possible together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from approvals.content import Content
from approvals.risk import by_command, by_file
from approvals.risk.by_name import fetches_any_page, is_whole_server
from approvals.risk.facts import Beside, Facts
from approvals.risk.kinds import found
from approvals.risk.register import DataClass, is_data, known_of
from approvals.scope.covering import covers
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line
from approvals.scope.tools import KNOWN_TOOLS, MCP, mcp_parts, words_of
from approvals.vocabulary import Field

PRODUCTION = frozenset(["prod", "production", "prd"])
# For these `prod` is a way to build, no place.
BUILDERS = frozenset(["npm", "pnpm", "yarn", "bun", "npx", "make", "vite", "webpack", "ng", "turbo", "nx"])
# Words of a tool's name that say where private data, and where strangers' text, comes from, and what leaves the house.
PRIVATE = frozenset(
    [
        *("customer", "customers", "crm", "salesforce", "hubspot", "email", "emails", "gmail", "mailbox", "inbox"),
        *("drive", "dropbox", "onedrive", "sharepoint", "payroll", "payments", "stripe", "postgres", "mysql"),
        *("snowflake", "bigquery", "contacts", "calendar", "slack"),
    ]
)
STRANGERS = frozenset(
    [
        *("ticket", "tickets", "issue", "issues", "email", "emails", "gmail", "mailbox", "inbox", "comment"),
        *("comments", "feedback", "survey", "surveys", "chat", "browser", "puppeteer", "playwright", "scrape"),
        *("fetch", "web", "zendesk", "intercom", "review", "reviews", "forum", "page", "navigate"),
    ]
)
SENDS = frozenset(["send", "post", "reply", "publish", "share", "upload", "forward", "notify", "tweet", "invite"])
OUTWARD = frozenset(
    [
        *("github", "gitlab", "slack", "gmail", "email", "mail", "smtp", "twilio", "discord", "teams", "telegram"),
        *("notion", "browser", "puppeteer", "playwright", "fetch"),
    ]
)
READS_TICKETS = ("gh issue view", "gh issue list", "gh pr view", "gh pr diff", "gh search", "gh api")
REACHES_TICKETS = frozenset(["gh", "gh issue", "gh pr"])


def production_data(content: Content, facts: Facts) -> list[Finding]:
    """Lines that reach production data, by the register or by their own name."""
    rows = []
    for field, line in _placed(content):
        known = known_of(field, line, facts.register)
        if known is not None and known.entry is not None:
            if known.data_class is DataClass.PRODUCTION:
                rows.append((field, line, f"Reaches {known.entry.name}: production data, {known.entry.owner} answers."))
        elif says_production(line):
            rows.append((field, line, "Its own name says that it is production."))
    return [found(_reach(field), sentence, line=line, field=field) for field, line, sentence in rows]


def _reach(field: Field) -> str:
    return "production_write" if field.counts_as is Field.WRITE_ACTIONS else "production_data"


def says_production(line: Line) -> bool:
    """Whether the line's words name production: not an option or a setting of a build, nor a folder of files."""
    if (line.target in KNOWN_TOOLS and line.target != "Bash") or by_command.program_of(line) in BUILDERS:
        return False
    words = (line.method or "").split(" ")[1:] if line.target == "Bash" else [line.target, line.method or ""]
    told = [word for word in words if not (word.startswith("--") and "=" not in word) and "ENV=" not in word]
    return any(not PRODUCTION.isdisjoint(words_of(word)) for word in told)


def unregistered_data(content: Content, facts: Facts) -> list[Finding]:
    """Data sources nobody has classed. What names itself production is told as that."""
    return [
        found("unregistered_data", "Not in the data register, so it counts as production data.", line=line, field=field)
        for field, line in _placed(content)
        if is_data(field, line)
        and line.target.strip("*")
        and not says_production(line)
        and (known := known_of(field, line, facts.register)) is not None
        and known.entry is None
    ]


def _placed(content: Content) -> list[tuple[Field, Line]]:
    return [(field, line) for field in Field if field is not Field.NEVER for line in content.of(field)]


@dataclass(frozen=True, slots=True)
class Leg:
    """One of the three: what it does, and whether a line does it."""

    does: str
    holds: Callable[[Beside, Facts], bool]


def private_untrusted_outbound(content: Content, facts: Facts) -> list[Finding]:
    """Private data, strangers' instructions and a way out, in one agent's hands: whoever writes to it can ask for all.

    Looked for over all packets in force and this one, in lines that no Never and no person holds back.
    """
    lines = _open([*_own(content), *facts.beside])
    legs = [next((one for one in lines if leg.holds(one, facts)), None) for leg in LEGS]
    if None in legs:
        return []
    told = [f"{leg.does} ({_called(one)})" for leg, one in zip(LEGS, legs, strict=True) if one is not None]
    sentence = f"The agent {told[0]}, {told[1]} and {told[2]}: whoever writes to it can have that data sent to them."
    return [found("private_untrusted_outbound", sentence)]


def _own(content: Content) -> list[Beside]:
    return [Beside("", field, line) for field in Field for line in content.of(field)]


def _open(rows: Iterable[Beside]) -> list[Beside]:
    """The lines that allow by themselves: no line of Never or of human approval covers them."""
    rows = list(rows)
    held = [one.line for one in rows if not one.field.allows]
    return [one for one in rows if one.field.allows and not any(covers(line, one.line) for line in held)]


def _called(one: Beside) -> str:
    return f"{one.line} in {one.packet}" if one.packet else str(one.line)


def _name_words(line: Line) -> set[str]:
    """The words of an MCP tool's or a data target's name; none for commands and files."""
    if line.target in KNOWN_TOOLS:
        return set()
    return {*words_of(line.target.removeprefix(MCP)), *words_of(line.method or "")}


def reads_private(one: Beside, facts: Facts) -> bool:
    """Data that is registered as more than public or not at all, every file, keys, or a store of private things."""
    known = known_of(one.field, one.line, facts.register)
    if known is not None:
        return known.data_class is not DataClass.PUBLIC
    files = by_file.credentials(one.field, one.line) or by_file.reads_everywhere(one.field, one.line)
    shown = by_command.shows_credentials(one.field, one.line)
    return bool(files or shown) or not PRIVATE.isdisjoint(_name_words(one.line))


def reads_strangers(one: Beside, facts: Facts) -> bool:
    """Pages, tickets, mail: text anybody can write."""
    line, words = one.line, by_command.words_of(one.line)
    program = (
        by_command.program_of(line) in ("curl", "wget")
        or by_command.begins(words, READS_TICKETS)
        or words in REACHES_TICKETS
    )
    bare = bool(by_command.any_command(one.field, line))
    return fetches_any_page(line) or program or bare or not STRANGERS.isdisjoint(_name_words(line))


def can_send(one: Beside, facts: Facts) -> bool:
    """A program that sends, any address to fetch, or a tool whose name says that it posts something."""
    field, line = one.field, one.line
    command = by_command.any_command(field, line) or by_command.sends_out(field, line)
    remote = by_command.writes_remotely(field, line) or by_command.runs_anything(field, line)
    if command or remote or (line.target == "WebFetch" and fetches_any_page(line)):
        return True
    words = _name_words(line)
    writes = field.counts_as is Field.WRITE_ACTIONS or mcp_parts(line.target) is not None
    posts = writes and not SENDS.isdisjoint(words)
    opens = {"create", "update", "add"} & words and {"issue", "pull", "gist", "comment", "message", "page"} & words
    return bool(posts or opens or (is_whole_server(line) and OUTWARD & words))


LEGS = (
    Leg("reads private data", reads_private),
    Leg("reads text that strangers wrote", reads_strangers),
    Leg("can send out", can_send),
)

LOOKS: tuple[Callable[[Content, Facts], list[Finding]], ...] = (
    private_untrusted_outbound,
    production_data,
    unregistered_data,
)
