"""Every address of the portal. Our pages come first; the admin's stock screens take what is left."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import never_cache

from portal.health import healthz
from portal.pages.home import home
from portal.pages.look import look

sign_in = never_cache(LoginView.as_view(template_name="portal/sign_in.html", redirect_authenticated_user=True))

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("", home, name="home"),
    path("look/", look, name="look"),
    path("administration/", admin.site.admin_view(admin.site.index), name="administration"),
    path("", include("approvals.urls")),
    path("", include("audits.urls")),
    path("", admin.site.urls),
]
