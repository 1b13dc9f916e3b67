from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from lobstr_site.checks import TAG
from lobstr_site.environment import secret
from runs.worker.slice import DRAIN

SQLITE: dict[str, Any] = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}


def found() -> dict[str | None, str | None]:
    """What is complained about: id and hint."""
    return {complaint.id: complaint.hint for complaint in run_checks(tags=[TAG])}


def test_the_settings_as_shipped_are_fine() -> None:
    assert found() == {}


@pytest.mark.parametrize("retry", [120, 60])
def test_a_retry_not_above_the_timeout_is_refused(settings: Settings, retry: int) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"timeout": 120, "retry": retry}
    assert "['retry'] well above 120" in str(found()["lobstr.E002"])


def test_no_timeout_is_refused(settings: Settings) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"timeout": None}
    assert "['timeout']" in str(found()["lobstr.E001"])


@pytest.mark.parametrize(
    "options", [{}, {"transaction_mode": None}, {"transaction_mode": "DEFERRED"}]
)
def test_deferred_transactions_are_refused_on_sqlite(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    monkeypatch.setattr(
        "django.conf.settings.DATABASES", {"default": SQLITE | {"OPTIONS": options}}
    )
    assert found() == {
        "lobstr.E003": "Set DATABASES['default']['OPTIONS']['transaction_mode'] to 'IMMEDIATE'."
    }


def test_postgresql_is_not_asked_about_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    server = {"ENGINE": "django.db.backends.postgresql"}
    monkeypatch.setattr("django.conf.settings.DATABASES", {"default": server})
    assert found() == {}


def test_an_old_sqlite_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    assert "newer SQLite" in str(found()["lobstr.E004"])


@pytest.mark.parametrize(
    "proxy",
    ["proxy.example", "proxy.example:8080", "ftp://u:secret@p.example", "http://p:port", " "],
)
def test_a_proxy_that_is_none_is_refused_without_its_password(
    settings: Settings, proxy: str
) -> None:
    settings.PROXY = proxy
    assert "http://user:password@proxy.example:8080" in str(found()["lobstr.E005"])
    assert "secret" not in str(run_checks(tags=[TAG]))


@pytest.mark.parametrize(
    "proxy", [None, "http://p.example", "https://u:p@p.example:8443", "socks5h://[::1]:1080"]
)
def test_a_proxy_that_is_one_is_fine(settings: Settings, proxy: str | None) -> None:
    settings.PROXY = proxy
    assert found() == {}


@pytest.mark.parametrize("place", ["ns.example", "192.0.2.1:dns", "192.0.2.300"])
def test_a_name_server_that_is_none_is_refused(settings: Settings, place: str) -> None:
    settings.DNS = ("192.0.2.1", place)
    assert "192.0.2.1:5353" in str(found()["lobstr.E012"])
    assert place in str(run_checks(tags=[TAG]))


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("SLICES", "LOBSTR_WORKERS"),
        ("FETCH_TIMEOUT", "LOBSTR_FETCH_TIMEOUT"),
        ("MAX_BODY", "LOBSTR_MAX_BODY_MB"),
    ],
)
@pytest.mark.parametrize("value", [0, -1])
def test_none_of_what_is_needed_is_refused(
    settings: Settings, setting: str, name: str, value: int
) -> None:
    setattr(settings, setting, value)
    assert found() == {"lobstr.E006": f"Set {name} to 1 or more."}
    setattr(settings, setting, 1)
    assert found() == {}


def test_a_fetch_that_outlasts_its_slice_is_refused(settings: Settings) -> None:
    settings.FETCH_TIMEOUT = int(DRAIN)
    assert found() == {"lobstr.E007": f"Set LOBSTR_FETCH_TIMEOUT under {DRAIN:g}."}
    settings.FETCH_TIMEOUT = int(DRAIN) - 1
    assert found() == {}


@pytest.mark.parametrize(
    "url",
    ["lobstr.example", "ftp://lobstr.example", "https://l.example/path", "http://[", "https:"],
)
def test_an_address_that_leads_nowhere_is_refused(settings: Settings, url: str) -> None:
    settings.SITE_URL = url
    assert "https://lobstr.example" in str(found()["lobstr.E009"])


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("EMAIL_SECURITY", "ssl", "starttls, tls or none"),
        ("EMAIL_PORT", 0, "587"),
        ("EMAIL_PORT", 65536, "587"),
        ("EMAIL_HOST_USER", "lobstr", "both, or neither"),
        ("DEFAULT_FROM_EMAIL", "Lobstr <nowhere>", "lobstr@example.org"),
        ("DEFAULT_FROM_EMAIL", "a@b.example\nBcc: c@d.example", "lobstr@example.org"),
    ],
)
def test_mail_that_could_not_be_sent_is_refused(
    settings: Settings, setting: str, value: str | int, named: str
) -> None:
    setattr(settings, setting, value)
    assert named in str(found()["lobstr.E010"])


def test_a_password_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "password"
    file.write_text("open sesame\n")
    monkeypatch.setenv("LOBSTR_EMAIL_PASSWORD_FILE", str(file))
    assert secret("LOBSTR_EMAIL_PASSWORD") == "open sesame"
    file.unlink()
    with pytest.raises(SystemExit, match=r"PASSWORD_FILE, .* cannot be read"):
        secret("LOBSTR_EMAIL_PASSWORD")


def test_a_command_says_it_and_does_not_start(tmp_path: Path) -> None:
    module = tmp_path / "broken.py"
    module.write_text("from lobstr_site.settings import *\nQ_CLUSTER['retry'] = 10\n")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "broken",
        "PYTHONPATH": str(tmp_path),
        "LOBSTR_DATA": str(tmp_path / "data"),
    }
    command = [sys.executable, "manage.py", "up"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode != 0
    assert "lobstr.E002" in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize("keys", [[], ["short"], ["é" * 44], ["A" * 44]])
def test_keys_of_accounts_that_are_none_are_refused(settings: Settings, keys: list[str]) -> None:
    settings.ACCOUNT_KEYS = [*settings.ACCOUNT_KEYS, *keys] if keys else []
    (complaint,) = run_checks(tags=[TAG])
    assert complaint.id == "lobstr.E008" and "LOBSTR_ACCOUNT_KEYS" in str(complaint.hint)
    assert ("Number 2 of the keys" if keys else "None of the keys") in complaint.msg
    assert not any(key in f"{complaint}" for key in keys)


def test_a_rate_below_nothing_is_refused(settings: Settings) -> None:
    settings.API_RATE = 0
    assert found() == {}
    settings.API_RATE = -1
    assert "0 for no limit" in str(found()["lobstr.E011"])
