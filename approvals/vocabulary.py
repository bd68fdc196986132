"""The words of the portal, each with what a page needs to say it: label, tone and icon. Pure: no Django here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from approvals.event_kinds import ABOUT_LETTERS as ABOUT_LETTERS
from approvals.event_kinds import EventKind as EventKind
from approvals.event_kinds import event_kinds as event_kinds


class Field(StrEnum):
    """A place for lines. The value is the key in YAML and JSON and the name of the form's input."""

    DATA_SOURCES = "data_sources"
    TOOLS = "tools"
    WRITE_ACTIONS = "write_actions"
    HUMAN_APPROVAL = "human_approval"
    NEVER = "never"
    FILES_READ = "files_read"
    FILES_CHANGE = "files_change"
    COMMANDS = "commands"

    @property
    def label(self) -> str:
        return FIELD_LABELS[self]

    @property
    def counts_as(self) -> Field:
        """The field whose rule a check applies: a run's own fields are lines like any other."""
        return RUN_FIELDS.get(self, self)

    @property
    def allows(self) -> bool:
        """True for the fields that allow by themselves (3, 4, 5 and a run's own three)."""
        return self.counts_as in (Field.DATA_SOURCES, Field.TOOLS, Field.WRITE_ACTIONS)


RUN_FIELDS = {
    Field.FILES_READ: Field.DATA_SOURCES,
    Field.FILES_CHANGE: Field.WRITE_ACTIONS,
    Field.COMMANDS: Field.TOOLS,
}

FIELD_LABELS = {
    Field.DATA_SOURCES: "Allowed data sources",
    Field.TOOLS: "Allowed tools and methods",
    Field.WRITE_ACTIONS: "Allowed write actions",
    Field.HUMAN_APPROVAL: "Actions that require human approval",
    Field.NEVER: "Never allowed",
    Field.FILES_READ: "Files it may read",
    Field.FILES_CHANGE: "Files it may change",
    Field.COMMANDS: "Commands it may run",
}

