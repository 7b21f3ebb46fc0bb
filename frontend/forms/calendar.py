"""Moving, cancelling and adding meetings, and changing a series from a day on."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm, EditForm
from frontend.forms.series import BreaksField, ClockInput, DayInput, whole
from meetings.network.models import Municipality, Network
from meetings.scheduling.models import Meeting, MeetingSeries

A_REASON = {"max_length": 500, "required": False, "help_text": _("Everybody who takes part is told it.")}


def _reason(**options: Any) -> forms.CharField:
    return forms.CharField(**{"label": _("Reason"), **A_REASON, **options})


class _At(ActionForm):
    """A local date and time, which the services take as one."""

    day = forms.DateField(label=_("Day"), widget=DayInput)
    local_start = forms.TimeField(label=_("Start"), widget=ClockInput, help_text=_("On the network's clocks."))
    duration_minutes = whole(_("Duration in minutes"), most=1440)

    def values(self) -> dict[str, Any]:
        values = super().values()
        day, start = values.pop("day"), values.pop("local_start")
        return {**values, "local_start": f"{day.isoformat()}T{start:%H:%M}"}


class MoveForm(_At, EditForm):
    """Another time for one meeting."""

    reason = _reason()


def move_initial(meeting: Meeting) -> dict[str, Any]:
    local = datetime.fromisoformat(meeting.local_start)
    return {"day": local.date(), "local_start": local.time(), "duration_minutes": meeting.duration_minutes}


class CancelForm(ActionForm):
    reason = _reason(required=True)


class RestoreForm(ActionForm):
    """A button."""


class ExtraForm(_At):
    """A further meeting."""

    field_order = ("series", "title")
    series = forms.ModelChoiceField(
        label=_("Series"),
        queryset=MeetingSeries.objects.none(),
        required=False,
        empty_label=_("none"),
        help_text=_("Its title, join link and numbers are used; what was not reached there can come here."),
    )
    title = forms.CharField(label=_("Title"), max_length=150, required=False, help_text=_("Of a meeting without a series."))
    join_url = forms.URLField(label=_("Join link"), max_length=400, required=False, assume_scheme="https")
    reason = _reason()

    def __init__(self, *args: Any, network: Network, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["series"].queryset = MeetingSeries.objects.filter(network=network).select_related("network__seat")  # type: ignore[attr-defined]


class ChangeFromForm(EditForm):
    """Another rule from a day on."""

    since = forms.DateField(
        label=_("First day"), widget=DayInput, help_text=_("The first meeting on or after this day, and all that follow.")
    )
    weekday = forms.TypedChoiceField(label=_("Weekday"), choices=list(WEEKDAYS.items()), coerce=int)
    local_start = forms.TimeField(label=_("Start"), widget=ClockInput)
    time_zone = forms.CharField(label=_("Time zone"), max_length=60, help_text=_("An IANA name, such as Europe/Rome."))
    duration_minutes = whole(_("Duration in minutes"), most=1440)
    interval_weeks = whole(_("Every how many weeks"), most=52)
    reason = _reason()


class EndForm(EditForm):
    ends_on = forms.DateField(label=_("Last day"), widget=DayInput, required=False, help_text=_("Leave empty for no end."))
    reason = _reason()


class BreaksForm(EditForm):
    breaks = BreaksField()
    holiday_policy = forms.ChoiceField(label=_("On public holidays"), choices=MeetingSeries.HolidayPolicy.choices)
    reason = _reason()


def breaks_initial(series: MeetingSeries) -> dict[str, Any]:
    lines = [f"{pause['from']} {pause['until']}" for pause in series.breaks]
    return {"breaks": "\n".join(lines), "holiday_policy": series.holiday_policy}


class SkipForm(EditForm):
    date = forms.DateField(label=_("Day"), widget=DayInput)
    reason = _reason()


class SeatForm(EditForm):
    """Which patron's day closes the office."""

    seat = forms.ModelChoiceField(
        label=_("Town of the office"), queryset=Municipality.objects.none(), required=False, empty_label=_("none of them")
    )

    def __init__(self, *args: Any, network: Network, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seat"].queryset = Municipality.objects.filter(network=network).order_by("name")  # type: ignore[attr-defined]


class PatronForm(ActionForm):
    """The patron's day of one municipality."""

    municipality = forms.ModelChoiceField(label=_("Municipality"), queryset=Municipality.objects.none())
    patron_day = forms.CharField(
        label=_("Month and day"), max_length=5, required=False, help_text=_("Such as 06-24. Leave empty to take it away.")
    )
    patron_name = forms.CharField(label=_("Patron"), max_length=80, required=False)

    def __init__(self, *args: Any, network: Network, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = Municipality.objects.filter(network=network).order_by("name")  # type: ignore[attr-defined]
