"""Import: a configuration becomes rows to sort, then a draft; a packet document goes straight into the form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from approvals import transitions
from approvals.asking import asked
from approvals.documents import to_json, to_yaml
from approvals.models import Version
from approvals.transitions import Seen
from approvals.vocabulary import Field, State
from tests.cast import Cast, Walk, content, kinds, no_trace
from tests.form.typed import NEW, browser, typed

IMPORT = "/packets/import/"
SETTINGS = {
    "permissions": {
        "allow": ["Bash(git diff:*)", "Bash(gh api:*)", "WebFetch(domain:docs.python.org)", "Edit(docs/**)"],
        "ask": ["Bash(git push:*)"],
        "deny": ["Read(.env)"],
    },
    "enableAllProjectMcpServers": True,
}
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\npacket: 1\njob: *c\n"


def file(data: Any, name: str = "settings.json") -> SimpleUploadedFile:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return SimpleUploadedFile(name, raw)


def table(client: Client, data: Any = SETTINGS, **fields: Any) -> Any:
    """The page on which the rows of this file are sorted."""
    return client.post(IMPORT, {"agent": "sentry-dev", "file": file(data)} | fields)


def places(page: Any, **chosen: str) -> dict[str, str]:
    """What a browser sends of the table: every list as it stands, those named by their line as chosen."""
    sent = {"source": page.context["source"], "name": page.context["name"], "agent": "sentry-dev"}
    for row, field in page.context["table"].in_order():
        if field is not None:
            sent[field.html_name] = chosen.get(str(row.line), field.value() or "")
    return sent


def test_rows_are_proposed_a_place_and_unsure_ones_come_first(cast: Cast) -> None:
    client = browser(cast.engineer)
    with no_trace():
        page = table(client)
    rows = [(str(row.line), field.value(), row.sure) for row, field in page.context["table"].in_order()]
    assert page.status_code == 200
    assert [sure for *_, sure in rows] == sorted(sure for *_, sure in rows)
    assert ("Bash(git push *)", "human_approval", True) in rows
    assert ("Read(.env)", "never", True) in rows
    assert ("Bash(gh api *)", "", False) in rows
    assert all(place == "" for _, place, sure in rows if not sure), "what is unsure has no default"
    assert "enableAllProjectMcpServers" in page.content.decode()


def test_an_unsure_row_has_to_be_chosen(cast: Cast) -> None:
    client = browser(cast.engineer)
    page = table(client)
    with no_trace():
        again = client.post(IMPORT, places(page, **{"Read(.env)": "leave_out"}))
    assert again.status_code == 422
    assert "Choose a place for Bash(gh api" in again.content.decode()
    kept = {str(row.line): field.value() for row, field in again.context["table"].in_order()}
    assert kept["Read(.env)"] == "leave_out", "what was chosen is still chosen"


def test_the_sorted_rows_become_a_draft(cast: Cast) -> None:
    client = browser(cast.engineer)
    page = table(client)
    sent = places(page, **{"Bash(gh api *)": "human_approval", "Read(.env)": "leave_out"})
    answer: Any = client.post(IMPORT, sent)
    version = Version.objects.get()
    assert answer.url == "/packets/AP-0001/v1/edit/"
    assert (version.state, version.owner, str(version.packet.agent)) == (State.DRAFT, cast.engineer, "sentry-dev")
    lines = {field: [str(line) for line in rows] for field, rows in asked(version).lines.items()}
    assert lines[Field.HUMAN_APPROVAL] == ["Bash(gh api *)", "Bash(git push *)"]
    assert Field.NEVER not in lines
    assert "Edit(docs/**)" in lines[Field.WRITE_ACTIONS]
    assert client.get(answer.url).status_code == 200


def test_a_place_that_is_none_is_refused(cast: Cast) -> None:
    client = browser(cast.engineer)
    page = table(client)
    with no_trace():
        for wrong in ("files_change", "everything", "write_actions\x00"):
            assert client.post(IMPORT, places(page, **{"Bash(gh api *)": wrong})).status_code == 422


def test_a_refused_agent_keeps_what_was_sorted(cast: Cast) -> None:
    browser(cast.engineer).post(NEW, typed())
    client = browser(cast.outsider)
    page = table(client)
    with no_trace():
        answer = client.post(IMPORT, places(page, **{"Bash(gh api *)": "never"}))
    assert answer.status_code == 422
    assert "belongs to Web platform" in answer.context["form"].errors["agent"][0]
    kept = {str(row.line): field.value() for row, field in answer.context["table"].in_order()}
    assert kept["Bash(gh api *)"] == "never"


def test_lines_are_added_to_a_draft_that_is_there(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed(tools="Bash(git diff *)  # as typed"))
    page = table(client, into="AP-0001")
    sent = places(page, **{"Bash(gh api *)": "leave_out"}) | {"into": "AP-0001"}
    answer: Any = client.post(IMPORT, sent)
    version = Version.objects.get()
    assert answer.url == "/packets/AP-0001/v1/edit/"
    assert version.lines["tools"] == ["Bash(git diff *)  # as typed"]
    assert "Read(.env)" in version.lines["never"]
    assert version.job == typed()["job"]


def test_only_drafts_one_may_edit_take_lines(cast: Cast, in_force: Walk) -> None:
    in_force()
    browser(cast.engineer).post(NEW, typed())
    for person, reference in (
        (cast.engineer, "AP-0001"), (cast.engineer, "AP-0099"), (cast.outsider, "AP-0002"), (cast.auditor, "AP-0002"),
    ):  # fmt: skip
        client = browser(person)
        assert client.get(f"{IMPORT}?into={reference}").status_code == 404
        with no_trace():
            assert client.post(IMPORT, {"into": reference, "file": file(SETTINGS)}).status_code == 404


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_a_packet_document_goes_into_the_form_unsaved(cast: Cast, kind: str) -> None:
    client = browser(cast.engineer)
    body = content(identity="svc-imported", owner="somebody-who-left")
    text = to_yaml(body) if kind == "yaml" else to_json(body)
    with no_trace():
        page = client.post(IMPORT, {"file": file(text.encode(), f"packet.{kind}")})
    form = page.context["form"]
    assert page.status_code == 200
    assert form["identity"].value() == "svc-imported"
    assert form["owner"].value() == "somebody-who-left", "to be seen and mended, not dropped"
    assert f'action="{NEW}"' in page.content.decode()


def test_a_packet_document_fills_the_form_of_a_draft(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed())
    body = to_yaml(content(agent="other", identity="svc-imported"))
    page = client.post(IMPORT, {"into": "AP-0001", "pasted": body})
    assert page.context["form"]["identity"].value() == "svc-imported"
    assert 'action="/packets/AP-0001/v1/edit/"' in page.content.decode()
    assert Version.objects.get().identity == "svc-sentry-dev"


BAD: list[tuple[str, bytes, str, str]] = [
    ("settings.json", b"", "file", ""),
    ("settings.json", b'{"permissions": {"allow": [}', "file", "JSON"),
    ("settings.json", b'{"permissions": {}, "permissions": {}}', "file", "permissions"),
    ("settings.json", b'{"some": "thing"}', "file", "neither Claude Code"),
    ("settings.json", b"\x00\x01\x02\xff\xfe", "file", ""),
    ("settings.json", b"\xff\xfe{\x00}\x00", "file", ""),
    ("settings.json", b"[" * 100_000, "file", ""),
    ("settings.json", b'{"permissions": ' + b'{"a":' * 50_000, "file", ""),
    ("settings.json", b"x" * 1_000_001, "file", "At most 1 MB"),
    ("settings.json", b" " * 5_000_000, "file", "At most 1 MB"),
    ("packet.yaml", BOMB.encode(), "file", "anchors and aliases"),
    ("packet.yaml", b"packet: 1\nagent: a\nagent: b\n", "file", "stands twice"),
    ("packet.yaml", b"packet: 1\nendz: 2027-01-01\n", "file", "endz"),
    ("packet.yaml", b"packet: 1\nretention_days: " + b"9" * 5_000, "file", ""),
    ("packet.yaml", b"packet: " + b"9" * 5_000, "file", ""),
    ("packet.yaml", b"packet: 1\nends: 9999-12-31T23:59:59-14:00\n", "file", "ends"),
    ("packet.yaml", b"packet: 1\ntools: ['Bash(find *']\n", "file", "closing parenthesis"),
    ("packet.yaml", b'packet: 1\nowner: "\\uD800"\n', "file", "not text"),
    ("packet.yaml", b"packet: 1\njob: !!python/object:os.system x\n", "file", ""),
    ("packet.yaml", b"packet: 1\nlinks: " + b"[" * 5_000, "file", ""),
    ("packet.json", b'{"packet": 1, "owner": "\\ud800"}', "file", "not text"),
    ("packet.json", b'{"packet": 1, "packet": 1}', "file", "twice"),
]


@pytest.mark.parametrize(("name", "raw", "field", "sentence"), BAD, ids=[f"{n}-{raw[:24]!r}" for n, raw, *_ in BAD])
@pytest.mark.parametrize("pasted", [False, True])
def test_a_bad_file_is_refused_in_a_sentence(
    cast: Cast, name: str, raw: bytes, field: str, sentence: str, pasted: bool
) -> None:
    client = browser(cast.engineer)
    handed = {"pasted": raw.decode("utf-8", "replace")} if pasted else {"file": SimpleUploadedFile(name, raw)}
    with no_trace():
        answer = client.post(IMPORT, {"agent": "sentry-dev"} | handed)
    assert 400 <= answer.status_code < 500
    if answer.status_code == 413:
        assert pasted
        return
    errors = answer.context["form"].errors
    assert errors.keys() <= {"file", "pasted"}
    said = " ".join(error for rows in errors.values() for error in rows)
    assert said.rstrip().endswith((".", "”", "?"))
    assert sentence in said or pasted
    assert answer.context["form"]["agent"].value() == "sentry-dev"


def test_a_refused_file_stays_as_text(cast: Cast) -> None:
    answer = table(browser(cast.engineer), b'{"permissions": {"allow": ["Bash(ls)"}')
    assert answer.context["form"]["pasted"].value() == '{"permissions": {"allow": ["Bash(ls)"}'


def test_lines_without_an_agent_ask_for_one_and_keep_the_file(cast: Cast) -> None:
    answer = table(browser(cast.engineer), agent="")
    assert answer.status_code == 422
    assert "Name the agent" in answer.context["form"].errors["agent"][0]
    assert json.loads(answer.context["form"]["pasted"].value()) == SETTINGS


def test_a_forged_table_is_answered(cast: Cast) -> None:
    client = browser(cast.engineer)
    for source in ("", "{", '{"permissions": 1}'):
        assert client.post(IMPORT, {"source": source, "agent": "sentry-dev"}).status_code in (302, 422)
    assert not Version.objects.exists()


def test_a_draft_that_was_submitted_meanwhile_takes_no_lines(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed())
    page = table(client, into="AP-0001")
    version = Version.objects.get()
    transitions.submit(version.pk, seen=Seen.of(version), actor=cast.engineer)
    before = kinds(version)
    answer = client.post(IMPORT, places(page, **{"Bash(gh api *)": "never"}) | {"into": "AP-0001"})
    assert answer.status_code == 404
    assert kinds(version) == before
