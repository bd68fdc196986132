"""What can happen: the kinds of events, and what each is called."""

from __future__ import annotations

from enum import StrEnum


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
    WEBHOOK_CHANGED = "webhook_changed"
    WEBHOOK_TRIED = "webhook_tried"
    WEBHOOK_SENT = "webhook_sent"
    WEBHOOK_FAILED = "webhook_failed"
    WEBHOOK_UNKNOWN = "webhook_unknown"
    SEAL_KEY_CHANGED = "seal_key_changed"
    RESTORE_ACKNOWLEDGED = "restore_acknowledged"
    TRIGGERS_PUT_BACK = "triggers_put_back"
    AGENT_ADDED = "agent_added"
    AGENT_CHANGED = "agent_changed"
    RULE_CHANGED = "rule_changed"
    RULE_LOOSENED = "rule_loosened"
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
    FACTOR_RULE_CHANGED = "factor_rule_changed"
    LOOSENING_PROPOSED = "loosening_proposed"
    LOOSENING_APPLIED = "loosening_applied"
    LOOSENING_DECLINED = "loosening_declined"
    ACCESS_ENDS_SOON = "access_ends_soon"
    FINDING_ACCEPTED = "finding_accepted"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    ANSWER_KEPT = "answer_kept"
    SELF_APPROVAL_REFUSED = "self_approval_refused"
    RECORD_TAKEN = "record_taken"
    EVIDENCE_TAKEN = "evidence_taken"
    SET_UP_TESTED = "set_up_tested"

    @property
    def label(self) -> str:
        return EVENT_LABELS.get(self, self.value.replace("_", " ").capitalize())


def event_kinds() -> list[tuple[str, str]]:
    """Every kind with its words, asked when needed: a new kind is no change of any table."""
    return [(kind.value, kind.label) for kind in EventKind]


# What became of e-mails and webhooks; no letter is ever written about these.
ABOUT_LETTERS = (
    EventKind.LETTER_SENT, EventKind.LETTER_FAILED, EventKind.LETTER_UNKNOWN,
    EventKind.WEBHOOK_SENT, EventKind.WEBHOOK_FAILED, EventKind.WEBHOOK_UNKNOWN,
)  # fmt: skip

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
    EventKind.WEBHOOK_CHANGED: "Webhook receiver changed",
    EventKind.WEBHOOK_TRIED: "Test webhook sent",
    EventKind.WEBHOOK_SENT: "Webhook accepted by its receiver",
    EventKind.WEBHOOK_FAILED: "Webhook failed",
    EventKind.WEBHOOK_UNKNOWN: "Webhook outcome unknown",
    EventKind.RULE_CHANGED: "Sign-off rule changed",
    EventKind.RULE_LOOSENED: "Sign-off rule loosened",
    EventKind.RULE_PROPOSED: "Change of a sign-off rule waits for a second administrator",
    EventKind.RULE_DECLINED: "Change of a sign-off rule declined",
    EventKind.MEMBERSHIP_CHANGED: "Group membership changed",
    EventKind.SIGN_IN_FAILED: "Sign-in failed",
    EventKind.FACTOR_ADDED: "Second factor added",
    EventKind.FACTOR_REMOVED: "Second factor removed",
    EventKind.PROVIDER_LINKED: "Account linked to the sign-in provider",
    EventKind.REGISTER_CHANGED: "Data register changed",
    EventKind.FACTOR_RULE_CHANGED: "Second factor rule changed",
    EventKind.LOOSENING_PROPOSED: "A loosening waits for a second administrator",
    EventKind.LOOSENING_APPLIED: "A loosening holds now",
    EventKind.LOOSENING_DECLINED: "A loosening declined",
    EventKind.SET_UP_TESTED: "Set-up tested",
    EventKind.ANSWER_KEPT: "Answer of Why? kept",
    EventKind.SELF_APPROVAL_REFUSED: "Deciding on their own version refused",
    EventKind.RECORD_TAKEN: "Part of the record taken away",
    EventKind.EVIDENCE_TAKEN: "Evidence taken away",
}
