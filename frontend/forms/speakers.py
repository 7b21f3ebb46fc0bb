"""Forms of the list of speakers, and of leaving an item."""

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ButtonForm, EditForm
from meetings.errors import DomainError
from meetings.live.floor import LONGEST_LIMIT, MOST_PLACES
from meetings.live.models import Floor


class ListForm(EditForm):
    """How the list of speakers is kept."""

    order_rule = forms.ChoiceField(
        label=_("Who comes next"),
        choices=Floor.Order.choices,
        widget=forms.RadioSelect,
        help_text=_("Counted by municipality, in this meeting. Points of order always come first."),
    )
    protected_places = forms.IntegerField(
        label=_("Protected places"),
        min_value=0,
        max_value=MOST_PLACES,
        help_text=_("So many at the top of the list keep their places, whoever comes later; only a point of order goes before them."),
    )
    limit_seconds = forms.IntegerField(
        label=_("Seconds for each contribution"),
        min_value=0,
        max_value=LONGEST_LIMIT,
        help_text=_("180 are 3 minutes; 0: no limit. It holds for whoever is given the floor from now on."),
    )


class LeaveForm(ButtonForm):
    """The button that leaves an item; it is asked about when somebody speaks there or waits."""

    confirmed = forms.BooleanField(widget=forms.HiddenInput, required=False)
    is_asked_about = False

    def refuse(self, error: DomainError) -> None:
        self.is_asked_about = error.code == "somebody_speaks"
        super().refuse(error)
