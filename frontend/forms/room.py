"""Forms of the live room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm
from meetings.live.models import SpeakerRequest
from meetings.network.models import Municipality


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
