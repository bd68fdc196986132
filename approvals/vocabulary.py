"""The words of the portal, each with what a page needs to say it: label, tone and icon. Pure: no Django here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


class Role(StrEnum):
    """The role groups. A role is not a team: no agent can belong to one."""

    ENGINEERS = "Engineers"
    SECURITY = "Security"
    AUDITORS = "Auditors"
    RESPONDERS = "Responders"
    ADMINISTRATORS = "Administrators"


# These roles see every packet, by the right `view_every_packet`.
BROAD_ROLES = (Role.SECURITY, Role.AUDITORS, Role.RESPONDERS, Role.ADMINISTRATORS)


class EventKind(StrEnum):
    """What can happen. The record speaks only these words."""

    DRAFTED = "drafted"
    EDITED = "edited"
    DISCARDED = "discarded"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    SEATS_ADDED = "seats_added"
    SIGNED = "signed"
    GLASS_BROKEN = "glass_broken"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    RENEWED = "renewed"
    GIVEN_UP = "given_up"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    REVOKED = "revoked"
    ENDS_SOON = "ends_soon"
    ENDED = "ended"
    RENEWAL_LATE = "renewal_late"
    REVIEW_GOES_IDLE = "review_goes_idle"
    CLOSED_IDLE = "closed_idle"
    HANDED_OVER = "handed_over"
    PART_ACCEPTED = "part_accepted"
    PERSON_INVITED = "person_invited"
    PERSON_ARRIVED = "person_arrived"
    SHARED = "shared"
    UNSHARED = "unshared"
    LETTER_SENT = "letter_sent"
    LETTER_FAILED = "letter_failed"
    LETTER_UNKNOWN = "letter_unknown"
    LETTER_TRIED = "letter_tried"
    SEAL_KEY_CHANGED = "seal_key_changed"
    RESTORE_ACKNOWLEDGED = "restore_acknowledged"
    TRIGGERS_PUT_BACK = "triggers_put_back"
    AGENT_ADDED = "agent_added"
    AGENT_CHANGED = "agent_changed"
    RULE_CHANGED = "rule_changed"
    RULE_PROPOSED = "rule_proposed"
    RULE_DECLINED = "rule_declined"
    ANSWER_OVERDUE = "answer_overdue"
    PERSON_CHANGED = "person_changed"
    GROUP_CHANGED = "group_changed"
    MEMBERSHIP_CHANGED = "membership_changed"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word, not a password
    PROVIDER_LINKED = "provider_linked"
    REGISTER_CHANGED = "register_changed"
    FINDING_ACCEPTED = "finding_accepted"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    SET_UP_TESTED = "set_up_tested"

    @property
    def label(self) -> str:
        return EVENT_LABELS.get(self, self.value.replace("_", " ").capitalize())


def event_kinds() -> list[tuple[str, str]]:
    """Every kind with its words, asked when needed: a new kind is no change of any table."""
    return [(kind.value, kind.label) for kind in EventKind]


# What became of e-mails; no letter is ever written about these.
ABOUT_LETTERS = (EventKind.LETTER_SENT, EventKind.LETTER_FAILED, EventKind.LETTER_UNKNOWN)

EVENT_LABELS = {
    EventKind.DRAFTED: "Draft started",
    EventKind.EDITED: "Draft edited",
    EventKind.DISCARDED: "Draft discarded",
    EventKind.SUBMITTED: "Submitted for review",
    EventKind.SEATS_ADDED: "More signatures needed",
    EventKind.GLASS_BROKEN: "Glass broken: in force with signatures missing",
    EventKind.APPROVED: "Approved: the last signature is in",
    EventKind.GIVEN_UP: "Authority given up",
    EventKind.CLOSED_IDLE: "Review closed",
    EventKind.PART_ACCEPTED: "Accepted to be named",
    EventKind.PERSON_INVITED: "Named by e-mail, and asked to sign in and accept",
    EventKind.PERSON_ARRIVED: "Let in for the first time",
    EventKind.UNSHARED: "No longer shared",
    EventKind.LETTER_SENT: "E-mail accepted by the mail server",
    EventKind.LETTER_FAILED: "E-mail failed",
    EventKind.LETTER_UNKNOWN: "E-mail outcome unknown",
    EventKind.LETTER_TRIED: "Test e-mail asked for",
    EventKind.RULE_CHANGED: "Sign-off rule changed",
    EventKind.RULE_PROPOSED: "Change of a sign-off rule waits for a second administrator",
    EventKind.RULE_DECLINED: "Change of a sign-off rule declined",
    EventKind.MEMBERSHIP_CHANGED: "Group membership changed",
    EventKind.SIGN_IN_FAILED: "Sign-in failed",
    EventKind.FACTOR_ADDED: "Second factor added",
    EventKind.FACTOR_REMOVED: "Second factor removed",
    EventKind.PROVIDER_LINKED: "Account linked to the sign-in provider",
    EventKind.REGISTER_CHANGED: "Data register changed",
    EventKind.SET_UP_TESTED: "Set-up tested",
}
