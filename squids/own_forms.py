"""Forms of the user's own page. Whether what was typed can work, actions decide."""

from __future__ import annotations

from django import forms
from django.utils.html import format_html

from squids.models import Interval

ALLOCATIONS = (
    (Interval.MONTH, "All at once", "The month's credits are there from its first day."),
    (
        Interval.DAY,
        "Spread over the days",
        "Each day releases what is left divided by the days left; bonuses are not spread.",
    ),
)
"""How a monthly plan's credits are released: the value of ``allocation``, its label, its help."""


class ZoneForm(forms.Form):
    time_zone = forms.CharField(
        widget=forms.TextInput(
            attrs={
                "list": "zones",
                "placeholder": "Europe/Paris",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
        help_text="Pages and e-mails tell times in it, and credits renew at its midnight. A present"
        " cycle keeps its end; schedules keep their own zones.",
        error_messages={"required": "Give a time zone, such as Europe/Paris."},
    )


class EmailForm(forms.Form):
    email = forms.CharField(
        label="E-mail",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="E-mails about your runs go here, where a squid names no other address.",
    )


class AllocationForm(forms.Form):
    allocation = forms.ChoiceField(
        label="Monthly credits",
        choices=[
            (value, format_html('{}<span class="help">{}</span>', label, text))
            for value, label, text in ALLOCATIONS
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one of the two."},
    )
