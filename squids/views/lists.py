"""The List of Squids, and the page that makes a new one."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from squids import actions, errors
from squids.forms import CreateForm, on_offer
from squids.listing import FILTERS, SORTS, listing
from squids.views import SignedIn

HEADS = (
    ("name", "Squid", ""),
    ("status", "Status", ""),
    ("last", "Last run", ""),
    ("unique", "Unique", "num"),
    ("credits", "Credits", "num"),
    ("", "Last seven", ""),
    ("next", "Next launch", ""),
    ("slots", "Slots", "num"),
    ("tasks", "Tasks", "num"),
)
LARGEST_FIRST = ("last", "unique", "credits", "slots", "tasks")


@require_GET
@login_required
def dashboard(request: SignedIn) -> HttpResponse:
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "status", "sort", "page")}
    found = listing(request.user, **asked)
    context = {
        "nav": "squids",
        "listing": found,
        "heads": [_head(key, label, kind, asked) for key, label, kind in HEADS],
        "filters": [(key, label) for key, (label, _) in FILTERS.items()],
        "query": urlencode({name: asked[name] for name in ("q", "status", "sort")}),
    }
    return render(request, "squids/list.html", context)


def _head(key: str, label: str, kind: str, asked: dict[str, str]) -> dict[str, str]:
    """A column's head: a press sorts by it, and the other way round when it was sorted so."""
    usual = f"-{key}" if key in LARGEST_FIRST else key
    other = key if key in LARGEST_FIRST else f"-{key}"
    now = asked["sort"] if asked["sort"].removeprefix("-") == key and key in SORTS else ""
    direction = "descending" if now.startswith("-") else "ascending"
    query = urlencode(asked | {"sort": other if now == usual else usual, "page": ""})
    return {
        "label": label,
        "kind": kind,
        "query": query if key else "",
        "aria": direction if now else "none",
    }


@require_http_methods(["GET", "POST"])
@login_required
def create(request: SignedIn) -> HttpResponse:
    """Choose a crawler; what was made is then set up on its own page, which may be left."""
    crawlers = list(on_offer())
    only = crawlers[0].slug if crawlers else ""
    form = CreateForm(request.POST or None, initial={"crawler": request.GET.get("crawler", only)})
    if form.is_valid():
        crawler, name = form.cleaned_data["crawler"], form.cleaned_data["name"]
        try:
            squid = actions.create_squid(request.user, crawler, name=name)
            return redirect("squids:edit", squid.uid)
        except errors.Refused as refused:
            field = getattr(refused, "field", None)
            form.add_error(field if field in form.fields else None, refused.message)
    context = {"nav": "squids", "form": form, "crawlers": crawlers}
    return render(request, "squids/create.html", context, status=422 if form.errors else 200)
