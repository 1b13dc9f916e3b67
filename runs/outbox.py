"""Sends the e-mails that wait, in a queue job of its own: a mail server that hangs keeps neither
a move nor the dispatcher waiting.

An e-mail is claimed by a conditional update, so of any number of senders one sends it. Who dies
before its outcome is written has it tried again after ``CLAIM``: it arrives twice only where the
server had accepted it and the process died in the instant before that was written. Both copies
then have the same Message-ID.
"""

from __future__ import annotations

import logging
import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from runs import mail
from runs.models import Notice, NoticeState
from squids import actions, errors
from squids.models import Squid, User

log = logging.getLogger(__name__)

BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
"""The waits after each failure, up to a day together; after the next one it is given up."""
CLAIM = timedelta(minutes=5)
"""Longer than a job may take (``Q_CLUSTER["timeout"]``), so that nobody sends beside it."""
BOUND = 30.0
"""Seconds after which a job begins no further e-mail; the next tick asks for another job."""
ERROR_LENGTH = 500
TESTS, TESTS_SPAN = 5, timedelta(minutes=10)
"""Test e-mails that a user may send in that time."""


def ring(now: datetime) -> None:
    """Ask the queue for a sender where an e-mail is due."""
    if _due(now):
        async_task("runs.jobs.send_notices", q_options={"save": False})


def send_due(now: datetime) -> int:
    """Send what is due; answers how many e-mails were. Any number may run at once."""
    sent, end = 0, time.monotonic() + BOUND
    while time.monotonic() < end and (notice := _due(now)):
        if _claim(notice, now):
            sent += _send(notice, now)
    return sent


def _due(now: datetime) -> Notice | None:
    waiting = Notice.objects.filter(state=NoticeState.WAITING, next_try_at__lte=now)
    waiting = waiting.select_related("run__squid__owner", "run__crawler")
    return waiting.order_by("next_try_at", "id").first()


def _claim(notice: Notice, now: datetime) -> bool:
    mine = Notice.objects.filter(
        pk=notice.pk, state=NoticeState.WAITING, next_try_at=notice.next_try_at
    )
    notice.tries += 1
    return bool(mine.update(tries=F("tries") + 1, next_try_at=now + CLAIM))


def _send(notice: Notice, now: datetime) -> bool:
    """Send one that is ours. What it tells of may have passed while it waited."""
    if _is_over(notice):
        notice.delete()
        return False
    try:
        with server() as connection:
            connection.send_messages([mail.of_run(notice)])
            _note_sent(notice)  # before the farewell, which may take long
    except DatabaseError:
        raise
    except Exception as error:  # whatever a mail server answers, the others go on
        log.warning("The e-mail about run %s was not sent: %s", notice.run, error)
        _note_failure(notice, error, now)
        return False
    return True


def _is_over(notice: Notice) -> bool:
    run = notice.run
    told, now = (notice.status, notice.reason), (run.status, run.reason)
    return told != now or run.squid.deleted_at is not None or not run.owner.is_active


@contextmanager
def server() -> Iterator[BaseEmailBackend]:
    """A connection to the mail server. A farewell that fails undoes nothing."""
    connection = get_connection()
    connection.open()
    try:
        yield connection
    finally:
        with suppress(Exception):
            connection.close()


def _note_sent(notice: Notice) -> None:
    sent = {"state": NoticeState.SENT, "sent_at": timezone.now(), "error": ""}
    Notice.objects.filter(pk=notice.pk).update(**sent)


def send_test(squid: Squid, typed: str) -> str:
    """Send a test to the typed address, or the owner's where none is; answers to which. Raises
    Refused: a wrong address, too many at once, or what the mail server said."""
    to = actions.check_email(typed) or squid.owner.email
    if not to:
        raise errors.FieldRefused("notify_email", errors.NO_ADDRESS)
    _count_test(squid.owner)
    try:
        with server() as connection:
            connection.send_messages([mail.of_test(squid, to)])
    except Exception as error:
        log.warning("A test e-mail was not sent: %s", error)
        raise errors.Refused(f"Not sent. {reason_of(error)}") from error
    return to


def _count_test(user: User) -> None:
    """Anybody's address may be typed, so a user sends a few and then waits."""
    key, number = f"test-e-mails-{user.pk}", 1
    cache.add(key, 0, TESTS_SPAN.total_seconds())
    with suppress(ValueError):  # its time ran out in between
        number = cache.incr(key)
    if number > TESTS:
        raise errors.Refused(f"Not sent: {TESTS} were sent a moment ago. Wait ten minutes.")


def is_configured() -> bool:
    """Whether e-mails leave this machine; without a mail server they are written to the log."""
    return bool(settings.EMAIL_BACKEND != settings.CONSOLE_EMAIL)


def _note_failure(notice: Notice, error: Exception, now: datetime) -> None:
    gives_up = notice.tries > len(BACK_OFF) or _is_final(error)
    notice.state = NoticeState.FAILED if gives_up else NoticeState.WAITING
    notice.next_try_at = now if gives_up else now + BACK_OFF[notice.tries - 1]
    notice.error = reason_of(error)
    notice.save(update_fields=["state", "next_try_at", "error"])


def _is_final(error: Exception) -> bool:
    """The server refused the address itself for good: asking for days would not change it."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(code >= 500 for code, _ in error.recipients.values())


def reason_of(error: Exception) -> str:
    """What went wrong, for the person who waits for the e-mail."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return _answer(code, said)
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    if isinstance(error, TimeoutError | smtplib.SMTPServerDisconnected):
        return "The mail server did not answer, or hung up."
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return f"The mail server cannot be reached: {error.strerror or error}."[:ERROR_LENGTH]
    return f"{type(error).__name__}: {error}"[:ERROR_LENGTH]


def _answer(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"The mail server answered {code} {' '.join(text.split())}"[:ERROR_LENGTH]
