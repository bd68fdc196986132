"""Writing cuts down on the lines: an instant ends a line, a move adds one that names where it stood."""

from __future__ import annotations

from approvals import search_index, validity
from approvals.cuts import Cuts
from approvals.models import Grant, Version
from approvals.people import Person
from approvals.scope.grammar import parse_line
from approvals.transitions.claiming import put_down
from approvals.vocabulary import Field


def apply_cuts(version: Version, cuts: Cuts, actor: Person) -> None:
    """End the cut lines now, and add the moved and the new Never lines. The caller has checked that they narrow."""
    now = validity.now()
    standing = {(Field(grant.field), str(grant)): grant for grant in version.grants.standing_at(now)}
    for cut in cuts.lines:
        grant = standing[cut.field, cut.line]
        grant.until = now
        put_down(grant, actor)
        if cut.to is not None:
            _add(version, cut.to, cut.line, grant.note, actor, was=cut.field)
    for line in dict.fromkeys(cuts.never):
        if (Field.NEVER, line) not in standing:
            _add(version, Field.NEVER, line, "", actor)
    if cuts.never:
        search_index.settle(version.packet)


def _add(version: Version, field: Field, text: str, note: str, actor: Person, was: Field | None = None) -> None:
    line = parse_line(text)
    place = version.grants.filter(field=field).count() + 1
    row = Grant(
        version=version, field=field, was=was or "", position=place, target=line.target, method=line.method,
        note=note or line.note, since=validity.now(),
    )  # fmt: skip
    put_down(row, actor)
