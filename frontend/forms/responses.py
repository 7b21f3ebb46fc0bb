"""The answer to an invitation."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm
from meetings.network.models import Municipality, Zone
from meetings.scheduling.forecast import SILENT
from meetings.scheduling.models import Response

ANSWERS = [
    (Response.Answer.ATTENDING, _("We attend")),
    (Response.Answer.SUBSTITUTE, _("A substitute comes")),
    (Response.Answer.REGRETS, _("We cannot come")),
]


class ResponseForm(ActionForm):
    """Attending, a substitute who is named, or regrets with a reason."""

    answer = forms.ChoiceField(label=_("Your answer"), choices=ANSWERS, widget=forms.RadioSelect)
    substitute_name = forms.CharField(label=_("Who comes instead"), max_length=150, required=False)
    substitute_email = forms.EmailField(label=_("Their e-mail address"), max_length=254, required=False)
    substitute_office = forms.CharField(label=_("Their office"), max_length=80, required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        help_text=_("Only the coordinators and your municipality read it; it is deleted once the minutes are approved."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["substitute_name"].needed = _("needed when a substitute comes")  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """The arguments of `respond`."""
        data = super().values()
        substitute = {part: data[f"substitute_{part}"] for part in ("name", "email", "office")}
        return {"answer": data["answer"], "reason": data["reason"], "substitute": substitute}


def initial(response: Response | None) -> dict[str, Any]:
    """What the form shows of an answer given before."""
    if response is None:
        return {}
    return {name: getattr(response, name) for name in ("answer", "substitute_name", "substitute_email", "substitute_office", "reason")}


class AnswersFilter(forms.Form):
    """Whose answers a list shows; kept in the address. What makes no sense filters nothing."""

    zone = forms.ChoiceField(label=_("Zone"), required=False)
    answer = forms.ChoiceField(
        label=_("Answer"), choices=[("", _("all")), *Response.Answer.choices, (SILENT, _("no answer"))], required=False
    )

    def __init__(self, *args: Any, zones: Sequence[Zone], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = [("", _("all")), *((str(zone.pk), f"{zone.number}. {zone.name}") for zone in zones)]
        self.fields["zone"].choices = choices  # type: ignore[attr-defined]

    def keeps(self, seat: Municipality, response: Response | None) -> bool:
        self.is_valid()
        zone, answer = self.cleaned_data.get("zone", ""), self.cleaned_data.get("answer", "")
        return zone in ("", str(seat.zone_id)) and answer in ("", response.answer if response else SILENT)


class ReplyForm(ResponseForm):
    """The same without an account: the link may have been passed on, so an address or a reason given before is not shown in it."""


def reply_initial(response: Response | None, chosen: str = "") -> dict[str, Any]:
    """What the form behind a mailed link shows: an answer given before, and the one that the mail's button stands for."""
    before = {name: value for name, value in initial(response).items() if name not in ("reason", "substitute_email")}
    return {**before, **({"answer": chosen} if chosen in dict(ANSWERS) else {})}
