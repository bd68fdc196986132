"""Every address of the portal. Our pages come first; the admin's stock screens take what is left."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from portal.health.doors import healthz, metrics, readyz
from portal.health.page import health
from portal.pages import changes, webhooks
from portal.pages.home import home
from portal.pages.look import look
from portal.pages.set_up import set_up, set_up_test

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("health/", health, name="health"),
    path("", include("portal.accounts.urls")),
    path("", home, name="home"),
    path("look/", look, name="look"),
    path("set-up/", set_up, name="set-up"),
    path("set-up/<slug:test>/", set_up_test, name="set-up-test"),
    path("administration/", admin.site.admin_view(admin.site.index), name="administration"),
    path("", include(changes.urls)),
    path("", include(webhooks.urls)),
    path("", include("approvals.urls")),
    path("", include("audits.urls")),
    path("", admin.site.urls),
]
