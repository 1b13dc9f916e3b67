"""Forms of accounts. What is typed as cookies is read once and never put back into a page."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from squids import account_types, errors
from squids.cookies import SIZE_LIMIT
from squids.crawlers.interface import AccountType
from squids.models import Account, Squid

LONGEST_NUMBER = 300
ENDLESS = re.compile(r"\s*[-+]?[0-9]+\s*", re.ASCII)
"""Digits without end; so many are past every range, and can still be told as a float."""


class WholeField(forms.IntegerField):
    """Of any length, as actions say which range is right: an endless one counts as too large."""

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str) and len(value) > LONGEST_NUMBER and ENDLESS.fullmatch(value):
            value = value[:LONGEST_NUMBER]
        return super().to_python(value)


class SecretText(forms.Textarea):
    """Is shown empty, whatever was typed."""

    def format_value(self, value: Any) -> str | None:
        return None


class CookiesForm(forms.Form):
    """Cookies as text or as a file, and the site they are for."""

    site = forms.CharField(
        required=False,
        max_length=300,
        help_text="Such as shop.example. Needed where the cookies are names and values alone;"
        " of exported ones only this site's are taken then.",
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    cookies = forms.CharField(
        strip=False,
        error_messages={"required": "Paste the cookies, or choose a file."},
        widget=SecretText(
            attrs={"rows": 5, "spellcheck": "false", "autocomplete": "off", "class": "mono"}
        ),
        help_text="JSON of a browser extension, the lines of a cookies.txt, or a Cookie header.",
    )
    file = forms.FileField(
        required=False,
        label="Or a file",
        help_text="The same, as the browser extension saves it.",
        widget=forms.FileInput(attrs={"accept": ".json,.txt,text/plain,application/json"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.files:
            self.fields["cookies"].required = False

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > SIZE_LIMIT:
            raise forms.ValidationError(f"The file is larger than {SIZE_LIMIT // 1024} KB.")
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError("The file is no text in UTF-8.") from None

    @property
    def text(self) -> str:
        """The file's text where one was chosen."""
        return str(self.cleaned_data["file"] or self.cleaned_data["cookies"])


def refuse(form: forms.Form, refused: errors.Refused) -> None:
    """Put a refusal beside its field."""
    field = getattr(refused, "field", None)
    form.add_error(field if field in form.fields else None, refused.message)


class RefreshForm(CookiesForm):
    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = account_types.get(account.type)
        if kind and kind.domain:
            del self.fields["site"]
        else:
            self.fields["site"].help_text = "Only where it is another one than before."


class AddForm(CookiesForm):
    """A new account: its type, a name, and its cookies."""

    type = forms.ChoiceField(error_messages={"required": "Choose a type."})
    name = forms.CharField(
        help_text="To tell your accounts apart, such as the login's name.",
        error_messages={"required": "Give the account a name."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("type", "name", "site", "cookies", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted(account_types.every().values(), key=lambda kind: kind.name)
        field = self.fields["type"]
        field.choices = [(kind.slug, kind.name) for kind in kinds]  # type: ignore[attr-defined]
        field.help_text = " ".join(kind.help for kind in kinds)
        if all(kind.domain for kind in kinds):
            del self.fields["site"]


class NameForm(forms.Form):
    name = forms.CharField(error_messages={"required": "Give the account a name."})


class LimitsForm(forms.Form):
    """A number for each limit of the type; empty is what the crawler declares."""

    def __init__(self, account: Account, kind: AccountType, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": account.limits} | kwargs)
        for name, (least, most) in account_types.bounds(kind).items():
            self.fields[name] = _limit_field(name, least, most, labels(kind)[name])


def labels(kind: AccountType) -> dict[str, str]:
    """What people read of each limit of a type."""
    daily = {limit.name: limit.label for limit in kind.limits}
    return daily | {
        account_types.BATCH: "Pages a batch",
        account_types.BATCH_HOURS: "Hours of rest after a batch",
    }


def _limit_field(name: str, least: float, most: float, label: str) -> forms.Field:
    hours = name == account_types.BATCH_HOURS
    attrs = {"placeholder": f"{least if hours else most:g}", "max": most, "min": least}
    kind = forms.FloatField if hours else WholeField
    return kind(
        label=label,
        required=False,
        help_text=f"At least {least:g}." if hours else f"At most {most:,g}.",
        widget=forms.NumberInput(attrs=attrs | {"step": "any" if hours else 1}),
    )


def choice(squid: Squid, kind: AccountType) -> forms.ModelMultipleChoiceField[Account]:
    """The owner's accounts of the type that the squid's crawler works with."""
    accounts = Account.objects.filter(owner=squid.owner_id, type=kind.slug).order_by("name")
    return forms.ModelMultipleChoiceField(
        accounts.select_related("use__run"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Several share the load; each serves one run at a time.",
        error_messages={"invalid_choice": "Choose from your accounts of the right type."},
    )
