"""Risk: what a signer should know before signing. Pure: facts are handed in; each finding is one small function."""

from approvals.risk.engine import findings, tier
from approvals.risk.facts import Facts

__all__ = ["Facts", "findings", "tier"]
