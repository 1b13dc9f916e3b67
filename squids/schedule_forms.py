"""The form that a schedule is picked with. Whether its values can work, the action decides."""

from __future__ import annotations

from datetime import time
from typing import Any, cast

from django import forms

from squids import actions, errors, zones
from squids.actions import ScheduleValues
from squids.models import Repeat, Schedule, Squid, User
from squids.schedules import WEEKDAYS

NINE = time(9)
WHOLE = {"inputmode": "numeric"}
OWN: dict[str, dict[str, str]] = {
    Repeat.MINUTES: {"every": "minutes"},
    Repeat.HOURS: {"every": "hours"},
    Repeat.DAILY: {"at": "daily_at"},
    Repeat.WEEKLY: {"weekdays": "weekdays", "at": "weekly_at"},
    Repeat.MONTHLY: {"day": "day", "at": "monthly_at"},
    Repeat.CRON: {"cron": "cron"},
}
"""Which fields of the form each kind has, by the names that the action calls them."""


def _clock() -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(required=False, label="Time of day", initial=NINE, widget=widget)


def _number(label: str, initial: int, lowest: int, highest: int) -> forms.IntegerField:
    widget = forms.NumberInput(attrs=WHOLE | {"min": lowest, "max": highest})
    return forms.IntegerField(required=False, label=label, initial=initial, widget=widget)


class ScheduleForm(forms.Form):
    """Every kind of repetition has its own fields beside it; only those of the chosen one count."""

    repeat = forms.ChoiceField(
        choices=Repeat.choices,
        initial=Repeat.DAILY,
        error_messages={"required": "Choose how often it repeats."},
    )
    minutes = _number("Minutes", 30, 5, 1440)
    hours = _number("Hours", 6, 1, 744)
    daily_at = _clock()
    weekdays = forms.TypedMultipleChoiceField(
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        required=False,
        initial=[0],
        widget=forms.CheckboxSelectMultiple,
    )
    weekly_at = _clock()
    day = _number("Day of the month", 1, 1, 31)
    monthly_at = _clock()
    cron = forms.CharField(required=False, label="Cron expression", max_length=200)
    time_zone = forms.CharField(label="Time zone", widget=forms.Select)

    def __init__(self, squid: Squid, *args: Any, **kwargs: Any) -> None:
        schedule = Schedule.objects.filter(squid=squid).first() or proposal(squid)
        kwargs.setdefault("initial", initial_of(schedule))
        super().__init__(*args, **kwargs)
        self.squid = squid
        picked = str(self["time_zone"].value() or "")
        self.fields["time_zone"].widget.choices = zone_choices(squid.owner, picked)

    def clean(self) -> dict[str, Any]:
        """What stands in the fields of another kind is no error."""
        chosen = self.cleaned_data.get("repeat", "")
        counting = {"repeat", "time_zone", *OWN.get(chosen, {}).values()}
        for name in [name for name in self.errors if name not in counting]:
            del self.errors[name]
        return self.cleaned_data

    @property
    def values(self) -> ScheduleValues:
        """What ``actions.set_schedule`` takes, of a form whose fields could be read."""
        found = self.cleaned_data
        own = {theirs: found.get(ours) for theirs, ours in OWN[found["repeat"]].items()}
        always = {name: found[name] for name in ("repeat", "time_zone")}
        return cast(ScheduleValues, always | own)

    def draft(self) -> Schedule | None:
        """The schedule as typed, not saved; None with what is wrong noted at its field."""
        if not self.is_valid():
            return None
        try:
            return actions.draft_schedule(self.squid, **self.values)
        except errors.FieldRefused as refused:
            self.refuse(refused)
            return None

    def refuse(self, refused: errors.Refused) -> None:
        field = getattr(refused, "field", None)
        own = OWN.get(self.cleaned_data.get("repeat", ""), {})
        self.add_error(own.get(field, field) if field else None, refused.message)


def proposal(squid: Squid) -> Schedule:
    """What a squid without a schedule is offered."""
    zone = squid.owner.time_zone or "UTC"
    return Schedule(squid=squid, repeat=Repeat.DAILY, at=NINE, time_zone=zone)


def initial_of(schedule: Schedule) -> dict[str, Any]:
    own = OWN.get(schedule.repeat, {})
    found = {ours: getattr(schedule, theirs) for theirs, ours in own.items()}
    return {"repeat": schedule.repeat, "time_zone": schedule.time_zone} | found


Choices = list[tuple[str, str] | tuple[str, list[tuple[str, str]]]]


def zone_choices(user: User, picked: str) -> Choices:
    """Every zone by its region, the user's own and the one that is picked first."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in zones.places():
        region, _, place = name.partition("/")
        regions.setdefault(region, []).append((name, place.replace("_", " ")))
    first = dict.fromkeys([user.time_zone or "UTC", "UTC", picked])
    return [*((name, name) for name in first if name), *regions.items()]
