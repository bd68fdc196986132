"""Many people in the same moment, over connections of their own, again and again without starting anything anew."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.db import connections

from approvals.errors import Refused
from approvals.models import Event, Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind

PATIENCE = 60  # seconds until a race that does not end has failed


@dataclass
class Racers:
    """Threads that stand ready, each with its connection, and what the races showed so far."""

    pool: ThreadPoolExecutor
    races: int = 0
    heard: Counter[str] = field(default_factory=Counter)  # how often which refusal was heard; "" is a yes
    doubles: int = 0  # versions with the same transition twice
    unseen: int = 0  # signatures on something else than what their person saw

    def race(self, *runners: Callable[[], Any]) -> list[Any]:
        """Start all at one signal; what each returned, or its refusal. Anything else that is raised is raised here."""
        signal = threading.Barrier(len(runners))

        def run(runner: Callable[[], Any]) -> Any:
            signal.wait(PATIENCE)
            try:
                return runner()
            except Refused as refusal:
                return refusal

        waiting = [self.pool.submit(run, runner) for runner in runners]
        results = [one.result(PATIENCE) for one in waiting]
        self.races += 1
        self.heard += codes(results)
        return results

    def judge(self, version: Version, seen: Seen, once: Sequence[EventKind] = (EventKind.APPROVED,)) -> None:
        """Count what must never be: a transition twice, and a signature on anything but what was seen."""
        said = Counter(Event.objects.filter(version=version).values_list("kind", flat=True))
        self.doubles += any(said[kind] > 1 for kind in once)
        now = Version.objects.get(pk=version.pk)
        signed = list(now.decisions.values_list("person", flat=True))
        self.doubles += len(signed) != len(set(signed))
        was_shown = sha256(bytes(now.content or b"")).hexdigest() == now.digest == seen.digest
        self.unseen += 0 if was_shown else len(signed)


def codes(results: Sequence[Any]) -> Counter[str]:
    """How often which refusal was heard; "" is a yes."""
    return Counter(result.code if isinstance(result, Refused) else "" for result in results)


@contextmanager
def racers(most: int) -> Iterator[Racers]:
    """So many of them; at the end their connections are closed."""
    with ThreadPoolExecutor(most) as pool:
        yield Racers(pool)
        together = threading.Barrier(most)

        def leave() -> None:
            connections.close_all()
            together.wait(PATIENCE)  # so that each thread takes one of these

        for one in [pool.submit(leave) for _ in range(most)]:
            one.result(PATIENCE)
