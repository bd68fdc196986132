"""What can be said of a line about files. Only the first thing that fits is said."""

from __future__ import annotations

from collections.abc import Callable

from approvals.risk.kinds import found
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line
from approvals.scope.tools import FILE_READERS, FILE_WRITERS
from approvals.vocabulary import Field

CREDENTIALS = frozenset(
    [
        *(".ssh", ".aws", ".azure", ".gnupg", ".kube", ".netrc", ".pgpass", ".npmrc", ".pypirc"),
        *("credentials.json", "secrets", "id_rsa", "id_ed25519", ".vault-token", ".git-credentials"),
    ]
)
KEY_FILES = (".pem", ".key", ".p12", ".pfx", ".kdbx", ".keystore", ".jks")
ENV_SAMPLES = (".example", ".sample", ".template", ".dist")
OWN_RULES = frozenset(
    [
        *(".claude", ".mcp.json", "CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", ".cursor", ".cursorrules", ".husky"),
        *(".git", ".vscode", ".pre-commit-config.yaml"),
    ]
)
CI_FILES = frozenset(
    [".gitlab-ci.yml", ".circleci", "Jenkinsfile", "azure-pipelines.yml", ".travis.yml", "bitbucket-pipelines.yml"]
)
BUILD_FILES = frozenset(
    [
        *(
            "package.json",
            "package-lock.json",
            "pnpm-lock.yaml",
            "yarn.lock",
            "pyproject.toml",
            "setup.py",
            "setup.cfg",
        ),
        *("requirements.txt", "poetry.lock", "uv.lock", "Makefile", "Dockerfile", "docker-compose.yml", "Cargo.toml"),
        *("Cargo.lock", "go.mod", "go.sum", "Gemfile", "build.gradle", "pom.xml", "composer.json"),
    ]
)
START_UP = frozenset([".bashrc", ".bash_profile", ".zshrc", ".zprofile", ".profile", ".gitconfig"])
TEMPORARY = ("//tmp/", "//var/tmp/", "//private/tmp/")
EVERY_FILE = ("*", "**", "**/*")


def segments(path: str) -> list[str]:
    """The names a path or pattern is made of."""
    return [name for name in path.split("/") if name and name != "."]


def holds_credentials(path: str) -> bool:
    """Whether a path or pattern is about a place where keys are kept."""
    names = segments(path)
    last = names[-1] if names else ""
    env = last.startswith(".env") and not last.endswith(ENV_SAMPLES)
    return env or last == "credentials" or not CREDENTIALS.isdisjoint(names) or last.endswith(KEY_FILES)


def _writes(line: Line) -> str | None:
    """The pattern a line may change files by; None when it is about something else."""
    return (line.method or "**") if line.target in FILE_WRITERS else None


def credentials(field: Field, line: Line) -> list[Finding]:
    """Reading a key is as good as having it."""
    files = FILE_READERS | FILE_WRITERS
    if line.target not in files or line.method is None or not holds_credentials(line.method):
        return []
    verb = "Changes" if line.target in FILE_WRITERS else "Reads"
    return [found("credentials", f"{verb} where keys and passwords are kept.", line=line, field=field)]


def any_file(field: Field, line: Line) -> list[Finding]:
    """Changing any file includes the agent's own settings, hooks and CI."""
    pattern = _writes(line)
    if pattern is None or pattern.lstrip("./") not in EVERY_FILE or pattern.startswith("//"):
        return []
    sentence = "May change every file, its own settings and the build's among them."
    return [found("any_file", sentence, line=line, field=field)]


def changes_own_rules(field: Field, line: Line) -> list[Finding]:
    """What limits the agent: its settings, its instructions, the hooks of its tools."""
    pattern = _writes(line)
    if pattern is None or OWN_RULES.isdisjoint(segments(pattern)):
        return []
    return [found("changes_own_rules", "May change what limits the agent itself.", line=line, field=field)]


def changes_ci(field: Field, line: Line) -> list[Finding]:
    """A pipeline runs what stands in its file, with the pipeline's keys."""
    names = segments(_writes(line) or "")
    in_github = ".github" in names and bool({"workflows", "actions", "**", "*"}.intersection(names))
    if not in_github and CI_FILES.isdisjoint(names):
        return []
    return [found("changes_ci", "May change what the build pipeline runs with its keys.", line=line, field=field)]


def changes_build(field: Field, line: Line) -> list[Finding]:
    """Manifests and recipes decide what is fetched and run by the next build."""
    names = segments(_writes(line) or "")
    if BUILD_FILES.isdisjoint(names):
        return []
    return [found("changes_build", "May change what the next build fetches and runs.", line=line, field=field)]


def writes_outside(field: Field, line: Line) -> list[Finding]:
    """Outside the working directory nobody reviews the change."""
    pattern = _writes(line)
    if pattern is None or pattern.startswith(TEMPORARY):
        return []
    if not pattern.startswith(("//", "~")) and START_UP.isdisjoint(segments(pattern)):
        return []
    return [found("writes_outside", "May change files outside what is reviewed.", line=line, field=field)]


def reads_everywhere(field: Field, line: Line) -> list[Finding]:
    """Without a folder, reading reaches what other people and programs keep on the machine."""
    if line.target not in FILE_READERS:
        return []
    pattern = line.method or "//**"
    home = pattern.startswith("~") and pattern.removeprefix("~").strip("/") in ("", *EVERY_FILE)
    if not home and not (pattern.startswith("//") and pattern.strip("/") in ("", *EVERY_FILE)):
        return []
    sentence = "Reads every file of the home folder." if home else "Reads every file of the machine."
    return [found("reads_everywhere", sentence, line=line, field=field)]


LOOKS: tuple[Callable[[Field, Line], list[Finding]], ...] = (
    credentials,
    any_file,
    changes_own_rules,
    changes_ci,
    changes_build,
    writes_outside,
    reads_everywhere,
)
