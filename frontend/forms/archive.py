"""What the archive is filtered by; all of it stands in the address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from frontend.forms.base import Day
from meetings.archive.kinds import Kind
from meetings.archive.sources import SOURCES
from meetings.network.models import Municipality


class SearchForm(forms.Form):
    """The filters beside the words. A value that makes no sense filters nothing."""

    municipality = forms.ModelChoiceField(
        label=_("Municipality"), queryset=Municipality.objects.none(), required=False, empty_label=_("all")
    )

    def __init__(self, *args: Any, seats: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(choices=Kind.choices, required=False, widget=forms.HiddenInput)
        self.fields["from"] = _day(pgettext_lazy("period", "From"))
        self.fields["to"] = _day(pgettext_lazy("period", "Until"))
        self.fields["municipality"].queryset = seats  # type: ignore[attr-defined]
        states = SOURCES[Kind(self.chosen("kind"))].states if self.chosen("kind") else None
        if states:
            self.fields["state"] = forms.ChoiceField(label=_("State"), choices=[("", _("all states")), *states.choices], required=False)
        self.order_fields(["kind", "state", "from", "to", "municipality"])
        self.full_clean()

    def chosen(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name) or None

    @property
    def is_filtering(self) -> bool:
        """Whether anything but the kind leaves something out."""
        return any(self.chosen(name) for name in self.fields if name != "kind")


def _day(label: Any) -> Day:
    return Day(label=label, required=False)
