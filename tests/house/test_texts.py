"""What templates and other files may not hold."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.reading import HERE, files, loud

COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.DOTALL)
INLINE = {
    re.compile(
        r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")", re.I
    ): "move the script to a file in static/",
    re.compile(r"\son[a-z]+\s*=\s*[\"']", re.I): "listen for the event in a file in static/",
    re.compile(r"(?:href|src|action)\s*=\s*[\"']\s*javascript:", re.I): "link to an address",
    re.compile(r"\|\s*safe\b|autoescape\s+off"): "let Django escape it, and build HTML with format_html",
}
STYLED = {
    re.compile(r"<style[\s>]", re.I): "move the style to a stylesheet in static/",
    re.compile(r"\sstyle\s*=\s*[\"']", re.I): "use a class; the Content-Security-Policy ignores style attributes",
}
# Written in parts, so that this file does not hold them either.
FOREIGN = re.compile(
    "|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.(org|com)", "jsde" + "livr", "un" + "pkg"])
)
MACHINE = re.compile("|".join(["/ro" + "ot/", r"/home/\w", "/wo" + "rk/", "/opt/" + "(pypi|wheels)"]))
TEXT = (
    ".py",
    ".toml",
    ".lock",
    ".txt",
    ".md",
    ".html",
    ".css",
    ".js",
    ".svg",
    ".yml",
    ".yaml",
    ".cfg",
    ".ini",
    ".json",
)


def templates() -> list[tuple[Path, str]]:
    """Each template with its text, without its comments."""
    found = [path for path in files(".html") if "templates" in path.parts]
    return [(path, COMMENT.sub("", path.read_text(encoding="utf-8"))) for path in found]


def test_templates_keep_to_the_content_security_policy() -> None:
    problems = []
    for path, text in templates():
        letter = "letters" in path.parts  # mail programs read nothing but style attributes
        for pattern, instead in (INLINE if letter else INLINE | STYLED).items():
            problems += [
                f"{path.relative_to(HERE)}: “{hit.group().strip()}”: {instead}." for hit in pattern.finditer(text)
            ]
    assert not problems, loud(problems)


def test_templates_load_nothing_from_another_host() -> None:
    asks = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)=[\"'](?:https?:)?//", re.I)
    problems = [
        f"{path.relative_to(HERE)}: “{hit.group()}…”: serve it from static/."
        for path, text in templates()
        for hit in asks.finditer(text)
    ]
    assert not problems, loud(problems)


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    problems = [
        f"{path.relative_to(HERE)}:{number} holds “{hit.group()}”: leave the registry to the installer's settings, and "
        "name folders relative to the project."
        for path in files(*TEXT, "Makefile", "run", "packages")
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        for hit in [FOREIGN.search(line) or MACHINE.search(line)]
        if hit
    ]
    assert not problems, loud(problems)


def test_pinned_dependencies_are_pinned_by_hash() -> None:
    for lock in HERE.glob("requirements*.lock"):
        entries = re.findall(r"^([a-z0-9._-]+)==[^\n]*(\n\s+--hash=sha256:[0-9a-f]{64})?", lock.read_text(), re.M)
        without = [name for name, pin in entries if not pin]
        assert entries, f"{lock.name} is empty: run make lock."
        assert not without, f"{lock.name} does not pin {', '.join(without)} by hash: run make lock."
