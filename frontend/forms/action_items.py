"""Forms of action items."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm, EditForm
from meetings.action_items.models import ActionState
from meetings.action_items.selectors import Wanted
from meetings.network.models import Municipality, Zone

REPORTS = {
    "start": _("Progress: it is under way"),
    "finish": _("It is done"),
    "drop": _("It is dropped (say why)"),
    "reopen": _("It is open again"),
}
"""The actions of `action_items.services.progress`, in words."""


class ActionItemForm(ActionForm):
    """What is to be done, by whom and by when."""

    title = forms.CharField(label=_("What is to be done"), max_length=150)
    text = forms.CharField(label=_("Details"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    owner = forms.ModelChoiceField(
        label=_("Municipality"), queryset=Municipality.objects.none(), required=False, empty_label=_("the office")
    )
    person = forms.CharField(label=_("Person"), max_length=150, required=False)
    due_on = forms.DateField(label=_("Due on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, seats: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = seats  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Without the owner, which the services take apart."""
        return {name: value for name, value in super().values().items() if name != "owner"}


class ActionItemEditForm(ActionItemForm, EditForm):
    """The same over what is there; what has a municipality keeps one."""

    def __init__(self, *args: Any, owned: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if owned:
            self.fields["owner"].required = True


class ProgressForm(ActionForm):
    """How far it is. `actions`: those that are possible now."""

    action = forms.ChoiceField(label=_("What is new"), widget=forms.RadioSelect)
    text = forms.CharField(label=_("In words"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, actions: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [(action, label) for action, label in REPORTS.items() if action in actions]  # type: ignore[attr-defined]


class MoveForm(ActionForm):
    """A card's button on the board; `query` is what the board showed."""

    action = forms.ChoiceField(choices=[("start", ""), ("finish", ""), ("reopen", "")])
    query = forms.CharField(max_length=1000, required=False)


class FilterForm(forms.Form):
    """What the list shows; kept in the address."""

    WHOSE = (("", _("everybody’s")), ("mine", _("my municipalities’")))
    STATES = (("", _("all states")), ("unfinished", _("not finished")), *ActionState.choices)

    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    whose = forms.ChoiceField(label=_("Whose"), choices=WHOSE, required=False)
    zone = forms.ModelChoiceField(label=_("Zone"), queryset=Zone.objects.none(), required=False, empty_label=_("all"))
    owner = forms.ModelChoiceField(label=_("Municipality"), queryset=Municipality.objects.none(), required=False, empty_label=_("all"))
    text = forms.CharField(label=_("Contains"), max_length=100, required=False, widget=forms.TextInput(attrs={"type": "search"}))
    overdue = forms.BooleanField(label=_("Overdue only"), required=False)

    def __init__(self, *args: Any, seats: Any, zones: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = seats  # type: ignore[attr-defined]
        self.fields["zone"].queryset = zones  # type: ignore[attr-defined]

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            state=self.chosen("state") or "",
            owner=self.chosen("owner"),
            zone=self.chosen("zone"),
            overdue=bool(self.chosen("overdue")),
            mine=self.chosen("whose") == "mine",
            text=self.chosen("text") or "",
        )

    def chosen(self, name: str) -> Any:
        """A filter's value; one that makes no sense filters nothing."""
        self.is_valid()
        return self.cleaned_data.get(name) or None
