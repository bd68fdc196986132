"""Takes the pictures of docs/images: `make screenshots`. docs/pages.md says what each of them shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from approvals.models import Letter
from approvals.pages.dossier import opened
from approvals.pages.printed import paper
from approvals.printing.typeset import compiler, inputs, one_at_a_time
from approvals.vocabulary import EventKind
from portal.models import User
from tests.house.reading import HERE
from tests.walk.demo import NOBODY, Demo
from tests.walk.looks import Look
from tests.walk.states import SIGNABLE, importing, opening, posting, stale

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

IMAGES = HERE / "docs" / "images"
DESKTOP = Look("", 1280, 800)
DARK = Look("dark", 1280, 800, "dark")
PHONE = Look("phone", 390, 844)
WIDER = "glossary-keeper"  # of what waits for a signature, this asks for more than what is in force
NARROWER = "[value=approve_narrower]"
LONGEST = 1440  # of a page that goes on, so much is shown


@dataclass(frozen=True)
class Shot:
    """One picture: its file, who looks at which place, and what they did there."""

    file: str
    who: str
    name: str
    of: str = ""
    look: Look = DESKTOP
    reach: Callable[[Page], None] | None = None
    whole: bool = False
    holding: str = ""

    def path(self) -> Path:
        return _named(self.file, self.look)


SHOTS = (
    Shot("sign-in", NOBODY, "sign-in"),
    Shot("home-engineer", "engineer", "home"),
    Shot("home-security", "security", "home"),
    Shot("home-security", "security", "home", look=PHONE),
    Shot("home-security", "security", "home", look=DARK),
    Shot("home-auditor", "auditor", "home"),
    Shot("home-administrator", "admin", "home"),
    Shot("form-new", "engineer", "packet-new", whole=True),
    Shot("form-new", "engineer", "packet-new", look=PHONE),
    Shot("form-run", "engineer", "packet-new", "run"),
    Shot("form-draft", "engineer", "version-edit", "draft", whole=True),
    Shot("form-errors", "engineer", "packet-new", reach=posting(then="submit")),
    Shot("import", "engineer", "packet-import"),
    Shot("import-sorted", "engineer", "packet-import", reach=importing),
    Shot("packets", "engineer", "packets", "all"),
    Shot("packets", "security", "packets", "all", look=PHONE),
    Shot("packets-nothing-found", "engineer", "packets", "found nothing"),
    Shot("packet-draft", "engineer", "version", "draft"),
    Shot("packet", "security", "version", "in_review", whole=True, holding=WIDER),
    Shot("packet", "security", "version", "in_review", look=PHONE, holding=WIDER),
    Shot("packet", "security", "version", "in_review", look=DARK, holding=WIDER),
    Shot(
        "packet-narrower", "security", "version", "in_review", reach=opening("[value=approve_narrower]"), holding=WIDER
    ),
    Shot("packet-stale", "security", "version", "in_review", reach=stale, holding=SIGNABLE),
    Shot("packet-read-only", "auditor", "version", "in_review"),
    Shot("packet-changes-requested", "outsider", "version", "changes_requested"),
    Shot("packet-rejected", "engineer", "version", "rejected"),
    Shot("packet-scheduled", "engineer", "version", "scheduled"),
    Shot("packet-in-force", "engineer", "version", "in_force", whole=True),
    Shot("packet-ends-soon", "engineer", "version", "ends_soon"),
    Shot("packet-suspended", "engineer", "version", "suspended"),
    Shot("packet-suspended", "responder", "version", "suspended", look=PHONE),
    Shot("packet-superseded", "engineer", "version", "superseded"),
    Shot("packet-ended", "engineer", "version", "ended"),
    Shot("packet-revoked", "outsider", "version", "revoked"),
    Shot("packet-closed", "engineer", "version", "closed"),
    Shot("packet-run", "engineer", "version", "in_force run"),
    Shot("suspend", "engineer", "packet-suspend", "in_force"),
    Shot("give-up", "engineer", "version-give-up", "in_force"),
    Shot("agents", "security", "agents"),
    Shot("agents-filters", "security", "agents", reach=opening("summary.btn")),
    Shot("agent", "responder", "agent", "in_force"),
    Shot("agent-stopped", "responder", "agent", "suspended", look=PHONE),
    Shot("agent-stop", "responder", "agent-stop", "in_force", look=PHONE),
    Shot("may", "auditor", "may", "found"),
    Shot("who", "auditor", "who", "found"),
    Shot("why", "auditor", "why", "would have allowed", whole=True),
    Shot("why", "auditor", "why", "would have allowed", look=PHONE),
    Shot("why-held", "auditor", "why", "held", look=DARK),
    Shot("why-not-allowed", "auditor", "why", "not allowed"),
    Shot("record", "auditor", "record"),
    Shot("history", "auditor", "record-history", "in_force"),
    Shot("emails", "engineer", "letters"),
    Shot("email", "security", "letter", "letter sent"),
    Shot("administration", "admin", "administration"),
    Shot("set-up", "admin", "set-up", whole=True),
    Shot("people", "admin", "admin:portal_user_changelist", look=PHONE),
    Shot("rules", "admin", "rules"),
    Shot("rule", "admin", "rule-edit"),
    Shot("look", "engineer", "look", look=DARK),
    Shot("not-found", "outsider", "(none)", "404"),
)


@dataclass(frozen=True)
class Mail:
    """One picture of an e-mail: its file, what it tells, and who got it."""

    file: str
    tells: str
    to: str
    look: Look

    def path(self) -> Path:
        return _named(self.file, self.look)


PANE = Look("", 720, 800)  # where a mail client shows the letter itself
MAILS = (
    Mail("letter-to-sign", EventKind.SUBMITTED, "security", PANE),
    Mail("letter-to-sign", EventKind.SUBMITTED, "security", PHONE),
    Mail("letter-ends-soon", "", "engineer", PANE),
    Mail("letter-suspended", EventKind.SUSPENDED, "engineer", Look("dark", 720, 800, "dark")),
)
PAPERS = (("paper", "security", "in_review", WIDER), ("paper-in-force", "engineer", "in_force", ""))
PPI = 72  # a page of A4 is 595 pixels wide then: enough to read


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.path().stem)
def test_take_an_e_mail(mail: Mail, demo: Demo, browser: Browser) -> None:
    """Its HTML and nothing else, as a mail client draws it: without the portal, and without a network."""
    about = {"event__kind": mail.tells} if mail.tells else {"event": None}
    letter = Letter.objects.filter(recipient__username=mail.to, **about).latest("pk")
    page = browser.new_context(offline=True).new_page()
    mail.look.put_on(page)
    page.set_content(letter.html)
    _shoot(page, mail.path(), mail.look, whole=True)


@pytest.mark.parametrize(("file", "who", "state", "holding"), PAPERS)
def test_take_the_pages_of_a_pdf(file: str, who: str, state: str, holding: str, demo: Demo) -> None:
    """The first two, set by what sets the PDF from what it is set from."""
    _, _, reference, number, _ = demo.first(who, "version", state, holding).split("/")
    printed = paper(opened(User.objects.get(username=who), reference, int(number.removeprefix("v"))))
    with one_at_a_time:
        pages = compiler().compile(format="png", ppi=PPI, sys_inputs=inputs(printed))
    drawn = pages if isinstance(pages, list) else [pages]
    for page, picture in enumerate(drawn[:2], 1):
        (IMAGES / f"{file}-{page}.png").write_bytes(picture or b"")


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.path().stem)
def test_take(shot: Shot, demo: Demo, browser: Browser) -> None:
    page = demo.browser_of(shot.who, browser).new_page()
    shot.look.put_on(page)
    page.goto(demo.url + demo.first(shot.who, shot.name, shot.of, shot.holding))
    if shot.reach:
        shot.reach(page)
    page.mouse.move(0, 0)
    _shoot(page, shot.path(), shot.look, whole=shot.whole)


def _shoot(page: Page, path: Path, look: Look, *, whole: bool) -> None:
    """What is on the page now; `whole`: as far as it goes, within bounds. The browser of it is closed."""
    IMAGES.mkdir(exist_ok=True)
    height = min(page.evaluate("document.documentElement.scrollHeight"), LONGEST) if whole else look.height
    page.set_viewport_size({"width": look.width, "height": height})
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=path, animations="disabled")
    page.context.close()


def _named(file: str, look: Look) -> Path:
    return IMAGES / f"{file}{f'-{look.name}' if look.name else ''}.png"
