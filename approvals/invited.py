"""Whom an e-mail address names: somebody here, or somebody who may be asked to come. Answers tell nobody apart."""

from __future__ import annotations

import re

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from approvals.errors import Refused
from approvals.people import LONGEST_NAME, Person

PLAIN = re.compile(r"[a-z0-9._+-]+@[a-z0-9.-]+")  # what a sign-in name may hold as well; nothing that ends a header


def is_address(typed: str) -> bool:
    """Whether this is meant as an e-mail address, well written or not."""
    return "@" in typed


def as_name(typed: str) -> str:
    """The address as it is kept, as sign-in name too: in small letters."""
    return typed.strip().lower()


def look_up(typed: str) -> Person | None:
    """Whose address this is, or None when nobody here has it and a letter may ask them to come.

    Raises Refused("unknown_person") in the same words for what is no address, a domain nobody here has an address at
    (mostly a typo), an account that is closed, and an address of several accounts: who was here is not told.
    """
    address = as_name(typed)
    if not _well_written(address):
        raise _refusal(typed)
    accounts = get_user_model()._default_manager
    found = list(accounts.filter(email__iexact=address)[:2])
    if len(found) == 1 and not found[0].has_left:
        return found[0]
    domain = address[address.index("@") :]
    if found or not accounts.filter(email__iendswith=domain, is_active=True).exists():
        raise _refusal(typed)
    return None


def _well_written(address: str) -> bool:
    if len(address) > LONGEST_NAME or not PLAIN.fullmatch(address):
        return False
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def _refusal(typed: str) -> Refused:
    shown = typed if typed.isprintable() and len(typed) <= LONGEST_NAME else "this address"
    return Refused(
        "unknown_person", f"Nobody can be named by {shown}.",
        "Check the spelling, choose one of the list, or ask an administrator to add the person.",
    )  # fmt: skip
