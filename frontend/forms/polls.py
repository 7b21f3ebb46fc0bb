"""Forms of votes."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm, EditForm
from meetings.agenda.models import AgendaItem
from meetings.errors import DomainError
from meetings.live.models import Poll
from meetings.live.poll_drafts import SILENCE
from meetings.network.models import Municipality

SECRECY = [
    (Poll.Secrecy.NAMED, _("Named: who voted what is known, and counts with its population")),
    (Poll.Secrecy.SECRET, _("Secret: municipalities are counted alone, and nobody can tell who voted what")),
    (Poll.Secrecy.SILENT_ASSENT, _("Silent assent: it is carried unless somebody objects in time")),
]
OF_A_BLOCK = [SECRECY[2], SECRECY[0]]


class ItemsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # which it does not take when it runs
    """Items of the agenda, by number and title."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.position}. {obj.title}"


class PollForm(ActionForm):
    """A question to put to the vote."""

    question = forms.CharField(label=_("Question"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    secrecy = forms.ChoiceField(
        label=_("How it is voted"),
        choices=SECRECY,
        initial=Poll.Secrecy.NAMED,
        widget=forms.RadioSelect,
        help_text=_(
            "A secret vote needs at least 3 municipalities on the roll and is final once cast. Its limit: if all vote alike, or nearly "
            "all, the result itself tells how they voted. It is shown to the staff first, and to everybody when it is published."
        ),
    )
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, the motion first. Leave it empty for: In favour, Against, Abstaining; silent assent has none."),
    )
    silence_seconds = forms.IntegerField(
        label=_("Seconds to object"),
        required=False,
        initial=60,
        min_value=SILENCE[0],
        max_value=SILENCE[-1],
        help_text=_("For silent assent."),
    )
    roll_policy = forms.ChoiceField(
        label=_("Who may vote"), choices=Poll.RollPolicy.choices, initial=Poll.RollPolicy.PRESENT, widget=forms.RadioSelect
    )
    chosen = forms.ModelMultipleChoiceField(
        label=_("Municipalities chosen by hand"),
        queryset=Municipality.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("Several: hold Ctrl, or on a telephone tick them."),
    )
    advisory = forms.BooleanField(label=_("Advisory: may be held without a quorum, and binds nobody"), required=False)

    def __init__(self, *args: Any, seats: "QuerySet[Municipality]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = seats  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        values = super().values()
        if "choices" in values:
            lines = [line.strip() for line in values["choices"].splitlines() if line.strip()]
            values["choices"] = [{"id": f"choice-{n}", "label": line} for n, line in enumerate(lines, start=1)]
        if not values["silence_seconds"]:
            del values["silence_seconds"]
        chosen = [row.pk for row in values["chosen"]] if values["roll_policy"] == Poll.RollPolicy.CHOSEN else []
        return {**values, "chosen": chosen}


class DraftForm(PollForm, EditForm):
    """The same over one that is being prepared."""


class BlockForm(PollForm):
    """The consent agenda, or a part of it, in one vote."""

    covers = ItemsField(
        label=_("Items"),
        queryset=AgendaItem.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("When the block is carried, each of them is decided as it was proposed. Leave out what somebody wants to discuss."),
    )
    field_order = ("covers", "question", "secrecy", "silence_seconds", "roll_policy", "chosen")

    def __init__(self, *args: Any, items: "QuerySet[AgendaItem]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("choices", "advisory"):
            del self.fields[name]
        self.fields["secrecy"] = forms.ChoiceField(
            label=_("How it is voted"), choices=OF_A_BLOCK, initial=Poll.Secrecy.SILENT_ASSENT, widget=forms.RadioSelect
        )
        self.fields["covers"].queryset = items  # type: ignore[attr-defined]
        self.fields["covers"].initial = [row.pk for row in items]
        self.order_fields(self.field_order)

    def values(self) -> dict[str, Any]:
        values = super().values()
        return {**values, "covers": [row.pk for row in values["covers"]]}


class VoteForm(ActionForm):
    """One seat's vote."""

    choice = forms.ChoiceField(label=_("Your vote"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: Sequence[Mapping[str, str]], secret: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = [(choice["id"], choice["label"]) for choice in choices]  # type: ignore[attr-defined]
        self.unkept = ("choice",) if secret else ()
        if secret:
            self.fields["sure"] = forms.BooleanField(widget=forms.HiddenInput, required=False, initial=True)

    @property
    def must_ask(self) -> bool:
        """Whether a secret vote, which is final, came from a button beside which that was not asked."""
        return self.is_valid() and not self.cleaned_data.get("sure", True)

    def ask(self) -> None:
        """To be shown once more: the page of this form says what is final."""
        self.renew()
        self._replace("sure", "on")


class PhoneVoteForm(VoteForm):
    """The office votes for a municipality that calls by phone: sent once, read back, and sent again. `words`: what the office reads for a
    choice's label.
    """

    municipality = forms.ModelChoiceField(label=_("Municipality"), queryset=Municipality.objects.none())
    confirm = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ("municipality", "choice")
    read_back: Mapping[str, Any] | None = None

    def __init__(self, *args: Any, seats: "QuerySet[Municipality]", words: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, secret=False, **kwargs)
        self.words = words
        self.fields["municipality"].queryset = seats  # type: ignore[attr-defined]
        self.fields["choice"].label = _("Vote")

    def refuse(self, error: DomainError) -> None:
        """What is to be read back is no mistake: the form is shown with it, to be sent again."""
        if error.code != "confirm_phone_vote" or error.current is None:
            return super().refuse(error)
        said = error.current
        self.read_back = {**said, **{name: self.words.get(said[name], said[name]) for name in ("label", "replaces")}}
        self._replace("confirm", str(said["confirm"]))
        return None
