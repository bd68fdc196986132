"""Not here yet."""

from django.urls import URLPattern

urls: list[URLPattern] = []
