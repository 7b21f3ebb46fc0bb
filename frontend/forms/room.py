"""Forms of the live room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm
from meetings.live.models import Poll, SpeakerRequest
from meetings.network.models import Municipality

USUAL_IDS = ("yes", "no", "abstain")


class FloorForm(ActionForm):
    """Asking for the floor."""

    kind = forms.ChoiceField(
        label=_("What for"), choices=SpeakerRequest.Kind.choices, initial=SpeakerRequest.Kind.NEW_POINT, widget=forms.RadioSelect
    )


class CallerForm(ActionForm):
    """Somebody who calls by phone, added by the office."""

    municipality = forms.ModelChoiceField(label=_("Municipality"), queryset=Municipality.objects.none())
    kind = forms.ChoiceField(
        label=_("Asks for the floor"), choices=[("", _("no, is only present")), *SpeakerRequest.Kind.choices], required=False
    )
    person = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        help_text=_("Who speaks. Leave it empty for the municipality's first representative."),
    )

    def __init__(self, *args: Any, seats: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = seats  # type: ignore[attr-defined]


class PollForm(ActionForm):
    """A question to put to the vote."""

    question = forms.CharField(label=_("Question"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, the motion first. Leave it empty for: In favour, Against, Abstaining."),
    )
    roll_policy = forms.ChoiceField(
        label=_("Who may vote"), choices=Poll.RollPolicy.choices, initial=Poll.RollPolicy.PRESENT, widget=forms.RadioSelect
    )
    advisory = forms.BooleanField(label=_("Advisory: may be held without a quorum, and binds nobody"), required=False)

    def values(self) -> dict[str, Any]:
        lines = [line.strip() for line in self.cleaned_data["choices"].splitlines() if line.strip()]
        choices = [{"id": f"choice-{n}", "label": line} for n, line in enumerate(lines, start=1)]
        return {**super().values(), "choices": choices or None}


class VoteForm(ActionForm):
    """One seat's vote."""

    choice = forms.ChoiceField(label=_("Your vote"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: list[dict[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = [(choice["id"], choice["label"]) for choice in choices]  # type: ignore[attr-defined]
