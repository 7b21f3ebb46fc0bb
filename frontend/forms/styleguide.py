"""The forms of the style guide: each kind of field, filled in rightly, wrongly, and saved over by somebody else. None is ever sent."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm, Difference, EditForm


class SampleForm(ActionForm):
    """One field of each kind."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("In a few words, as it is to stand in the agenda."))
    text = forms.CharField(label=_("What it is about"), widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("discussion", _("discussion")), ("decision", _("decision"))])
    minutes = forms.IntegerField(label=_("Minutes wanted"), min_value=1, max_value=240)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    answer = forms.ChoiceField(
        label=_("Answer"), widget=forms.RadioSelect, choices=[("attending", _("attending")), ("regrets", _("regrets"))]
    )
    confirmed = forms.BooleanField(label=_("I have read it"), required=False)


class StaleForm(EditForm):
    """A form over which somebody has saved meanwhile (412)."""

    title = forms.CharField(label=_("Title"))


def wrong() -> SampleForm:
    """As it comes back with errors."""
    form = SampleForm({"title": "", "minutes": "0", "kind": "discussion", "day": "31/02", "answer": ""}, auto_id="wrong_%s")
    form.is_valid()
    return form


def right() -> SampleForm:
    """As it is opened."""
    values: dict[str, Any] = {"title": "Piano neve", "kind": "decision", "minutes": 10, "day": "2026-12-03", "answer": "attending"}
    return SampleForm(initial=values, auto_id="right_%s")


def stale() -> StaleForm:
    """With both texts."""
    form = StaleForm(initial={"title": "Piano neve 2027"}, version=3, auto_id="stale_%s")
    form.differences = [Difference(str(form.fields["title"].label), "Piano neve 2027", "Piano neve: turni e mezzi")]
    return form
