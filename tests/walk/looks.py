"""The looks a page has to be good in, and how a browser is made to take one without loading the page again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Page


@dataclass(frozen=True)
class Look:
    """A size and a scheme."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"

    def put_on(self, page: Page) -> None:
        """The page as it is, seen like this: style sheets follow by themselves."""
        page.emulate_media(color_scheme=self.scheme)
        page.set_viewport_size({"width": self.width, "height": self.height})


LIGHT = Look("light", 1366, 768)
DARK = Look("dark", 1366, 768, "dark")
PHONE = Look("phone", 390, 844)
LOOKS = (LIGHT, DARK, PHONE)

# 1280 by 1024 at 400 percent, which is how WCAG 2.2 measures reflow.
ZOOMED = Look("400 percent", 320, 256)
