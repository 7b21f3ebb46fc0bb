"""Attendance: a municipality's intervals as the office corrects them, and a report's rows as it reviews them."""

import json
from base64 import b64decode
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm
from meetings.live.attendance_import import Participant
from meetings.live.models import Attendance
from meetings.live.reports import LARGEST
from meetings.network.models import Membership, Municipality
from meetings.network.selectors import office_named

EMPTY_LINES = 2
MOST_LINES = 60
CLOCK = "%Y-%m-%dT%H:%M:%S"
NAMES = ("from", "until", "person", "office", "source")


class MomentInput(forms.DateTimeInput):
    """The browser's own, to the second; it speaks ISO dates in every language."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(attrs={"step": 1}, format=CLOCK)


def _moment(label: Any, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, widget=MomentInput, input_formats=[CLOCK, "%Y-%m-%dT%H:%M"], required=False, help_text=help_text
    )


class OfficeField(forms.CharField):
    """An office of the network by its name in the reader's language, or a free text; its value is the office's code or the text."""

    def prepare_value(self, value: Any) -> Any:
        return office_named(value) if isinstance(value, str) else value

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value))
        codes = {str(label).casefold(): code for code, label in Membership.Office.choices if code}
        return str(codes.get(text.casefold(), text))


class AtForm(forms.Form):
    """Of the record: who was there then."""

    at = _moment(_("At"))


class Line(NamedTuple):
    """The bound fields of one interval."""

    number: int
    is_new: bool
    fields: Sequence[forms.BoundField]


class IntervalsForm(ActionForm):
    """A line for each interval and some more; a line without a beginning is none. Carries the intervals that it was made from."""

    known = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, known: Sequence[dict[str, Any]], **kwargs: Any) -> None:
        """`known`: the intervals that stand, used for a form that is only asked for."""
        super().__init__(*args, **kwargs)
        self.fields["known"].initial = json.dumps(known, cls=DjangoJSONEncoder)
        self.lines_made_from = self._sent_lines() if self.is_bound else len(known)
        for number in range(self.lines_made_from + EMPTY_LINES):
            self._add_line(number, known[number] if number < len(known) else {})

    def _sent_lines(self) -> int:
        """As many as the sender's form had."""
        try:
            return min(len(json.loads(self.data.get("known", ""))), MOST_LINES)
        except (TypeError, ValueError):
            return 0

    def _add_line(self, number: int, interval: dict[str, Any]) -> None:
        made = {
            "from": _moment(pgettext("time", "From")),
            "until": _moment(pgettext("time", "Until")),
            "person": forms.CharField(label=_("Person"), max_length=150, required=False),
            "office": OfficeField(label=_("Office"), max_length=80, required=False),
            "source": forms.ChoiceField(
                label=_("How"), choices=Attendance.Source.choices, initial=Attendance.Source.DECLARED, required=False
            ),
        }
        for name, field in made.items():
            if name in interval:
                field.initial = interval[name]
            self.fields[f"{name}-{number}"] = field
        self.fields[f"strike-{number}"] = forms.BooleanField(label=_("Strike"), required=False)

    @property
    def lines(self) -> list[Line]:
        numbers = range(self.lines_made_from + EMPTY_LINES)
        return [Line(n, n >= self.lines_made_from, [self[f"{name}-{n}"] for name in (*NAMES, "strike")]) for n in numbers]

    def clean_known(self) -> list[dict[str, Any]]:
        try:
            return [_read(one) for one in json.loads(self.cleaned_data["known"])]
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise forms.ValidationError(gettext("Load the page again.")) from error

    def clean(self) -> dict[str, Any]:
        for number in range(self.lines_made_from + EMPTY_LINES):
            begins, until = (self.cleaned_data.get(f"{name}-{number}") for name in ("from", "until"))
            if until and not begins and not self.cleaned_data.get(f"strike-{number}") and f"from-{number}" not in self.errors:
                self.add_error(f"from-{number}", gettext("Say from when."))
        return self.cleaned_data

    def intervals(self) -> list[dict[str, Any]]:
        """What is wanted. An instant that was not touched is the known one, which is finer than a second."""
        known = self.cleaned_data["known"]
        exact = {at.replace(microsecond=0): at for one in known for at in (one["from"], one["until"]) if at}
        return [
            {**one, "from": exact.get(one["from"], one["from"]), "until": exact.get(one["until"], one["until"])} for _n, one in self._kept()
        ]

    def _kept(self) -> list[tuple[int, dict[str, Any]]]:
        lines = [
            (n, {name: self.cleaned_data.get(f"{name}-{n}") for name in NAMES})
            for n in range(self.lines_made_from + EMPTY_LINES)
            if not self.cleaned_data.get(f"strike-{n}")
        ]
        return [(n, line) for n, line in lines if line["from"]]

    def _blame(self, name: str | None, texts: Iterable[str]) -> None:
        """What is wrong with an interval stands at its beginning."""
        prefix, _dot, place = (name or "").partition(".")
        kept = self._kept() if prefix == "intervals" and place else []
        super()._blame(f"from-{kept[int(place)][0]}" if kept else name, texts)


def _read(one: dict[str, Any]) -> dict[str, Any]:
    until = one.get("until")
    return {**one, "from": _instant(one["from"]), "until": _instant(until) if until else None}


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if timezone.is_naive(found):
        raise ValueError(text)
    return found


class ReportForm(ActionForm):
    """A video service's file, to be looked at first."""

    file = forms.FileField(
        label=_("Attendance report"), help_text=_("The CSV file of Zoom or Teams, as it is; at most 1 MB."), allow_empty_file=True
    )

    def clean_file(self) -> bytes:
        return bytes(self.cleaned_data["file"].read(LARGEST + 1))


class ReviewForm(ActionForm):
    """The same file again, and which municipality each of its rows stands for: its name, or nothing."""

    content = forms.CharField(widget=forms.HiddenInput, max_length=LARGEST * 2)

    def __init__(self, *args: Any, people: Sequence[Participant] = (), seats: Sequence[Municipality], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_name = {seat.name.casefold(): seat.pk for seat in seats}
        self.people = list(people)
        for one in people:
            widget = forms.TextInput(attrs={"list": "towns", "autocomplete": "off"})
            name = one.found.match.name if one.found.match else ""
            self.fields[f"row-{one.row}"] = forms.CharField(
                label=gettext("Municipality of “%(name)s”") % {"name": one.name}, initial=name, required=False, widget=widget
            )

    @property
    def lines(self) -> list[tuple[Participant, forms.BoundField]]:
        return [(one, self[f"row-{one.row}"]) for one in self.people]

    def clean_content(self) -> bytes:
        try:
            return b64decode(self.cleaned_data["content"], validate=True)
        except ValueError as error:
            raise forms.ValidationError(gettext("Choose the file again.")) from error

    def clean(self) -> dict[str, Any]:
        for one in self.people:
            name = str(self.cleaned_data.get(f"row-{one.row}") or "").strip()
            if name and name.casefold() not in self.by_name:
                self.add_error(f"row-{one.row}", gettext("There is no municipality “%(name)s”.") % {"name": name[:80]})
        return self.cleaned_data

    def reviewed(self) -> list[tuple[int, UUID | None]]:
        chosen = {one.row: str(self.cleaned_data.get(f"row-{one.row}") or "").strip().casefold() for one in self.people}
        return [(row, self.by_name[name]) for row, name in chosen.items() if name]
