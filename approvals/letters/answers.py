"""The words for what came of an attempt to hand something over: no more than is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """What came of one attempt to hand a letter over. Down: no other letter would have done better then."""

    TAKEN = "taken"
    LATER = "later"
    DOWN = "down"
    NEVER = "never"
    UNKNOWN = "unknown"
    UNASKED = "unasked"

    @property
    def label(self) -> str:
        return ANSWER_LABELS[self]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt, and what the server said. `status`: the number a receiver of webhooks answered with."""

    answer: Answer
    said: str
    status: int | None = None


ANSWER_LABELS = {
    Answer.TAKEN: "Accepted by the mail server",
    Answer.LATER: "Put off by the mail server",
    Answer.DOWN: "The mail server could not be used",
    Answer.NEVER: "Refused by the mail server",
    Answer.UNKNOWN: "No answer: it may have arrived",
    Answer.UNASKED: "Not sent",
}
# The same, of a receiver of webhooks.
RECEIVER_LABELS = {
    Answer.TAKEN: "Accepted by the receiver",
    Answer.LATER: "Not accepted",
    Answer.DOWN: "The receiver could not be reached",
    Answer.NEVER: "Refused for good",
    Answer.UNKNOWN: "No answer: it may have arrived",
    Answer.UNASKED: "Not sent",
}
