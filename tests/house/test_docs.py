"""What README and docs name is there: files, settings, commands and targets."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management import get_commands

from tests.house.reading import HERE

PAGES = sorted([*HERE.glob("*.md"), *HERE.glob("docs/**/*.md")])
OPERATING = (HERE / "docs" / "operate.md").read_text(encoding="utf-8")


def test_every_link_to_a_file_leads_there() -> None:
    lost = [
        f"{page.relative_to(HERE)} → {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not lost, "\n".join(lost)


def test_every_setting_that_is_read_is_told_and_no_other() -> None:
    settings = (HERE / "portal" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'environment\.\w+\(\s*"([A-Z_]+)"', settings))
    told = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", OPERATING.split("## Settings")[1].split("## By hand")[0]))
    assert told == read


def test_every_command_that_is_told_exists() -> None:
    named = {word for page in PAGES for word in re.findall(r"manage\.py ([a-z_]+)", page.read_text(encoding="utf-8"))}
    assert named <= set(get_commands()), "A page names a command that is not there."


def test_every_target_that_is_told_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", Path(HERE, "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {word for page in PAGES for word in re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8"))}
    assert named <= targets


def test_every_picture_is_shown_and_every_one_that_is_shown_is_there() -> None:
    shown = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"!\[[^\]]+\]\(([^)\s]+\.png)\)", page.read_text(encoding="utf-8"))
    }
    taken = set((HERE / "docs" / "images").glob("*.png"))
    assert sorted(shown - taken) == [], "Take them: make screenshots."
    assert sorted(taken - shown) == [], "Show each picture in docs/pages.md with a sentence, or take it no more."
