"""The verbs, in the order of life. Each is one transaction: claim, guard, change, event.

Every door (page, admin, API, task, command) goes through them; nothing else changes a governed row.
"""

from approvals.transitions.claiming import Seen
from approvals.transitions.drafting import amend, discard, draft, edit, renew, submit, withdraw
from approvals.transitions.ending import close_idle, expire, flag_expiring
from approvals.transitions.reviewing import answer, ask, reject, request_changes, sign
from approvals.transitions.sharing import share, unshare
from approvals.transitions.stopping import give_up, resume, revoke, suspend, suspend_agent, suspend_identity

__all__ = [
    "Seen",
    "amend",
    "answer",
    "ask",
    "close_idle",
    "discard",
    "draft",
    "edit",
    "expire",
    "flag_expiring",
    "give_up",
    "reject",
    "renew",
    "request_changes",
    "resume",
    "revoke",
    "share",
    "sign",
    "submit",
    "suspend",
    "suspend_agent",
    "suspend_identity",
    "unshare",
    "withdraw",
]
