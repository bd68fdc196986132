"""The demo: eight people, two teams, and a packet in every state, made by walking the verbs. Never in production."""

from portal.demo.people import make_people
from portal.demo.story import tell

__all__ = ["make_people", "tell"]
