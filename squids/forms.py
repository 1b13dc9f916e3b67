"""Forms of squids. They turn what was typed into values; whether these can work, actions decide."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundWidget
from django.utils import timezone
from django.utils.html import format_html

from runs import notices, outbox
from runs.figures import credits_text
from squids import account_forms, errors
from squids.account_forms import WholeField
from squids.account_listing import Entry, entry
from squids.actions.squids import RUN_LIMIT
from squids.crawlers import registry
from squids.crawlers.interface import Function, Param
from squids.errors import FileTooLarge
from squids.models import Crawler, Notify, Squid, User
from squids.task_files import check_size

PARAM, FUNCTION = "param-", "function-"
# These stand outside the form's element in the three steps, as a step of their own.
OF_SETTINGS = {"form": "settings-form"}
NUMERIC = {"inputmode": "numeric"}
WHOLE = forms.NumberInput(attrs=NUMERIC)


class CreateForm(forms.Form):
    """Choose a crawler; a name may wait."""

    crawler = forms.ModelChoiceField(
        Crawler.objects.none(),
        to_field_name="slug",
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose a crawler."},
    )
    name = forms.CharField(required=False, strip=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["crawler"].queryset = on_offer()  # type: ignore[attr-defined]


def on_offer() -> QuerySet[Crawler]:
    """The crawlers that a new squid may be made of: available, and installed."""
    installed = Crawler.objects.filter(is_available=True, slug__in=registry.all())
    return installed.order_by("name")


class UploadForm(forms.Form):
    file = forms.FileField(
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            check_size(file.size)
        except FileTooLarge as error:
            raise forms.ValidationError(error.message) from error
        return file


class PasteForm(forms.Form):
    """Many tasks: one a line, or CSV lines for a crawler of several parameters."""

    tasks = forms.CharField(
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "code-lines mono"}),
        error_messages={"required": "Write or paste at least one task."},
    )

    def __init__(self, params: list[Param], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        single = len(params) == 1
        names = ", ".join(param.name for param in params)
        field = self.fields["tasks"]
        field.label = label_of(params[0]) if single else "Lines"
        field.help_text = "One, or many: one a line." if single else f"One a line: {names}."
        if all(param.example for param in params):
            field.widget.attrs["placeholder"] = ",".join(param.example for param in params)

    def clean_tasks(self) -> str:
        text: str = self.cleaned_data["tasks"]
        if not text.strip():
            raise forms.ValidationError("Write or paste at least one task.")
        return text


class TaskForm(forms.Form):
    """One task of a crawler of several parameters."""

    def __init__(self, params: list[Param], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "task"} | kwargs)
        for param in params:
            self.fields[param.name] = field_of(param)

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}


ENDINGS = (
    (
        False,
        "End run once no credit left",
        "It is done then, with what it has. A new launch starts from the beginning.",
    ),
    (
        True,
        "End run once all tasks consumed",
        "Without credits it pauses, and goes on from the same page when they renew.",
    ),
)
"""When to end a run: the value of ``to_complete``, its label, and what it means."""


class SettingsForm(forms.Form):
    """A squid's settings: its own, its crawler's parameters, its crawler's functions."""

    name = forms.CharField(max_length=None, error_messages={"required": "Give the squid a name."})
    concurrency = WholeField(widget=WHOLE)
    delay = forms.FloatField(
        label="Delay between requests",
        widget=forms.NumberInput(attrs={"min": 0, "step": "any"}),
        help_text="Seconds between two requests to one host. 0 asks as fast as the host answers.",
    )
    obey_robots = forms.BooleanField(
        label="Obey robots.txt",
        required=False,
        help_text="Leaves out what the site asks crawlers to leave out.",
    )
    max_unique_results_per_run = WholeField(
        label="Unique results per run",
        required=False,
        widget=forms.NumberInput(attrs=NUMERIC | {"min": 1, "max": RUN_LIMIT.maximum}),
        help_text="A run ends once it has so many, over all tasks. Empty: no limit.",
    )
    to_complete = forms.ChoiceField(
        label="When to end run",
        required=False,
        choices=[
            (str(value), format_html('{}<span class="help">{}</span>', label, text))
            for value, label, text in ENDINGS
        ],
        widget=forms.RadioSelect,
    )
    export_unique_results = forms.BooleanField(
        label="Export unique results only",
        required=False,
        help_text="Otherwise downloads hold the duplicates too.",
    )
    no_line_breaks = forms.BooleanField(
        label="No line breaks in exported cells",
        required=False,
        help_text="For programs that take a line for a row.",
    )
    run_notify = forms.ChoiceField(
        label="Send an e-mail",
        choices=Notify.choices,
        widget=forms.RadioSelect(attrs=OF_SETTINGS),
    )
    notify_email = forms.CharField(
        label="To",
        required=False,
        widget=forms.EmailInput(attrs=OF_SETTINGS | {"autocomplete": "email"}),
    )
    OWN = (
        "name",
        "concurrency",
        "max_unique_results_per_run",
        "to_complete",
        "delay",
        "obey_robots",
        "export_unique_results",
        "no_line_breaks",
        "run_notify",
        "notify_email",
    )

    def __init__(self, squid: Squid, *args: Any, **kwargs: Any) -> None:
        self.code = squid.crawler.code
        kwargs.setdefault("initial", initial_of(squid))
        super().__init__(*args, **kwargs)
        self._limit_concurrency(squid)
        self.fields["notify_email"].help_text = _own_address(squid.owner)
        for param in self.code.squid_params:
            self.fields[PARAM + param.name] = field_of(param)
        for function in self.code.functions:
            self.fields[FUNCTION + function.name] = _switch(function)
        if self.code.account_type:
            self.fields["accounts"] = account_forms.choice(squid, self.code.account_type)

    def _limit_concurrency(self, squid: Squid) -> None:
        free = max(squid.owner.slots - squid.owner.used_slots, 0)
        own = squid.concurrency if squid.is_active else 0
        most = max(min(self.code.max_concurrency, own + free), 1)
        field = self.fields["concurrency"]
        field.widget.attrs |= {"max": most, "min": 1}
        field.help_text = f"Tasks at a time; each takes a slot. Up to {most} at present."

    def clean_to_complete(self) -> bool:
        return bool(self.cleaned_data["to_complete"] == "True")

    @property
    def param_fields(self) -> list[forms.BoundField]:
        return [self[PARAM + param.name] for param in self.code.squid_params]

    @property
    def function_fields(self) -> list[forms.BoundField]:
        return [self[FUNCTION + function.name] for function in self.code.functions]

    @property
    def notify_choices(self) -> list[tuple[BoundWidget, str]]:
        """Each choice, and what it means."""
        options = self["run_notify"]
        return [(option, notices.MEANING[option.data["value"]]) for option in options]

    @property
    def account_choices(self) -> list[tuple[BoundWidget, Entry]]:
        """Each account, and how it stands."""
        now = timezone.now()
        return [(option, entry(option.data["value"].instance, now)) for option in self["accounts"]]

    @property
    def sends_mail(self) -> bool:
        return outbox.is_configured()

    @property
    def changes(self) -> dict[str, Any]:
        """What ``actions.update_squid`` takes."""
        values = self.cleaned_data
        own = {name: values[name] for name in self.OWN}
        params = {p.name: values[PARAM + p.name] for p in self.code.squid_params}
        functions = {f.name: values[FUNCTION + f.name] for f in self.code.functions}
        given = {name: value for name, value in params.items() if value not in ("", None)}
        linked = {"accounts": values["accounts"]} if "accounts" in values else {}
        return own | {"params": given, "functions": functions} | linked

    def refuse(self, refused: errors.Refused) -> None:
        """Put a refusal beside its field; a dotted one beside its first part's, in words."""
        field, _, rest = getattr(refused, "field", "").partition(".")
        message = f"{rest}: {refused.message}" if rest else refused.message
        place = field if field in self.fields else PARAM + field
        self.add_error(place if place in self.fields else None, message)


