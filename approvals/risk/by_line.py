"""What can be said of one line by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from approvals.scope.finding import Finding
from approvals.scope.grammar import Line
from approvals.scope.matching import Placed, can_ever_match
from approvals.vocabulary import Field, Severity

# Programs whose arguments are programs: a prefix line for one of them allows anything.
SHELLS = frozenset(["sh", "bash", "zsh", "dash", "ksh", "fish", "pwsh", "powershell", "cmd"])
INTERPRETERS = frozenset(
    ["python", "python3", "node", "deno", "bun", "ruby", "perl", "php", "lua", "osascript", "awk", "gawk"]
)
RUNNERS = frozenset(
    ["npx", "bunx", "uvx", "pipx", "ssh", "sudo", "su", "env", "xargs", "watch", "parallel", "make", "just", "task"]
)
RUNNER_FORMS = (
    *("docker exec", "docker run", "docker compose exec", "docker compose run", "podman exec", "podman run"),
    *("kubectl exec", "kubectl run", "uv run", "npm exec", "pnpm exec", "pnpm dlx", "yarn dlx", "devbox run", "go run"),
)
# A bare prefix of one of these reaches its forms above.
REACHES_RUNNER = frozenset(
    ["docker", "docker compose", "podman", "kubectl", "uv", "npm", "pnpm", "yarn", "devbox", "go"]
)
REMOTE_WRITERS = (
    *("gh api", "gh pr merge", "git push", "npm publish", "aws", "gcloud", "az", "terraform apply", "helm"),
    *("kubectl apply", "kubectl create", "kubectl delete", "kubectl edit", "kubectl patch", "kubectl rollout"),
    *("kubectl scale", "kubectl set", "kubectl drain"),
)
OR_ASK = ", or move it under human approval."
HELD = "A person has to say yes each time, for the exact call."
SENDERS = frozenset(["curl", "wget", "nc", "ncat", "scp", "rsync", "ftp", "sftp", "telnet"])


def words_of(line: Line) -> str:
    """The fixed beginning of a shell line, without wildcards; empty for other lines."""
    if line.target != "Bash" or line.method is None:
        return ""
    return line.method.split("*", 1)[0].strip()


def begins(words: str, forms: Iterable[str]) -> bool:
    """Whether the words are one of these forms or go on from one."""
    return any(words == form or words.startswith(form + " ") for form in forms)


def everything(field: Field, line: Line) -> list[Finding]:
    """A bare shell, a bare star: no limit at all."""
    bare = line.target in ("Bash", "PowerShell") and (line.method is None or not line.method.strip("* "))
    if not (bare or not line.target.strip("*")):
        return []
    return [_finding("any_command", Severity.HIGH, "Allows every command.", "Name the commands it needs.", field, line)]


def runs_anything(field: Field, line: Line) -> list[Finding]:
    """Shells, interpreters and runners take another program as their argument."""
    words = words_of(line)
    program = words.split(" ", 1)[0]
    open_ended = line.method is not None and line.method.endswith("*")
    known = program in SHELLS | INTERPRETERS | RUNNERS or words in REACHES_RUNNER or begins(words, RUNNER_FORMS)
    only_version = words.endswith((" --version", " -V"))
    if not known or not open_ended or only_version:
        return []
    return [
        _finding(
            "runs_anything", Severity.HIGH, f"{words} runs whatever it is given.",
            f"Name the exact command{OR_ASK}", field, line,
        )
    ]  # fmt: skip


def writes_remotely(field: Field, line: Line) -> list[Finding]:
    """Commands that change things elsewhere, as far as their token reaches."""
    words = words_of(line)
    if not begins(words, REMOTE_WRITERS):
        return []
    return [
        _finding(
            "writes_remotely", Severity.HIGH, f"{words} can change things wherever its token reaches.",
            f"Name the read calls{OR_ASK}", field, line,
        )
    ]  # fmt: skip


def search_runs_programs(field: Field, line: Line) -> list[Finding]:
    """`find -exec` and `-delete` go beyond reading; a prefix line never allows them here, other tools might."""
    if words_of(line).split(" ", 1)[0] not in ("find", "fd"):
        return []
    return [
        _finding(
            "search_runs_programs", Severity.MEDIUM, "A search command can run other programs.",
            "find -exec and -delete go beyond reading; they are refused here and may not be elsewhere.", field, line,
        )
    ]  # fmt: skip


def sends_out(field: Field, line: Line) -> list[Finding]:
    """Commands that can carry data to another machine."""
    if words_of(line).split(" ", 1)[0] not in SENDERS:
        return []
    return [
        _finding(
            "sends_out", Severity.HIGH, "Can send data to any machine.",
            "Use WebFetch(domain:…) for the hosts it needs.", field, line,
        )
    ]  # fmt: skip


def any_page(field: Field, line: Line) -> list[Finding]:
    """Fetching without a host reads strangers' text."""
    if line.target not in ("WebFetch", "WebSearch") or (line.method and line.method not in ("*", "domain:*")):
        return []
    return [
        _finding(
            "any_page", Severity.MEDIUM, "Reads any page, so it may follow a stranger's instructions.",
            "Name the hosts: WebFetch(domain:docs.example.com).", field, line,
        )
    ]  # fmt: skip


def whole_server(field: Field, line: Line) -> list[Finding]:
    """A whole tool server: tools it gains later are allowed too."""
    name = line.target
    whole = name.startswith("mcp__") and (name.count("__") == 1 or name.endswith("__*"))
    if not whole:
        return []
    return [
        _finding(
            "whole_server", Severity.MEDIUM, "Allows every tool of the server, also those it gains later.",
            "Name the tools it needs.", field, line,
        )
    ]  # fmt: skip


def any_file(field: Field, line: Line) -> list[Finding]:
    """Changing any file includes the agent's own settings, hooks and CI."""
    everywhere = line.method is None or line.method.strip("./") in ("*", "**", "**/*")
    if line.target not in ("Edit", "Write", "NotebookEdit", "MultiEdit") or not everywhere:
        return []
    return [
        _finding(
            "any_file", Severity.HIGH, "May change every file, its own settings and the build's among them.",
            "Name the folders: Edit(src/**).", field, line,
        )
    ]  # fmt: skip


def dead(field: Field, line: Line) -> list[Finding]:
    """A line no check can ever match protects nobody and allows nothing."""
    why = can_ever_match(Placed(field, line))
    if why is None:
        return []
    return [
        _finding(
            "never_bites", Severity.LOW, f"Declared, not checked: {why}", "Rewrite it or take it out.", field, line
        )
    ]


def _finding(code: str, severity: Severity, sentence: str, remedy: str, field: Field, line: Line) -> Finding:
    """Behind a person's yes the same line weighs one step less."""
    if field is Field.HUMAN_APPROVAL and severity.rank:
        severity = (Severity.LOW, Severity.LOW, Severity.MEDIUM)[severity.rank]
        remedy = HELD if remedy.endswith(OR_ASK) else remedy
    return Finding(code, severity, sentence, remedy, str(line), field)


LOOKS: tuple[Callable[[Field, Line], list[Finding]], ...] = (
    everything,
    runs_anything,
    writes_remotely,
    search_runs_programs,
    sends_out,
    any_page,
    whole_server,
    any_file,
    dead,
)
