"""Forms of what is written down: notes, decisions, the minutes' frame."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm, EditForm
from meetings.live.models import Poll

SIGNS = {"rows": 10}


class NoteForm(ActionForm):
    text = forms.CharField(label=_("Note"), max_length=20_000, widget=forms.Textarea(attrs=SIGNS))


class NoteEditForm(EditForm):
    text = forms.CharField(label=_("Note"), max_length=20_000, widget=forms.Textarea(attrs=SIGNS))


class DecisionForm(ActionForm):
    """A decision, where there was a vote with its result."""

    text = forms.CharField(label=_("Decision"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 5}))
    poll = forms.ModelChoiceField(
        label=_("Result of the vote"), queryset=Poll.objects.none(), required=False, empty_label=_("without a vote")
    )

    def __init__(self, *args: Any, polls: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["poll"].queryset = polls  # type: ignore[attr-defined]


class DecisionEditForm(EditForm):
    text = forms.CharField(label=_("Decision"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 5}))


class MinutesForm(EditForm):
    chaired_by = forms.CharField(label=_("Chair"), max_length=150, required=False)
    recorded_by = forms.CharField(label=_("Secretary"), max_length=150, required=False)
    introduction = forms.CharField(label=_("Introduction"), max_length=10_000, required=False, widget=forms.Textarea(attrs=SIGNS))
