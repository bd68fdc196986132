"""The same packet typed, imported as YAML and imported as JSON has the same bytes, so the same digest."""

from __future__ import annotations

from dataclasses import replace

from approvals.asking import asked, canonical_of
from approvals.content import canonical, digest
from approvals.documents import from_json, from_yaml
from approvals.models import Version
from tests.cast import Cast
from tests.form.typed import NEW, browser, typed

NAMES = {"reference": "AP-0001", "number": 1, "names": {"engineer": "Erin Ek"}}


def test_form_yaml_and_json_have_equal_bytes(cast: Cast) -> None:
    client = browser(cast.engineer)
    job = "Re\u0301sume\u0301s 🙂 are read.\r\nNothing else."
    client.post(NEW, typed(job=job, starts="2027-01-04", ends="2027-02-26 12:00:30"))
    version = Version.objects.get()
    bodies = {
        canonical(content, **NAMES)  # type: ignore[arg-type]  # plain words
        for content in (
            asked(version),
            from_yaml(client.get(f"/packets/{version.packet}/v1.yaml").content),
            from_json(client.get(f"/packets/{version.packet}/v1.json").content),
        )
    }
    assert len(bodies) == 1
    assert "R\u00e9sum\u00e9s 🙂 are read.\\nNothing else." in bodies.pop().decode()


def test_a_document_saved_through_the_form_is_the_same_document(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed())
    first = Version.objects.get()
    page = client.post("/packets/import/", {"pasted": client.get("/packets/AP-0001/v1.yaml").content.decode()})
    form = page.context["form"]
    assert page.status_code == 200
    sent = {name: form[name].value() or "" for name in form.fields}
    sent["ends"] = form.fields["ends"].prepare_value(sent["ends"])
    client.post(NEW, sent)
    second = Version.objects.exclude(pk=first.pk).get()
    assert asked(second) == asked(first)
    assert digest(canonical_of(first)) != digest(canonical_of(second)), "the reference is part of what is signed"


def test_retention_alone_changes_the_bytes(cast: Cast) -> None:
    browser(cast.engineer).post(NEW, typed())
    content = asked(Version.objects.get())
    other = replace(content, retention_days=201)
    assert canonical(content, **NAMES) != canonical(other, **NAMES)  # type: ignore[arg-type]


def test_documents_are_seen_by_those_who_see_the_packet(cast: Cast) -> None:
    browser(cast.engineer).post(NEW, typed())
    for kind in ("yaml", "json"):
        url = f"/packets/AP-0001/v1.{kind}"
        assert browser(cast.outsider).get(url).status_code == 404
        told = browser(cast.auditor).get(url)
        assert told.status_code == 200
        assert told["Content-Disposition"] == f'attachment; filename="AP-0001-v1.{kind}"'
        assert browser(cast.engineer).post(url).status_code == 405
