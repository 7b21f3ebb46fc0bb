"""Forms of a person's access tokens."""

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm
from meetings.network.models import AccessToken
from meetings.network.people import LONGEST_LIFE


class TokenForm(ActionForm):
    label = forms.CharField(label=_("What it is for"), max_length=80, required=False)
    scope = forms.ChoiceField(
        label=_("What it may do"), choices=AccessToken.Scope.choices, initial=AccessToken.Scope.READ, widget=forms.RadioSelect
    )
    days = forms.IntegerField(
        label=_("Valid for how many days"),
        min_value=1,
        max_value=LONGEST_LIFE,
        initial=90,
        help_text=_("From 1 to 366. After that it stops working by itself."),
    )
