"""What waits is sent once, whatever the mail server does and whoever dies."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from pytest_django import Settings

from runs import jobs, lifecycle, notices, outbox
from runs.models import Notice, NoticeState, Run
from runs.states import Reason, Status
from squids.models import Notify
from tests import factories
from tests.runs.conftest import fresh, work
from tests.runs.notices.conftest import TO, Asking, use
from tests.runs.processes import database_url
from tests.smtp_server import MailServer, mail_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ended(db: None) -> Run:
    """A run that is done, and its e-mail waiting."""
    squid = factories.squid(factories.user("owner"), run_notify=Notify.ON_SUCCESS, notify_email=TO)
    run = factories.run(squid)
    notices.note(run)
    return run


def queued() -> list[str]:
    return [SignedPackage.loads(job.payload)["func"] for job in OrmQ.objects.all()]


def test_from_launch_to_the_mailbox(smtp: MailServer, asking: Asking) -> None:
    run = lifecycle.start(asking(Notify.ON_SUCCESS), by="owner")
    work()
    OrmQ.objects.all().delete()
    jobs.tick()
    assert queued() == ["runs.jobs.send_notices"]
    assert smtp.messages == []
    assert jobs.send_notices() == 1
    (message,) = smtp.messages
    assert message["to"] == TO
    assert smtp.subjects == [f"Done: Test shop (1) — {fresh(run).results} results"]
    notice = Notice.objects.get()
    assert (notice.state, notice.error) == (NoticeState.SENT, "")
    OrmQ.objects.all().delete()
    jobs.tick()
    assert (queued(), jobs.send_notices()) == ([], 0)


def test_a_server_that_is_down_and_comes_back(settings: Settings, ended: Run) -> None:
    with mail_server() as server:
        port = server.port
    use(settings, port)
    now = timezone.now()
    assert outbox.send_due(now) == 0
    notice = Notice.objects.get()
    assert (notice.state, notice.tries) == (NoticeState.WAITING, 1)
    assert notice.next_try_at == now + outbox.BACK_OFF[0]
    assert "cannot be reached" in notice.error
    assert notices.trouble(ended.squid) == notice
    with mail_server(port) as server:
        assert outbox.send_due(now) == 0
        assert outbox.send_due(notice.next_try_at) == 1
        assert len(server.messages) == 1
    assert notices.trouble(ended.squid) is None


def test_after_a_day_it_is_given_up(smtp: MailServer, ended: Run) -> None:
    smtp.answers["MAIL"] = "451 try later"
    began = Notice.objects.get().next_try_at
    for _ in outbox.BACK_OFF:
        assert outbox.send_due(Notice.objects.get().next_try_at) == 0
        assert Notice.objects.get().state == NoticeState.WAITING
    last = Notice.objects.get().next_try_at
    assert timedelta(hours=20) < last - began < timedelta(hours=24)
    outbox.send_due(last)
    notice = Notice.objects.get()
    assert (notice.state, notice.error) == (
        NoticeState.FAILED,
        "The mail server answered 451 try later",
    )
    assert notices.trouble(ended.squid) == notice
    assert outbox.send_due(last + timedelta(days=9)) == 0


def test_an_address_that_is_not_there_is_given_up_at_once(smtp: MailServer, ended: Run) -> None:
    smtp.answers["RCPT"] = "550 no such mailbox"
    outbox.send_due(timezone.now())
    notice = Notice.objects.get()
    assert (notice.state, notice.tries) == (NoticeState.FAILED, 1)
    assert notice.error == "The mail server answered 550 no such mailbox"


def test_of_two_senders_one_sends(smtp: MailServer, ended: Run) -> None:
    now, start, sent = timezone.now(), threading.Barrier(2), []

    def send() -> None:
        try:
            start.wait()
            sent.append(outbox.send_due(now))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [0, 1]
    assert len(smtp.messages) == 1


@contextmanager
def sender(smtp: MailServer) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that sends what is due; it is killed at the end of the block."""
    code = (
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from runs import outbox\n"
        "input(); outbox.send_due(timezone.now())"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "lobstr_site.settings",
        "DATABASE_URL": database_url(),
        "LOBSTR_EMAIL_HOST": "127.0.0.1",
        "LOBSTR_EMAIL_PORT": str(smtp.port),
        "LOBSTR_EMAIL_SECURITY": "none",
        "LOBSTR_URL": "https://lobstr.example",
    }
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("moment", "arrived"), [("connected", 1), ("accepted", 2)])
def test_killed_between(smtp: MailServer, ended: Run, moment: str, arrived: int) -> None:
    """Before the server has it: sent once, later. Once it has it, but before that could be noted:
    sent again, as the same message."""
    with sender(smtp) as process:
        gone = threading.Event()

        def kill() -> None:
            process.kill()
            process.wait()
            gone.set()

        setattr(smtp, moment, kill)
        assert process.stdin
        process.stdin.write(b"go\n")
        process.stdin.flush()
        assert gone.wait(60)
    setattr(smtp, moment, lambda: None)
    now = timezone.now()
    assert outbox.send_due(now) == 0
    assert outbox.send_due(now + outbox.CLAIM) == 1
    assert outbox.send_due(now + 2 * outbox.CLAIM) == 0
    assert len(smtp.messages) == arrived
    assert len({message["message-id"] for message in smtp.messages}) == 1
    assert Notice.objects.get().state == NoticeState.SENT


