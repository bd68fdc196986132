"""The test behind each button of the set-up page: it really tries, and says what happened and no more than that."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings

from approvals import events, validity
from approvals.errors import Refused
from approvals.letters.claiming import claim
from approvals.letters.message import one_line
from approvals.letters.sending import send
from approvals.letters.trial import send_trial
from approvals.models import Letter
from approvals.rule_words import counted, listed
from approvals.vocabulary import EventKind, LetterState, Role
from portal.backups.manifest import NotDone
from portal.backups.taking import written
from portal.celery import app
from portal.models import User
from portal.proxies import PROBE, PROBE_ARRIVED
from portal.set_up.facts import Member, distinct, facts
from portal.set_up.fetching import fetch
from portal.set_up.filling import filled
from portal.set_up.result import Result

PATIENCE = 2  # seconds a worker has to answer its call
DISCOVERY = "/.well-known/openid-configuration"
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def try_out(key: str, person: User) -> Result:
    """Run this test now and record what came of it. Raises KeyError for a test there is not."""
    result = TESTS[key](person)
    detail = {"test": key, "passed": result.passed, "sentence": result.said}
    events.record(EventKind.SET_UP_TESTED, actor=person, detail=detail)
    return result


def _address(person: User) -> Result:
    answer = fetch(f"{settings.PUBLIC_URL}/healthz", {PROBE: "1"})
    if answer.why_not:
        return Result(False, answer.why_not)
    if answer.status == 400:
        return Result(False, "The portal answered there and does not know this host. Add it to ALLOWED_HOSTS.")
    if answer.status != 200 or answer.body.strip() != b"ok":
        return Result(False, f"Something answered there ({answer.status}), but not as this portal does.")
    if settings.TRUSTED_PROXIES and PROBE_ARRIVED in answer.headers:
        return Result(False, "The portal answered, but the proxy lets headers with underscores in their names pass, "
                             "so a visitor could claim another address. Let the proxy drop them.")  # fmt: skip
    return Result(True, "The portal answered there, asked from the machine it runs on. "
                        "Whether your people reach it from theirs, only their browsers can tell.")  # fmt: skip


def _mail(person: User) -> Result:
    """A letter like any other, but sent at once by whoever asks for it; the worker tries again what has to wait."""
    try:
        letter = send_trial(person)
    except Refused as refusal:
        return Result(False, str(refusal))
    if claimed := claim(letter.pk, validity.now()):
        send(claimed)
        letter.refresh_from_db()
    else:
        letter.refresh_from_db()
        _wait_for(letter)
    server = f"{getattr(settings, 'EMAIL_HOST', '')}, port {getattr(settings, 'EMAIL_PORT', '')},"
    match letter.state:
        case LetterState.SENT if not settings.EMAIL_URL:
            return Result(False, "There is no mail server: the e-mail was written into a file, and nobody gets it.")
        case LetterState.SENT:
            return Result(True, f"{server} accepted the e-mail to you. Accepted is not arrived: look into your inbox, "
                                "and among what was sorted out as junk.")  # fmt: skip
        case LetterState.PENDING:
            said = f"{server} did not take the e-mail: {_plain(letter.server_said)}. The worker will try it again."
            return Result(False, said)
        case LetterState.FAILED:
            return Result(False, f"{server} refused the e-mail to you for good: {_plain(letter.server_said)}.")
    return Result(False, f"{server} broke off while it had the e-mail. Nobody knows whether it arrives.")


def _wait_for(letter: Letter) -> None:
    """The worker was quicker and has it: it settles it within the time-out of a mail server."""
    until = time.monotonic() + 2 * settings.EMAIL_TIMEOUT
    while letter.state == LetterState.SENDING and time.monotonic() < until:
        time.sleep(0.2)
        letter.refresh_from_db()


# The beginning of what went wrong, as `delivery` tells it → what that means.
MEANINGS = {
    "ConnectionRefusedError": "nobody listens there",
    "gaierror": "its name is not known where the portal runs",
    "TimeoutError": "it did not answer in time",
    "timeout": "it did not answer in time",
    "SSLCertVerificationError": "its certificate is not accepted here",
    "SSLError": "it speaks no TLS there, or another kind",
    "SMTPAuthenticationError": "it does not accept the user name and password of EMAIL_URL",
    "SMTPSenderRefused": "it does not take e-mails from the address in MAIL_FROM",
    "SMTPServerDisconnected": "it broke off before it answered",
    "SMTPNotSupportedError": "it does not offer what EMAIL_URL asks for, such as TLS or signing in",
}


def _plain(said: str) -> str:
    """What the server said, as a part of a sentence."""
    meaning = next((words for name, words in MEANINGS.items() if said.startswith(name)), "")
    return meaning or f"it said “{one_line(said, 200)}”"


def _provider(person: User) -> Result:
    """The description by which a provider says where one signs in; without it nobody can."""
    if not settings.OIDC_ISSUER:
        return Result(False, "No sign-in provider is set: OIDC_ISSUER is empty.")
    answer = fetch(f"{settings.OIDC_ISSUER}{DISCOVERY}")
    if answer.why_not or answer.status != 200:
        return Result(False, answer.why_not or f"The provider answered {answer.status} instead of its description.")
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return Result(False, "The provider answered with something that is no description.")
    if str(said.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER:
        return Result(False, "The description is of another issuer than OIDC_ISSUER, so no sign-in would be accepted.")
    if lacking := [name for name in NEEDED if not isinstance(said.get(name), str)]:
        return Result(False, f"The description lacks {listed(lacking)}.")
    return Result(True, "The provider answered with a description of itself that fits. "
                        "Whether it knows this portal, only a sign-in can tell.")  # fmt: skip


def _accounts(person: User) -> Result:
    """Which of those whose accounts matter most a stolen password would open."""
    there = facts(validity.now())
    if not there.members:
        return Result(False, "There is nobody in Security and no administrator.")
    without = [one.name for one in there.members if not one.has_factor]
    if not without:
        told = counted(len(there.members), "account")
        return Result(True, f"Looked at {told} of Security and Administrators: each has a second factor.")
    return Result(False, f"Without a second factor of this portal: {_some(without)}. "
                         "Who comes through the provider only, is the provider's to ask.")  # fmt: skip


def _signers(person: User) -> Result:
    """Whether two could sign today, and would hear of it."""
    there = facts(validity.now()).of(Role.SECURITY)
    signers = distinct(there)
    problems = [*_one_by_one(there)]
    if len(signers) < 2:
        problems.insert(0, f"{len(signers) or 'Nobody'} of Security could sign now; it takes two.")
    if problems:
        return Result(False, " ".join(problems))
    return Result(True, f"{len(signers)} people of Security could sign now, "
                        "each with a way to show who they are, and an e-mail address.")  # fmt: skip


def _one_by_one(members: Iterable[Member]) -> Iterable[str]:
    for one in members:
        if not one.can_show:
            yield f"{one.name} has no password, no passkey and no sign-in at the provider."
        if not one.address:
            yield f"{one.name} has no e-mail address, so no e-mail tells them what waits."


def _worker(person: User) -> Result:
    """A call to whoever listens at the broker; a worker answers by itself."""
    if not settings.REDIS_URL:
        return Result(False, "There is no broker, so no worker can be called.")
    try:
        answers: list[Any] = app.control.ping(timeout=PATIENCE) or []
    except Exception as error:  # redis and kombu raise what they like, and each of it means the same
        return Result(False, f"The broker cannot be reached ({type(error).__name__}), so no worker can be called.")
    if not answers:
        return Result(False, f"No worker answered within {PATIENCE} seconds. It may be busy, or not running.")
    return Result(True, f"{counted(len(answers), 'worker')} answered.")


def _backup(person: User) -> Result:
    """Write all of it, as a backup does, and keep nothing."""
    try:
        with TemporaryDirectory(dir=settings.DATA_DIR) as folder:
            taken = written(Path(folder))
    except (NotDone, OSError) as error:
        return Result(False, f"No backup could be written: {error.strerror if isinstance(error, OSError) else error}")
    held, size = taken.manifest.holdings, max(1, round(taken.size / 1024))
    return Result(True, f"A backup could be written: {held.packets} packets, {held.events} events, "
                        f"{size} kB. It was thrown away; those that count are taken by manage.py backup.")  # fmt: skip


def _some(names: list[str], most: int = 10) -> str:
    """These names, and how many more there are."""
    more = len(names) - most
    return listed([*names[:most], f"{more} more"]) if more > 0 else listed(names)


OUTSIDE = frozenset({"address", "mail", "provider", "worker", "backup"})  # ask somebody else, who may let us wait
TESTS: dict[str, Callable[[User], Result]] = {
    "address": _address, "mail": _mail, "sign-in": _accounts, "provider": _provider, "signers": _signers,
    "rules": lambda person: filled(), "worker": _worker, "backup": _backup,
}  # fmt: skip