# The ten labels, in the order of form, page, Why?, letters and exports.
OWNER = "Agent owner"
JOB = "Business or engineering job"
IDENTITY = "Identity used by the agent"
RUN_RECORD = "Run record location"
ENDS = "Expiry or review date"
ROLLBACK = "Rollback owner and rollback path"
TEN_LABELS = (
    OWNER, JOB, Field.DATA_SOURCES.label, Field.TOOLS.label, Field.WRITE_ACTIONS.label, Field.HUMAN_APPROVAL.label,
    IDENTITY, RUN_RECORD, ENDS, ROLLBACK,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tag:
    """How a status is drawn: a tone (good, warn, bad, info, quiet), an icon of the sprite, and words."""

    tone: str
    icon: str
    words: str


class Level(StrEnum):
    """System: standing authority of an agent in a process. Run: authority for one run inside a system packet."""

    SYSTEM = "system"
    RUN = "run"

    @property
    def label(self) -> str:
        return {"system": "Standing authority", "run": "One run"}[self.value]


class State(StrEnum):
    """What is stored of a version. Everything later (in force, ended …) is read from instants."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    CLOSED = "closed"
    APPROVED = "approved"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


OPEN_STATES = (State.DRAFT, State.IN_REVIEW)


class Standing(StrEnum):
    """How a version stands at one instant: its stored state, or for an approved one what the clock says."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    CLOSED = "closed"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    BREAK_GLASS = "break_glass"
    ENDS_SOON = "ends_soon"
    SUSPENDED = "suspended"
    ENDED = "ended"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"

    @property
    def tag(self) -> Tag:
        return STANDING_TAGS[self]


STANDING_TAGS = {
    Standing.DRAFT: Tag("quiet", "person", "Draft"),
    Standing.IN_REVIEW: Tag("info", "eye", "In review"),
    Standing.CHANGES_REQUESTED: Tag("warn", "alert", "Changes requested"),
    Standing.REJECTED: Tag("bad", "stop", "Rejected"),
    Standing.CLOSED: Tag("quiet", "stop", "Closed"),
    Standing.SCHEDULED: Tag("info", "clock", "Scheduled"),
    Standing.IN_FORCE: Tag("good", "check", "In force"),
    Standing.BREAK_GLASS: Tag("warn", "alert", "In force by break-glass"),
    Standing.ENDS_SOON: Tag("warn", "clock", "Ends soon"),
    Standing.SUSPENDED: Tag("bad", "stop", "Suspended"),
    Standing.ENDED: Tag("quiet", "clock", "Ended"),
    Standing.SUPERSEDED: Tag("quiet", "clock", "Superseded"),
    Standing.REVOKED: Tag("bad", "stop", "Revoked"),
}


class Severity(StrEnum):
    """How much a finding matters; the highest of a version is its tier."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        return ("low", "medium", "high").index(self.value)

    @property
    def tag(self) -> Tag:
        tone = {"low": "quiet", "medium": "warn", "high": "bad"}[self.value]
        return Tag(tone, "alert", self.value.capitalize())


class ChangeKind(StrEnum):
    """How a version compares with the one in force; sign-off rules may ask for it."""

    NEW = "new"
    WIDER = "wider"
    NOTHING_WIDER = "nothing_wider"

    @property
    def label(self) -> str:
        return {"new": "new authority", "wider": "wider", "nothing_wider": "nothing wider"}[self.value]


class Verdict(StrEnum):
    """What a person decided on a version. Two of them approve, two end the review."""

    APPROVE = "approve"
    APPROVE_NARROWER = "approve_narrower"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"

    @property
    def label(self) -> str:
        return self.value.replace("_narrower", "_it_narrower").replace("_", " ").capitalize()

    @property
    def past(self) -> str:
        return {
            "approve": "approved", "approve_narrower": "approved it narrower",
            "request_changes": "requested changes", "reject": "rejected",
        }[self.value]  # fmt: skip

    @property
    def approves(self) -> bool:
        return self in (Verdict.APPROVE, Verdict.APPROVE_NARROWER)


class RuleOutcome(StrEnum):
    """What became of a change of a sign-off rule."""

    WAITING = "waiting"
    APPLIED = "applied"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def tag(self) -> Tag:
        tone, icon = {"waiting": ("warn", "clock"), "applied": ("good", "check")}.get(self.value, ("quiet", "stop"))
        return Tag(tone, icon, "Waits for a second administrator" if self is RuleOutcome.WAITING else self.label)


class LetterState(StrEnum):
    """Where a letter stands; sent means accepted by the mail server, never more."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def tag(self) -> Tag:
        return LETTER_TAGS[self]


LETTER_TAGS = {
    LetterState.PENDING: Tag("info", "clock", "Waiting to be sent"),
    LetterState.SENDING: Tag("info", "clock", "Being sent"),
    LetterState.SENT: Tag("good", "check", "Accepted by the mail server"),
    LetterState.FAILED: Tag("bad", "stop", "Failed"),
    LetterState.UNKNOWN: Tag("warn", "alert", "Outcome unknown"),
}


class ReceiverKind(StrEnum):
    """Who is told by webhook: one endpoint for each."""

    MACHINE = "machine"
    CHAT = "chat"

    @property
    def label(self) -> str:
        return {"machine": "Machine receiver", "chat": "Chat"}[self.value]


class Role(StrEnum):
    """The role groups. A role is not a team: no agent can belong to one."""

    ENGINEERS = "Engineers"
    SECURITY = "Security"
    AUDITORS = "Auditors"
    RESPONDERS = "Responders"
    ADMINISTRATORS = "Administrators"


# These roles see every packet, by the right `view_every_packet`.
BROAD_ROLES = (Role.SECURITY, Role.AUDITORS, Role.RESPONDERS, Role.ADMINISTRATORS)
