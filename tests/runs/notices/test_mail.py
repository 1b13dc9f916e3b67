"""What an e-mail says, as the mail server gets it."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from django.utils import timezone
from pytest_django import Settings

from runs import mail, notices, outbox
from runs.models import Run
from runs.states import ADVICE, Reason, Status
from squids.models import Notify, Squid, User
from tests import factories
from tests.runs.notices.conftest import TO
from tests.smtp_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)


def squid_of(name: str = "Demo shop", choice: str = Notify.ON_SUCCESS) -> Squid:
    owner = User.objects.filter(username="owner").first() or factories.user("owner")
    return factories.squid(owner, name=name, run_notify=choice, notify_email=TO)


def sent(smtp: MailServer, run: Run) -> EmailMessage:
    notices.note(run)
    assert outbox.send_due(timezone.now()) == 1
    return smtp.messages[-1]


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def test_the_numbers_and_the_links(smtp: MailServer) -> None:
    run = factories.run(squid_of(), results=2400, unique_results=2100, credits=2_100_500)
    message = sent(smtp, run)
    assert smtp.subjects == ["Done: Demo shop — 2,400 results"]
    assert message["auto-submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        text = part(message, kind)
        for wanted in ("2,400", "2,100 unique", "2,100.5", "1 h 04 m", Reason.TASKS_DONE.label):
            assert wanted in text
        for path in (f"/runs/{run.uid}", f"/runs/{run.uid}/download.csv", "/settings#notify"):
            assert f"https://lobstr.example{path}" in text or path in text


def test_failed_tasks_are_told(smtp: MailServer) -> None:
    message = sent(smtp, factories.run(squid_of(), results=1, tasks_total=4, tasks_failed=2))
    assert smtp.subjects == ["Done: Demo shop — 1 result, 2 of 4 tasks failed"]
    assert "/tasks" in part(message, "plain")


@pytest.mark.parametrize(
    ("status", "reason", "subject"),
    [
        (Status.ERROR, Reason.CRAWLER_ERROR, "Error: Demo shop — The crawler failed"),
        (Status.ABORTED, Reason.NO_ACCOUNTS, "Aborted: Demo shop — No account is linked"),
        (Status.DONE, Reason.NO_CREDITS_LEFT, "Done: Demo shop — The credits ran out"),
        (Status.PAUSED, Reason.COOKIES_EXPIRED, "Paused: Demo shop — The site no longer accepts"),
    ],
)
def test_what_to_do_about_it(smtp: MailServer, status: str, reason: Reason, subject: str) -> None:
    squid = squid_of(choice=Notify.ON_ERROR)
    message = sent(smtp, factories.run(squid, status=status, reason=reason, message="Two < three"))
    assert smtp.subjects[0].startswith(subject)
    assert ADVICE[reason].todo in part(message, "plain")
    assert "Two < three" in part(message, "plain")
    assert "Two &lt; three" in part(message, "html")


def test_a_name_cannot_write_headers(smtp: MailServer) -> None:
    """No squid gets such a name; the e-mail does not rely on it."""
    squid = squid_of("Shop\r\nBcc: all@example.org\r\n\r\n<b>")
    message = sent(smtp, factories.run(squid))
    assert message["bcc"] is None
    assert smtp.subjects[0].startswith("Done: Shop Bcc: all@example.org <b> — ")
    assert "<b>" not in part(message, "html").split("<h1")[0]


@pytest.mark.parametrize("name", ["n" * 300, "貝" * 300, "🦑 " * 150])
def test_a_long_name(smtp: MailServer, name: str) -> None:
    message = sent(smtp, factories.run(squid_of(name.strip()), results=5))
    assert smtp.subjects[0].endswith("… — 5 results")
    assert len(smtp.subjects[0]) < 150
    assert name.strip() in part(message, "html")


def test_times_are_the_owners(smtp: MailServer) -> None:
    squid = squid_of()
    User.objects.filter(pk=squid.owner_id).update(time_zone="Asia/Tokyo")
    assert "2025-03-05 00:06 JST" in part(sent(smtp, factories.run(squid)), "plain")


def test_addresses_are_this_sites(settings: Settings) -> None:
    settings.SITE_URL = "https://scrape.example:8443"
    assert mail.address("squids:list") == "https://scrape.example:8443/"


def test_what_was_foretold(smtp: MailServer) -> None:
    told = {
        "basis": "squid",
        "runs": 3,
        "alike": True,
        "tasks": 1,
        "rate": 1000,
        "rows": [40, 60],
        "credits": [40_000, 60_000],
        "seconds": [60, 120],
    }
    message = sent(smtp, factories.run(squid_of(), unique_results=75, forecast=told))
    for kind in ("plain", "html"):
        assert "40–60" in part(message, kind)
        assert "25 % more than foretold" in part(message, kind)
