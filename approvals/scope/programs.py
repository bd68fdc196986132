"""What the shell matcher knows about programs: which only wrap another, and which can start a second one.

A line such as `Bash(find *)` was signed for one program. These tables keep it from ever covering another.
"""

from __future__ import annotations

from dataclasses import dataclass

# Stands in a word for something whose value nobody can see. A control character, so no line and no command holds it.
UNSEEN = "\x01"

# Assignments before a command that change how it looks or logs, never what it runs or reads.
SAFE_ENVIRONMENT = frozenset(
    {
        *("CI", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "FORCE_COLOR", "LANG", "LC_ALL", "LINES", "NO_COLOR"),
        *("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "RUST_BACKTRACE"),
    }
)

# They run whatever follows, or change what a later name means. No line with a wildcard covers them.
NEVER_BY_WILDCARD = frozenset(
    {
        *("env", "xargs", "watch", "setsid", "flock", "ionice", "eval", "exec", "source", ".", "coproc", "trap"),
        *("alias", "unalias", "enable", "hash", "bind", "set", "shopt", "let", "read", "mapfile", "readarray"),
        *("export", "declare", "typeset", "local", "readonly", "unset", "getopts", "command", "builtin", "noglob"),
        *("time", "timeout", "nice", "nohup", "stdbuf"),
    }
)

# Seeing one of these as a program's name means the sentence was not read as the shell reads it.
RESERVED = frozenset(
    {
        *("if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "in"),
        *("function", "select", "{", "}", "!", "[[", "]]"),
    }
)

# Programs whose arguments are a command: lines that forbid are looked for inside them too.
RUNNERS = NEVER_BY_WILDCARD | frozenset(
    {
        *("sudo", "doas", "su", "bash", "sh", "zsh", "dash", "ksh", "fish", "busybox", "npx", "bunx", "pnpx", "uvx"),
        *("docker", "podman", "kubectl", "devbox", "ssh", "find", "fd", "fdfind", "parallel", "script", "strace"),
        *("chroot", "unshare", "nsenter", "runuser", "taskset", "chrt", "caffeinate", "entr", "direnv", "mise", "asdf"),
    }
)


@dataclass(frozen=True, slots=True)
class SecondProgram:
    """The options by which a program starts another, or writes where it was not asked to."""

    words: frozenset[str] = frozenset()  # exactly this word
    long: tuple[str, ...] = ()  # --name, --name=…, and any abbreviation of it
    letters: str = ""  # in a bundle of one-letter options
    strict: bool = False  # every argument must be seen: a hidden one could be the option


SECOND_PROGRAM: dict[str, SecondProgram] = {
    "find": SecondProgram(
        frozenset({"-exec", "-execdir", "-ok", "-okdir", "-delete", "-fprint", "-fprint0", "-fprintf", "-fls"}),
        strict=True,
    ),
    "fd": SecondProgram(long=("--exec", "--exec-batch"), letters="xX", strict=True),
    "fdfind": SecondProgram(long=("--exec", "--exec-batch"), letters="xX", strict=True),
    "rg": SecondProgram(long=("--pre", "--hostname-bin")),
    "sort": SecondProgram(long=("--compress-program", "--output"), letters="o"),
    "tree": SecondProgram(letters="o", long=("--output",)),
    "tar": SecondProgram(
        long=("--to-command", "--checkpoint-action", "--use-compress-program", "--info-script", "--rsh-command"),
        letters="IF",
    ),
    "rsync": SecondProgram(long=("--rsh",), letters="e"),
    "git": SecondProgram(
        long=(
            "--output",
            "--ext-diff",
            "--open-files-in-pager",
            "--upload-pack",
            "--receive-pack",
            "--exec",
            "--extcmd",
        )
    ),
    "printf": SecondProgram(letters="v"),
    "test": SecondProgram(words=frozenset({"-v", "-R"})),
    "[": SecondProgram(words=frozenset({"-v", "-R"})),
}

GIT_WITH_VALUE = frozenset({"-C", "--git-dir", "--work-tree", "--namespace"})
GIT_RUNS = (("bisect", "run"), ("submodule", "foreach"))
GIT_LETTERS = {"grep": "O", "rebase": "x", "difftool": "x"}

TIMEOUT_WITH_VALUE = frozenset({"-s", "--signal", "-k", "--kill-after"})
TIMEOUT_ALONE = frozenset({"-v", "--verbose", "--foreground", "--preserve-status"})


def name_of(words: tuple[str, ...]) -> str:
    """The program's name without its folder."""
    return words[0].rsplit("/", 1)[-1] if words else ""


def unwrapped(words: tuple[str, ...]) -> int | None:
    """How many words a wrapper takes before its command; 0 = no wrapper, None = a wrapper used in an unknown way."""
    match words:
        case ("nohup" | "builtin" | "noglob" | "command" | "time" | "xargs" as wrapper, inner, *_):
            if wrapper == "time" and inner == "-p":
                return 2
            return None if inner.startswith("-") else 1
        case ("timeout", *rest):
            return _timeout(rest)
        case ("nice", *rest):
            return _nice(rest)
        case ("stdbuf", *rest):
            return _stdbuf(rest)
    return 0


def _timeout(rest: list[str]) -> int | None:
    place = 0
    while place < len(rest) and rest[place].startswith("-"):
        option = rest[place]
        if option not in TIMEOUT_WITH_VALUE | TIMEOUT_ALONE and not option.startswith(("--signal=", "--kill-after=")):
            return None
        place += 2 if option in TIMEOUT_WITH_VALUE else 1
    duration = rest[place] if place < len(rest) else ""
    is_duration = duration[:1].isdigit() and duration.rstrip("smhd").replace(".", "", 1).isdecimal()
    return place + 2 if is_duration and place + 1 < len(rest) else None


def _nice(rest: list[str]) -> int | None:
    match rest:
        case ["-n" | "--adjustment", amount, _, *_] if amount.lstrip("+-").isdecimal():
            return 3
        case [option, _, *_] if option.removeprefix("--adjustment=").lstrip("+-").isdecimal() and option.startswith(
            "-"
        ):
            return 2
        case [inner, *_] if not inner.startswith("-"):
            return 1
    return None


def _stdbuf(rest: list[str]) -> int | None:
    place = 0
    while place < len(rest) and rest[place][:2] in ("-i", "-o", "-e") and rest[place][2:] in ("0", "L"):
        place += 1
    return place + 1 if 0 < place < len(rest) and not rest[place].startswith("-") else None


def second_program(words: tuple[str, ...]) -> str | None:
    """The argument by which this command could start another program or write a file, or None."""
    known = SECOND_PROGRAM.get(name_of(words), SecondProgram())
    for word in words[1:]:
        if (known.strict and UNSEEN in word) or word in known.words or _is_long(known, word):
            return word.replace(UNSEEN, "…")
        if known.letters and _has_letter(word, known.letters):
            return word
    return _git(words) if name_of(words) == "git" else None


def _is_long(known: SecondProgram, word: str) -> bool:
    """GNU programs take any abbreviation, so `--outp=f` counts as `--output=f`."""
    name = word.split("=", 1)[0]
    return len(name) > 2 and name.startswith("--") and any(option.startswith(name) for option in known.long)


def _has_letter(word: str, letters: str) -> bool:
    return word[:1] == "-" and word[:2] != "--" and any(letter in word for letter in letters)


def _git(words: tuple[str, ...]) -> str | None:
    """Git takes settings before its sub-command, and some settings and sub-commands are commands to run."""
    place = 1
    while place < len(words) and words[place].startswith("-"):
        if words[place].startswith(("-c", "--config-env", "--exec-path")):
            return words[place]
        place += 2 if words[place] in GIT_WITH_VALUE else 1
    if words[place : place + 2] in GIT_RUNS:
        return " ".join(words[place : place + 2])
    letters = GIT_LETTERS.get(words[place]) if place < len(words) else None
    return next((w for w in words[place + 1 :] if letters and _has_letter(w, letters)), None)
