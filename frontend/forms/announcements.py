"""An announcement to all or to a zone: written, seen as it will be sent, then sent."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm
from meetings.network.models import Zone

EVERYBODY = "all"


class AnnouncementForm(ActionForm):
    """`to_all`: whether the writer may tell the whole network. `confirmed` is what the page that shows it once more sends."""

    zone = forms.ChoiceField()
    title = forms.CharField(label=_("Title"), max_length=150)
    text = forms.CharField(label=_("Text"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 10}))
    confirmed = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, zones: Iterable[Zone], to_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zones = {str(zone.pk): zone for zone in zones}
        everybody = [(EVERYBODY, _("Everybody in the network"))] if to_all else []
        choices = [*everybody, *((pk, f"{zone.number}. {zone.name}") for pk, zone in self._zones.items())]
        self.fields["zone"] = forms.ChoiceField(label=_("To whom"), choices=choices)

    @property
    def where(self) -> Zone | None:
        """The zone that was chosen; none for everybody."""
        return self._zones.get(self.cleaned_data["zone"])

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("title", "text")}
