"""What is wrong with the page a browser shows: accessibility, sideways scrolling, focus, and what the browser says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from tests.walk.looks import PHONE, ZOOMED, Look

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# What the policy refuses is counted by the page itself: a refused style is no error on the console.
COUNT_REFUSALS = """
window.refusals = [];
document.addEventListener("securitypolicyviolation", event =>
    window.refusals.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""

RUN_AXE = """tags => axe.run({ runOnly: { type: "tag", values: tags }, resultTypes: ["violations", "incomplete"] })
    .then(found => {
        const told = one => one.nodes.map(node => `${one.id}: ${node.target.join(" ")} ${node.failureSummary
            .replace(/\\s+/g, " ").slice(0, 300)} ${node.html.slice(0, 160)}`);
        return { violations: found.violations.flatMap(told), incomplete: found.incomplete.flatMap(told) };
    })"""

TOO_WIDE = """() => {
    const wide = document.documentElement.scrollWidth, seen = document.documentElement.clientWidth;
    if (wide <= seen) return [];
    const out = [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > seen + .5);
    return [`${wide} px wide on ${seen}: ${out.slice(-3).map(one => one.outerHTML.slice(0, 120)).join(" | ")}`];
}"""

# Each element that takes the focus is given it as by the Tab key: its ring must be drawn, and some of it uncovered.
FOCUS = """() => {
    const found = [], told = one => one.outerHTML.slice(0, 120);
    const drawn = one => one && getComputedStyle(one).outlineStyle !== "none"
        && parseFloat(getComputedStyle(one).outlineWidth) >= 2;
    const lies = (one, top) => top && (one.contains(top) || top.closest("label")?.control === one
        || top.contains(one) && !top.matches("html, body"));
    const points = box => [.1, .5, .9].flatMap(x => [.1, .5, .9].map(y =>
        [box.left + box.width * x, box.top + box.height * y]));
    for (const one of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
        if (one.disabled || one.tabIndex < 0 || !one.checkVisibility({ visibilityProperty: true })) continue;
        one.focus();
        if (document.activeElement !== one) continue;
        if (!drawn(one) && !drawn(one.closest("label"))) found.push("no focus ring: " + told(one));
        const seen = [...one.getClientRects()].flatMap(points);
        if (!seen.some(([x, y]) => lies(one, document.elementFromPoint(x, y))))
            found.push("covered when it has the focus: " + told(one));
    }
    document.activeElement?.blur();
    return found;
}"""


def eyes(context: BrowserContext) -> Eyes:
    """A page of this browser that is looked at. What asks it goes in beside the policy, which stays strict."""
    context.add_init_script(path=AXE)
    context.add_init_script(COUNT_REFUSALS)
    return Eyes(context, context.new_page())


@dataclass
class Eyes:
    """Looks at one page after the other and keeps what was wrong, and how much was looked at."""

    context: BrowserContext
    page: Page
    checks: int = 0
    unsure: list[str] = field(default_factory=list)
    _said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hears)
        self.page.on("pageerror", lambda error: self._said.append(f"error in a script: {error}"))

    def _hears(self, said: ConsoleMessage) -> None:
        """A browser also reports an answer that says no (403, 404, 422) as an error; that answer is what was wanted."""
        if said.type == "error" and "Failed to load resource: the server responded with a status of 4" not in said.text:
            self._said.append(f"on the console: {said.text}")

    def faults(self, look: Look) -> list[str]:
        """Everything wrong with the page as it is now, in this look."""
        look.put_on(self.page)
        told = self._told()
        found: dict[str, Any] = self.page.evaluate(RUN_AXE, TAGS)
        self._told()  # axe copies sheets that import others into a style element, and the policy refuses axe that
        self.checks += 1
        self.unsure += found["incomplete"]
        return [f"[{look.name}] {one}" for one in (*found["violations"], *told)]

    def _told(self) -> list[str]:
        """What the policy refused and the console said since this was asked last."""
        refused = [f"refused by the policy: {one}" for one in self.page.evaluate("window.refusals.splice(0)")]
        said, self._said[:] = [*self._said], []
        return [*refused, *said]

    def misfits(self) -> list[str]:
        """What does not fit a phone or a page at 400 percent, or is hidden there from who uses the keyboard."""
        found = []
        for look in (PHONE, ZOOMED):
            look.put_on(self.page)
            self.page.keyboard.press("Shift")  # from here on a browser draws the ring, as for whoever uses the keyboard
            for script in (TOO_WIDE, FOCUS):
                found += [f"[{look.name}] {one}" for one in self.page.evaluate(script)]
            self.checks += 1
        return found
