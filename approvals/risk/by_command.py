"""What can be said of a shell line: which program it hands the agent. Only the first thing that fits is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from approvals.risk.by_file import holds_credentials
from approvals.risk.kinds import found
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line
from approvals.vocabulary import Field

# Programs whose arguments are programs: a prefix line for one of them allows anything.
SHELLS = frozenset(["sh", "bash", "zsh", "dash", "ksh", "fish", "pwsh", "powershell", "cmd"])
INTERPRETERS = frozenset(
    ["python", "python3", "node", "deno", "bun", "ruby", "perl", "php", "lua", "osascript", "awk", "gawk"]
)
RUNNERS = frozenset(
    [
        *("npx", "bunx", "pnpx", "uvx", "pipx", "ssh", "sudo", "doas", "su", "env", "xargs", "watch", "parallel"),
        *("make", "just", "task", "eval", "exec", "nsenter", "chroot", "script", "strace", "setsid", "flock"),
    ]
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
    *("gh api", "gh pr merge", "git push", "npm publish", "pnpm publish", "cargo publish", "twine upload"),
    *("aws", "gcloud", "az", "terraform apply", "terraform destroy", "helm", "docker push"),
    *("kubectl apply", "kubectl create", "kubectl delete", "kubectl edit", "kubectl patch", "kubectl rollout"),
    *("kubectl scale", "kubectl set", "kubectl drain"),
)
# Words behind `aws`, `gcloud`, `az`, `helm` that only look.
LOOKS_ONLY = frozenset(["ls", "list", "get", "describe", "show", "status", "history", "version", "search", "lint"])
LOOKS_ONLY_BEGIN = ("describe-", "list-", "get-", "--version")
SENDERS = frozenset(["curl", "wget", "nc", "ncat", "netcat", "socat", "scp", "rsync", "ftp", "sftp", "telnet"])
DESTROYERS = frozenset(["rm", "rmdir", "shred", "dd", "truncate", "dropdb", "unlink"])
DESTROYER_FORMS = (
    *("git clean", "git reset --hard", "git branch -D", "docker system prune", "docker volume rm", "docker rm"),
    *("docker rmi", "docker compose down", "redis-cli flushall"),
)
INSTALLERS = (
    *("npm install", "npm i", "pnpm install", "pnpm add", "pnpm i", "yarn add", "bun add", "bun install"),
    *("pip install", "pip3 install", "pipx install", "uv add", "uv pip install", "uv tool install", "poetry add"),
    *("cargo install", "cargo add", "gem install", "go get", "go install", "brew install", "apt install"),
    *("apt-get install", "composer require", "npm update", "python -m pip install", "python3 -m pip install"),
)
LASTING = frozenset(["crontab", "at", "systemctl", "launchctl", "nohup", "screen", "tmux", "pm2", "supervisorctl"])
SHOWS_FILES = frozenset(["cat", "less", "more", "head", "tail", "cp", "grep", "base64", "source", "xxd", "strings"])


def words_of(line: Line) -> str:
    """The fixed beginning of a shell line, without wildcards; empty for other lines."""
    if line.target != "Bash" or line.method is None:
        return ""
    return line.method.split("*", 1)[0].strip()


def program_of(line: Line) -> str:
    """The program a shell line begins with, without its folder; empty for other lines."""
    return words_of(line).split(" ", 1)[0].rsplit("/", 1)[-1]


def begins(words: str, forms: Iterable[str]) -> bool:
    """Whether the words are one of these forms or go on from one."""
    return any(words == form or words.startswith(form + " ") for form in forms)


def is_open(line: Line) -> bool:
    """Whether more may follow what the line says."""
    return line.method is not None and line.method.endswith("*")


def any_command(field: Field, line: Line) -> list[Finding]:
    """A bare shell, a bare star: no limit at all."""
    bare = line.target in ("Bash", "PowerShell") and (line.method is None or not line.method.strip("* "))
    if not (bare or not line.target.strip("*")):
        return []
    return [found("any_command", "Allows every command.", line=line, field=field)]


def runs_anything(field: Field, line: Line) -> list[Finding]:
    """Shells, interpreters and runners take another program as their argument."""
    words = words_of(line)
    known = (
        program_of(line) in SHELLS | INTERPRETERS | RUNNERS or words in REACHES_RUNNER or begins(words, RUNNER_FORMS)
    )
    harmless = words.endswith((" --version", " -V")) or begins(words, INSTALLERS)
    if not known or not is_open(line) or harmless:
        return []
    return [found("runs_anything", f"{words} runs whatever it is given.", line=line, field=field)]


def sends_out(field: Field, line: Line) -> list[Finding]:
    """Commands that can carry data to another machine."""
    if program_of(line) not in SENDERS:
        return []
    return [found("sends_out", "Can send data to any machine.", line=line, field=field)]


def writes_remotely(field: Field, line: Line) -> list[Finding]:
    """Commands that change things elsewhere, and beginnings so short that one of them may follow."""
    words = words_of(line)
    reached = bool(words) and is_open(line) and any(form.startswith(words + " ") for form in REMOTE_WRITERS)
    later = words.split(" ")[1:]
    looks = bool(LOOKS_ONLY.intersection(later)) or any(word.startswith(LOOKS_ONLY_BEGIN) for word in later)
    direct = begins(words, REMOTE_WRITERS) and not (program_of(line) in ("aws", "gcloud", "az", "helm") and looks)
    if not direct and not reached:
        return []
    return [found("writes_remotely", f"{words} can change things wherever its token reaches.", line=line, field=field)]


def shows_credentials(field: Field, line: Line) -> list[Finding]:
    """A command that prints or copies where keys are kept."""
    words = (line.method or "").split(" ")[1:]
    if program_of(line) not in SHOWS_FILES or not any(map(holds_credentials, words)):
        return []
    return [found("credentials", "Reads where keys and passwords are kept.", line=line, field=field)]


def destroys(field: Field, line: Line) -> list[Finding]:
    """Commands that delete, with whatever is named behind them."""
    words = words_of(line)
    if not is_open(line) or not (program_of(line) in DESTROYERS or begins(words, DESTROYER_FORMS)):
        return []
    return [found("destroys", f"{words} can delete what nobody has a copy of.", line=line, field=field)]


def installs(field: Field, line: Line) -> list[Finding]:
    """A package of any name brings scripts that run while it is installed."""
    words = words_of(line)
    if not is_open(line) or not begins(words, INSTALLERS):
        return []
    return [found("installs", f"{words} runs the scripts of whatever package it names.", line=line, field=field)]


def outlives_the_run(field: Field, line: Line) -> list[Finding]:
    """What is scheduled or put in the background goes on when the packet has ended."""
    if program_of(line) not in LASTING and line.target != "CronCreate":
        return []
    return [found("outlives_the_run", "Can start what goes on after the run has ended.", line=line, field=field)]


def search_runs_programs(field: Field, line: Line) -> list[Finding]:
    """`find -exec` and `-delete` go beyond reading; a prefix line never allows them here, other tools might."""
    if program_of(line) not in ("find", "fd", "fdfind") or not is_open(line):
        return []
    return [found("search_runs_programs", "A search command can run other programs.", line=line, field=field)]


LOOKS: tuple[Callable[[Field, Line], list[Finding]], ...] = (
    any_command,
    runs_anything,
    sends_out,
    writes_remotely,
    shows_credentials,
    destroys,
    installs,
    outlives_the_run,
    search_runs_programs,
)
