"""Settings of a network and of a person."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm, EditForm
from meetings.network.models import Network
from meetings.network.services import LONGEST_CORRECTION


class NetworkForm(EditForm):
    """What a coordinator may change of the network."""

    name = forms.CharField(label=_("Name"), max_length=150)
    languages = forms.MultipleChoiceField(label=_("Languages"), choices=settings.LANGUAGES, widget=forms.CheckboxSelectMultiple)
    time_zone = forms.CharField(label=_("Time zone"), max_length=60, help_text=_("An IANA name, such as Europe/Rome."))
    threshold_municipalities = forms.CharField(
        label=_("Votes in favour: at least this share of the municipalities"), max_length=12, help_text=_("A fraction, such as 1/3.")
    )
    threshold_population = forms.CharField(
        label=_("Votes in favour: more than this share of the population"), max_length=12, help_text=_("A fraction, such as 1/2.")
    )
    correction_days = forms.IntegerField(
        label=_("Days to ask for corrections of the minutes"),
        min_value=1,
        max_value=LONGEST_CORRECTION,
        help_text=_("Unless another day is chosen when the minutes circulate."),
    )
    sender_address = forms.EmailField(
        label=_("Sender of mails"),
        max_length=254,
        required=False,
        help_text=_("An address for which your mail server lets Raccordo send. Empty: the address of this installation."),
    )

    def _compare(self, current: Mapping[str, Any]) -> None:
        """The network's object keeps the thresholds together."""
        thresholds = {f"threshold_{name}": value for name, value in current.get("thresholds", {}).items()}
        super()._compare({**current, **thresholds})


def initial(network: Network) -> dict[str, Any]:
    names = ("name", "languages", "time_zone", "threshold_municipalities", "threshold_population", "correction_days", "sender_address")
    return {name: getattr(network, name) for name in names}


class ProfileForm(ActionForm):
    """What a person may change of their own."""

    name = forms.CharField(label=_("Name"), max_length=150)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, help_text=_("Of pages and mails."))
