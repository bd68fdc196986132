"""Where a packet may begin: templates that hold what they promise, earlier packets, and files; none saves anything."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from approvals import validity
from approvals.asking import asked
from approvals.completeness import malformed, missing
from approvals.documents import from_yaml, to_yaml
from approvals.models import Version, WorkingCopy
from approvals.risk import findings
from approvals.risk.facts import Facts
from approvals.starters import STARTERS, Starter
from approvals.vocabulary import Field, Severity
from tests.cast import Cast, Walk, no_trace
from tests.form.typed import NEW, browser, typed

IMPORT = "/packets/import/"
LEFT_OPEN = {"owner", "ends", "rollback_owner"}  # for whoever begins from it


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.name)
def test_a_template_is_whole_but_for_people_and_the_end_and_holds_no_surprise(starter: Starter) -> None:
    content = starter.content
    assert from_yaml(to_yaml(content)) == content
    assert malformed(content) == []
    assert {flaw.key for flaw in missing(content, validity.now())} == LEFT_OPEN
    high = [one.sentence for one in findings(content, Facts(validity.now())) if one.severity is Severity.HIGH]
    assert high == [], f"{starter.name} would start with a high risk"


def test_what_the_templates_promise_is_in_their_lines() -> None:
    lines = {one.name: one.content.lines for one in STARTERS}
    assert Field.WRITE_ACTIONS not in lines["read-only-researcher"]
    assert "zendesk(send_reply)" in [str(line) for line in lines["support-triage"][Field.HUMAN_APPROVAL]]
    for name in ("coding-agent", "nightly-maintenance"):
        assert "Bash(git push *)" in [str(line) for line in lines[name][Field.HUMAN_APPROVAL]]


def test_templates_are_chosen_from_a_page_and_fill_the_form(cast: Cast) -> None:
    client = browser(cast.engineer)
    with no_trace():
        page = client.get(f"{NEW}templates/").content.decode()
        for starter in STARTERS:
            assert starter.title in page
            form = client.get(f"{NEW}templates/{starter.name}/").context["form"]
            assert form["owner"].value() == "engineer"
            assert form["job"].value() == starter.content.job
        assert client.get(f"{NEW}templates/other/").status_code == 404


def test_a_template_with_people_and_an_end_is_submitted(cast: Cast) -> None:
    client = browser(cast.engineer)
    form = client.get(f"{NEW}templates/support-triage/").context["form"]
    sent = {field.name: field.value() for field in form if field.value() is not None}
    answer = client.post(NEW, sent | {key: typed()[key] for key in ("ends", "rollback_owner")} | {"then": "submit"})
    assert answer.status_code == 302, answer.context["form"].errors
    assert Version.objects.get().tier != Severity.HIGH


def test_an_earlier_packet_is_found_and_fills_the_form_without_its_dates(cast: Cast, in_force: Walk) -> None:
    version = in_force(job="Answer billing questions. Politely.")
    client = browser(cast.teammate)
    with no_trace():
        assert "AP-0001 v1" in client.get(f"{NEW}earlier/?q=billing").content.decode()
        assert "AP-0001 v1" not in client.get(f"{NEW}earlier/?q=warehouse").content.decode()
        form = client.get(f"{NEW}earlier/AP-0001/").context["form"]
    assert form["job"].value() == version.job
    assert form["tools"].value() == "Bash(git diff *)\nBash(git log *)"
    assert not form["ends"].value()


def test_nobody_begins_from_what_another_team_wrote(cast: Cast, in_force: Walk) -> None:
    in_force()
    for name in ("outsider", "security", "auditor"):
        client = browser(getattr(cast, name))
        assert client.get(f"{NEW}earlier/AP-0001/").status_code == 404, name
        assert "AP-0001" not in client.get(f"{NEW}earlier/").content.decode(), name
    assert browser(cast.engineer).get(f"{NEW}earlier/AP\x00/").status_code == 404


def settings(*rules: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("settings.json", json.dumps({"permissions": {"allow": list(rules)}}).encode())


def test_a_file_on_the_form_goes_to_the_table_and_takes_what_was_typed_along(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(f"{NEW}keep/", typed(tools="Bash(git log *)", rollback_path="1. Suspend."))
    sort = client.post(IMPORT, {"from_form": "1", "agent": "", "file": settings("Bash(git diff:*)", "Edit(docs/**)")})
    assert sort.status_code == 200, "the agent may still be named beside the rows"
    rows = {"from_form": "1", "agent": "sentry-dev", "name": "settings.json", "source": sort.context["source"]}
    rows |= {field.html_name: field.value() or "tools" for _, field in sort.context["table"].in_order() if field}
    client.post(IMPORT, rows)
    version = Version.objects.get()
    assert [str(line) for line in asked(version).of(Field.TOOLS)] == ["Bash(git diff *)"]
    form = client.get("/packets/AP-0001/v1/edit/").context["form"]
    assert form["tools"].value() == "Bash(git log *)\nBash(git diff *)"
    assert form["rollback_path"].value() == "1. Suspend."
    assert WorkingCopy.objects.get().version == version, "the next new packet begins empty"


def test_lines_added_to_a_draft_do_not_undo_what_is_typed_in_it(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed())
    client.post("/packets/AP-0001/v1/edit/keep/", typed(revision="1", job="Half typed."))
    sort = client.post(
        IMPORT, {"from_form": "1", "into": "AP-0001", "file": settings("WebFetch(domain:docs.python.org)")}
    )
    rows = {"from_form": "1", "into": "AP-0001", "name": "settings.json", "source": sort.context["source"]}
    rows |= {field.html_name: "data_sources" for _, field in sort.context["table"].in_order() if field}
    client.post(IMPORT, rows)
    page = client.get("/packets/AP-0001/v1/edit/")
    assert page.context["form"]["job"].value() == "Half typed."
    assert "WebFetch(domain:docs.python.org)" in page.context["form"]["data_sources"].value()
    assert "stale" not in page.context, "nobody else changed it"


def test_pasted_text_is_read_too(cast: Cast) -> None:
    answer = browser(cast.engineer).post(
        IMPORT, {"from_form": "1", "agent": "", "pasted": to_yaml(STARTERS[0].content)}
    )
    assert answer.context["form"]["agent"].value() == "researcher"
    assert "Filled in from the document." in answer.content.decode()


def test_a_link_to_the_form_does_not_hide_what_was_typed(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(f"{NEW}keep/", typed(job="Half typed."))
    page = client.get(f"{NEW}?level=run&parent=AP-0001&agent=sentry-dev")
    assert page.context["form"]["job"].value() in (None, "")
    assert "Go on with that one" in page.content.decode()


def test_somebody_without_a_team_has_no_earlier_packets_and_is_told_so(cast: Cast, in_force: Walk) -> None:
    in_force()
    assert browser(cast.responder).get("/packets/new/earlier/").status_code == 200
