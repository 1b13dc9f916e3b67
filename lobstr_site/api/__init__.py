"""API v1: the routers of the two apps under ``/v1``, reached with a key."""

from __future__ import annotations

from ninja import Router

from lobstr_site.api.auth import Token
from lobstr_site.api.description import Api
from lobstr_site.api.docs import Docs
from lobstr_site.api.errors import handle_errors
from lobstr_site.api.parsing import Strict
from lobstr_site.api.rendering import Json
from runs.api import balance, credits, downloads, results, runs, runtasks, stats
from squids.api import accounts, crawlers, estimates, squids, tasks, uploads, users

ROUTERS: tuple[Router, ...] = (
    users.router,
    balance.router,
    crawlers.router,
    squids.router,
    estimates.router,
    accounts.router,
    uploads.router,
    tasks.router,
    runtasks.router,
    results.router,
    runs.router,
    stats.router,
    downloads.router,
    credits.router,
)

api = Api(
    title="Lobstr Open API",
    version="1",
    description="Squids, tasks, runs and results for scripts. Keys are made on the API page.",
    urls_namespace="v1",
    auth=Token(),
    parser=Strict(),
    renderer=Json(),
    openapi_url="/openapi.json",
    docs_url="/docs",
    docs=Docs(),
)
handle_errors(api)
for router in ROUTERS:
    api.add_router("", router)
