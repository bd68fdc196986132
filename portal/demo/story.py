"""What happened in the demo, verb by verb, on a clock moved into the past: every state stands side by side."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings

from approvals import presence, transitions, validity
from approvals.content import Content
from approvals.cuts import Cut, Cuts
from approvals.models import Version
from approvals.scope.grammar import parse
from approvals.transitions import Seen
from approvals.transitions.drafting import working_noon
from approvals.transitions.emergency import BREAKING
from approvals.vocabulary import Field, Verdict
from portal.demo import packets
from portal.models import User

# The same two people the other way round.
SWAPPED = {"owner": "teammate", "backup_owner": "engineer", "rollback_owner": "engineer"}


SCRIPT = "the demo's script"


def shown(version: Version, person: User, meaning: str = Verdict.APPROVE, cuts: Cuts | None = None) -> str:
    """The session a decision asks for. Nobody sits there, so every signature of the demo says so."""
    purpose = Seen.of(version).purpose(meaning, cuts or Cuts())
    presence.note(person, session_key=SCRIPT, purpose=purpose, by=SCRIPT)
    return SCRIPT


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
        if content.rollback_owner not in ("", content.owner):
            transitions.accept_parts(version.packet_id, actor=self.people[content.rollback_owner])
        return version

    def signed(
        self, version: Version, *, reason: str = "The scope is narrow and the rollback is written down."
    ) -> Version:
        """Every signature it needs, given by the first who may."""
        for seat in version.seats.select_related("group").order_by("position"):
            signers = ("security", "security2") if seat.group.name == "Security" else ("teammate", "engineer")
            taken = set(version.decisions.values_list("person__username", flat=True))
            signer = self.people[next(name for name in signers if name not in taken)]
            version = transitions.sign(
                version.pk, seen=Seen.of(version), actor=signer, session=shown(version, signer), reason=reason
            )
        return version

    def approved(self, content: Content) -> Version:
        return self.signed(self.submitted(content))


Part = Callable[[Story], Iterator[float]]


def tell(people: dict[str, User], after: Callable[[], None] = lambda: None) -> None:
    """Everything that happened, in the order of time, so that the record reads from the oldest to the newest.

    Each part says how many days ago its next step was, and is resumed then.
    """
    story = Story(people, after)
    parts = [(part(story), number) for number, part in enumerate(PARTS)]
    waiting = [(-next(steps), number, steps) for steps, number in parts]
    heapq.heapify(waiting)
    while waiting:
        days, number, steps = heapq.heappop(waiting)
        with days_ago(-days):
            following = next(steps, None)
            story.after()
        if following is not None:
            heapq.heappush(waiting, (-following, number, steps))


def _ended(story: Story) -> Iterator[float]:
    yield 100
    base = packets.docs_writer(ahead(30))
    story.approved(packets.variant(base, "changelog-bot", "Draft the changelog of a release."))


def _revoked(story: Story) -> Iterator[float]:
    yield 70
    base = packets.refund_helper(ahead(60))
    version = story.approved(packets.variant(base, "survey-bot", "Summarise what customers wrote in surveys."))
    yield 50
    reason = "The survey tool was switched off; nobody runs this agent any more."
    transitions.revoke(version.packet_id, actor=story.people["outsider"], reason=reason)


def _rejected(story: Story) -> Iterator[float]:
    yield 40
    base = replace(packets.deploy_bot(ahead(60)), lines={Field.TOOLS: parse("Bash")})
    version = story.submitted(packets.variant(base, "fix-anything", "Fix whatever is broken in production."))
    yield 39.8
    reason = "A bare shell in production has no limits. Name the commands it needs, or use deploy-bot."
    security = story.people["security"]
    session = shown(version, security, Verdict.REJECT)
    transitions.reject(version.pk, seen=Seen.of(version), actor=security, session=session, reason=reason)


def _renewed(story: Story) -> Iterator[float]:
    """Version 1 superseded by version 2, which is in force; and one run inside it."""
    yield 60
    first = story.approved(packets.docs_writer(ahead(70)))
    yield 20
    engineer = story.people["engineer"]
    draft = transitions.renew(first.pk, actor=engineer, ends=ahead(90))
    second = story.signed(transitions.submit(draft.pk, seen=Seen.of(draft), actor=engineer))
    yield 0.05
    content = packets.one_run(second.packet.reference, validity.now() + timedelta(hours=20))
    run = transitions.draft(content, actor=engineer)
    run = transitions.submit(run.pk, seen=Seen.of(run), actor=engineer)
    story.signed(run, reason="Small, and inside the standing packet.")


def _suspended(story: Story) -> Iterator[float]:
    yield 35
    version = story.approved(packets.deploy_bot(ahead(80)))
    yield 0.6
    reason = "Two rollouts in a row were restarted without a failing check. Stopped until we know why."
    transitions.suspend(version.packet_id, actor=story.people["security2"], reason=reason)


def _narrowed(story: Story) -> Iterator[float]:
    """Two signers, the second one cuts."""
    yield 12
    base = packets.deploy_bot(ahead(60))
    content = packets.variant(base, "cache-warmer", "Warm the caches after a deploy.", **SWAPPED)
    version = story.submitted(content)
    yield 11.9
    first, second = story.people["security"], story.people["security2"]
    version = transitions.sign(version.pk, seen=Seen.of(version), actor=first, session=shown(version, first))
    cut = Cuts((Cut(Field.WRITE_ACTIONS, "Bash(kubectl rollout undo *)"),), ends=ahead(45))
    yield 11.5
    transitions.sign(
        version.pk, seen=Seen.of(version), actor=second, verdict=Verdict.APPROVE_NARROWER, cuts=cut,
        session=shown(version, second, Verdict.APPROVE_NARROWER, cut), reason="Warming a cache needs no undo.",
    )  # fmt: skip


def _changes_requested(story: Story) -> Iterator[float]:
    yield 3
    base = packets.refund_helper(ahead(60))
    version = story.submitted(packets.variant(base, "invoice-reader", "Sort incoming invoices by supplier."))
    yield 2.8
    reason = "“mcp__knowledge__*” is the whole server. Name the tools it needs."
    security = story.people["security"]
    session = shown(version, security, Verdict.REQUEST_CHANGES)
    transitions.request_changes(version.pk, seen=Seen.of(version), actor=security, session=session, reason=reason)


def _ending_soon(story: Story) -> Iterator[float]:
    yield 54
    base = packets.docs_writer(ahead(60))
    story.approved(packets.variant(base, "link-checker", "Find dead links and propose new ones.", **SWAPPED))


def _renewal_waits(story: Story) -> Iterator[float]:
    """Ends in a few days; the renewal asks for nothing wider and waits for the team."""
    yield 50
    base = packets.docs_writer(ahead(60))
    first = story.approved(packets.variant(base, "spell-checker", "Correct spelling in the documentation."))
    yield 0.8
    engineer = story.people["engineer"]
    draft = transitions.renew(first.pk, actor=engineer, ends=ahead(90))
    transitions.submit(draft.pk, seen=Seen.of(draft), actor=engineer)


def _wider(story: Story) -> Iterator[float]:
    """In force, and its next version asks for two lines more."""
    yield 28
    base = packets.docs_writer(ahead(75))
    first = story.approved(
        packets.variant(base, "glossary-keeper", "Keep the glossary in step with the code.", **SWAPPED)
    )
    yield 0.3
    teammate = story.people["teammate"]
    draft = transitions.amend(first.pk, actor=teammate)
    lines = {**base.lines, Field.WRITE_ACTIONS: parse("Edit(docs/**)\nEdit(src/**/*.md)\nWrite(glossary.yaml)")}
    content = packets.variant(replace(base, lines=lines), "glossary-keeper", first.job, **SWAPPED)
    draft = transitions.edit(draft.pk, content, seen=Seen.of(draft), actor=teammate)
    transitions.submit(draft.pk, seen=Seen.of(draft), actor=teammate)


def _standing(agent: str, job: str, ago: float, life: float) -> Part:
    """One more agent of the team that simply does its work."""

    def part(story: Story) -> Iterator[float]:
        yield ago
        swapped = SWAPPED if int(ago) % 2 else {}
        version = story.submitted(packets.variant(packets.docs_writer(ahead(life)), agent, job, **swapped))
        yield ago - life / 200  # some hours later
        story.signed(version)

    return part


def _scheduled(story: Story) -> Iterator[float]:
    yield 1
    base = replace(packets.docs_writer(ahead(60)), starts=ahead(7))
    story.approved(packets.variant(base, "release-notes", "Write the release notes of the spring release."))


def _withdrawn(story: Story) -> Iterator[float]:
    """Taken back by its owner, who then gave it up: both versions are closed."""
    yield 0.5
    base = packets.docs_writer(ahead(60))
    version = story.submitted(packets.variant(base, "readme-poet", "Rewrite the README in verse."))
    yield 0.4
    engineer = story.people["engineer"]
    draft = transitions.withdraw(version.pk, seen=Seen.of(version), actor=engineer)
    transitions.discard(draft.pk, seen=Seen.of(draft), actor=engineer)


def _asked(story: Story) -> Iterator[float]:
    yield 0.2
    version = story.submitted(packets.refund_helper(ahead(60)))
    yield 0.1
    question = "Which fields of crm.customers does it read?"
    transitions.ask(version.pk, question, actor=story.people["security"], line="crm.customers")


def _in_review(story: Story) -> Iterator[float]:
    yield 0.15
    base = packets.deploy_bot(ahead(80))
    job = "Update dependencies every night."
    story.submitted(packets.variant(base, "dependency-updater", job, **SWAPPED))


def _glass_broken(story: Story) -> Iterator[float]:
    """Urgent: in force on one signature while the second is missing."""
    yield 0.12
    base = packets.deploy_bot(ahead(30))
    version = story.submitted(packets.variant(base, "queue-drainer", "Drain the stuck checkout queue."))
    yield 0.1
    reason = "Checkout is stuck, and draining the queue by hand takes a day. Ines is on a plane."
    security = story.people["security"]
    session = shown(version, security, BREAKING)
    transitions.break_glass(version.pk, seen=Seen.of(version), actor=security, session=session, reason=reason)


def _draft(story: Story) -> Iterator[float]:
    yield 0.02
    job = "Label new issues and ask for what is missing."
    content = packets.variant(packets.docs_writer(ahead(60)), "issue-triager", job)
    transitions.draft(replace(content, rollback_path="", ends=None), actor=story.people["engineer"])


PARTS: tuple[Part, ...] = (
    _ended,
    _revoked,
    _rejected,
    _renewed,
    _suspended,
    _narrowed,
    _changes_requested,
    _ending_soon,
    _renewal_waits,
    _wider,
    _standing("style-checker", "Propose one style for all examples in the documentation.", 33, 60),
    _standing("licence-checker", "Note the licence of every dependency.", 22, 45),
    _standing("example-runner", "Run the examples of the documentation and report what fails.", 18, 75),
    _standing("screenshot-taker", "Take the screenshots of the handbook anew.", 41, 30),
    _standing("translation-scout", "List the pages whose translation is older than the original.", 9, 75),
    _scheduled,
    _withdrawn,
    _asked,
    _in_review,
    _glass_broken,
    _draft,
)
