"""The components: what they say, and that nothing a person typed becomes markup."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.signals import template_rendered
from django.utils.html import escape

from approvals.cuts import Change, Changes
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line, LineError
from approvals.vocabulary import LetterState, Severity, Standing
from portal.pages.look import look, sample, takes

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVIL = '<script>alert(1)</script>"\u200b'


def drawn(template: str, **context: Any) -> str:
    return Template("{% load words %}" + template).render(Context(context))


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


class Evil(forms.Form):
    verdict = forms.ChoiceField(label=EVIL, choices=[("a", EVIL)], widget=forms.RadioSelect)
    name = forms.CharField(label=EVIL, help_text="A hint.", widget=forms.TextInput(attrs={"class": "mono"}))


def evil_form() -> Evil:
    form = Evil({"name": ""})
    form.add_error("name", EVIL)
    return form


ROW = SimpleNamespace(
    person_name=EVIL, verdict="approve", at=NOW, role=EVIL, rule=EVIL, reason=EVIL, digest="ab" * 32, gone=True,
    kind="submitted", actor_name=EVIL, effective_at=NOW, detail=EVIL, group=EVIL, label=EVIL, url="?a", count=1,
    current=True, state="done",
)  # fmt: skip
ROW.decision = ROW


@pytest.mark.parametrize(
    "template",
    [
        "{{ evil|visible }}",
        "{% person evil %}",
        "{% person user contact=True team=evil %}",
        "{% status_tag 'high' words=evil %}",
        "{% line evil %}",
        "{% line line %}",
        "{% line_group lines note=evil %}",
        "{% line_group none empty=evil %}",
        "{% finding finding %}",
        "{% diff changes findings=findings ask=evil %}",
        "{% signature row %}",
        "{% seats rows %}",
        "{% record rows key=rows %}",
        "{% journey rows %}",
        "{% tabs rows label=evil %}",
        "{% empty evil evil evil %}",
        "{% outside_link evil %}",
        "{% outside_link evil label=evil %}",
        "{% outside_link 'https://a.example/' label=evil %}",
        "{% verb evil evil says=evil reason='required' token=evil %}",
        "{% form_field form.name number=evil %}",
        "{% choices form.verdict says=evil %}",
        "{% error_summary form %}",
        "{% reading readings %}",
        "{% pagination evil evil %}",
        "{% digest evil %}",
        "{% card evil note=evil id=evil %}{{ evil }}{% endcard %}",
        "{% field evil %}{{ evil }}{% endfield %}",
        "{% band 'bad' role=evil %}{{ evil }}{% endband %}",
    ],
)
def test_nothing_a_person_typed_becomes_markup(template: str) -> None:
    finding = Finding("c", Severity.HIGH, EVIL, EVIL, EVIL)
    html = drawn(
        template, evil=EVIL, row=ROW, rows=[ROW], none=[], line=Line("Bash", EVIL, EVIL), form=evil_form(),
        lines=[Line("Bash", EVIL, EVIL), Line("Bash", "ls"), Line(EVIL)], finding=finding, findings=[finding],
        changes=Changes(wider=(Change(EVIL, EVIL, EVIL),), narrower=(Change(EVIL, "without", EVIL),)),
        user=SimpleNamespace(printed_name=EVIL, username=EVIL, night_contact=EVIL, is_active=False),
        readings=[SimpleNamespace(lines=[EVIL], findings=[finding], error=LineError(EVIL, 1, 1, EVIL))],
    )  # fmt: skip
    assert "<script" not in html
    assert 'alert(1)</script>"' not in html


@pytest.mark.parametrize("value", [*Standing, *Severity, *LetterState])
def test_a_status_says_its_words_beside_its_icon(value: Standing | Severity | LetterState) -> None:
    html = drawn("{% status_tag one %}", one=value)
    assert html == drawn("{% status_tag one %}", one=value.value) == drawn("{% status_tag one %}", one=value.tag)
    assert f'class="tag {value.tag.tone}"' in html
    assert f"#{value.tag.icon}" in html
    assert html.endswith(f"{value.tag.words}</span>")


def test_a_stored_value_without_a_tag_is_told_quietly() -> None:
    html = drawn("{% status_tag 'approved' %}")
    assert 'class="tag quiet"' in html
    assert "Approved" in html
    assert drawn("{% status_tag '' %}") == ""


def test_a_moment_has_its_machine_form_utc_the_readers_clock_and_how_far() -> None:
    html = drawn("{% moment at %}", at=NOW + timedelta(days=7), time_zone="Europe/Berlin")
    assert '<time datetime="2026-11-30T12:00:00+00:00">Mon 30 Nov 2026 12:00 UTC</time>' in html
    assert "13:00 your time" in html
    assert "in 7 days" in html
    assert "your time" not in drawn("{% moment at %}", at=NOW, time_zone="UTC")
    assert "not set" in drawn("{% moment at %}", at=None)


def test_the_zone_is_the_one_of_the_person_who_reads() -> None:
    request = SimpleNamespace(user=SimpleNamespace(time_zone="Asia/Kolkata"))
    assert "17:30 your time" in drawn("{% moment at 'plain' %}", at=NOW, request=request)
    assert "17:30 your time" in drawn("{% signature row %}", row=ROW, request=request)


@pytest.mark.parametrize(
    ("left", "tone", "words"),
    [
        (timedelta(days=7, microseconds=1), "", "ends 30 Nov 12:00 UTC"),
        (timedelta(days=7), "warn", "ends in 7 days"),
        (timedelta(microseconds=1), "warn", "ends in less than a minute"),
        (timedelta(0), "bad", "ends now"),
        (timedelta(days=-2), "bad", "ends 2 days ago"),
    ],
)
def test_a_deadline_warns_when_it_comes_near(left: timedelta, tone: str, words: str) -> None:
    html = drawn("{% deadline at says='ends' %}", at=NOW + left)
    assert words in html
    assert (f'class="tag {tone}"' in html) if tone else ("tag" not in html)


def test_a_link_out_tells_the_other_side_nothing() -> None:
    html = drawn("{% outside_link url %}", url="https://a.example/?x=1&y=2")
    assert '<a href="https://a.example/?x=1&amp;y=2" rel="noopener noreferrer nofollow">' in html
    assert "<a" not in drawn("{% outside_link url %}", url="javascript:alert(1)")


def test_an_error_is_tied_to_its_field() -> None:
    html = drawn("{% form_field form.name number=2 %}", form=evil_form())
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert "Error: " in html
    assert 'href="#id_name"' in drawn("{% error_summary form %}", form=evil_form())
    assert drawn("{% error_summary form %}", form=Evil()) == ""


def test_a_verb_is_a_post_with_its_token_and_what_was_seen() -> None:
    html = drawn("{% verb 'Suspend' '/s/' tone='stop' reason='required' revision=3 %}", csrf_token="t0ken")
    assert '<form class="verb" method="post" action="/s/">' in html
    assert 'name="csrfmiddlewaretoken" value="t0ken"' in html
    assert '<input type="hidden" name="revision" value="3">' in html
    assert 'name="reason" rows="2" required' in html
    assert "reason" not in drawn("{% verb 'Renew' '/r/' %}")


def test_an_inline_component_brings_no_space_of_its_own() -> None:
    html = drawn("{% person 'Erin' %},{% moment at 'short' %},{% outside_link '/x' %},{% line 'a' %},", at=NOW)
    assert " ," not in html
    assert "\n," not in html


def test_the_living_page_shows_every_component_and_what_it_takes(rf: RequestFactory) -> None:
    request = rf.get("/look/")
    request.user = AnonymousUser()
    drawn: set[str] = set()

    def note(template: Template, **_: Any) -> None:
        drawn.add(str(template.name))

    template_rendered.connect(note)
    html = look(request).content.decode()
    template_rendered.disconnect(note)
    missing = [name for name in takes() if f"components/{name}.html" not in drawn]
    assert not missing, f"Show {', '.join(missing)} in templates/portal/look_components.html, in every tone and state."
    assert all(escape(words) in html for words in takes().values())


@pytest.mark.parametrize("tone", [*(one.tag.words for kind in (Standing, Severity, LetterState) for one in kind)])
def test_the_living_page_shows_every_status(tone: str) -> None:
    assert f"</svg>{tone}</span>" in render_to_string("portal/look_components.html", sample(NOW))
