"""The verbs, in the order of life. Each is one transaction: claim, guard, change, event.

Every door (page, admin, API, task, command) goes through them; nothing else changes a governed row.
"""

from approvals.transitions.accepting import accept_finding
from approvals.transitions.accepting_parts import accept_parts
from approvals.transitions.claiming import Seen
from approvals.transitions.drafting import amend, discard, draft, edit, renew, submit, withdraw
from approvals.transitions.emergency import break_glass
from approvals.transitions.ending import close_idle, expire, flag_expiring, flag_overdue, flag_unrenewed, warn_idle
from approvals.transitions.glass import suspend_unfilled
from approvals.transitions.handing_over import hand_over
from approvals.transitions.refusing import note_refused
from approvals.transitions.reviewing import answer, ask, refuse_unclear, refuse_words, reject, request_changes, sign
from approvals.transitions.ruling import (
    change_rule,
    confirm_rule_change,
    decline_rule_change,
    rule_seen,
    withdraw_rule_change,
)
from approvals.transitions.sharing import share, unshare
from approvals.transitions.stopping import give_up, resume, revoke, suspend, suspend_agent, suspend_identity

__all__ = [
    "Seen",
    "accept_finding",
    "accept_parts",
    "amend",
    "answer",
    "ask",
    "break_glass",
    "change_rule",
    "close_idle",
    "confirm_rule_change",
    "decline_rule_change",
    "discard",
    "draft",
    "edit",
    "expire",
    "flag_expiring",
    "flag_overdue",
    "flag_unrenewed",
    "give_up",
    "hand_over",
    "note_refused",
    "refuse_unclear",
    "refuse_words",
    "reject",
    "renew",
    "request_changes",
    "resume",
    "revoke",
    "rule_seen",
    "share",
    "sign",
    "submit",
    "suspend",
    "suspend_agent",
    "suspend_identity",
    "suspend_unfilled",
    "unshare",
    "warn_idle",
    "withdraw",
    "withdraw_rule_change",
]