def test_a_server_that_hangs_holds_nobody_up(
    smtp: MailServer, ended: Run, settings: Settings
) -> None:
    smtp.hangs, settings.EMAIL_TIMEOUT = True, 60
    sending = threading.Thread(target=_send_and_close)
    sending.start()
    _until_claimed()
    jobs.tick()
    assert jobs.send_notices() == 0  # this machine's place for it is taken
    assert sending.is_alive()
    smtp.released.set()
    sending.join()
    notice = Notice.objects.get()
    assert (notice.state, notice.tries) == (NoticeState.WAITING, 1)


def _send_and_close() -> None:
    try:
        jobs.send_notices()
    finally:
        connection.close()


def _until_claimed() -> None:
    while not Notice.objects.filter(tries=1).exists():
        pass


def test_a_server_that_does_not_answer_is_left(
    smtp: MailServer, ended: Run, settings: Settings
) -> None:
    smtp.hangs, settings.EMAIL_TIMEOUT = True, 0.2
    assert outbox.send_due(timezone.now()) == 0
    assert Notice.objects.get().error == "The mail server did not answer, or hung up."


def test_what_has_passed_meanwhile_is_not_sent(smtp: MailServer, db: None) -> None:
    squid = factories.squid(factories.user("owner"), run_notify=Notify.ON_ERROR, notify_email=TO)
    run = factories.run(squid, status=Status.ERROR, reason=Reason.CRAWLER_ERROR)
    notices.note(run)
    assert Notice.objects.count() == 1
    lifecycle.resolve(squid.crawler, by="operator")
    assert fresh(run).status == Status.PENDING
    assert outbox.send_due(timezone.now()) == 0
    assert smtp.messages == [] and not Notice.objects.exists()


def test_nothing_is_sent_about_a_deleted_squid(smtp: MailServer, ended: Run) -> None:
    lifecycle.delete(ended.squid, by="owner")
    assert outbox.send_due(timezone.now()) == 0
    assert smtp.messages == [] and not Notice.objects.exists()


def test_one_that_fails_keeps_no_other_waiting(smtp: MailServer, ended: Run) -> None:
    broken = factories.run(factories.squid(ended.owner, run_notify=Notify.ON_SUCCESS))
    Notice.objects.create(
        run=broken, to="a\nb@example.org", status=Status.DONE, reason=broken.reason
    )
    assert outbox.send_due(timezone.now()) == 1
    assert [message["to"] for message in smtp.messages] == [TO]
    assert "newline" in Notice.objects.get(run=broken).error
