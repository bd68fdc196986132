"""The tables, with their constraints. Questions are on the query sets, verbs in `transitions`."""

from approvals.models.agent import Agent
from approvals.models.event import Event
from approvals.models.letter import Announced, Attempt, Letter, Reminder
from approvals.models.looking import Looking
from approvals.models.packet import Packet, PacketGroupSight, PacketShare, PacketUserSight, PartAccepted, Suspension
from approvals.models.presence import Presence
from approvals.models.pulse import Pulse
from approvals.models.receiver import Delivery, DeliveryAttempt, Receiver
from approvals.models.register import DataTarget
from approvals.models.search import SearchTerm
from approvals.models.signoff import Acceptance, Decision, Question, RuleChange, Seat, SignOffRule
from approvals.models.version import GivenUp, Grant, Version
from approvals.models.working_copy import WorkingCopy

__all__ = [
    "Acceptance",
    "Agent",
    "Announced",
    "Attempt",
    "DataTarget",
    "Decision",
    "Delivery",
    "DeliveryAttempt",
    "Event",
    "GivenUp",
    "Grant",
    "Letter",
    "Looking",
    "Packet",
    "PacketGroupSight",
    "PacketShare",
    "PacketUserSight",
    "PartAccepted",
    "Presence",
    "Pulse",
    "Question",
    "Receiver",
    "Reminder",
    "RuleChange",
    "SearchTerm",
    "Seat",
    "SignOffRule",
    "Suspension",
    "Version",
    "WorkingCopy",
]
