"""The set-up page: what an installation needs, row by row, each with a test that an administrator can run."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from approvals import validity
from approvals.models import Event
from approvals.pages import Request
from approvals.vocabulary import EventKind, Role, Tag
from portal.set_up import beside
from portal.set_up.facts import facts
from portal.set_up.rows import READY, Row, rows
from portal.set_up.trying import OUTSIDE, TESTS, try_out

REMEMBERED = 100  # tests of the record that are looked through for the last one of each kind
PASSED, FAILED = Tag("good", "check", "Passed"), Tag("bad", "cross", "Did not pass")


def may_set_up(person: Any) -> bool:
    """Administrators, and a superuser, who is the first account of an installation and in no group yet."""
    return bool(person.is_active and (person.is_superuser or person.is_in(Role.ADMINISTRATORS)))


def _only_for_administrators(request: Request) -> None:
    if not may_set_up(request.user):
        raise PermissionDenied("Only administrators can set up the portal. Ask one of them.")


@require_safe
def set_up(request: Request) -> HttpResponse:
    """Every row, with what its tests last found."""
    _only_for_administrators(request)
    trying = beside.still(beside.MOMENT)
    now = validity.now()
    found = rows(facts(now), now)
    last = _last_tests()
    done = [row for row in found if not row.missing]
    context = {"rows": [_told(row, last, trying) for row in found], "ready": len(done), "all": len(found)}
    return render(request, "portal/set_up.html", context)


def _told(row: Row, last: dict[str, Any], trying: set[str]) -> dict[str, Any]:
    tests: list[dict[str, Any]] = [
        {"key": key, "label": label, "last": last.get(key), "trying": key in trying} for key, label in row.tests.items()
    ]
    return {"row": row, "tests": tests, "tag": _tag(row, [one["last"]["passed"] for one in tests if one["last"]])}


def _tag(row: Row, passed: list[bool]) -> Tag:
    """How the row stands, with what its tests last found."""
    if row.missing or not passed:
        return row.tag
    return READY if all(passed) else FAILED


def _last_tests() -> dict[str, Any]:
    """The newest event of each test, with what it found."""
    found: dict[str, Any] = {}
    for event in Event.objects.filter(kind=EventKind.SET_UP_TESTED).order_by("-pk")[:REMEMBERED]:
        detail = json.loads(bytes(event.body))["detail"]
        passed, said = detail["passed"], detail["sentence"]
        last = {"event": event, "passed": passed, "tag": PASSED if passed else FAILED, "said": said}
        found.setdefault(detail["test"], last)
    return found


@require_POST
def set_up_test(request: Request, test: str) -> HttpResponse:
    """Run one test. What it found is said at once, stays on its row, and is an event of the record."""
    _only_for_administrators(request)
    if test not in TESTS:
        raise Http404("There is no such test.")
    result = (
        beside.start(test, partial(try_out, test, request.user)) if test in OUTSIDE else try_out(test, request.user)
    )
    if result is None:
        messages.info(request, "It is being tried. What it finds stands on its row in a few seconds.")
    else:
        (messages.success if result.passed else messages.warning)(request, result.said)
    return redirect("set-up")
