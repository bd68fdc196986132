"""Every finding there is: how much it weighs, when it is made, what to do about it (docs/findings.md is this table)."""

from __future__ import annotations

from dataclasses import dataclass

from approvals.scope.finding import Finding
from approvals.scope.grammar import Line
from approvals.vocabulary import Field, Severity

OR_ASK = ", or move it under human approval."
HELD = "A person has to say yes each time, for the exact call."
LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding. `when` completes "Made when …"."""

    severity: Severity
    when: str
    remedy: str


KINDS: dict[str, Kind] = {
    # A command
    "any_command": Kind(HIGH, "a line is a bare shell or a bare star", "Name the commands it needs."),
    "runs_anything": Kind(
        HIGH, "an open line begins with a shell, an interpreter or a runner (`bash -c`, `python -c`, `npx`, "
        "`docker exec`, `xargs`, `env`, `ssh`, `sudo`)", f"Name the exact command{OR_ASK}",
    ),
    "sends_out": Kind(
        HIGH, "a line begins with `curl`, `wget`, `nc`, `scp` and the like",
        "Use WebFetch(domain:…) for the hosts it needs.",
    ),
    "writes_remotely": Kind(
        HIGH, "a command, or an open beginning of one, changes things elsewhere (`git push`, `gh api`, "
        "`kubectl apply`, `terraform apply`)", f"Name the read calls{OR_ASK}",
    ),
    "destroys": Kind(
        MEDIUM, "an open line begins with a command that deletes (`rm`, `git clean`, `git reset --hard`)",
        f"Name the folder it may delete in{OR_ASK}",
    ),
    "installs": Kind(
        MEDIUM, "an open line installs packages of any name", f"Name the packages, or leave it to the lock file{OR_ASK}"
    ),
    "outlives_the_run": Kind(
        MEDIUM, "a line may schedule or start what goes on after the run (`crontab`, `systemctl`, `tmux`)",
        f"Leave it out{OR_ASK}",
    ),
    "search_runs_programs": Kind(
        MEDIUM, "a line begins with `find` or `fd`",
        "find -exec and -delete go beyond reading; they are refused here and may not be elsewhere.",
    ),
    # A file
    "credentials": Kind(
        HIGH, "a line reads or changes where keys are kept (`~/.ssh`, `.env`, `.aws`, `*.pem`)",
        f"Name the files it needs, and put these under Never allowed{OR_ASK}",
    ),
    "any_file": Kind(HIGH, "a line changes every file", "Name the folders: Edit(src/**)."),
    "changes_own_rules": Kind(
        HIGH, "a line changes what limits the agent (`.claude`, `.mcp.json`, `CLAUDE.md`, hooks)",
        f"Take it out, and add it to Never allowed{OR_ASK}",
    ),
    "changes_ci": Kind(
        HIGH, "a line changes build pipelines (`.github/workflows`, `.gitlab-ci.yml`)", f"Take it out{OR_ASK}"
    ),
    "changes_build": Kind(
        MEDIUM, "a line changes package manifests, lock files, Makefiles or Dockerfiles", f"Take it out{OR_ASK}"
    ),
    "writes_outside": Kind(
        HIGH, "a line changes files outside the working directory, or start-up files of a shell",
        f"Name a folder of the project{OR_ASK}",
    ),
    "reads_everywhere": Kind(
        MEDIUM, "a line reads every file of the machine or of a home folder", "Name the folders: Read(src/**)."
    ),
    # A name
    "any_page": Kind(
        MEDIUM, "a line fetches or searches without naming hosts", "Name the hosts: WebFetch(domain:docs.example.com)."
    ),
    "whole_server": Kind(MEDIUM, "a line is a whole MCP server", "Name the tools it needs."),
    "any_method": Kind(
        MEDIUM, "a write line names no method, or any (`zendesk`, `zendesk(*)`)",
        "Name the methods: zendesk(create_draft)."
    ),
    "wide_name": Kind(MEDIUM, "a name ends in a wildcard (`crm.*`)", "Name what it needs one by one."),
    "lookalike_name": Kind(
        MEDIUM, "a name can be taken for a tool, for another MCP server of the packet, or for another agent",
        "Check the name letter by letter, and write the one that is meant.",
    ),
    "mixed_scripts": Kind(
        MEDIUM, "one word mixes Latin letters with Cyrillic or Greek ones", "Type the word again on one keyboard."
    ),
    "looks_like_a_key": Kind(
        MEDIUM, "a text looks like a password or key and has no known form (known forms are refused and never stored)",
        "If it is a key, change that key now and name its reference instead.",
    ),
    "never_bites": Kind(LOW, "no check can ever match the line", "Rewrite it or take it out."),
    # Data
    "production_data": Kind(
        MEDIUM, "a line reaches what the data register or its own name calls production data",
        f"Use a copy without people's data{OR_ASK}",
    ),
    "production_write": Kind(HIGH, "a write line reaches production data", f"Write to a copy{OR_ASK}"),
    "unregistered_data": Kind(
        MEDIUM, "a data source is not in the data register, so it counts as production data",
        "Ask an administrator to register it, with its class and its owner.",
    ),
    "private_untrusted_outbound": Kind(
        HIGH, "over all its packets in force and this one it reads private data, reads strangers' text, can send out",
        "Take one of the three away, or move it under human approval.",
    ),
    # The packet
    "many_lines": Kind(LOW, "the packet has more than 40 lines", "Shorter patterns may say the same."),
    "covered_line": Kind(
        LOW, "a broader line of the same field allows the same already", "Keep the narrow line, and drop the broad one."
    ),
    "void_line": Kind(LOW, "a line of Never allowed covers it", "Take one of the two out."),
    "held_line": Kind(
        LOW, "a line under human approval covers it", "Take it out, or narrow the line that waits for a person."
    ),
    "writes_without_a_person": Kind(
        MEDIUM, "something may be changed and nothing waits for a person",
        "Put the change that hurts most under human approval.",
    ),
    "nothing_never": Kind(
        LOW, "nothing is never allowed", "Name what must not happen whatever else is allowed, such as Read(.env)."
    ),
    "personal_identity": Kind(
        HIGH, "the identity is a person's account, an e-mail address, or a shared administrator's",
        "Give the agent an account of its own.",
    ),
    "shared_identity": Kind(
        MEDIUM, "another agent in force uses the same identity", "Give each agent an account of its own."
    ),
    "short_retention": Kind(
        LOW, "run records are kept for less than six months (EU AI Act, articles 19(1) and 26(6))",
        "Keep them for at least 183 days.",
    ),
    "unsafe_record": Kind(
        LOW, "the run record is on the agent's own machine, or is reached without encryption",
        "Name an https:// address the agent cannot change.",
    ),
    "thin_rollback": Kind(
        MEDIUM, "the rollback path is a placeholder or shorter than three words",
        "Write the steps so that somebody who has never seen the agent can follow them at night.",
    ),
    "one_person": Kind(
        LOW, "the owner is the rollback owner too, and there is no backup",
        "Name somebody else as backup or rollback owner."
    ),
    "person_alone": Kind(
        MEDIUM, "nobody but the owner could answer what needs human approval", "Choose a group with more people in it."
    ),
    "long_life": Kind(LOW, "the end is more than 90 days away", "Choose a nearer end; a renewal is two clicks."),
    "life_beyond_rule": Kind(
        LOW, "the end is later than the sign-off rules allow", "Choose an earlier end; it cannot be submitted as it is."
    ),
    "run_outside_parent": Kind(
        HIGH, "a line of a run is not provably inside its system packet",
        "Use a line of the system packet word for word, or a narrower one that begins the same.",
    ),
    # What only the weight of the rest tells
    "no_backup_owner": Kind(MEDIUM, "the risk is high and there is no backup owner", "Name a backup owner."),
    "runs_unseen": Kind(
        LOW, "a write line is high risk and a run needs no packet of its own", "Set “each run needs its own packet”."
    ),
}  # fmt: skip


def found(code: str, sentence: str, *, line: Line | None = None, field: Field | None = None) -> Finding:
    """The finding of this kind. Behind a person's yes a line weighs one step less."""
    kind = KINDS[code]
    severity, remedy = kind.severity, kind.remedy
    if line is not None and field is Field.HUMAN_APPROVAL:
        severity = (LOW, LOW, MEDIUM)[severity.rank]
        remedy = HELD if remedy.endswith(OR_ASK) else remedy
    return Finding(code, severity, sentence, remedy, str(line) if line is not None else None, field)
