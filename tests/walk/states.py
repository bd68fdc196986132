"""What a page looks like after somebody did something on it that changes nothing: a refusal, errors, a menu opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from playwright.sync_api import Page

from approvals.models import Packet
from audits import evidence
from portal.models import User

SETTINGS = Path(__file__).resolve().parents[1] / "data" / "claude-code" / "sentry.settings.json"
TOO_LARGE = 3 * 1024 * 1024
Reach = Callable[[Page], None]

POST = """([path, fields]) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = path;
    for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement("textarea");
        [field.name, field.value] = [name, value];
        form.append(field);
    }
    form.append(document.querySelector("[name=csrfmiddlewaretoken]").cloneNode());
    document.body.append(form);
    form.submit();
}"""


@dataclass(frozen=True)
class State:
    """What one person does on the page of an address, and what the page shows then."""

    name: str
    who: str  # an account, or nobody
    address: str
    reach: Reach
    of: str = ""  # the state of the place it begins at
    holding: str = ""  # and what its page holds


def posting(act: str = "", **fields: str) -> Reach:
    """Send these fields to the page itself, or to the verb below it, whatever its form makes of them."""

    def reach(page: Page) -> None:
        path = page.evaluate("location.pathname + location.search")
        with page.expect_navigation(wait_until="load") as answer:
            page.evaluate(POST, [path + act if act else path, fields])
        answered = answer.value
        told = answered and answered.status < 500 and answered.request.redirected_from is None
        assert told, f"{path}{act} was to refuse {fields or 'nothing'}, and led on."

    return reach


def pressing(name: str) -> Reach:
    """Press this button and wait for the page it leads to."""

    def reach(page: Page) -> None:
        with page.expect_navigation(wait_until="load"):
            page.get_by_role("button", name=name, exact=True).first.click()

    return reach


def opening(selector: str) -> Reach:
    """Open or tick what is folded away."""
    return lambda page: page.locator(selector).first.click()


def importing(page: Page) -> None:
    """Hand in a real agent's configuration, and stand before its rows."""
    page.locator("[name=agent]").fill("sentry-dev")
    page.locator("[type=file]").first.set_input_files(SETTINGS)
    pressing("Read it")(page)


def importing_too_much(page: Page) -> None:
    page.locator("[type=file]").first.set_input_files(
        {"name": "settings.json", "mimeType": "application/json", "buffer": b" " * TOO_LARGE}
    )
    pressing("Read it")(page)


def checking(change: bytes = b"") -> Reach:
    """Take a bundle as whoever looks, put these bytes behind it, and have it checked."""

    def reach(page: Page) -> None:
        packet = Packet.objects.order_by("pk")[0].reference
        taken = BytesIO()
        evidence.take_packet(packet, taken, taker=User.objects.get(username="auditor"), reason="To look at the page.")
        handing_in(taken.getvalue() + change)(page)

    return reach


def handing_in(zipped: bytes) -> Reach:
    """Have this file checked as a bundle."""

    def reach(page: Page) -> None:
        page.get_by_label("Evidence bundle").set_input_files(
            {"name": "evidence.zip", "mimeType": "application/zip", "buffer": zipped}
        )
        pressing("Check this bundle")(page)

    return reach


def starting_unsorted(page: Page) -> None:
    importing(page)
    pressing("Start the draft")(page)


def without_the_cookie(page: Page) -> None:
    """What somebody meets whose browser has lost the cookie that a form is checked against."""
    page.context.clear_cookies(name="csrftoken")
    posting()(page)


def stale(page: Page) -> None:
    """A decision on something else than what is there now."""
    posting("decide/", verdict="approve", reason="Fine.", revision="1", digest="0" * 64, cuts="", state="in_review")(
        page
    )


def opened_all(page: Page) -> None:
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true; })")


TYPED: Mapping[str, str] = {
    "agent": "Not A Slug!", "job": "", "tools": "Bash(find *\nBash(gh api *)", "data_sources": "crm.customers",
    "ends": "yesteryear", "run_record_location": "javascript:alert(1)", "links": "not a link",
}  # fmt: skip
IN_REVIEW = "in_review"
SIGNABLE = "data-decision"  # the panel of somebody who may sign this version

STATES = (
    State("wrong password", "nobody", "sign-in", posting(username="engineer", password="wrong")),
    State("cookie lost", "nobody", "sign-in", without_the_cookie),
    State("menu open", "engineer", "home", opening(".me summary")),
    State("menu open", "admin", "admin:portal_user_changelist", opening(".me summary")),
    State("menu open, read only", "auditor", "packet", opening(".me summary"), of="in_force"),
    State("form submitted with nothing in it", "engineer", "packet-new", posting(then="submit")),
    State("form saved with everything wrong", "engineer", "packet-new", posting(**TYPED)),
    State("form unfolded", "engineer", "packet-new", opened_all),
    State("form of a draft unfolded", "engineer", "version-edit", opened_all, of="draft"),
    State("form of a draft, wrong", "engineer", "version-edit", posting(**TYPED), of="draft"),
    State("draft submitted that lacks something", "engineer", "version", posting("submit/"), of="draft"),
    State("evidence without a reason", "auditor", "packet-evidence", posting(), of="in_force"),
    State("bundle checked whole", "auditor", "audit-bundle", checking()),
    State("bundle that was changed", "auditor", "audit-bundle", checking(b"x")),
    State("bundle refused", "engineer", "audit-bundle", handing_in(b"no zip")),
    State("bundle of nothing", "engineer", "audit-bundle", posting()),
    State("import of nothing", "engineer", "packet-import", posting()),
    State("import sorted", "engineer", "packet-import", importing),
    State("import with rows not sorted", "engineer", "packet-import", starting_unsorted),
    State("import too large", "engineer", "packet-import", importing_too_much),
    State("signed without a choice", "security", "version", posting("decide/"), IN_REVIEW, SIGNABLE),
    State("signed what is not there any more", "security", "version", stale, IN_REVIEW, SIGNABLE),
    State("narrower chosen", "security", "version", opening("[value=approve_narrower]"), IN_REVIEW, SIGNABLE),
    State("asked nothing", "security", "version", posting("ask/"), of=IN_REVIEW),
    State("decided by an auditor", "auditor", "version", posting("decide/", verdict="approve"), of=IN_REVIEW),
    State("shared with nobody", "engineer", "packet", posting("share/", person="no-such-person"), of="in_force"),
    State("suspended without a reason", "engineer", "packet-suspend", posting(), of="in_force"),
    State("revoked without a reason", "security", "packet-revoke", posting(), of="in_force"),
    State("resumed without a reason", "security", "packet-resume", posting(), of="suspended"),
    State("gave up nothing", "engineer", "version-give-up", posting(), of="in_force"),
    State("person added with nothing", "admin", "admin:portal_user_add", posting(_save="1")),
    State("rule added with nothing", "admin", "rule-new", posting()),
    State("team added with nothing", "admin", "admin:auth_group_add", posting(_save="1")),
    State("password changed wrongly", "admin", "admin:password_change", posting(old_password="wrong")),
    State("agent stopped without a reason", "responder", "agent-stop", posting(), of="in_force"),
)
