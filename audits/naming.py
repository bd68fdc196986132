"""Which agent is meant: by the name machines use, or by an identity that a packet of it names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from approvals.models import Agent, Version
from approvals.vocabulary import State
from audits.authority import Viewer, visible

MOST = 20


@dataclass(frozen=True, slots=True)
class Named:
    """One agent a word may mean. `identity` is the word when it was not the agent's own name."""

    agent: str
    identity: str = ""

    @property
    def word(self) -> str:
        """What to ask by: an identity selects only packets that name it."""
        return self.identity or self.agent


def knows(agent: str, viewer: Viewer) -> bool:
    """Whether this viewer has an agent of that name."""
    agents = Agent.objects.all() if viewer is None else Agent.objects.visible_to(viewer)
    return agents.filter(slug=agent).exists()


def named_by(words: Collection[str], viewer: Viewer) -> list[Named]:
    """Every agent one of these words means, that this viewer may see: two statements, at most `MOST` of each.

    An agent that is there by its name and by one identity is there once, by the identity: that says more. By its name
    only, when the identity is also another's: then the name tells them apart.
    """
    agents = Agent.objects.all() if viewer is None else Agent.objects.visible_to(viewer)
    slugs = list(agents.filter(slug__in=words).order_by("slug").values_list("slug", flat=True)[:MOST])
    pairs = by_identity(words, viewer)
    shared = {one.identity for one in pairs if sum(other.identity == one.identity for other in pairs) > 1}
    of_named = {one.agent: one for one in pairs if one.agent in slugs and one.identity not in shared}
    if slugs:
        return [of_named.get(slug, Named(slug)) for slug in slugs]
    return [Named(one.agent) if one.identity in shared else one for one in pairs]


def by_identity(words: Collection[str], viewer: Viewer) -> list[Named]:
    """The agents with a packet, submitted at least, that names one of these identities."""
    versions = visible(Version.objects.all(), viewer).filter(identity__in=words).exclude(state=State.DRAFT)
    pairs = versions.order_by("packet__agent__slug", "identity").values_list("packet__agent__slug", "identity")
    return [Named(agent, identity) for agent, identity in pairs.distinct()[:MOST]]
