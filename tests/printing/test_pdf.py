"""The PDF of a version: whole, signed, tagged, with the signed bytes inside, and harmless whatever people write."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import transitions
from approvals.content import digest
from approvals.cuts import Cut, Cuts
from approvals.models import Version
from approvals.pages.dossier import opened
from approvals.pages.printed import paper
from approvals.printing.paper import Entry
from approvals.printing.typeset import typeset
from approvals.vocabulary import TEN_LABELS, Field
from portal.models import User
from tests.cast import Cast, Clock, Walk, latest, no_trace, run_content, sign
from tests.pages.asking import signed_in
from tests.printing.reading import Print, read

pytestmark = pytest.mark.django_db
MARKUP = '#panic("x") *b* $x$ @ref _i_ `raw` \\ <label> = head // note #{ } [ ] ~ -- "quoted"'


def address(version: Version) -> str:
    return f"/packets/{version.packet}/v{version.number}.pdf"


def body(person: User, version: Version) -> bytes:
    response = signed_in(person).get(address(version))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/pdf")
    return bytes(response.content)


def printed(person: User, version: Version) -> Print:
    return read(body(person, version))


def test_the_ten_labels_stand_in_their_order_with_what_is_under_them(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force(human_approval="mcp__github__create_pull_request", never="Read(.env)  # secrets")
    words = printed(cast.engineer, version).words
    places = [words.index(f"{number} {label}") for number, label in enumerate(TEN_LABELS, 1)]
    assert places == sorted(places)
    for part in (
        "Erin Ek (engineer, Web platform)", "Triage new errors. Drafts a fix for the ones it understands.",
        "crm.customers", "git diff *", "git log *", "Edit(docs/**)", "answered by Web platform",
        "mcp__github__create_pull_request", "svc-sentry-dev", "https://runs.example.org/sentry-dev/", "kept 90 days",
        "Revert the merge requests labelled sentry-dev.", "Never allowed", "Read(.env)", "# secrets",
        "Disable svc-sentry-dev in the directory.", "A person reviews each merge request",
    ):  # fmt: skip
        assert part in words, part


def test_every_signature_prints_who_when_what_in_which_role_by_which_rule_and_why(
    cast: Cast, clock: Clock, in_review: Walk
) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security, reason="Reads only.")
    clock.forward(hours=1)
    cuts = Cuts(lines=(Cut(Field.TOOLS, "Bash(git log *)"),), ends=clock.moment + timedelta(days=20))
    version = sign(version, cast.security2, reason="Less is enough.", cuts=cuts)
    found = printed(cast.auditor, version)
    for part in (
        "Sam Sato approved Mon 2 Nov 2026 09:00 UTC", "As Security, under “2 of Security”; signed with password.",
            "“Reads only.”",
        "Sofia Silva approved it narrower Mon 2 Nov 2026 10:00 UTC", "“Less is enough.”",
        "Bash(git log *) asked, cut by Sofia Silva", "What was cut", "Granted: ends Sun 22 Nov 2026 10:00 UTC",
    ):  # fmt: skip
        assert part in found.words, part
    for decision in version.decisions.all():
        assert f"sha256{decision.digest}" in found.joined


def test_each_page_says_how_it_stands_whose_digest_it_is_and_which_of_how_many(
    cast: Cast, clock: Clock, in_force: Walk
) -> None:
    version = in_force(tools="\n".join(f"Bash(make target{number})" for number in range(150)))
    found = printed(cast.engineer, version)
    assert len(found.pages) > 3
    for number, page in enumerate(found.pages, 1):
        assert f"{version}" in page and "In force as of Mon 2 Nov 2026 09:00:00 UTC" in page
        assert f"page {number} of {len(found.pages)}" in page and version.digest in page.replace(" ", "")
    assert [f"{label}" for label in found.reader.page_labels] == [str(n + 1) for n in range(len(found.pages))]
    assert all(f"make target{number} " in found.words + " " for number in range(150)), "every line is there"
    assert "Bash 150 lines" in found.words


def test_the_signed_bytes_are_inside(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force(job="Über alles – naïve “quotes”, emoji 🙂 and 中文.")
    files = printed(cast.engineer, version).files
    assert files == {f"{version.packet}-v1.json": bytes(Version.objects.get(pk=version.pk).content or b"")}
    assert [digest(raw) for raw in files.values()] == [version.digest]


def test_it_is_tagged_titled_and_says_which_language_and_which_standard(
    cast: Cast, clock: Clock, in_force: Walk
) -> None:
    version = in_force()
    found = printed(cast.engineer, version)
    root = found.root
    assert bool(root["/MarkInfo"]["/Marked"]) and "/StructTreeRoot" in root and root["/Lang"] == "en"
    assert bool(root["/ViewerPreferences"]["/DisplayDocTitle"])
    assert found.reader.metadata and found.reader.metadata.title == f"{version}: Triage new errors."
    facts = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in facts and "<pdfaid:conformance>A</pdfaid:conformance>" in facts
    assert "<pdfuaid:part>1</pdfuaid:part>" in facts
    assert [entry.get("/AFRelationship") for entry in root["/AF"]] == ["/Source"]
    assert [part.title for part in found.reader.outline if not isinstance(part, list)] == [version.heading]


def test_the_same_record_at_the_same_instant_gives_the_same_bytes(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    first = body(cast.engineer, version)
    assert body(cast.auditor, version) == first, "who prints it makes no difference"
    clock.forward(seconds=1)
    assert body(cast.engineer, version) != first


def test_a_draft_says_so_on_every_page_and_has_no_digest(cast: Cast, clock: Clock, drafted: Walk) -> None:
    version = drafted(rollback_path="", job="")
    found = printed(cast.engineer, version)
    assert all("DRAFT: nobody has signed this, as of Mon 2 Nov 2026" in page for page in found.pages)
    assert "No digest: this is a draft." in found.words and "sha256" not in found.words
    assert list(found.files) == [f"{version.packet}-v1.json"]


def test_what_waits_says_which_signatures_are_needed(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    words = printed(cast.engineer, version).words
    assert "IN REVIEW, not approved, as of" in words and "Signature needed: 1 of Security" in words


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("suspended", "SUSPENDED, not in force, as of"),
        ("revoked", "REVOKED, not in force, as of"),
        ("ended", "Ended, not in force, as of"),
    ],
)
def test_what_is_stopped_says_so_on_every_page(
    cast: Cast, clock: Clock, state: str, said: str, request: pytest.FixtureRequest
) -> None:
    version = request.getfixturevalue(state)()
    assert all(said in page for page in printed(cast.engineer, version).pages)


def test_a_renewal_prints_what_changed(cast: Cast, clock: Clock, in_force: Walk, renewed: Walk) -> None:
    version = renewed(in_force(), ends=clock.moment + timedelta(days=90))
    words = printed(cast.engineer, version).words
    assert "What changed since v1, the version approved before" in words
    assert "ends 31 Jan 2027 09:00 UTC, was 1 Jan 2027 12:00 UTC" in words


def test_a_run_prints_what_only_a_run_has(cast: Cast, clock: Clock, in_force: Walk, drafted: Walk) -> None:
    system = in_force(tools="Bash(git diff *)")
    version = drafted(body=run_content(system.packet, commands="Bash(git diff HEAD)"))
    words = printed(cast.engineer, version).words
    for part in (
        f"One run inside {system.packet}", "Fix SENTRY-12.", "Commands it may run", "Bash(git diff HEAD)",
        "The change in the parser.",
    ):  # fmt: skip
        assert part in words, part
    assert "How access is revoked" not in words


def test_nothing_people_write_is_read_as_markup(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force(
        job=MARKUP, rollback_path=MARKUP, when_wrong=MARKUP, tools=f"Bash({MARKUP})", identity="#sys.inputs"
    )
    transitions.revoke(version.packet_id, actor=cast.security, reason=MARKUP)
    found = printed(cast.engineer, latest(version))
    bare = "".join(MARKUP.split())
    assert found.joined.count(bare) >= 5, "job, heading, rollback, when wrong, line, reason: as typed"
    assert "#sys.inputs" in found.words


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Zażółć gęślą jaźń, Ελλάδα, Привет", "Zażółć gęślą jaźń, Ελλάδα, Привет"),
        ("smile 🙂 中", "smile [U+1F642] [U+4E2D]"),
        ("שלום مرحبا", "[U+05E9][U+05DC][U+05D5][U+05DD]"),
        ("a\u200db", "a[U+200D]b"),
        ("two\n\nparagraphs\twith a tab", "two paragraphs with a tab"),
    ],
)
def test_every_script_can_be_printed_and_what_no_font_draws_is_spelled_out(
    cast: Cast, clock: Clock, drafted: Walk, typed: str, shown: str
) -> None:
    version = drafted(job=typed, when_wrong=typed)
    assert "".join(shown.split()) in printed(cast.engineer, version).joined


def test_a_word_of_ten_thousand_letters_breaks_and_nothing_of_it_is_lost(
    cast: Cast, clock: Clock, drafted: Walk
) -> None:
    word = "".join(f"{number:04d}" for number in range(2_500))
    typed = paper(opened(cast.engineer, drafted().packet.reference))
    found = read(
        typeset(replace(typed, ten=(Entry(label="Word", text=word), Entry(label="Mono", text=word, mono=True))))
    )
    whole = "".join(page.partition("UTC")[2].partition("No digest")[0] for page in found.pages)
    assert "".join(whole.split()).count(word) == 2
    assert all(_rightmost(page) <= float(page.mediabox.right) - 50 for page in found.reader.pages), "none is cut off"


def _rightmost(page: object) -> float:
    """Where the last piece of text on the page begins, in points from the left."""
    begins: list[float] = []

    def visit(text: str, cm: list[float], tm: list[float], *rest: object) -> None:
        if text.strip():
            begins.append(cm[0] * tm[4] + cm[4])

    page.extract_text(visitor_text=visit)  # type: ignore[attr-defined]  # a PageObject
    return max(begins)


def test_as_much_as_fits_into_a_packet_is_printed_soon(
    cast: Cast, clock: Clock, drafted: Walk, capsys: pytest.CaptureFixture[str]
) -> None:
    """A usual packet, two hundred lines, and as many and as long lines as the grammar lets through."""
    took = {}
    for name, lines in {
        "usual": "Bash(git diff *)",
        "200 lines": "\n".join(f"Bash(run {number} *)" for number in range(200)),
        "largest": "\n".join(f"Bash({number:04d}{'x' * 110})" for number in range(490)),
    }.items():
        typed = paper(opened(cast.engineer, drafted(tools=lines).packet.reference))
        began = time.process_time()
        made = typeset(typed)
        took[name] = time.process_time() - began
        assert read(made).joined.count("Bash") or name == "usual"
    with capsys.disabled():
        print("\nOne PDF:", ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in took.items()))
    assert took["largest"] < 15, "a packet is bounded, and so is its print"


@pytest.mark.parametrize("kind", ["pdf", "md"])
def test_only_who_sees_the_packet_gets_it_and_looking_writes_nothing(
    cast: Cast, clock: Clock, in_force: Walk, kind: str
) -> None:
    version = in_force()
    where = f"/packets/{version.packet}/v1.{kind}"
    browsers = {name: signed_in(getattr(cast, name)) for name in ("engineer", "teammate", "security", "outsider")}
    with no_trace():
        assert [browsers[name].get(where).status_code for name in ("engineer", "teammate", "security")] == [200] * 3
        assert browsers["outsider"].get(where).status_code == 404
        assert browsers["engineer"].get(where.replace("v1", "v2")).status_code == 404
        assert browsers["engineer"].post(where).status_code == 405


@pytest.mark.parametrize("kind", ["pdf", "md"])
def test_it_asks_the_database_at_most_ten_times(cast: Cast, clock: Clock, in_force: Walk, kind: str) -> None:
    version = in_force(seats={"Security": 2})
    client = signed_in(cast.engineer)
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/packets/{version.packet}/v1.{kind}")
    assert len(asked) <= 10


def test_the_page_leads_to_all_four(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    page = signed_in(cast.engineer).get(version.get_absolute_url()).content.decode()
    for kind in ("pdf", "md", "yaml", "json"):
        assert f'href="/packets/{version.packet}/v1.{kind}"' in page
