"""Who represents a municipality instead, and when somebody is away."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm
from frontend.forms.series import DATE_FORMATS, DayInput
from meetings.network.models import Municipality
from meetings.notifications.letters import when
from meetings.scheduling.models import Meeting


class DelegateForm(ActionForm):
    """A person, and a meeting or days."""

    municipality = forms.TypedChoiceField(label=_("For"), coerce=UUID)
    meeting = forms.TypedChoiceField(label=_("For the meeting"), coerce=UUID, empty_value=None, required=False)
    valid_from = forms.DateField(
        label=_("First day"),
        required=False,
        widget=DayInput(),
        input_formats=DATE_FORMATS,
        help_text=_("Only when no single meeting is chosen above."),
    )
    valid_until = forms.DateField(label=_("Last day"), required=False, widget=DayInput(), input_formats=DATE_FORMATS)
    name = forms.CharField(label=_("Who represents the municipality"), max_length=150)
    email = forms.EmailField(
        label=_("Their e-mail address"), max_length=254, help_text=_("With this address they sign in, once they are confirmed.")
    )
    office = forms.CharField(label=_("Their office"), max_length=80, required=False)
    confirm = forms.BooleanField(
        label=_("Confirm at once"),
        required=False,
        help_text=_("Only when the titular representative has told the office. Otherwise they are asked."),
    )

    def __init__(self, *args: Any, seats: Iterable[Municipality], meetings: Iterable[Meeting], may_confirm: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        towns = [(str(seat.pk), seat.name) for seat in seats]
        self._choose("municipality", [("", "---------"), *towns] if len(towns) > 1 else towns)
        self._choose(
            "meeting",
            [
                ("", gettext("no single meeting: the days below")),
                *((str(row.pk), when(row.starts_at.isoformat(), row.time_zone)) for row in meetings),
            ],
        )
        if len(towns) == 1:
            self.fields["municipality"].initial = towns[0][0]
            self.fields["municipality"].widget = forms.HiddenInput()
        if not may_confirm:
            del self.fields["confirm"]

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = choices


class AbsenceForm(ActionForm):
    """Days, and a word to the coordinators."""

    valid_from = forms.DateField(label=_("First day away"), widget=DayInput(), input_formats=DATE_FORMATS)
    valid_until = forms.DateField(label=_("Last day away"), widget=DayInput(), input_formats=DATE_FORMATS)
    note = forms.CharField(
        label=_("Note to the coordinators"),
        max_length=500,
        required=False,
        help_text=_("Only the coordinators read it; it is deleted like the reasons of regrets."),
    )
