"""Where an imported rule belongs: the documented list. Read, call, write, or a person has to choose.

*Read* goes to "Allowed data sources", *call* to "Allowed tools and methods", *write* to "Allowed write actions". What
this list does not know is not guessed: the row is marked, and a proposal is made only where a wrong one does no harm.
Nothing unsure is ever proposed as a write. Longest beginning wins: `git stash list` is found before `git stash`.
"""

from __future__ import annotations

from dataclasses import dataclass

from approvals.scope.grammar import Line
from approvals.scope.tools import (
    FILE_READERS,
    FILE_WRITERS,
    KNOWN_TOOLS,
    READ_WORDS,
    SHELL,
    mcp_parts,
    says_write,
    words_of,
)
from approvals.vocabulary import Field


@dataclass(frozen=True, slots=True)
class Sorted:
    """A proposal. `place` None: a person chooses."""

    place: Field | None
    sure: bool
    why: str


CALL = Sorted(Field.TOOLS, True, "A command that only looks, by the list.")
RUNS_TESTS = Sorted(Field.TOOLS, True, "Builds or tests the project, so it runs the project's own code.")
CHANGES = Sorted(Field.WRITE_ACTIONS, True, "A command that changes something, by the list.")
EITHER = Sorted(None, False, "It can look and it can change something. Choose a place, or name the exact forms.")
ANYTHING = Sorted(None, False, "It runs whatever it is given, so nobody can say what it will do.")
UNKNOWN = Sorted(None, False, "Nothing is known of this program. Choose a place.")

# Beginnings of shell commands. One table; the longest beginning that fits counts.
LOOKS = (
    *("cat", "head", "tail", "ls", "pwd", "wc", "stat", "file", "tree", "grep", "rg", "find", "fd", "echo", "which"),
    *("type", "date", "whoami", "uname", "du", "df", "diff", "cmp", "cut", "sort", "uniq", "jq", "realpath", "dirname"),
    *(
        "basename",
        "ps",
        "true",
        "false",
        "sleep",
        "cd",
        "pushd",
        "popd",
        "git diff",
        "git log",
        "git show",
        "git status",
    ),
    *("git rev-parse", "git blame", "git ls-files", "git ls-tree", "git grep", "git stash list", "git shortlog"),
    *(
        "git describe",
        "git cat-file",
        "git remote -v",
        "git branch --show-current",
        "git branch --list",
        "git tag --list",
    ),
    *("git worktree list", "gh issue list", "gh issue view", "gh pr list", "gh pr view", "gh pr diff", "gh pr checks"),
    *(
        "gh pr status",
        "gh repo view",
        "gh run list",
        "gh run view",
        "gh run logs",
        "gh release list",
        "gh release view",
    ),
    *("gh search", "gh auth status", "docker ps", "docker images", "docker inspect", "docker logs", "docker version"),
    *(
        "docker compose ps",
        "docker compose config",
        "docker compose logs",
        "docker network ls",
        "docker network inspect",
    ),
    *("kubectl get", "kubectl describe", "kubectl logs", "pip list", "pip show", "pip freeze", "uv pip list"),
    *("uv pip show", "uv tree", "npm ls", "npm list", "npm view", "npm outdated", "npm why", "pnpm list", "pnpm ls"),
    *("pnpm why", "pnpm outdated", "yarn list", "yarn why", "cargo tree", "go list", "go version", "terraform plan"),
)
TESTS = (
    *(
        "pytest",
        "mypy",
        "tsc",
        "pyright",
        "npm test",
        "npm run test",
        "npm run build",
        "npm run lint",
        "npm run typecheck",
    ),
    *("pnpm test", "pnpm test-ci", "pnpm run test", "pnpm run typecheck", "pnpm typecheck", "pnpm lint", "pnpm build"),
    *("pnpm run build", "pnpm run lint", "pnpm knip", "yarn test", "yarn build", "yarn lint", "yarn typecheck"),
    *("cargo test", "cargo build", "cargo check", "cargo clippy", "go test", "go build", "go vet", "vitest", "jest"),
    *("make test", "make check", "make lint", "tox", "nox", "mvn test", "gradle test", "dotnet test", "dotnet build"),
)
WRITES = (
    *("rm", "rmdir", "mv", "cp", "mkdir", "touch", "chmod", "chown", "ln", "tee", "dd", "truncate", "patch", "sed -i"),
    *("git add", "git commit", "git push", "git merge", "git rebase", "git reset", "git checkout", "git switch"),
    *("git restore", "git clean", "git rm", "git mv", "git cherry-pick", "git revert", "git stash", "git pull"),
    *("git tag -a", "git tag -d", "git branch -d", "git branch -D", "git branch -m", "git apply", "git am"),
    *("gh pr create", "gh pr merge", "gh pr edit", "gh pr close", "gh pr comment", "gh pr review", "gh issue create"),
    *("gh issue edit", "gh issue close", "gh issue comment", "gh release create", "gh workflow run", "gh run rerun"),
    *("npm install", "npm i", "npm ci", "npm publish", "npm uninstall", "pnpm install", "pnpm add", "pnpm remove"),
    *("yarn add", "yarn install", "yarn remove", "pip install", "pip uninstall", "uv add", "uv sync", "uv pip install"),
    *("docker rm", "docker rmi", "docker build", "docker push", "docker compose up", "docker compose down"),
    *("kubectl apply", "kubectl delete", "kubectl create", "kubectl patch", "kubectl scale", "terraform apply"),
    *("terraform destroy", "prettier --write", "black", "eslint --fix", "ruff format", "ruff check --fix", "cargo fmt"),
    *("kill", "pkill", "killall", "crontab", "systemctl"),
)
RUNS = (
    *("bash", "sh", "zsh", "dash", "fish", "python", "python3", "node", "deno", "bun", "ruby", "perl", "php", "npx"),
    *("bunx", "uvx", "uv run", "npm exec", "pnpm exec", "pnpm dlx", "docker exec", "docker run", "docker compose exec"),
    *("docker compose run", "kubectl exec", "ssh", "sudo", "su", "doas", "env", "xargs", "eval", "exec", "source"),
    *("make", "just", "watch", "awk", "osascript", "powershell", "pwsh"),
)
BOTH = (
    *("git branch", "git tag", "git remote", "git config", "git worktree", "git fetch", "git submodule", "git bisect"),
    *("git", "gh", "gh api", "docker", "docker network", "docker compose", "kubectl", "terraform", "curl", "wget"),
    *(
        "sed",
        "aws",
        "gcloud",
        "az",
        "psql",
        "mysql",
        "sqlite3",
        "redis-cli",
        "pre-commit",
        "pre-commit run",
        "pnpm fix",
    ),
    *("pnpm", "npm", "npm run", "pnpm run", "yarn", "pip", "uv", "cargo", "go", "eslint", "prettier", "ruff", "tar"),
    *("rsync", "scp", "unzip", "zip"),
)
COMMANDS: dict[str, Sorted] = {
    **dict.fromkeys(BOTH, EITHER),
    **dict.fromkeys(RUNS, ANYTHING),
    **dict.fromkeys(LOOKS, CALL),
    **dict.fromkeys(TESTS, RUNS_TESTS),
    **dict.fromkeys(WRITES, CHANGES),
}

