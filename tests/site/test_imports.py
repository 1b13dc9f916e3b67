"""Imports go one way: site → runs → squids → crawlers, and jobs → worker → … → states in runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = ("lobstr_site", "runs", "squids")

# Each module, or package, and what it may not import (the longest name that fits decides).
FORBIDDEN: dict[str, tuple[str, ...]] = {
    "squids": ("lobstr_site",),
    "squids.models": ("lobstr_site", "runs"),
    "squids.actions": ("lobstr_site", "runs"),
    "squids.crawlers": ("lobstr_site", "runs", "django", "channels", "django_q"),
    "squids.recurrence": ("lobstr_site", "runs", "django"),
    "squids.cron": ("lobstr_site", "runs", "django"),
    "squids.schedules": ("lobstr_site", "runs", "squids.actions"),
    "runs": ("lobstr_site",),
    "runs.engine": ("lobstr_site", "django", "channels", "django_q"),
    "runs.worker": ("lobstr_site", "runs.jobs"),
    "runs.lifecycle": ("lobstr_site", "runs.jobs", "runs.worker"),
    "runs.models": ("lobstr_site", "runs.jobs", "runs.worker", "runs.lifecycle"),
    "runs.states": ("lobstr_site", "runs.jobs", "runs.worker", "runs.lifecycle", "runs.models"),
    "lobstr_site.demo": ("runs", "squids", "django"),
}
# Of our own code, these may import nothing but what stands here.
ONLY: dict[str, tuple[str, ...]] = {
    "squids.crawlers": ("squids.crawlers",),
    "squids.recurrence": ("squids.cron",),
    "squids.cron": ("squids.cron",),
    "runs.engine": ("runs.engine", "squids.crawlers"),
    "lobstr_site.demo": ("lobstr_site.demo",),
}


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def modules() -> Iterator[tuple[str, Path]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__"), path


def imported(source: str) -> set[str]:
    """Every module, and every name taken from one, with its whole dotted name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module and not node.level, "relative imports hide what they name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rule(rules: dict[str, tuple[str, ...]], module: str) -> tuple[str, ...]:
    fitting = [name for name in rules if within(module, name)]
    return rules[max(fitting, key=len)] if fitting else ()


def breaches(module: str, names: set[str]) -> list[str]:
    """What ``module`` imports although it may not."""
    forbidden, only = rule(FORBIDDEN, module), rule(ONLY, module)
    ours = {name for name in names if any(within(name, app) for app in APPS)}
    wrong = {name for name in names if any(within(name, package) for package in forbidden)}
    if only:
        wrong |= {name for name in ours if not any(within(name, package) for package in only)}
    return sorted(f"{module} imports {name}" for name in wrong)


def test_no_module_imports_against_the_current() -> None:
    found = [
        line for module, path in modules() for line in breaches(module, imported(path.read_text()))
    ]
    assert not found, "\n".join(found)


def test_the_apps_are_all_read() -> None:
    read = {module for module, _ in modules()}
    assert {"squids.models", "runs.engine", "runs.lifecycle", "lobstr_site.settings"} <= read


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("squids.models", "from runs.models import Run"),
        ("squids.crawlers.web", "from django.db import models"),
        ("squids.crawlers.web", "from squids import models"),
        ("runs.engine.fetch", "def later():\n    import django.conf"),
        ("runs.engine.fetch", "from runs.models import Run"),
        ("runs.engine.fetch", "from squids.models import Squid"),
        ("runs.lifecycle", "from runs import worker"),
        ("runs.views", "from lobstr_site import server"),
        ("runs.states", "from runs.models import Run"),
    ],
)
def test_each_rule_can_be_broken(module: str, source: str) -> None:
    assert breaches(module, imported(source))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("squids.views", "from runs.models import Run"),
        ("squids.models", "from squids.crawlers import registry"),
        ("runs.engine.loop", "from squids.crawlers.interface import Request"),
        ("runs.jobs", "from runs import worker"),
        ("lobstr_site.seed", "from runs import credits"),
    ],
)
def test_the_current_itself_is_free(module: str, source: str) -> None:
    assert not breaches(module, imported(source))
