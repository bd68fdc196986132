"""The demo: eight people, two teams, and a packet in every state, made by walking the verbs. Never in production."""

from portal.demo.people import make_people
from portal.demo.register import fill_register
from portal.demo.story import days_ago, tell

__all__ = ["days_ago", "fill_register", "make_people", "tell"]
