"""Forms of the questions that municipalities ask."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import LARGEST, ActionForm
from meetings.agenda.models import AgendaItem
from meetings.live.models import Question
from meetings.network.models import Municipality


class QuestionForm(ActionForm):
    """What a municipality asks. `seats`: for which the reader may ask; `items`: the published agenda; `by_phone`: the office asks."""

    municipality = forms.ModelChoiceField(label=_("For which municipality"), queryset=Municipality.objects.none(), empty_label=None)
    person = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        help_text=_("Of the caller. Leave it empty for the municipality’s first representative."),
    )
    text = forms.CharField(label=_("Question"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    agenda_item = forms.ModelChoiceField(
        label=_("About which item"), queryset=AgendaItem.objects.none(), required=False, empty_label=_("none, or not on the agenda")
    )

    def __init__(self, *args: Any, seats: Any, items: Any, by_phone: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = seats  # type: ignore[attr-defined]
        self.fields["agenda_item"].queryset = items  # type: ignore[attr-defined]
        if len(seats) == 1:
            self.fields["municipality"].widget = forms.HiddenInput()
            self.fields["municipality"].initial = seats[0].pk
        if not by_phone:
            del self.fields["person"]
        if not items:
            del self.fields["agenda_item"]


class AnswerForm(ActionForm):
    """The button says which way it is answered. `version`: of a question that is answered already, whose answer is changed."""

    way = forms.ChoiceField(label=_("How"), choices=Question.Way.choices, widget=forms.HiddenInput)
    answer = forms.CharField(
        label=_("Answer"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("It may stay empty for what is answered aloud in the session. All who take part in the network can read it."),
    )

    def __init__(self, *args: Any, version: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if version is not None:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=version, min_value=0, max_value=LARGEST)


class SupportForm(ActionForm):
    """A button. `from_room`: where it was pressed."""

    support = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")
    from_room = forms.BooleanField(required=False)