def _own_address(owner: User) -> str:
    if not owner.email:
        return "Your user has no address of its own."
    return f"Left empty, they go to your own address, {owner.email}."


def initial_of(squid: Squid) -> dict[str, Any]:
    code = squid.crawler.code
    own = {name: getattr(squid, name) for name in SettingsForm.OWN}
    params = {
        PARAM + p.name: _shown(squid.params.get(p.name, p.default)) for p in code.squid_params
    }
    functions = {FUNCTION + f.name: squid.functions.get(f.name, f.default) for f in code.functions}
    return own | params | functions | {"accounts": squid.accounts.all()}


def _shown(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, indent=2, ensure_ascii=False)
    return value


def label_of(param: Param) -> str:
    """As people read it: ``max_pages`` → ``Max pages``."""
    words = param.name.replace("_", " ").capitalize()
    return param.label or ("URL" if words == "Url" else words)


def field_of(param: Param) -> forms.Field:
    """The form field of a crawler's parameter."""
    wanted: dict[str, Any] = {
        "label": label_of(param),
        "help_text": param.help,
        "required": param.required and param.type != "boolean",
    }
    if param.type == "boolean":
        return forms.BooleanField(**wanted)
    if param.type == "integer":
        ends = {"min": param.minimum, "max": param.maximum}
        attrs = {name: end for name, end in ends.items() if end is not None}
        return WholeField(widget=forms.NumberInput(attrs=attrs), **wanted)
    if param.type == "choice" or param.allowed:
        none = [] if param.required else [("", "—")]
        choices = [*none, *((value, value) for value in param.allowed)]
        return forms.ChoiceField(choices=choices, **wanted)
    return forms.CharField(widget=_text_widget(param), **wanted)


def _text_widget(param: Param) -> forms.Widget:
    attrs = {"placeholder": param.example, "spellcheck": "false"}
    if param.type == "json":
        return forms.Textarea(attrs=attrs | {"rows": 14, "class": "code"})
    if param.type == "text":
        return forms.Textarea(attrs=attrs | {"rows": 5})
    if param.type == "url":
        attrs["inputmode"] = "url"
    return forms.TextInput(attrs=attrs)


def _switch(function: Function) -> forms.Field:
    price = f"{credits_text(function.rate)} credits where it finds something"
    text = f"{function.help} {price}." if function.help else f"{price}."
    return forms.BooleanField(label=function.label, required=False, help_text=text)
