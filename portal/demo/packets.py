"""What the demo's packets say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from approvals.content import Content
from approvals.scope.grammar import parse
from approvals.vocabulary import Field, Level

COMMON: dict[str, Any] = {
    "retention_days": 365,
    "access_revoked": "Disable the service account in the directory and rotate its token.",
    "when_wrong": "The run is stopped, its changes are reverted, and the owner writes down what happened.",
}


def content(lines: Mapping[Field, str], ends: datetime, **fields: Any) -> Content:
    """A complete content: the common answers, these lines, this end."""
    return Content(**{**COMMON, "lines": {field: parse(text) for field, text in lines.items()}, "ends": ends, **fields})


def docs_writer(ends: datetime) -> Content:
    """Low risk: reads the repository, proposes documentation."""
    return content(
        {
            Field.DATA_SOURCES: "Read(docs/**)\nWebFetch(domain:docs.djangoproject.com)",
            Field.TOOLS: "Bash: git diff *, git log *, git status *",
            Field.WRITE_ACTIONS: "Edit(docs/**)",
            Field.HUMAN_APPROVAL: "mcp__github__create_pull_request",
            Field.NEVER: "Read(.env)\nRead(**/secrets/**)",
        },
        ends,
        agent="docs-writer", owner="engineer", backup_owner="teammate",
        job="Keep the documentation in step with the code. Opens a pull request, never merges one.",
        identity="svc-docs-writer", run_record_location="https://logs.example.org/agents/docs-writer",
        rollback_owner="teammate", rollback_path="Close its pull requests and delete the branches docs/*.",
    )  # fmt: skip


def refund_helper(ends: datetime) -> Content:
    """Medium risk: reads customer data, drafts answers; a person sends them."""
    return content(
        {
            Field.DATA_SOURCES: "crm.customers  # names and order numbers only\nzendesk: get_ticket, search_*",
            Field.TOOLS: "mcp__knowledge__*",
            Field.WRITE_ACTIONS: "zendesk(create_draft)",
            Field.HUMAN_APPROVAL: "zendesk(send_reply)",
            Field.NEVER: "payments",
        },
        ends,
        agent="refund-helper", owner="outsider", job="Draft answers to refund tickets.", identity="svc-refund-helper",
        run_record_location="https://logs.example.org/agents/refund-helper", rollback_owner="outsider",
        rollback_path="Switch the helper off in Zendesk, then withdraw its drafts with the view “refund-helper”.",
    )  # fmt: skip


def deploy_bot(ends: datetime) -> Content:
    """High risk: changes what runs."""
    return content(
        {
            Field.DATA_SOURCES: "mcp__ci__get_build\nmcp__ci__list_builds",
            Field.TOOLS: "Bash: kubectl get *, kubectl describe *",
            Field.WRITE_ACTIONS: "Bash(kubectl rollout undo *)\nBash(kubectl rollout restart *)",
            Field.HUMAN_APPROVAL: "Bash(kubectl apply *)",
            Field.NEVER: "Bash(kubectl delete *)",
        },
        ends,
        agent="deploy-bot", owner="engineer", backup_owner="teammate", job="Deploy the web app on a green build.",
        identity="svc-deploy", run_record_location="https://logs.example.org/agents/deploy-bot",
        rollback_owner="teammate", rollback_path="Run “deploy rollback --to last-green”, then say so in #incidents.",
    )  # fmt: skip


def variant(base: Content, agent: str, job: str, **fields: Any) -> Content:
    """Another agent with the same shape."""
    return replace(base, agent=agent, job=job, identity=f"svc-{agent}",
                   run_record_location=f"https://logs.example.org/agents/{agent}", **fields)  # fmt: skip


def one_run(parent: str, ends: datetime) -> Content:
    """One run inside the documentation writer's packet."""
    return Content(
        agent="docs-writer", level=Level.RUN, parent=parent, owner="engineer", job="Describe the new settings page.",
        lines={
            Field.FILES_READ: parse("Read(docs/**)"),
            Field.FILES_CHANGE: parse("Edit(docs/**)"),
            Field.COMMANDS: parse("Bash(git diff *)"),
            Field.HUMAN_APPROVAL: parse("mcp__github__create_pull_request"),
            Field.NEVER: parse("Read(.env)"),
        },
        identity="svc-docs-writer", run_record_location="https://logs.example.org/agents/docs-writer",
        retention_days=365, ends=ends, rollback_owner="teammate", rollback_path="Delete the branch docs/settings-page.",
        task="Write docs/settings.md from the form's help texts.", look_at="That no internal host name is in the text.",
    )  # fmt: skip
