"""The components of every page as tags: `{% load words %}`. Each template says what it takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from django import template
from django.forms import BaseForm, BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from approvals import grouping, telling, validity
from approvals.vocabulary import EventKind, LetterState, Severity, Standing, Tag, Verdict

register = template.Library()
Words = dict[str, Any]
SOON = 7


@register.filter
def visible(text: object) -> str:
    """Text with zero-width, bidi and control characters as [U+200B]; escaped where it is printed."""
    return telling.visible(text)


@register.filter
def marked(text: object) -> SafeString:
    """The same, escaped, with each such character in a mark of its own: what a person typed cannot look like one."""
    told = telling.pieces(text)
    return format_html_join(
        "", "{}", ((format_html('<mark class="odd">{}</mark>', piece) if odd else piece,) for piece, odd in told)
    )


@register.filter
def moment_text(instant: datetime | None) -> str:
    """Mon 30 Nov 2026 12:00 UTC, for places that take no markup."""
    return telling.moment_text(instant) if instant else ""


@register.filter
def relative(instant: datetime | None) -> str:
    """In 7 days, 3 hours ago."""
    return telling.relative_text(instant, validity.now()) if instant else ""


@register.filter
def actor(event: Any) -> str:
    """Who did it, as printed then; what no person did, the portal did by itself."""
    by_itself = getattr(event, "actor_id", "") is None and event.actor_name.startswith("system: ")
    return "the portal" if by_itself else event.actor_name


@register.filter
def kind_label(kind: str) -> str:
    """The words of an event's kind, also from its stored value."""
    return EventKind(kind).label


@register.inclusion_tag("components/icon.html")
def icon(name: str) -> Words:
    return {"name": name}


@register.inclusion_tag("components/status_tag.html")
def status_tag(tag: Any, words: str = "") -> Words:
    """`tag`: a Tag, a Standing, Severity or LetterState, or the stored value of one. `words` replace its own."""
    held = _tag_of(tag)
    return {"tag": held, "words": words or (held.words if held else "")}


def _tag_of(value: Any) -> Tag | None:
    if value is None or value == "" or isinstance(value, Tag):
        return value or None
    if hasattr(value, "tag"):
        return cast(Tag, value.tag)
    plain = Tag("quiet", "info", str(value).replace("_", " ").capitalize())
    return next((kind(value).tag for kind in (Severity, Standing, LetterState) if value in set(kind)), plain)


@register.inclusion_tag("components/person.html")
def person(who: Any, contact: bool = False, team: str = "") -> Words:
    """`who`: a User, or the copied name of one. `contact`: also how to reach them at night."""
    name = getattr(who, "printed_name", "") or str(who or "")
    username = getattr(who, "username", "")
    return {
        "name": name,
        "username": "" if username == name else username,
        "night": getattr(who, "night_contact", "") if contact else "",
        "dial": telling.dialled(getattr(who, "night_contact", "")) if contact else "",
        "team": team,
        "gone": getattr(who, "has_left", False),
        "awaited": getattr(who, "awaited", False),
    }


def reader_zone(context: Context) -> str | None:
    """The zone of the person who reads, or the one the caller put into the context."""
    reader = getattr(context.get("request"), "user", None)
    return context.get("time_zone") or getattr(reader, "time_zone", None)


def _reader(context: Context) -> Words:
    return {"request": context.get("request"), "time_zone": context.get("time_zone")}


@register.inclusion_tag("components/moment.html", takes_context=True)
def moment(context: Context, instant: datetime | None, style: str = "full") -> Words:
    """`style`: full (UTC, local, relative) · plain (UTC, local) · short (23 Nov 09:12 UTC) · relative (3 hours ago)."""
    if instant is None:
        return {"instant": None}
    now = validity.now()
    return {
        "instant": instant,
        "iso": instant.isoformat(),
        "style": style,
        "full": telling.moment_text(instant),
        "short": telling.short_text(instant, now),
        "local": telling.local_text(instant, reader_zone(context)),
        "relative": telling.relative_text(instant, now),
    }


