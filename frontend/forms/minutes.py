"""Forms of what is written down: notes, decisions, the minutes' frame."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm, EditForm
from frontend.forms.series import DayInput
from meetings.agenda.models import AgendaItem
from meetings.live.models import Poll
from meetings.minutes.differences import Piece, words
from meetings.minutes.history import Moment
from meetings.minutes.merging import merge
from meetings.network.models import Municipality
from meetings.typography import date_in_words, pair

SIGNS = {"rows": 10}
END_OF_DAY = time(23, 59, 59)


class NoteForm(ActionForm):
    text = forms.CharField(label=_("Note"), max_length=20_000, widget=forms.Textarea(attrs=SIGNS))


class TextEditForm(EditForm):
    """A text that two people may have open. `base`: the text as it was opened. Who saves over another's change gets both texts, what
    differs, and in the field both merged; the button `use` saves one's own instead.
    """

    template_name = "partials/merging_form.html"
    base = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    mine = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    both: "Both | None" = None
    keeps_drafts = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.data.get("use") == "mine":
            cleaned["text"] = cleaned.get("mine", "")
        return cleaned

    def values(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"]}

    def _compare(self, current: Mapping[str, Any]) -> None:
        super()._compare(current)
        mine, theirs = self.cleaned_data["text"].replace("\r\n", "\n"), str(current["text"])
        self.both = Both(mine, theirs, words(theirs, mine))
        base = self.cleaned_data["base"].replace("\r\n", "\n")
        for name, text in (("text", merge(base, mine, theirs)), ("base", theirs), ("mine", mine)):
            self._replace(name, text)


class Both(NamedTuple):
    """Two people's texts, and what differs: what they have alone is `removed`, what I have alone is `added`."""

    mine: str
    theirs: str
    pieces: Sequence[Piece]


class NoteEditForm(TextEditForm):
    keeps_drafts = True
    text = forms.CharField(label=_("Note"), max_length=20_000, widget=forms.Textarea(attrs=SIGNS))


class DecisionForm(ActionForm):
    """A decision, where there was a vote with its result."""

    text = forms.CharField(label=_("Decision"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 5}))
    poll = forms.ModelChoiceField(
        label=_("Result of the vote"), queryset=Poll.objects.none(), required=False, empty_label=_("without a vote")
    )

    def __init__(self, *args: Any, polls: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["poll"].queryset = polls  # type: ignore[attr-defined]


class DecisionEditForm(TextEditForm):
    text = forms.CharField(label=_("Decision"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 5}))


class MinutesForm(EditForm):
    chaired_by = forms.CharField(label=_("Chair"), max_length=150, required=False)
    recorded_by = forms.CharField(label=_("Secretary"), max_length=150, required=False)
    introduction = forms.CharField(label=_("Introduction"), max_length=10_000, required=False, widget=forms.Textarea(attrs=SIGNS))


class CorrectionForm(ActionForm):
    """What somebody who was there wants changed. `seats`: the reader's that attended; the choice is shown where there are several."""

    agenda_item = forms.ModelChoiceField(
        label=_("Item"), queryset=AgendaItem.objects.none(), required=False, empty_label=_("the minutes as a whole")
    )
    text = forms.CharField(label=_("What is wrong"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4}))
    proposed = forms.CharField(label=_("What it should say"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    municipality = forms.ModelChoiceField(label=_("For which municipality"), queryset=Municipality.objects.none(), empty_label=None)

    def __init__(self, *args: Any, items: Any, seats: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agenda_item"].queryset = items  # type: ignore[attr-defined]
        self.fields["municipality"].queryset = seats  # type: ignore[attr-defined]
        if len(seats) < 2:
            del self.fields["municipality"]


def _answer() -> forms.CharField:
    return forms.CharField(
        label=_("Answer"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Whoever asked is told by mail, and all who read the minutes see it."),
    )


class AcceptCorrectionForm(ActionForm):
    """The staff have seen to it themselves."""

    reason = _answer()


class AcceptTextForm(EditForm):
    """A note or a decision says something else from now on; `version` is that text's."""

    text = forms.CharField(label=_("What it says from now on"), max_length=20_000, widget=forms.Textarea(attrs=SIGNS))
    reason = _answer()


class RejectCorrectionForm(ActionForm):
    reason = forms.CharField(label=_("Why not"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text=_answer().help_text)


class WindowForm(ActionForm):
    """The last day for corrections, until its end on the network's clocks."""

    until = forms.DateField(label=_("Last day for corrections"), widget=DayInput)

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def values(self) -> dict[str, Any]:
        values = super().values()
        day = values["until"]
        return {**values, "until": datetime.combine(day, END_OF_DAY, tzinfo=self.zone) if day else None}


class CirculateForm(WindowForm):
    """The network's usual number of days unless a day is given."""

    until = forms.DateField(label=_("Last day for corrections"), widget=DayInput, required=False)


class AmendForm(CirculateForm):
    field_order = ("reason", "until")
    reason = forms.CharField(label=_("Why a new edition is needed"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class CompareForm(forms.Form):
    """Two moments of the same minutes, kept in the address."""

    old = forms.ChoiceField(label=_("Before"))
    new = forms.ChoiceField(label=_("After"))

    def __init__(self, *args: Any, moments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("old", "new"):
            self.fields[name].choices = [(row.name, _dated(row)) for row in moments]  # type: ignore[attr-defined]


def _dated(moment: Moment) -> str:
    """With its time on the network's clocks, by which one that was saved is told from another."""
    if not moment.at:
        return moment.label
    return pair(date_in_words(localtime(moment.at), gettext("j M Y, H:i")), moment.label)
