"""The words for what came of an attempt to hand a letter over: no more than is known."""

from __future__ import annotations

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


ANSWER_LABELS = {
    Answer.TAKEN: "Accepted by the mail server",
    Answer.LATER: "Put off by the mail server",
    Answer.DOWN: "The mail server could not be used",
    Answer.NEVER: "Refused by the mail server",
    Answer.UNKNOWN: "No answer: it may have arrived",
    Answer.UNASKED: "Not sent",
}