@register.inclusion_tag("components/deadline.html", takes_context=True)
def deadline(context: Context, instant: datetime | None, says: str = "", soon: int = SOON) -> Words:
    """A date that matters: a warning tag within `soon` days, bad when over. `says` stands before ("ends")."""
    words = moment(context, instant, "short")
    if instant is not None:
        left = (instant - validity.now()).total_seconds()
        words["tone"] = "bad" if left <= 0 else "warn" if left <= soon * telling.DAY else ""
    return words | {"says": says}


@register.inclusion_tag("components/journey.html", takes_context=True)
def journey(context: Context, steps: Iterable[Any]) -> Words:
    """`steps`: each with label, state ("done", "current", "todo") and perhaps at (an instant)."""
    return _reader(context) | {"steps": steps}


@register.inclusion_tag("components/line.html")
def line(value: Any, kind: str = "") -> Words:
    """`value`: a scope.Line, what holds one as `.line`, or canonical text. `kind`: "", "human" or "never"."""
    return {"line": grouping.shown(value), "kind": kind}


@register.inclusion_tag("components/line_group.html", takes_context=True)
def line_group(
    context: Context,
    lines: Iterable[Any],
    findings: Iterable[Any] = (),
    wider: Collection[str] = (),
    note: str = "",
    empty: str = "None.",
    always: str = "",
    questions: Iterable[Any] = (),
    ask: str = "",
    asking: Any = None,
    known: Mapping[str, str] | None = None,
) -> Words:
    """All lines of a field by target, one a row. `wider`: canonical texts; `note` stands behind each count; `empty` if
    no line; `always` marks each line; `questions` stand under their line; `ask`: address a line is added to, to ask
    about it; `asking`: the form that is open under one of them (line, at, to, text); `known`: canonical text to what
    data the line reaches.
    """
    marked = grouping.Marking(tuple(findings or ()), wider or (), always, tuple(questions or ()), known or {})
    kept = {key: context.get(key) for key in ("may_answer", "csrf_token")}
    return _reader(context) | kept | {
        "groups": grouping.grouped_as(lines, marked), "note": note, "empty": empty, "ask": ask, "asking": asking,
    }  # fmt: skip


@register.inclusion_tag("components/finding.html")
def finding(value: Any) -> Words:
    """`value`: a Finding (severity, sentence, remedy, line)."""
    return {"finding": value}


@register.inclusion_tag("components/diff.html", takes_context=True)
def diff(
    context: Context,
    changes: Any,
    findings: Iterable[Any] = (),
    ask: str = "",
    questions: Iterable[Any] = (),
    fates: Mapping[str, str] | None = None,
) -> Words:
    """`changes`: cuts.Changes. `findings` and `questions` go under their line. `ask`: address the line is added to, to
    ask about it. `fates`: what became of a line since, by its text.
    """
    rows = grouping.rows(changes, findings or (), questions or (), fates or {})
    return _reader(context) | {"rows": rows, "ask": ask, "may_answer": context.get("may_answer")}


@register.inclusion_tag("components/signature.html", takes_context=True)
def signature(context: Context, decision: Any) -> Words:
    """`decision`: person_name, verdict, at, role, rule, reason, digest; gone when its person has left the group."""
    return _reader(context) | {"decision": decision, "past": Verdict(decision.verdict).past}


@register.inclusion_tag("components/seats.html", takes_context=True)
def seats(context: Context, rows: Iterable[Any]) -> Words:
    """`rows`: each with group and decision (None while open); perhaps note ("You can give it.")."""
    return _reader(context) | {"rows": rows}


@register.inclusion_tag("components/digest.html")
def digest(value: str) -> Words:
    return {"value": value}


@register.inclusion_tag("components/record.html", takes_context=True)
def record(context: Context, events: Iterable[Any], key: Collection[str] = ()) -> Words:
    """`events`: kind, actor_name, effective_at; perhaps reason and detail. `key`: the kinds to stress."""
    return _reader(context) | {"events": events, "key": key}


@register.inclusion_tag("components/empty.html")
def empty(sentence: str, url: str = "", label: str = "") -> Words:
    """Nothing here: the sentence says so and why; `url` and `label` are the next step."""
    return {"sentence": sentence, "url": url, "label": label}


