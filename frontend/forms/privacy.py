"""Forms of privacy: how long a network keeps things, and what becomes of a request to be erased."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm, EditForm
from meetings.privacy.models import PrivacyPolicy
from meetings.privacy.services import DAYS


def _days(name: str, label: Any, help_text: Any) -> forms.IntegerField:
    least, most = DAYS[name]
    return forms.IntegerField(label=label, help_text=help_text, min_value=least, max_value=most)


class PolicyForm(EditForm):
    """What the notice says, and the terms."""

    controller = forms.CharField(
        label=_("Who is responsible"),
        max_length=200,
        required=False,
        help_text=_("The body that runs the network, as its own notices name it. Once it is named, everybody can read the notice."),
    )
    contact = forms.CharField(
        label=_("Contact"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Where people turn to with questions and requests; also the data protection officer."),
    )
    legal_basis = forms.CharField(
        label=_("Legal basis"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Left empty, the notice names the performance of a task carried out in the public interest (GDPR art. 6(1)(e))."),
    )
    contacts_days = _days("contacts_days", _("Days until contacts are removed"), _("After the last day of a person's last role."))
    reasons_days = _days(
        "reasons_days",
        _("Days until reasons for regrets are deleted without approved minutes"),
        _("With approved minutes they are deleted at once."),
    )
    drafts_days = _days("drafts_days", _("Days until drafts never handed in are deleted"), _("After the meeting they were meant for."))


def initial(policy: PrivacyPolicy) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in ("controller", "contact", "legal_basis", *DAYS)}


class RequestForm(ActionForm):
    """A request that reached the office on paper."""

    email = forms.EmailField(label=_("The person's e-mail address"), help_text=_("As it stands in the directory."))


class DeclineForm(ActionForm):
    answer = forms.CharField(
        label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}), help_text=_("The person is sent this text.")
    )
