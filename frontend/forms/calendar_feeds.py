"""Forms of a person's private calendar addresses."""

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm

ALARMS = [
    ("", _("no reminder")),
    (10, _("10 minutes before")),
    (30, _("30 minutes before")),
    (60, _("1 hour before")),
    (1440, _("1 day before")),
]


class FeedForm(ActionForm):
    label = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        help_text=_("Which program or device it is for, so that you know which one to revoke."),
    )
    alarm_minutes = forms.TypedChoiceField(label=_("Reminder"), choices=ALARMS, coerce=int, empty_value=None, required=False)
    hide_cancelled = forms.BooleanField(label=_("Leave cancelled meetings out"), required=False)
