"""People: who takes part, from when until when, in which order; invitations and imports."""

from base64 import b64decode, b64encode
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm, EditForm
from frontend.forms.series import DATE_FORMATS, DayInput, whole
from meetings.network.models import Membership, Municipality, Network, Zone
from meetings.network.representatives import MOST_IN_ORDER
from meetings.network.tables import LARGEST_FILE

FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)
LARGEST_ON_A_PAGE = 1_000_000
"""Bytes: what the confirming form carries must fit into a request. 312 representatives take 30 kB."""


def day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, widget=DayInput, input_formats=DATE_FORMATS, required=required, help_text=help_text)


class Days(ActionForm):
    """A form with dates that calendars can count with."""

    def clean(self) -> dict[str, Any]:
        for name, value in list(self.cleaned_data.items()):
            if isinstance(value, date) and not FIRST <= value <= LAST:
                self.add_error(name, gettext("Give a year from 1900 to 2999."))
        return self.cleaned_data


class NewMemberForm(Days):
    """Gives a person, known or new, a role."""

    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.CharField(label=_("E-mail address"), max_length=254, widget=forms.EmailInput)
    role = forms.ChoiceField(label=_("Takes part as"), choices=Membership.Role.choices)
    municipality = forms.ModelChoiceField(
        label=_("Municipality"), queryset=Municipality.objects.none(), required=False, help_text=_("For a representative.")
    )
    zone = forms.ModelChoiceField(label=_("Zone"), queryset=Zone.objects.none(), required=False, help_text=_("For a zone spokesperson."))
    office = forms.ChoiceField(label=_("Office"), choices=Membership.Office.choices, required=False)
    order = whole(
        _("Order"), most=MOST_IN_ORDER, initial=1, help_text=_("1 is the titular or the spokesperson; 2 and more stand in, in this order.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, help_text=_("Of pages and mails."))
    valid_from = day(_("First day"), required=False, help_text=_("Leave empty for today."))

    def __init__(self, *args: Any, towns: Any, zones: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("municipality", towns), ("zone", zones)):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = rows


class MemberForm(Days, EditForm):
    """What may change of a membership. Another role or seat is another membership."""

    office = forms.ChoiceField(label=_("Office"), choices=Membership.Office.choices, required=False)
    order = whole(_("Order"), most=MOST_IN_ORDER, help_text=_("1 is the titular or the spokesperson; 2 and more stand in, in this order."))
    valid_from = day(_("First day"), required=False)


class EndForm(Days):
    last_day = day(_("Last day"), required=False, help_text=_("This day still counts. Leave empty to end it at once."))


class AddressForm(ActionForm):
    email = forms.CharField(label=_("E-mail address"), max_length=254, widget=forms.EmailInput)


class OrderForm(ActionForm):
    """The representatives' ids, the titular first, with one of them moved up."""

    order = forms.CharField(max_length=2000, widget=forms.HiddenInput)
    moved = forms.CharField(max_length=40, widget=forms.HiddenInput)


class FileForm(ActionForm):
    """A CSV file, to be looked at first."""

    file = forms.FileField(label=_("CSV file"), help_text=_("At most 1 MB, in UTF-8, with a header line."), allow_empty_file=True)

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_ON_A_PAGE:
            raise forms.ValidationError(gettext("The file is larger than 1 MB: import it with the command."))
        return bytes(file.read())


class ConfirmImportForm(ActionForm):
    """The same file again, as the preview has read it."""

    content = forms.CharField(widget=forms.HiddenInput, max_length=LARGEST_FILE)
    invite = forms.BooleanField(label=_("Send an invitation to everybody who was not invited yet"), required=False)

    def clean_content(self) -> bytes:
        try:
            return b64decode(self.cleaned_data["content"], validate=True)
        except ValueError as error:
            raise forms.ValidationError(gettext("Choose the file again.")) from error


def packed(data: bytes) -> str:
    """A file's bytes as a hidden field carries them unchanged."""
    return b64encode(data).decode()


class MergerForm(Days):
    """Which municipalities merge, into what, from when."""

    sources = forms.ModelMultipleChoiceField(
        label=_("Municipalities that merge"),
        queryset=Municipality.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 10}),
        help_text=_("On a computer hold Ctrl (⌘ on a Mac) to choose several."),
    )
    successor = forms.ModelChoiceField(
        label=_("Into"), queryset=Municipality.objects.none(), required=False, empty_label=_("a new municipality (below)")
    )
    name = forms.CharField(label=_("Name of the new municipality"), max_length=150, required=False)
    istat_code = forms.CharField(label=_("Its ISTAT code"), max_length=6, required=False, help_text=_("Six digits."))
    zone = forms.ModelChoiceField(label=_("Its zone"), queryset=Zone.objects.none(), required=False)
    on = day(_("First day of the new seat"), help_text=_("Tomorrow at the earliest: what has been held stays as it was."))

    def __init__(self, *args: Any, network: Network, towns: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = {"sources": towns, "successor": towns, "zone": network.zones.order_by("number")}
        for name, found in rows.items():
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = found

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.cleaned_data.get("successor"):
            for name in ("name", "istat_code", "zone"):
                if not self.cleaned_data.get(name) and name not in self.errors:
                    self.add_error(name, gettext("A new municipality needs this."))
        return self.cleaned_data
