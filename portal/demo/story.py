"""What happened in the demo, verb by verb, on a clock moved into the past: every state stands side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings

from approvals import transitions, validity
from approvals.content import Content
from approvals.cuts import Cut, Cuts
from approvals.models import Version
from approvals.scope.grammar import parse
from approvals.transitions import Seen
from approvals.transitions.drafting import working_noon
from approvals.vocabulary import Field, Verdict
from portal.demo import packets
from portal.models import User


@contextmanager
def days_ago(days: float) -> Iterator[None]:
    """The portal's one clock, this many days back."""
    before = settings.CLOCK_SHIFT
    settings.CLOCK_SHIFT = before - int(days * 86_400)
    try:
        yield
    finally:
        settings.CLOCK_SHIFT = before


def ahead(days: float) -> datetime:
    """Noon UTC of a working day, this many days from the clock's now."""
    return working_noon(validity.now() + timedelta(days=days))


@dataclass
class Story:
    """The people, and the verbs as they use them."""

    people: dict[str, User]
    after: Callable[[], None]  # what a worker would do now: letters of that day

    def submitted(self, content: Content) -> Version:
        owner = self.people[content.owner]
        version = transitions.draft(content, actor=owner)
        version = transitions.submit(version.pk, seen=Seen.of(version), actor=owner)
        self.after()
        return version

    def signed(
        self, version: Version, *, reason: str = "The scope is narrow and the rollback is written down."
    ) -> Version:
        """Every signature it needs, given by the first who may."""
        for seat in version.seats.select_related("group").order_by("position"):
            signers = (
                ("security", "security2", "teammate") if seat.group.name == "Security" else ("teammate", "engineer")
            )
            taken = set(version.decisions.values_list("person__username", flat=True))
            signer = self.people[next(name for name in signers if name not in taken)]
            version = transitions.sign(version.pk, seen=Seen.of(version), actor=signer, reason=reason)
        self.after()
        return version

    def approved(self, content: Content) -> Version:
        return self.signed(self.submitted(content))


def tell(people: dict[str, User], after: Callable[[], None] = lambda: None) -> None:
    """Everything, oldest first."""
    story = Story(people, after)
    _ended(story)
    _revoked(story)
    _rejected(story)
    in_force = _renewed(story)
    _suspended(story)
    _narrowed(story)
    _changes_requested(story)
    _ending_soon(story)
    _scheduled(story)
    _one_run(story, in_force)
    _in_review(story)
    _drafts(story)


def _ended(story: Story) -> None:
    with days_ago(100):
        story.approved(
            packets.variant(packets.docs_writer(ahead(30)), "changelog-bot", "Draft the changelog of a release.")
        )


def _revoked(story: Story) -> None:
    with days_ago(70):
        base = packets.refund_helper(ahead(60))
        version = story.approved(packets.variant(base, "survey-bot", "Summarise what customers wrote in surveys."))
    with days_ago(50):
        reason = "The survey tool was switched off; nobody runs this agent any more."
        transitions.revoke(version.packet_id, actor=story.people["outsider"], reason=reason)
        story.after()


def _rejected(story: Story) -> None:
    with days_ago(40):
        base = replace(packets.deploy_bot(ahead(60)), lines={Field.TOOLS: parse("Bash")})
        version = story.submitted(packets.variant(base, "fix-anything", "Fix whatever is broken in production."))
        transitions.reject(
            version.pk, seen=Seen.of(version), actor=story.people["security"],
            reason="A bare shell in production has no limits. Name the commands it needs, or use deploy-bot.",
        )  # fmt: skip
        story.after()


def _renewed(story: Story) -> Version:
    """Version 1 superseded by version 2, which is in force."""
    with days_ago(60):
        first = story.approved(packets.docs_writer(ahead(70)))
    with days_ago(20):
        engineer = story.people["engineer"]
        draft = transitions.renew(first.pk, actor=engineer, ends=ahead(90))
        return story.signed(transitions.submit(draft.pk, seen=Seen.of(draft), actor=engineer))


def _suspended(story: Story) -> None:
    with days_ago(35):
        version = story.approved(packets.deploy_bot(ahead(80)))
    with days_ago(0.6):
        reason = "Two rollouts in a row were restarted without a failing check. Stopped until we know why."
        transitions.suspend(version.packet_id, actor=story.people["security2"], reason=reason)
        story.after()


def _narrowed(story: Story) -> None:
    """Two signers, the second one cuts."""
    with days_ago(12):
        base = packets.deploy_bot(ahead(60))
        version = story.submitted(
            packets.variant(base, "cache-warmer", "Warm the caches after a deploy.", owner="teammate")
        )
        version = transitions.sign(version.pk, seen=Seen.of(version), actor=story.people["security"], reason="")
        cut = Cuts((Cut(Field.WRITE_ACTIONS, "Bash(kubectl rollout undo *)"),), ends=ahead(45))
        transitions.sign(
            version.pk, seen=Seen.of(version), actor=story.people["security2"], verdict=Verdict.APPROVE_NARROWER,
            reason="Warming a cache needs no undo.", cuts=cut,
        )  # fmt: skip
        story.after()


def _changes_requested(story: Story) -> None:
    with days_ago(3):
        base = packets.refund_helper(ahead(60))
        version = story.submitted(packets.variant(base, "invoice-reader", "Sort incoming invoices by supplier."))
        reason = "“mcp__knowledge__*” is the whole server. Name the tools it needs."
        transitions.request_changes(version.pk, seen=Seen.of(version), actor=story.people["security"], reason=reason)
        story.after()


def _ending_soon(story: Story) -> None:
    with days_ago(54):
        base = packets.docs_writer(ahead(60))
        story.approved(packets.variant(base, "link-checker", "Find dead links and propose new ones.", owner="teammate",
                                       backup_owner="engineer", rollback_owner="engineer"))  # fmt: skip


def _scheduled(story: Story) -> None:
    with days_ago(1):
        base = replace(packets.docs_writer(ahead(60)), starts=ahead(7))
        story.approved(packets.variant(base, "release-notes", "Write the release notes of the spring release."))


def _one_run(story: Story, parent: Version) -> None:
    engineer = story.people["engineer"]
    run = transitions.draft(
        packets.one_run(parent.packet.reference, validity.now() + timedelta(hours=20)), actor=engineer
    )
    run = transitions.submit(run.pk, seen=Seen.of(run), actor=engineer)
    story.signed(run, reason="Small, and inside the standing packet.")


def _in_review(story: Story) -> None:
    with days_ago(0.2):
        version = story.submitted(packets.refund_helper(ahead(60)))
        transitions.ask(version.pk, "Which fields of crm.customers does it read?", actor=story.people["security"],
                        line="crm.customers")  # fmt: skip
        story.after()
    with days_ago(0.1):
        base = packets.deploy_bot(ahead(80))
        story.submitted(
            packets.variant(base, "dependency-updater", "Update dependencies every night.", owner="teammate")
        )


def _drafts(story: Story) -> None:
    content = packets.variant(
        packets.docs_writer(ahead(60)), "issue-triager", "Label new issues and ask for what is missing."
    )
    transitions.draft(replace(content, rollback_path="", ends=None), actor=story.people["engineer"])
