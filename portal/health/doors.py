"""What machines ask: does the process live, may it be given visitors, and is everything owed on time."""

from __future__ import annotations

import ipaddress
import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from portal.health import metrics as read
from portal.health.ready import why_not_ready

logger = logging.getLogger(__name__)
PLAIN = "text/plain; charset=utf-8"


@never_cache
@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the web process reaches its database, 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("the database does not answer")
        return HttpResponse("The database does not answer.\n", content_type=PLAIN, status=503)
    return HttpResponse("ok\n", content_type=PLAIN)


@never_cache
@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when this process may be given visitors, 503 with the reason when not."""
    reason = why_not_ready()
    return HttpResponse(f"{reason or 'ready'}\n", content_type=PLAIN, status=503 if reason else 200)


@never_cache
@require_safe
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics, for whoever may scrape them; for everybody else there is no such page."""
    if not may_scrape(request):
        raise Http404
    try:
        return HttpResponse(read.text(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
    except DatabaseError:
        logger.exception("the database does not answer")
        return HttpResponse("The database does not answer.\n", content_type=PLAIN, status=503)


def may_scrape(request: HttpRequest) -> bool:
    """With METRICS_TOKEN whoever shows it; with METRICS_ON_LOOPBACK also this machine, but no proxy on it."""
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(shown.strip(), settings.METRICS_TOKEN)
    return bool(settings.METRICS_ON_LOOPBACK) and _is_here(request)


def _is_here(request: HttpRequest) -> bool:
    """Whether a program on this machine asks for itself. What a proxy hands on came from elsewhere."""
    if request.META.get("came_forwarded"):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
