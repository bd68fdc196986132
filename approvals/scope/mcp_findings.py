"""What is noticed of one entry of .mcp.json: how the server is started or reached. Values are never repeated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from approvals.scope.finding import Finding
from approvals.scope.imported import shown
from approvals.scope.secret_marks import holds_secret, looks_secret
from approvals.vocabulary import Severity

STARTERS = frozenset({"npx", "bunx", "pnpx", "uvx", "pipx"})
STARTER_FORMS = {("npm", "exec"), ("pnpm", "dlx"), ("yarn", "dlx"), ("uv", "run"), ("bun", "x"), ("pipx", "run")}
SHELLS = frozenset({"sh", "bash", "zsh", "cmd", "cmd.exe", "powershell", "pwsh"})
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def about_server(name: str, entry: object) -> Iterator[Finding]:
    """What is noticed of one server."""
    if not isinstance(entry, dict):
        yield Finding("left_out", Severity.MEDIUM, f"The MCP server {name} is not described by an object.")
        return
    yield from _started(name, entry)
    yield from _reached(name, entry)
    yield from _secrets(name, entry)


def _started(name: str, entry: dict[str, Any]) -> Iterator[Finding]:
    command, args = entry.get("command"), entry.get("args")
    if not isinstance(command, str):
        return
    words = [word for word in args if isinstance(word, str)] if isinstance(args, list) else []
    program = command.replace("\\", "/").rsplit("/", 1)[-1]
    if program in SHELLS:
        sentence = f"The MCP server {name} is started through a shell, which can run anything."
        yield Finding("server_by_shell", Severity.HIGH, sentence, "Name the server's own program.")
    package = _package(program, words)
    if package is not None and not _pinned(package, program):
        sentence = f"The MCP server {name} is started by {program} in whatever version is newest that day."
        remedy = "Name an exact version, so that what was reviewed is what runs."
        yield Finding("server_not_pinned", Severity.HIGH, sentence, remedy)
    if program in ("docker", "podman") and not any("@sha256:" in word for word in words):
        sentence = f"The MCP server {name} is started from an image whose content can change."
        yield Finding("server_not_pinned", Severity.MEDIUM, sentence, "Name the image by its digest (@sha256:…).")


def _package(program: str, words: list[str]) -> str | None:
    """The package a starter fetches, or None when the program is no starter."""
    plain = [word for word in words if not word.startswith("-")]
    if program in STARTERS:
        rest = plain[1:] if (program, plain[0] if plain else "") in STARTER_FORMS else plain
        return rest[0] if rest else ""
    if plain and (program, plain[0]) in STARTER_FORMS:
        return plain[1] if len(plain) > 1 else ""
    return None


def _pinned(package: str, program: str) -> bool:
    """True for an exact version: name@1.2.3, or name==1.2.3 for Python's starters."""
    version = package.split("==", 1)[1] if "==" in package else package.rpartition("@")[2] if "@" in package[1:] else ""
    return bool(version) and version[0].isdecimal() and version.count(".") >= 1 and not set("^~*<>x ") & set(version)


def _reached(name: str, entry: dict[str, Any]) -> Iterator[Finding]:
    url = entry.get("url")
    if not isinstance(url, str):
        return
    try:
        parts = urlsplit(url)
        host, query = parts.hostname or "", parse_qsl(parts.query, max_num_fields=100)
    except ValueError:
        yield Finding("server_address", Severity.MEDIUM, f"The address of the MCP server {name} cannot be read.")
        return
    if parts.scheme == "http" and host not in LOCAL:
        sentence = f"The MCP server {name} is reached without encryption."
        yield Finding("server_not_encrypted", Severity.HIGH, sentence, "Use its https:// address.")
    if (
        parts.username
        or parts.password
        or any(holds_secret(key, content) for key, content in query)
        or looks_secret(url)
    ):
        yield _secret(name, "its address")


def _secrets(name: str, entry: dict[str, Any]) -> Iterator[Finding]:
    for place in ("env", "headers"):
        pairs = entry.get(place)
        if not isinstance(pairs, dict):
            continue
        named = [key for key, content in pairs.items() if isinstance(content, str) and holds_secret(key, content)]
        if named:
            yield _secret(name, f"{place}: {', '.join(shown(key)[:60] for key in named[:5])}")
    args = entry.get("args")
    if isinstance(args, list) and any(isinstance(word, str) and looks_secret(word) for word in args):
        yield _secret(name, "args")


def _secret(name: str, where: str) -> Finding:
    sentence = (
        f"The entry of the MCP server {name} holds what looks like a secret ({where}). Its value was not read in."
    )
    remedy = "Change that secret now, and write ${NAME} in its place."
    return Finding("secret_in_file", Severity.HIGH, sentence, remedy)
