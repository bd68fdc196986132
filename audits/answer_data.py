"""An answer as plain data: the seam of `manage.py why --json`, and what is kept of it."""

from __future__ import annotations

from typing import Any

from approvals.content import instant
from approvals.models import Decision
from approvals.scope.matching import Placed
from audits.answer import Answer
from audits.bases import Basis
from audits.near_misses import NearMiss


def as_data(answer: Answer) -> dict[str, Any]:
    """The seam: these keys and no other."""
    version = answer.version
    return {
        "verdict": answer.verdict.value,
        "sentence": answer.sentence,
        "at": instant(answer.at),
        "packet": version.packet.reference if version else None,
        "version": version.number if version else None,
        "line": _line_data(answer.placed) if answer.placed else None,
        "owner": _username(version.owner) if version else None,
        "job": version.job if version else None,
        "identity": version.identity if version else None,
        "signers": [_signer_data(decision) for decision in answer.decisions],
        "ends": instant(answer.ends),
        "rollback": {"owner": _username(version.rollback_owner), "path": version.rollback_path} if version else None,
        "run_record": {"location": version.run_record_location, "retention_days": version.retention_days}
        if version
        else None,
        "near_misses": [_near_data(miss) for miss in answer.near_misses],
    }


def whole(answer: Answer) -> dict[str, Any]:
    """The seam, the rules the signers signed under, and the other packets it rests on."""
    data = as_data(answer)
    signers = [
        {**said, "rule": one.rule, "verdict": one.verdict, "reason": one.reason}
        for said, one in zip(data["signers"], answer.decisions, strict=True)
    ]
    return {**data, "signers": signers, "also": [_basis_data(basis) for basis in answer.also]}


def _username(person: Any) -> str | None:
    return person.username if person else None


def _line_data(placed: Placed) -> dict[str, str]:
    return {"field": placed.field.value, "text": str(placed.line)}


def _signer_data(decision: Decision) -> dict[str, Any]:
    """`digest` is what they signed: the version's digest, the cuts standing then, and their own."""
    return {
        "name": decision.person_name, "role": decision.role, "at": instant(decision.at), "digest": decision.digest,
        "version_digest": decision.version.digest, "shown_by": decision.shown_by or None,
        "shown_at": instant(decision.shown_at),
    }  # fmt: skip


def _near_data(miss: NearMiss) -> dict[str, Any]:
    version = miss.version
    return {
        "packet": version.packet.reference, "version": version.number, "line": _line_data(miss.placed),
        "sentence": miss.sentence,
    }  # fmt: skip


def _basis_data(basis: Basis) -> dict[str, Any]:
    return {
        "packet": basis.version.packet.reference, "version": basis.version.number, "line": _line_data(basis.placed),
        "signers": [_signer_data(decision) for decision in basis.decisions], "ends": instant(basis.ends),
    }  # fmt: skip