# Tools of Claude Code itself. What they lead to is asked about again, call by call.
HARMLESS_TOOLS = {
    **dict.fromkeys(("Agent", "Task"), "Starts a helper; each of its calls is asked about by itself."),
    **dict.fromkeys(("Skill", "SlashCommand"), "Loads instructions; each call that follows is asked about by itself."),
    **dict.fromkeys(
        ("TodoWrite", "AskUserQuestion", "ExitPlanMode", "EnterPlanMode", "BashOutput", "ToolSearch", "TaskOutput"),
        "Works inside the session only.",
    ),
}


def sort(line: Line) -> Sorted:
    """Where an allow rule belongs."""
    if line.target == SHELL:
        return _command(line)
    if mcp_parts(line.target) is not None:
        return _mcp(line.target)
    if line.target in FILE_READERS:
        return Sorted(Field.DATA_SOURCES, True, "Reads files.")
    if line.target in FILE_WRITERS:
        return Sorted(Field.WRITE_ACTIONS, True, "Changes files.")
    if line.target in ("WebFetch", "WebSearch"):
        return Sorted(Field.DATA_SOURCES, True, "Reads pages.")
    if line.target in HARMLESS_TOOLS:
        return Sorted(Field.TOOLS, True, HARMLESS_TOOLS[line.target])
    if line.target in KNOWN_TOOLS:
        return Sorted(None, False, "What this tool does depends on how it is called. Choose a place.")
    return Sorted(None, False, "Nothing is known of this name. Choose a place.")


def _command(line: Line) -> Sorted:
    if line.method is None or line.method == "*":
        return ANYTHING
    if any(mark in line.method for mark in ";|&$`<>\n"):
        return Sorted(None, False, "It holds more than one plain command. Choose a place.")
    words = line.method.removesuffix("*").split()
    if words and words[-1] in ("--version", "--help", "-V"):
        return CALL
    cut_off = line.method.endswith("*") and not line.method.endswith(" *")
    usable = words[:-1] if cut_off else words
    for length in range(min(len(usable), 4), 0, -1):
        beginning = " ".join(usable[:length])
        if "*" in beginning:
            continue
        if beginning in COMMANDS:
            return COMMANDS[beginning]
        # pnpm knip:prod and the like: a script's name with a variant after the colon
        if ":" in usable[length - 1] and beginning.rsplit(":", 1)[0] in TESTS:
            return RUNS_TESTS
    return UNKNOWN


def _mcp(target: str) -> Sorted:
    parts = mcp_parts(target)
    tool = parts[1] if parts else None
    if tool is None or tool == "*":
        return Sorted(None, False, "Every tool of this server, also those it gains later. Name the tools it needs.")
    return sort_name(tool)


def sort_name(name: str) -> Sorted:
    """Where a tool belongs by its name alone."""
    words = words_of(name)
    if says_write(name):
        return Sorted(Field.WRITE_ACTIONS, True, "Its name says that it changes something.")
    if "*" in name and not (words and words[0] in READ_WORDS and name.lower().startswith(f"{words[0]}_")):
        return Sorted(None, False, "The wildcard can cover tools that change something. Choose a place.")
    if words and words[0] in READ_WORDS:
        return Sorted(Field.DATA_SOURCES, True, "Its name says that it only reads.")
    return Sorted(None, False, "Its name does not say whether it changes something. Choose a place.")
