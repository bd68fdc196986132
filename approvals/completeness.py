"""What is wrong with a content, and what it still lacks before it can be submitted. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from approvals.content import Content, written
from approvals.host_names import plain_host
from approvals.scope.characters import is_refused, named
from approvals.scope.grammar import MAX_LINES
from approvals.scope.secret_marks import looks_secret
from approvals.vocabulary import RUN_FIELDS, Level

MAX_LIFE = timedelta(days=3 * 366)

# Key of the form's input and its longest text, in characters.
TEXTS = {
    "job": 2_000,
    "identity": 300,
    "run_record_location": 1_000,
    "rollback_path": 5_000,
    "access_revoked": 2_000,
    "when_wrong": 2_000,
    "task": 4_000,
    "look_at": 2_000,
    "run_link": 1_000,
}
NAMES = ("agent", "parent", "owner", "backup_owner", "human_approval_by", "rollback_owner")
LONGEST_NAME = 150
MOST_DAYS = 36_500
MOST_LINKS = 40
# Part of how some scripts, emoji and plain prose are written; pages show the invisible ones in words.
PROSE = frozenset("\n\t\u00a0\u200c\u200d\ufe0e\ufe0f")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing to mend: the key of the input it belongs to, and a sentence."""

    key: str
    message: str


def malformed(content: Content) -> list[Flaw]:
    """What can never be stored, not even in a draft: over-long or hidden text, links that are not links, secrets."""
    flaws = [flaw for key, most in TEXTS.items() for flaw in _text(key, getattr(content, key), most)]
    flaws += [flaw for key in NAMES for flaw in _text(key, getattr(content, key), LONGEST_NAME)]
    flaws += [
        Flaw(place.value, f"{place.label}: only the packet of a run has this field.")
        for place in RUN_FIELDS
        if content.level is Level.SYSTEM and content.of(place)
    ]
    flaws += [
        Flaw(place.value, NOT_STORED)
        for place in content.lines
        if any(looks_secret(written(line)) for line in content.of(place))
    ]
    if content.retention_days is not None and not 1 <= content.retention_days <= MOST_DAYS:
        flaws.append(Flaw("retention_days", f"Run records are kept for 1 to {MOST_DAYS:,} days."))
    if sum(len(lines) for lines in content.lines.values()) > MAX_LINES:
        flaws.append(Flaw("tools", f"The packet has more than {MAX_LINES} lines. Shorter patterns would say the same."))
    if len(content.links) > MOST_LINKS:
        flaws.append(Flaw("links", f"At most {MOST_LINKS} links fit."))
    for link in content.links:
        flaws += _link("links", link.url)
        if link.sha256 and not re.fullmatch(r"[0-9a-f]{64}", link.sha256):
            flaws.append(Flaw("links", "A SHA-256 has 64 characters, 0 to 9 and a to f."))
    if content.run_link:
        flaws += _link("run_link", content.run_link)
    if ":" in content.run_record_location.split("/")[0]:
        flaws += _link("run_record_location", content.run_record_location)
    if content.starts and content.ends and content.starts >= content.ends:
        flaws.append(Flaw("starts", "The start has to be before the end."))
    return flaws


NOT_STORED = (
    "This looks like a secret. It was not stored. Name the account or the key's reference, never the key itself."
)


def first_hidden(text: str) -> str:
    """The name of the first character in a text that nobody can see, or an empty string."""
    text = text.replace("\r\n", "\n")
    return next((named(character) for character in text if character not in PROSE and is_refused(character)), "")


def _text(key: str, text: str, most: int) -> Iterator[Flaw]:
    if len(text) > most:
        yield Flaw(key, f"This is {len(text):,} characters long. At most {most:,} fit.")
    hidden = first_hidden(text)
    if hidden:
        yield Flaw(key, f"There is a hidden character in this text: {hidden}. Delete it and type the text again.")
    if looks_secret(text):
        yield Flaw(key, NOT_STORED)


def _link(key: str, url: str) -> Iterator[Flaw]:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(plain_host(parts)) and parts.port != 0
        good = good and not any(character in " \\" or is_refused(character) for character in url)
    except ValueError:
        good = False
    if not good or len(url) > 1_000:
        yield Flaw(key, "A link has to begin with https:// or http:// and a plain host, and hold no user name.")


REQUIRED = {
    "owner": "Name the person who answers for this agent.",
    "job": "Say in a sentence what the agent is for.",
    "identity": "Name the account, principal or credential reference the agent acts as.",
    "run_record_location": "Say where the logs of its runs are.",
    "retention_days": "Say for how many days the run records are kept.",
    "ends": "Choose the date on which the agent loses its authority.",
    "rollback_owner": "Name the person who rolls back.",
    "rollback_path": "Write the steps to take when it goes wrong.",
}
REQUIRED_SYSTEM = {
    "access_revoked": "Say how access is revoked.",
    "when_wrong": "Say what happens when the agent is wrong.",
}
REQUIRED_RUN = {"task": "Say what this run is to do.", "look_at": "Say what the reviewer should look at."}


def missing(content: Content, now: datetime) -> list[Flaw]:
    """What a draft still needs before it can be submitted, in the order of the form."""
    needed = REQUIRED | (REQUIRED_SYSTEM if content.level is Level.SYSTEM else REQUIRED_RUN)
    flaws = [Flaw(key, sentence) for key, sentence in needed.items() if not getattr(content, key)]
    if not any(content.of(place) for place in content.lines if place.allows or place.value == "human_approval"):
        flaws.append(Flaw("tools", "Write at least one line: what may the agent read, call or change?"))
    if content.ends and content.ends <= now:
        flaws.append(Flaw("ends", "This end has passed. Choose a date in the future."))
    if content.ends and content.ends > now + MAX_LIFE:
        flaws.append(
            Flaw("ends", "This end is more than three years away. Authority has to be looked at again sooner.")
        )
    return flaws
