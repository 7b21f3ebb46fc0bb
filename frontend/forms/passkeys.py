"""Forms of a person's passkeys."""

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm
from meetings.network.passkeys import LONGEST_NAME


class NameForm(ActionForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("So that you know it again, such as “my phone” or “computer at the town hall”."),
    )


class PasskeyForm(NameForm):
    """The device's answer comes with the name; without it there is nothing to keep."""

    credential = forms.JSONField(
        widget=forms.HiddenInput,
        label=_("passkey"),
        error_messages={"required": _("The device has made no passkey yet: press the button and follow it.")},
    )
