"""Questions about what is owed to somebody outside: letters, and webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from approvals.vocabulary import LetterState
from approvals.walks import from_the_fewest

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from approvals.people import Person


class OwedQuerySet(models.QuerySet[Any]):
    """Questions about what is owed to somebody outside, whichever way it goes."""

    def due_at(self, moment: datetime) -> Self:
        """What to send now: waiting and due, or left in sending by a process whose lease ran out."""
        waiting = Q(state=LetterState.PENDING, next_attempt_at__lte=moment)
        left = Q(state=LetterState.SENDING, leased_until__lte=moment)
        return self.filter(waiting | left).order_by("pk")

    def unsent(self) -> Self:
        """What has reached no final state."""
        return self.filter(state__in=[LetterState.PENDING, LetterState.SENDING])

    def whole(self) -> Self:
        """With everything that sending it asks for."""
        return self


def _own(viewer: Person | AnonymousUser) -> Q:
    """Letters to this person but those kept back: one that never left may be about what they may not see."""
    kept_back = Q(version__isnull=False, state__in=[LetterState.PENDING, LetterState.FAILED])
    return Q(recipient=viewer) & ~kept_back


class LetterQuerySet(OwedQuerySet):
    """Questions about letters."""

    def visible_to(self, viewer: Person | AnonymousUser) -> Self:
        """Those about packets one may see, and one's own: but not one that never left, about what one may not see."""
        from approvals import access
        from approvals.models import Packet

        if not viewer.is_active or viewer.is_anonymous:
            return self.none()
        own = _own(viewer)
        if access.sees_every_packet(viewer):
            return self.filter(own | Q(version__isnull=False))
        return self.filter(own | Q(version__packet__in=Packet.objects.visible_to(viewer)))

    def on_the_way_of(self, viewer: Person | AnonymousUser) -> Self:
        """`visible_to` for a page along the keys: what little one may see is read first, else each row is asked."""
        from approvals import access
        from approvals.models import Packet

        if not viewer.is_active or access.sees_every_packet(viewer):
            return self.visible_to(viewer)
        letters = self.model.objects.order_by().values("pk")
        about = letters.filter(version__packet__in=Packet.objects.visible_to(viewer))
        rows = self.filter(_own(viewer) | access.sight_of(viewer, "version__packet"))
        return from_the_fewest(rows, [letters.filter(recipient=viewer).union(about, all=True)])

    def whole(self) -> Self:
        return self.select_related("recipient", "event", "version__packet")


class DeliveryQuerySet(OwedQuerySet):
    """Questions about what is owed to receivers of webhooks."""

    def whole(self) -> Self:
        return self.select_related("receiver", "event__version__packet__agent", "event__packet", "event__agent")
