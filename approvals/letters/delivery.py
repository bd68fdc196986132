"""One attempt to hand a letter to the mail server, and what its answer means."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import Error as DatabaseError

from approvals.letters.answers import Answer, Outcome
from approvals.letters.writing import message_id
from approvals.models import Letter

logger = logging.getLogger(__name__)
CLOSING = 421  # the server says that it goes away: no answer about this letter (RFC 5321, 3.8)


def mail(letter: Letter, *, repeat: bool) -> EmailMultiAlternatives:
    """The letter as a mail. A repeat is marked as one, under the same Message-ID."""
    headers = {"Message-ID": message_id(letter), "Auto-Submitted": "auto-generated"}
    if repeat:
        headers["X-Possible-Repeat"] = "yes"
    reply_to = [letter.reply_to] if letter.reply_to else None
    made = EmailMultiAlternatives(
        letter.subject, letter.text, settings.DEFAULT_FROM_EMAIL, [letter.address], reply_to=reply_to, headers=headers
    )
    made.attach_alternative(letter.html, "text/html")
    return made


def attempt(letter: Letter, leaves: Callable[[], None], *, repeat: bool = False) -> Outcome:
    """Hand the letter over, outside any transaction. `leaves` is called just before its text goes out.

    Every failure is an outcome, except that of `leaves` to write down that the text goes out: then it does not.
    """
    connection = get_connection()
    try:
        connection.open()
    except Exception as error:  # refused, hanging, wrong password, no TLS: nothing of this letter has left
        logger.warning("the mail server cannot be reached", extra={"error": _plain(error)})
        _close(connection)
        return Outcome(Answer.DOWN, _plain(error))
    began = _watch(getattr(connection, "connection", None), leaves)
    try:
        connection.send_messages([mail(letter, repeat=repeat)])
    except DatabaseError:
        raise
    except Exception as error:  # whatever it is, the letter has to reach a state
        return _meaning(error, began=bool(began))
    else:
        return Outcome(Answer.TAKEN, began[-1] if began else "Accepted.")
    finally:
        _close(connection)


def _watch(smtp: Any, leaves: Callable[[], None]) -> list[str]:
    """Filled once the text of the letter goes out: from then on a lost connection leaves the outcome unknown.

    The server's answer to the text is added: it often names the letter as the server's own log does.
    """
    began: list[str] = []
    if not isinstance(smtp, smtplib.SMTP):
        leaves()
        return began

    def data(send: Any, *args: Any) -> Any:
        leaves()
        began.append("")
        code, words = answer = send(*args)
        began.append(f"{code} {words.decode('utf-8', 'replace')}"[:500])
        return answer

    smtp.data = partial(data, smtp.data)  # type: ignore[method-assign]  # this one connection only
    return began


def _meaning(error: Exception, *, began: bool) -> Outcome:
    said = _plain(error)
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            code, words = next(iter(refused.values()))
            return _by_code(code, words)
        case smtplib.SMTPSenderRefused() | smtplib.SMTPAuthenticationError():
            return Outcome(Answer.DOWN, said)  # ours to mend, and no fault of this letter
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=words):
            return _by_code(code, words)
        case smtplib.SMTPServerDisconnected() | OSError() if began:
            return Outcome(Answer.UNKNOWN, f"The connection was lost before the server answered: {said}")
        case smtplib.SMTPNotSupportedError():
            return Outcome(Answer.NEVER, said)
        case OSError():  # also what smtplib raises for a lost connection
            return Outcome(Answer.LATER, said)
    logger.error("a letter could not be made into a mail", exc_info=error)
    return Outcome(Answer.NEVER, f"The e-mail could not be put together: {said}")


def _by_code(code: int, words: bytes | str) -> Outcome:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    said = f"{code} {text}"[:500]
    if code == CLOSING:
        return Outcome(Answer.DOWN, said)
    return Outcome(Answer.NEVER if 500 <= code < 600 else Answer.LATER, said)


def _plain(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _close(connection: Any) -> None:
    """Saying goodbye may fail or hang until the time-out; the outcome stands."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        logger.info("the mail server did not say goodbye", extra={"error": _plain(error)})
