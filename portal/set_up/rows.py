"""The rows of the set-up page: of each thing an installation needs, what is there, what is missing, what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from approvals.rule_words import listed
from approvals.telling import moment_text, relative_text
from approvals.vocabulary import Role, Tag
from portal.checks import LOOPBACK
from portal.set_up.facts import Facts, distinct

SIGNERS = 2  # so many of Security, so that a packet of high risk can be signed and nobody is alone
FRESH = timedelta(days=7)  # an older backup is missing a week of signatures
KEEPERS = 2  # administrators: what loosens a rule waits for a second one
READY, MISSING, ASK = Tag("good", "check", "Ready"), Tag("warn", "alert", "To do"), Tag("quiet", "question", "Ask it")


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next, and perhaps where."""

    sentence: str
    url: str = ""
    label: str = ""


@dataclass(slots=True)
class Row:
    """One thing an installation needs. Nothing missing means ready, unless only its test can tell."""

    key: str
    title: str
    why: str
    there: list[tuple[str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    tests: dict[str, str] = field(default_factory=dict)  # key → the words on its button
    only_a_test_tells: bool = False

    def lacks(self, sentence: str, *steps: Step) -> None:
        """Something is missing; what to do about it comes with it."""
        self.missing.append(sentence)
        self.steps += steps

    @property
    def tag(self) -> Tag:
        """Ready, to do, or to be asked by its test."""
        return MISSING if self.missing else ASK if self.only_a_test_tells else READY


def rows(there: Facts, now: datetime) -> list[Row]:
    """All of them, in the order of a first day. Asks nothing of the database beyond the facts it is given."""
    return [_address(), _mail(), _sign_in(there), _signers(there), _rules(there), _worker(), _backup(there, now)]


def unfinished(found: list[Row]) -> list[str]:
    """What is still to do, in the words of a sentence."""
    return [row.title[0].lower() + row.title[1:] for row in found if row.missing]


def _address() -> Row:
    public = urlsplit(settings.PUBLIC_URL)
    row = Row("address", "Public address", "Every link in an e-mail begins with it, and browsers are held to it.")
    row.tests["address"] = "Fetch it from here"
    row.there = [
        ("PUBLIC_URL", settings.PUBLIC_URL),
        ("Answers to", ", ".join(settings.ALLOWED_HOSTS)),
        ("Encryption", "https; cookies go no other way" if public.scheme == "https" else "none: http"),
        ("Proxies believed", ", ".join(map(str, settings.TRUSTED_PROXIES)) or "none"),
    ]
    if public.hostname in LOOPBACK:
        row.lacks(
            "It is an address of this machine, so nobody else can open a link in an e-mail.",
            Step("Put a proxy with TLS in front; set PUBLIC_URL to https://… and TRUSTED_PROXIES to the proxy."),
        )
    elif public.scheme == "https" and not settings.TRUSTED_PROXIES:
        row.lacks(
            "It is https and no proxy is believed, so every page would redirect to itself.",
            Step("Set TRUSTED_PROXIES to the address of the proxy that ends TLS, and restart."),
        )
    return row


def _mail() -> Row:
    row = Row("mail", "Mail sender", "Owners hear by e-mail of decisions and of ends, signers of what waits for them.")
    row.tests["mail"] = "Send me a test e-mail"
    sent = reverse("letters") + "?show=undelivered"
    if not settings.EMAIL_URL:
        row.there = [("Mail server", "none: e-mails are files in DATA_DIR/mail"), ("From", settings.DEFAULT_FROM_EMAIL)]
        row.lacks(
            "Nobody is told anything: without EMAIL_URL each e-mail is written into a file.",
            Step("Set EMAIL_URL, such as smtp+tls://user:password@mail.example.org, and MAIL_FROM, and restart."),
        )
        return row
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    row.there = [
        ("Mail server", f"{settings.EMAIL_HOST}, port {settings.EMAIL_PORT}"),
        ("From", settings.DEFAULT_FROM_EMAIL),
        ("Encryption", "TLS" if encrypted else "none"),
        ("Signs in there", "yes" if settings.EMAIL_HOST_USER else "no"),
    ]
    if not encrypted and settings.EMAIL_HOST not in LOOPBACK:
        row.lacks(
            "E-mails and the password for the mail server travel unencrypted.",
            Step("Begin EMAIL_URL with smtp+tls:// or smtps://, and restart."),
        )
    row.steps.append(Step("What was not delivered is on a list.", sent, "Undelivered e-mails"))
    return row


def _sign_in(there: Facts) -> Row:
    row = Row("sign-in", "Signing in", "Whoever gets into a signer's account signs in their name.")
    row.tests["sign-in"] = "Look at every signer's account"
    needing = there.needing_factor
    row.there = [
        ("Accounts of this portal", "password, code of an app, passkey"),
        ("Second factor needed by", listed(needing) or "nobody"),
        ("Sign-in provider", settings.OIDC_ISSUER or "none"),
    ]
    if settings.OIDC_ISSUER:
        row.tests["provider"] = "Ask the provider for its description"
        groups = [f"{theirs} is {ours}" for theirs, ours in settings.OIDC_GROUPS.items()]
        row.there.append(("Groups from the provider", ", ".join(groups) or "none: an administrator adds people"))
    if without := [role.value for role in (Role.SECURITY, Role.ADMINISTRATORS) if role not in needing]:
        row.lacks(
            f"A password alone opens the accounts of {listed(without)}.",
            Step("Require a second factor of these roles; who has none sets one up at the next sign-in.",
                 reverse("admin:portal_secondfactorrule_changelist"), "Second factor rules"),
        )  # fmt: skip
    return row


def _signers(there: Facts) -> Row:
    row = Row("signers", "Two signers", "A packet of high risk needs two of Security; authors never sign their own.")
    row.tests["signers"] = "Look at the signers"
    security = there.of(Role.SECURITY)
    signers, keepers = distinct(security), distinct(there.of(Role.ADMINISTRATORS))
    unable = [one.name for one in security if not one.can_show]
    row.there = [
        ("Can sign for Security", listed(signers) or "nobody"),
        ("Administrators", listed(keepers) or "nobody"),
    ]
    if unable:
        row.there.append(("In Security, without a way to sign", listed(unable)))
    persons = Step("Make accounts, and put people into groups.", reverse("admin:portal_user_changelist"), "People")
    if len(signers) < SIGNERS:
        row.lacks(f"Two people of Security have to be able to sign, and there {_are(len(signers))}.", persons)
    if len(keepers) < KEEPERS:
        row.lacks(f"A change that loosens a rule takes two administrators, and there {_are(len(keepers))}.", persons)
    row.steps = list(dict.fromkeys(row.steps))
    return row


def _are(number: int) -> str:
    return "is nobody" if not number else "is one" if number == 1 else f"are {number}"


def _rules(there: Facts) -> Row:
    row = Row("rules", "Sign-off rules", "They say who has to sign what. Where none applies, nobody can approve.")
    row.tests["rules"] = "Fill every signature"
    row.there = [("Rules that hold", str(there.rules))]
    where = reverse("rules")
    if there.rules:
        row.steps.append(Step("Read them as sentences, and ask what a packet would need.", where, "Sign-off rules"))
    else:
        row.lacks("There is no rule, so nothing can be approved.", Step("Make the first one.", where, "Sign-off rules"))
    return row


def _worker() -> Row:
    row = Row("worker", "Worker and scheduler", "They send e-mails and write ends down. Ends take effect without them.")
    row.there = [("Broker", "there is one" if settings.REDIS_URL else "none")]
    if settings.REDIS_URL:
        row.tests["worker"] = "Call the worker"
        row.only_a_test_tells = True
    else:
        row.lacks(
            "There is no broker, so no worker is ever asked to send an e-mail.",
            Step("Set REDIS_URL and run worker and scheduler, or run manage.py sweep every few minutes."),
        )
    return row


def _backup(there: Facts, now: datetime) -> Row:
    row = Row("backup", "Backup", "The record is worth what is left of it after this machine is lost.")
    row.tests["backup"] = "Write one and throw it away"
    kind = "SQLite" if "sqlite" in settings.DATABASES["default"]["ENGINE"] else "PostgreSQL"
    last = there.backup_at
    told = f"{moment_text(last)}, {relative_text(last, now)}" if last else "none was ever taken"
    row.there = [("Last backup", told), ("Database", kind), ("Not in a backup", "the keys; write them once, elsewhere")]
    how = Step("Let the machine run manage.py backup TO every night, onto another disk, and try restore once.")
    if last is None:
        row.lacks("If this machine is lost, so is every signature.", how)
    elif now - last > FRESH:
        row.lacks(f"The last backup is more than {FRESH.days} days old.", how)
    return row
