"""Risk: what a signer should know before signing. Pure: facts are handed in; each finding is one small function."""

from approvals.risk.by_packet import outside as lines_outside
from approvals.risk.engine import findings, tier
from approvals.risk.facts import Facts
from approvals.risk.register import data_class

__all__ = ["Facts", "data_class", "findings", "lines_outside", "tier"]
