"""Forms of the audit log: its filters, kept in the address, and what is to be verified."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from frontend.forms.base import ActionForm, Day
from meetings.reporting.audit import Asked, kinds
from meetings.reporting.sentences import KINDS
from meetings.reporting.verifying import Checked
from meetings.scheduling.models import Meeting


class MeetingField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        """With its day: titles repeat."""
        return f"{obj.local:%d/%m/%Y} · {obj.title}"


class FilterForm(forms.Form):
    """Which entries; one that makes no sense filters nothing."""

    person = forms.CharField(label=_("Who"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    meeting = MeetingField(label=_("Meeting"), queryset=Meeting.objects.none(), required=False, empty_label=_("all"))

    def __init__(self, *args: Any, meetings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("from", pgettext_lazy("period", "From")), ("to", pgettext_lazy("period", "Until"))):
            self.fields[name] = Day(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        named = sorted(((kind, str(KINDS.get(kind, kind))) for kind in kinds()), key=lambda one: one[1].casefold())
        self.fields["kind"].choices = [("", _("all")), *named]  # type: ignore[attr-defined]
        self.fields["meeting"].queryset = meetings  # type: ignore[attr-defined]
        self.order_fields(["from", "to", "person", "kind", "meeting"])

    @property
    def asked(self) -> Asked:
        self.is_valid()
        found = self.cleaned_data
        return Asked(
            since=found.get("from"),
            until=found.get("to"),
            person=found.get("person") or "",
            kind=found.get("kind") or "",
            meeting=found.get("meeting"),
        )


class VerifyForm(ActionForm):
    """What to verify: everything, the network’s own record, or one meeting’s. The hidden fields say where a check goes on."""

    WHAT = (
        ("all", _("everything, record by record")),
        ("network", _("the network’s own record")),
        ("meeting", _("the record of one meeting")),
    )

    what = forms.ChoiceField(label=_("What to verify"), choices=WHAT, initial="all", widget=forms.RadioSelect)
    meeting = MeetingField(label=_("Meeting"), queryset=Meeting.objects.none(), required=False, empty_label=_("none"))
    after = forms.UUIDField(required=False, widget=forms.HiddenInput)
    streams = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    events = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, meetings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("what") == "meeting" and not found.get("meeting"):
            self.add_error("meeting", _("Choose a meeting."))
        return found

    @property
    def so_far(self) -> Checked | None:
        found = self.cleaned_data
        return Checked(found.get("streams") or 0, found.get("events") or 0, "", found["after"], None) if found.get("after") else None
