"""The people of the demo."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from approvals import validity
from approvals.transitions.drafting import working_noon
from approvals.vocabulary import Role
from portal.models import User

WEB, CARE = "Web platform", "Customer care"

# sign-in name → first name, last name, groups, time zone
PEOPLE: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "engineer": ("Mara", "Lindqvist", (Role.ENGINEERS, WEB), "Europe/Stockholm"),
    "teammate": ("Jonas", "Weber", (Role.ENGINEERS, WEB), "Europe/Berlin"),
    "outsider": ("Priya", "Nair", (Role.ENGINEERS, CARE), "Asia/Kolkata"),
    "security": ("Sam", "Okafor", (Role.SECURITY,), "Europe/London"),
    "security2": ("Ines", "Duarte", (Role.SECURITY,), "Europe/Lisbon"),
    "auditor": ("Tom", "Hughes", (Role.AUDITORS,), "Europe/London"),
    "responder": ("Aiko", "Tanaka", (Role.RESPONDERS,), "Asia/Tokyo"),
    "admin": ("Lena", "Fischer", (Role.ADMINISTRATORS,), "Europe/Berlin"),
}
STAFF = ("security", "security2", "auditor", "admin")


def make_people(password: str) -> dict[str, User]:
    """The accounts, by sign-in name. They share one password, so it is hashed once: hashing is slow on purpose."""
    hashed = make_password(password)
    return {username: _person(username, hashed, number) for number, username in enumerate(PEOPLE, 1)}


def _person(username: str, hashed: str, number: int) -> User:
    first, last, groups, zone = PEOPLE[username]
    person = User(
        username=username, first_name=first, last_name=last, email=f"{username}@example.org", time_zone=zone,
        night_contact=f"+00 555 01{number:02d}", is_staff=username in STAFF, is_superuser=username == "admin",
        password=hashed,
    )  # fmt: skip
    if Role.AUDITORS in groups:
        person.access_ends = working_noon(validity.now() + timedelta(days=365))
    person.save()
    person.groups.set([Group.objects.get_or_create(name=name)[0] for name in groups])
    return person
