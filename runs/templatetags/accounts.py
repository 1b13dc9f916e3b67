"""What a person does about a run that lacks an account."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from runs.models import Run
from runs.states import STALE
from squids.models import Account, AccountStatus

register = template.Library()


@register.simple_tag
def account_help(run: Run) -> SafeString | str:
    """Links to the accounts whose cookies a paused run waits for; empty for any other run."""
    if not run.is_paused or run.reason not in STALE:
        return ""
    stale = Account.objects.filter(squids=run.squid_id).exclude(status=AccountStatus.SYNCHRONIZED)
    links = (
        (reverse("squids:account", args=[account.uid]), account.name)
        for account in stale.order_by("name")
    )
    link = ' <a class="button small" href="{}#refresh">Refresh cookies of “{}”</a>'
    return format_html_join("", link, links)