@register.inclusion_tag("components/outside_link.html")
def outside_link(url: object, label: str = "") -> Words:
    """An address a person typed: a link when it is http or https, otherwise text."""
    return {"href": telling.outside_link(url), "text": label or url, "named": bool(label)}


@register.inclusion_tag("components/verb.html", takes_context=True)
def verb(
    context: Context,
    label: str,
    url: str,
    tone: str = "",
    reason: str = "",
    says: str = "",
    icon: str = "",
    **hidden: Any,
) -> Words:
    """A POST button. `tone`: "", primary, stop. `reason`: "", optional, required. `says`: what will happen.

    Whatever else is named goes along as hidden fields: revision=3, next=...
    """
    return _form(context) | {
        "label": label, "url": url, "tone": tone, "reason": reason, "says": says, "icon": icon, "hidden": hidden,
        "id": f"verb-{label.lower().replace(' ', '-')}",
    }  # fmt: skip


def _form(context: Context) -> Words:
    return {"csrf_token": context.get("csrf_token")}


@register.inclusion_tag("components/form_field.html")
def form_field(field: BoundField, number: str | int = "", optional: bool = False) -> Words:
    """`field`: a BoundField with its help text as hint. `number` of the ten. Radios become a fieldset of cards."""
    return {"field": field, "number": number, "optional": optional}


@register.inclusion_tag("components/choices.html")
def choices(field: BoundField, two: bool = False, says: str = "") -> Words:
    """Radios as cards, in `two` columns. `says="Sign"`: the form's button will say "Sign: approve"."""
    return {"field": field, "two": two, "says": says}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm) -> Words:
    """Every error of the form, each a link to its field; nothing when there is none."""
    return {"form": form}


@register.inclusion_tag("components/reading.html")
def reading(rows: Iterable[Any]) -> Words:
    """Lines as signers will see them: each row with lines, error (a LineError) and findings."""
    return {"rows": rows}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Iterable[Any], label: str = "Views") -> Words:
    """`items`: each with label, url, current, and perhaps count."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/pagination.html")
def pagination(newer: str = "", older: str = "", by_time: bool = True) -> Words:
    """Keyset links; empty means there is no page that way. Not `by_time`: what goes ahead is not newer."""
    ahead, behind = ("Newer", "Older") if by_time else ("Previous", "Next")
    return {"newer": newer, "older": older, "ahead": ahead, "behind": behind}


@register.simple_block_tag(end_name="endcard")
def card(content: str, title: str = "", note: str = "", body: bool = True, id: str = "") -> SafeString:
    """{% card "Title" note="2 wider" body=False %}…{% endcard %}; body=False for tables, lists and fields."""
    name = format_html(' id="{}"', id) if id else SafeString()
    side = format_html('<span class="small soft">{}</span>', note) if note else SafeString()
    head = format_html("<header><h2>{}</h2>{}</header>", title, side) if title else SafeString()
    inside = format_html('<div class="body">{}</div>', content) if body else content
    return format_html('<section class="card"{}>{}{}</section>', name, head, inside)


@register.simple_block_tag(end_name="endfield")
def field(content: str, label: str, extra: bool = False) -> SafeString:
    """One row of dl.fields: {% field "Agent owner" %}…{% endfield %}; extra=True takes no number."""
    return format_html('<div class="{}"><dt>{}</dt><dd>{}</dd></div>', "extra" if extra else "ten", label, content)


ICONS = {"bad": "stop", "warn": "alert", "good": "check", "info": "info", "quiet": "info"}


@register.simple_block_tag(end_name="endband")
def band(content: str, tone: str = "quiet", role: str = "") -> SafeString:
    """{% band "bad" %}<b>Stopped by …</b>{% endband %}; tones quiet, info, good, warn, bad. role: status or alert."""
    drawing = render_to_string("components/icon.html", {"name": ICONS[tone]})
    spoken = format_html(' role="{}"', role) if role else SafeString()
    return format_html('<div class="band {}"{}>{}<div>{}</div></div>', tone, spoken, drawing, content)
