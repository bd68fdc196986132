"""Addresses for the browser tests of the look: the living page and the sign-in page, whatever else the portal has."""

from __future__ import annotations

from django.contrib.auth.views import LoginView
from django.urls import path

from portal.pages.look import look

urlpatterns = [
    path("look/", look),
    path("sign-in/", LoginView.as_view(template_name="portal/sign_in.html")),
]
