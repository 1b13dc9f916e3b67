"""The keys of the accounts' cookies: from the environment, or from a file made once; changed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from lobstr_site.environment import account_keys
from squids import actions
from squids.models import Account
from squids.secrets import is_key
from tests import factories

ROOT = Path(__file__).parents[2]


def key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def _not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOBSTR_ACCOUNT_KEYS", raising=False)


def test_one_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    (made,) = account_keys(tmp_path / "data")
    assert account_keys(tmp_path / "data") == [made]
    assert is_key(made)
    mode = (tmp_path / "data" / "account_keys").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_the_file_may_hold_several(tmp_path: Path) -> None:
    (tmp_path / "account_keys").write_text("new\nold\n")
    assert account_keys(tmp_path) == ["new", "old"]


def test_the_environment_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOBSTR_ACCOUNT_KEYS", "new,old")
    assert account_keys(tmp_path) == ["new", "old"] and not list(tmp_path.iterdir())


def test_processes_that_start_together_read_one_key(tmp_path: Path) -> None:
    code = "from pathlib import Path; from lobstr_site.environment import account_keys; "
    command = [sys.executable, "-c", f"{code}print(account_keys(Path({str(tmp_path)!r})))"]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=os.environ)
        for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in started}) == 1


@pytest.mark.django_db
def test_the_command_encrypts_with_the_newest(settings: Settings) -> None:
    account = actions.add_account(
        factories.user("owner"), "web-session", "Ada", "sid=secret", "shop.example"
    )
    new = key()
    settings.ACCOUNT_KEYS = [new, *settings.ACCOUNT_KEYS]
    out = StringIO()
    call_command("rotate_account_keys", stdout=out)
    assert out.getvalue() == "Accounts encrypted with the newest key: 1\n"
    settings.ACCOUNT_KEYS = [new]
    account.refresh_from_db()
    assert actions.cookies_of(account)[0].value == "secret"


@pytest.mark.django_db
def test_the_command_says_what_it_could_not_open(settings: Settings) -> None:
    actions.add_account(factories.user("owner"), "web-session", "Ada", "sid=x", "shop.example")
    before = Account.objects.get().secret
    settings.ACCOUNT_KEYS = [key()]
    with pytest.raises(CommandError, match="1 cannot be opened"):
        call_command("rotate_account_keys", stdout=StringIO())
    assert Account.objects.get().secret == before
