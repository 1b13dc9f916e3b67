"""A batch asks which of its rows the run has already: as fast in a large run as in a small one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.models import Result, Run
from runs.worker import committer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    made = factories.run(factories.squid(factories.user("owner")))
    return factories.results(made, [{"sku": str(number % 1_500)} for number in range(2_000)])


def test_rows_of_the_run_are_known_and_no_others(run: Run) -> None:
    digests = list(Result.objects.filter(run=run).values_list("digest", flat=True))
    other = factories.run(factories.squid(factories.user("other")))
    assert committer.known(run.pk, [*digests, "0" * 32]) == set(digests)
    assert committer.known(other.pk, digests) == set()
    assert committer.known(run.pk, []) == set()


@pytest.mark.sqlite
def test_each_is_found_by_its_index(run: Run) -> None:
    with CaptureQueriesContext(connection) as asked:
        committer.known(run.pk, ["0" * 32] * 100)
    [query] = asked.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
        steps = [row[3] for row in cursor.fetchall() if "runs_result" in row[3] or " r " in row[3]]
    assert steps == ["SEARCH r USING INDEX result_unique_once_per_run (run_id=? AND digest=?)"]
