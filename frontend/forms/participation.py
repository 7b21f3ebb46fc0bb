"""The filters of the participation pages; kept in the address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from frontend.forms.base import Day
from meetings.errors import DomainError
from meetings.network.models import Network, Zone
from meetings.reporting.figures import Period
from meetings.reporting.selectors import period


class PeriodForm(forms.Form):
    """From which day to which. What makes no period shows the last twelve months, and says why."""

    def __init__(self, *args: Any, network: Network, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.network = network
        for name, label in (("from", pgettext_lazy("period", "From")), ("to", pgettext_lazy("period", "Until"))):
            widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            self.fields[name] = Day(label=label, required=False, widget=widget)
        self.order_fields(["from", "to"])

    @property
    def days(self) -> Period:
        self.is_valid()
        try:
            return period(self.network, self.cleaned_data.get("from"), self.cleaned_data.get("to"))
        except DomainError as error:
            for name, texts in error.errors.items():
                self.add_error(name, list(texts))
            return period(self.network)


class ParticipationForm(PeriodForm):
    """The period, one zone or all, and the order of the municipalities."""

    ORDERS = (("", _("name")), ("zone", _("zone")), ("least", _("least present first")), ("most", _("most present first")))

    zone = forms.ModelChoiceField(label=_("Zone"), queryset=Zone.objects.none(), required=False, empty_label=_("all"))
    order = forms.ChoiceField(label=_("Order of the municipalities"), choices=ORDERS, required=False)

    def __init__(self, *args: Any, zones: Any, ordered: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].queryset = zones  # type: ignore[attr-defined]
        if not ordered:
            del self.fields["order"]

    def chosen(self, name: str) -> Any:
        """A filter's value; one that makes no sense filters nothing."""
        self.is_valid()
        return self.cleaned_data.get(name) or None
