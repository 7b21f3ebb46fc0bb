"""A meeting series and a single meeting."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import LARGEST, ActionForm, EditForm
from meetings.scheduling import video
from meetings.scheduling.models import Meeting, MeetingSeries, usual_reminders

SMALL = 32_767  # of a number the database keeps in two bytes
DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y")
LONGEST_BREAKS = 60
LONGEST_HOURS = 4  # digits


class DayInput(forms.DateInput):
    """The browser's own calendar; it speaks ISO dates in every language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


def whole(label: Any, *, least: int = 1, most: int = SMALL, initial: int | None = None, help_text: Any = "") -> forms.IntegerField:
    """A whole number within bounds."""
    return forms.IntegerField(label=label, min_value=least, max_value=min(most, LARGEST), initial=initial, help_text=help_text)


class HoursField(forms.CharField):
    """Some whole numbers in one line: “96, 24”."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        words = (value if isinstance(value, str) else self.prepare_value(value) or "").replace(",", " ").replace(";", " ").split()
        if any(not word.isdecimal() or len(word) > LONGEST_HOURS for word in words):
            raise forms.ValidationError(gettext("Write whole hours, with commas between them: 96, 24."))
        return [int(word) for word in words]


def _video_choices() -> list[tuple[str, Any]]:
    return [("", _("none, only the join link")), *((provider.value, provider.label) for provider in video.providers())]


class VideoRoom(forms.Form):
    """The room beside the join link; not asked about where the installation has no server for one."""

    video_provider = forms.ChoiceField(label=_("Video room"), choices=_video_choices, required=False)
    video_room = forms.CharField(
        label=_("Name of the video room"),
        max_length=80,
        required=False,
        help_text=_("Letters, digits, hyphens and underscores. Left empty, each meeting has a room of its own that cannot be guessed."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not video.providers():
            del self.fields["video_provider"], self.fields["video_room"]


class _Announced(VideoRoom, ActionForm):
    """What may still change once a series has meetings."""

    title = forms.CharField(label=_("Title"), max_length=150)
    duration_minutes = whole(_("Duration in minutes"), most=1440, initial=90)
    intake_opens_hours = whole(_("Proposals open, hours before the start"), least=0, initial=162)
    intake_closes_hours = whole(_("Proposals close, hours before the start"), least=0, initial=48)
    reminder_hours = HoursField(
        label=_("Who has not answered is reminded, hours before the start"),
        required=False,
        initial=usual_reminders,
        max_length=60,
        help_text=_("For example: 96, 24. Left empty, nobody is reminded."),
    )
    join_url = forms.URLField(label=_("Join link"), max_length=400, required=False, assume_scheme="https")
    phone = forms.CharField(label=_("Phone number to dial in"), max_length=40, required=False)
    phone_pin = forms.CharField(label=_("PIN"), max_length=20, required=False)


class SeriesForm(_Announced, EditForm):
    """A change to a series."""


class BreaksField(forms.CharField):
    """Breaks as lines of text; its value is as the service takes them."""

    def __init__(self) -> None:
        help_text = _("One a line, first and last day: 2026-12-24 2027-01-06.")
        super().__init__(label=_("Breaks"), required=False, max_length=5000, widget=forms.Textarea, help_text=help_text)

    def clean(self, value: Any) -> list[dict[str, str]]:
        lines = [line for line in str(super().clean(value)).splitlines() if line.strip()]
        if len(lines) > LONGEST_BREAKS:
            raise forms.ValidationError(gettext("At most %(most)s breaks."), params={"most": LONGEST_BREAKS})
        return [_break(line) for line in lines]


class NewSeriesForm(_Announced):
    """A whole rule."""

    field_order = (
        "title",
        "weekday",
        "local_start",
        "duration_minutes",
        "interval_weeks",
        "starts_on",
        "ends_on",
        "holiday_policy",
        "breaks",
    )
    weekday = forms.TypedChoiceField(label=_("Weekday"), choices=list(WEEKDAYS.items()), coerce=int, initial=3)
    local_start = forms.TimeField(label=_("Start"), widget=ClockInput, initial=time(10), help_text=_("On the network's clocks."))
    interval_weeks = whole(_("Every how many weeks"), most=52, initial=1)
    starts_on = forms.DateField(label=_("First day"), widget=DayInput)
    ends_on = forms.DateField(label=_("Last day"), widget=DayInput, required=False, help_text=_("Leave empty for no end."))
    holiday_policy = forms.ChoiceField(label=_("On public holidays"), choices=MeetingSeries.HolidayPolicy.choices)
    breaks = BreaksField()


def _break(line: str) -> dict[str, str]:
    words = line.replace(",", " ").replace(";", " ").split()
    days = [day for word in words if (day := _day(word))]
    if len(days) != len(words) or not 1 <= len(days) <= 2 or days[-1] < days[0]:
        text = gettext("“%(line)s” is no break; write its first and last day: 2026-12-24 2027-01-06.")
        raise forms.ValidationError(text, params={"line": line[:60]})
    return {"from": days[0].isoformat(), "until": days[-1].isoformat()}


def _day(word: str) -> date | None:
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(word, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None


def initial(series: MeetingSeries) -> dict[str, Any]:
    """What the form shows of a series."""
    return {name: getattr(series, name) for name in SeriesForm.base_fields if hasattr(series, name)}


class RecordingForm(EditForm):
    """What can be added once a meeting is over."""

    recording_url = forms.URLField(
        label=_("Recording"),
        max_length=400,
        required=False,
        assume_scheme="https",
        help_text=_("A link that begins with https://, shown to everybody in the network. Left empty, there is none."),
    )


class MeetingForm(VideoRoom, EditForm):
    """A change to one meeting."""

    title = forms.CharField(label=_("Title"), max_length=150)
    duration_minutes = whole(_("Duration in minutes"), most=1440)
    join_url = forms.URLField(label=_("Join link"), max_length=400, required=False, assume_scheme="https")
    phone = forms.CharField(label=_("Phone number to dial in"), max_length=40, required=False)
    phone_pin = forms.CharField(label=_("PIN"), max_length=20, required=False)
    recording_url = forms.URLField(label=_("Recording"), max_length=400, required=False, assume_scheme="https")


def meeting_initial(meeting: Meeting) -> dict[str, Any]:
    names = ("title", "duration_minutes", "join_url", "phone", "phone_pin", "video_provider", "video_room", "recording_url")
    return {name: getattr(meeting, name) for name in names}
