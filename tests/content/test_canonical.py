"""The bytes that are signed: the same for the same content, whichever way it came in."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

from hypothesis import given

from approvals.content import Content, canonical, digest
from approvals.documents import from_json, from_yaml, to_json, to_yaml
from approvals.scope.grammar import Line
from approvals.vocabulary import Field
from tests.content.worlds import THOROUGH, decomposed, whole_contents

NAMES = {"engineer": "Erin Ek", "zoë": "Zoë Zhou"}


def signed(content: Content) -> bytes:
    return canonical(content, reference="AP-0042", number=3, names=NAMES)


@THOROUGH
@given(whole_contents)
def test_a_packet_is_the_same_after_yaml_and_after_json(content: Content) -> None:
    assert from_json(to_json(content)) == content
    assert from_yaml(to_yaml(content)) == content
    assert (
        digest(signed(from_yaml(to_yaml(content))))
        == digest(signed(from_json(to_json(content))))
        == digest(signed(content))
    )


@THOROUGH
@given(whole_contents)
def test_decomposed_letters_and_windows_line_ends_sign_the_same_bytes(content: Content) -> None:
    texts = {key: decomposed(value) for key, value in columns(content).items() if type(value) is str and key != "agent"}
    usernames = {key: value for key, value in columns(content).items() if key.endswith("owner")}
    assert signed(replace(content, **texts | usernames)) == signed(content)


def columns(content: Content) -> dict[str, Any]:
    return {one.name: getattr(content, one.name) for one in fields(content)}


@THOROUGH
@given(whole_contents, whole_contents)
def test_so_2_contents_that_differ_sign_different_bytes(one: Content, other: Content) -> None:
    assert (signed(one) == signed(other)) is (one == other)


@given(whole_contents)
def test_the_bytes_are_canonical_json_with_every_part_in_it(content: Content) -> None:
    body = signed(content)
    read = json.loads(body)
    assert json.dumps(read, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() == body
    assert (read["reference"], read["version"], read["agent"]) == ("AP-0042", 3, "sentry-dev")
    assert read["owner"] == (
        {"username": content.owner, "name": NAMES.get(content.owner, content.owner)} if content.owner else None
    )


def test_the_order_of_lines_and_their_notes_are_signed() -> None:
    one, two = Line("Bash", "git diff *"), Line("Bash", "git log *")
    digests = {
        digest(signed(Content(lines={Field.TOOLS: lines})))
        for lines in ((one, two), (two, one), (one, replace(two, note="since July")), (one,))
    }
    assert len(digests) == 4


def test_the_digest_of_a_known_content_stays_what_it_is() -> None:
    """A digest that changes by itself would make every signature of the past unverifiable."""
    assert digest(signed(Content(agent="sentry-dev", owner="engineer", job="Triage."))) == KNOWN


KNOWN = "da5c4ad64c1770615b23c54e5e97ad62674169b2eec1ac05d6c321ebb26bd9da"
