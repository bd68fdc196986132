"""Who is told by webhook, and what became of each message. Administrators change it; Security may look."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from approvals import rules, validity
from approvals.errors import Refused
from approvals.letters.answers import RECEIVER_LABELS, Answer
from approvals.letters.webhooks import receivers, sending
from approvals.models import Delivery
from approvals.pages import Request
from approvals.pages.list_places import place_of_key
from approvals.pages.lists import Tab
from approvals.pages.seen import status_of
from approvals.pages.turning import leaf
from approvals.vocabulary import LetterState, ReceiverKind, Role, Tag
from approvals.walks import NEWEST
from portal.set_up import beside

PAGE = 25
LARGEST = 2**63 - 1
VIEWS = {"": "All", "undelivered": "Not delivered"}
ON, OFF = Tag("good", "check", "On"), Tag("quiet", "minus", "Off")
TOLD = (
    "submitted, approved, sent back, rejected, superseded",
    "in force by break-glass, with signatures missing",
    "suspended, resumed, revoked, authority given up",
    "ends soon, a renewal or an answer is late, has ended",
)
SAYS = {
    ReceiverKind.MACHINE: "A program of yours gets each event as signed JSON.",
    ReceiverKind.CHAT: "Slack, Mattermost, Teams and others that take {“text”: …}. It gets one sentence and a link.",
}


def _only_for_those_who_look_after_it(request: Request) -> None:
    if not rules.has_role(request.user, Role.ADMINISTRATORS, Role.SECURITY):
        raise PermissionDenied("Only administrators and Security see who is told by webhook.")


@require_safe
def webhooks(request: Request) -> HttpResponse:
    """Each kind of receiver: where it goes, how its last test went, and what an administrator can change."""
    _only_for_those_who_look_after_it(request)
    return _show(request)


def _show(request: Request, refusal: Refused | None = None, kind: str = "", secret: str = "") -> HttpResponse:
    """`secret` is shown this once, beside the receiver of this kind."""
    now, trying = validity.now(), beside.still(beside.MOMENT)
    rows, tried = {row.kind: row for row in receivers.kept()}, receivers.last_trials()
    cards = [
        {
            "kind": one, "label": one.label, "says": SAYS[one], "row": row, "seen": row.seen if row else 0,
            "last": tried.get(row.pk) if row else None, "trying": _key(one) in trying,
            "overlaps": bool(row and row.old_secret_ends and now < row.old_secret_ends),
            "refusal": refusal if one == kind else None, "secret": secret if one == kind else "",
        }
        for one in ReceiverKind
        for row in [rows.get(one)]
    ]  # fmt: skip
    page = {
        "cards": cards, "may_change": receivers.why_not_keep(request.user) is None, "told": TOLD, "on": ON, "off": OFF,
    }  # fmt: skip
    return render(request, "portal/webhooks.html", page, status=status_of(refusal) if refusal else 200)


def _key(kind: str) -> str:
    return f"webhook {kind}"


def _kind(text: str) -> ReceiverKind:
    if text not in set(ReceiverKind):
        raise Http404("There is no such kind of receiver.")
    return ReceiverKind(text)


def _seen(request: Request) -> int:
    """The newest row of the receiver's history as the page showed it; 0 for none, and for what is no number."""
    place = place_of_key(request.POST.get("seen", ""))
    return int(place.key) if place else 0


@require_POST
@sensitive_post_parameters("url")
def change(request: Request, kind: str, what: str) -> HttpResponse:
    """Set an address, make a new secret, switch on or off. A secret is shown in the answer and never again."""
    _only_for_those_who_look_after_it(request)
    one, secret = _kind(kind), ""
    told: dict[str, Any] = {"actor": request.user, "seen": _seen(request)}
    try:
        match what:
            case "address":
                secret = receivers.set_up(one, request.POST.get("url", ""), **told)
            case "secret":
                secret = receivers.rotate(one, **told)
            case "on" | "off":
                receivers.switch(one, on=what == "on", **told)
            case _:
                raise Http404("There is nothing of that name to change.")
    except Refused as refusal:
        return _show(request, refusal, kind)
    if secret:
        return _show(request, kind=kind, secret=secret)
    messages.success(request, DONE[what])
    return redirect("webhooks")


DONE = {
    "address": "The address is changed. Send a test to see whether it is taken there.",
    "on": "The receiver is switched on. It is told of what happens from now on.",
    "off": "The receiver is switched off. What was still owed to it is not sent.",
}


@require_POST
def trial(request: Request, kind: str) -> HttpResponse:
    """A signed test message, sent right now; its page says what was answered."""
    _only_for_those_who_look_after_it(request)
    try:
        delivery = receivers.write_trial(_kind(kind), actor=request.user)
    except Refused as refusal:
        return _show(request, refusal, kind)
    beside.start(_key(kind), partial(sending.send_one, delivery.pk))
    return redirect("webhook-delivery", delivery.pk)


@require_safe
def deliveries(request: Request) -> HttpResponse:
    """The delivery log, newest first."""
    _only_for_those_who_look_after_it(request)
    show = request.GET.get("show", "")
    view = show if show in VIEWS else ""
    places = {name: place_of_key(request.GET.get(name, "")) for name in ("before", "after")}
    if any(request.GET.get(name) and place is None for name, place in places.items()):
        raise Http404
    found = Delivery.objects.select_related("receiver", "event__packet", "event__version__packet").defer("body")
    page = leaf(found.filter(undelivered=True) if view else found, NEWEST, PAGE, **places)
    asked = f"show={view}&" if view else ""
    context = {
        "rows": page.rows, "view": view,
        "tabs": [Tab(label, f"?show={key}" if key else "?", key == view) for key, label in VIEWS.items()],
        "newer": f"?{asked}after={page.rows[0].pk}" if page.newer else "",
        "older": f"?{asked}before={page.rows[-1].pk}" if page.older else "",
    }  # fmt: skip
    return render(request, "portal/webhook_deliveries.html", context)


@require_safe
def delivery_page(request: Request, delivery: int) -> HttpResponse:
    """One message: where it stands, what it says, and each attempt."""
    _only_for_those_who_look_after_it(request)
    beside.still(beside.MOMENT)
    if delivery > LARGEST:
        raise Http404
    rows = Delivery.objects.select_related("receiver", "event__packet", "event__version__packet")
    row = get_object_or_404(rows, pk=delivery)
    tries: list[Any] = list(row.tries.all())
    for one in tries:
        one.words = RECEIVER_LABELS[Answer(one.answer)] if one.answer else _unanswered(one, row)
    body = json.dumps(json.loads(row.body), indent=2, ensure_ascii=False)
    return render(request, "portal/webhook_delivery.html", {"delivery": row, "tries": tries, "body": body})


def _unanswered(one: Any, row: Delivery) -> str:
    if row.state == LetterState.SENDING and one.number == row.attempts:
        return "Being sent"
    return f"Broken off {'after it had gone out: it may have arrived' if one.text_left_at else 'before it went out'}"


urls = [
    path("webhooks/", webhooks, name="webhooks"),
    path("webhooks/deliveries/", deliveries, name="webhook-deliveries"),
    path("webhooks/deliveries/<int:delivery>/", delivery_page, name="webhook-delivery"),
    path("webhooks/<slug:kind>/test/", trial, name="webhook-trial"),
    path("webhooks/<slug:kind>/<slug:what>/", change, name="webhook-change"),
]
