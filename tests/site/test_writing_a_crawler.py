"""The package that ``docs/writing-a-crawler.md`` tells to write: built from the page, tested,
installed outside the project and run by the site."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.site.running import ROOT, Running, running, until

PAGE = ROOT / "docs" / "writing-a-crawler.md"
FILES = re.compile(r"```(?:toml|python)\n# (\S+)\n(.*?)```", re.S)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("author") / "bookshelf"
    folder.mkdir()
    for name, text in FILES.findall(PAGE.read_text()):
        (folder / name).write_text(text)
    return folder


def test_the_page_has_every_file(package: Path) -> None:
    names = sorted(file.name for file in package.iterdir())
    assert names == ["bookshelf.py", "pyproject.toml", "test_bookshelf.py"]


def test_its_own_tests_pass(package: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(package / "pyproject.toml")]
    command += ["-p", "no:cacheprovider", "--rootdir", str(package), str(package)]
    plain = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


@pytest.fixture(scope="module")
def installed(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package was installed: a folder of its own, as the environment is the project's."""
    target = tmp_path_factory.mktemp("installed")
    copy = shutil.copytree(package, tmp_path_factory.mktemp("build") / "bookshelf")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    command += [str(target), "--no-build-isolation", "--disable-pip-version-check", str(copy)]
    subprocess.run(command, check=True)
    return target


def test_it_runs_on_the_site(installed: Path, tmp_path: Path) -> None:
    with running(tmp_path / "data", PYTHONPATH=str(installed)) as site, _client(site) as client:
        found = client.get("crawlers", params={"limit": 100}).json()["data"]
        crawler = next(item for item in found if item["slug"] == "book-shelf")
        squid = client.post("squids", json={"crawler": crawler["id"]}).json()["id"]
        functions = {"params": {"dearest": 100, "functions": {"details": True}}}
        assert client.post(f"squids/{squid}", json=functions).is_success
        shop = f"http://127.0.0.1:{site.settings['LOBSTR_DEMO_PORT']}/category/toys/"
        assert client.post("tasks", json={"squid": squid, "tasks": [{"url": shop}]}).is_success
        run = client.post("runs", json={"squid": squid}).json()["id"]
        until(lambda: client.get(f"runs/{run}/stats").json()["is_done"], "the run's end")
        ended = client.get(f"runs/{run}").json()
        rows = client.get("results", params={"run": run, "limit": 100}).json()["data"]
    assert ended["status"] == "done" and ended["total_results"] > 50
    assert all(row["price"] <= 100 and row["material"] for row in rows)
    # A credit a row, and half a credit for each of which the details were found.
    assert ended["credit_used"] == ended["total_unique_results"] * 1.5


def _client(site: Running) -> httpx.Client:
    command = [sys.executable, "manage.py", "api_key", "demo"]
    key = subprocess.run(
        command, cwd=ROOT, env=site.settings, capture_output=True, text=True, check=True
    )
    base = f"http://127.0.0.1:{site.settings['LOBSTR_PORT']}/v1/"
    headers = {"Authorization": f"Token {key.stdout.strip()}"}
    return httpx.Client(base_url=base, headers=headers, timeout=30)
