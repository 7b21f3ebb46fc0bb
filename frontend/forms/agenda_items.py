"""Proposals, what is decided on them, and the running order."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm, EditForm
from frontend.forms.series import whole
from meetings.agenda.models import AgendaItem
from meetings.agenda.services import LONGEST_ITEM
from meetings.network.models import Municipality
from meetings.notifications.letters import day
from meetings.scheduling.models import Meeting
from meetings.typography import pair

KINDS = [
    ("information", _("Information: nothing is asked")),
    ("discussion", _("Discussion")),
    ("decision", _("Decision: a vote may follow")),
    ("consent", _("Consent: no discussion expected")),
]


class _ZoneByZone(ModelChoiceIterator):  # type: ignore[type-arg]  # which it does not take when it runs
    def __iter__(self) -> Iterator[Any]:
        rows = sorted(self.queryset, key=lambda row: (row.zone.number, row.name))
        for zone, towns in groupby(rows, key=lambda row: row.zone):
            yield f"{zone.number}. {zone.name}", [self.choice(town) for town in towns]


class _Folded(forms.CheckboxSelectMultiple):
    """Boxes to tick, each group folded up but for those with a tick in them."""

    template_name = "agenda_items/folded.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        groups = [(title, boxes, sum(box["selected"] for box in boxes)) for title, boxes, _n in context["widget"]["optgroups"]]
        return {**context, "groups": groups, "chosen": sum(n for _title, _boxes, n in groups)}


class MunicipalitiesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Some of many municipalities, to be ticked zone by zone; known by their codes, which take less of a page than ids."""

    iterator = _ZoneByZone
    widget = _Folded

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(to_field_name="istat_code", **kwargs)


class _ItemFields(ActionForm):
    title = forms.CharField(label=_("Title"), max_length=150)
    text = forms.CharField(
        label=_("What it is about"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea,
        help_text=_("Plain text. An empty line begins a paragraph, “- ” a list; *word* is italic, **word** bold."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, initial="discussion")
    duration_minutes = whole(_("Minutes wanted"), most=LONGEST_ITEM, initial=10)
    co_proposers = MunicipalitiesField(
        label=_("Together with"),
        queryset=Municipality.objects.none(),
        required=False,
        help_text=_("Municipalities that propose it with you."),
    )

    def __init__(self, *args: Any, municipalities: QuerySet[Municipality], late: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["co_proposers"].queryset = municipalities  # type: ignore[attr-defined]
        if late:
            self.fields["motive"] = motive = motive_field(required=False)
            motive.needed = gettext("needed to hand it in")  # type: ignore[attr-defined]

    def item(self) -> dict[str, Any]:
        """The item's own values, without who proposes it."""
        names = ("title", "text", "kind", "duration_minutes", "motive")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


def motive_field(*, required: bool) -> forms.CharField:
    """Why something late is proposed all the same."""
    label = gettext("Why this cannot wait for the next meeting")
    return forms.CharField(label=label, max_length=500, required=required, widget=forms.Textarea)


class ProposalForm(_ItemFields):
    """A new proposal: of one of the person's seats, or of the office."""

    field_order = ("proposer", "title", "text", "kind", "duration_minutes", "co_proposers")

    def __init__(self, *args: Any, seats: Sequence[Municipality], office: bool, own: Collection[UUID] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seats = {str(seat.pk): seat for seat in seats}
        choices = [*([("", gettext("The office"))] if office else []), *((pk, seat.name) for pk, seat in self.seats.items())]
        only_one = len(choices) == 1
        mine = next((pk for pk, seat in self.seats.items() if seat.pk in own), None)  # a spokesperson's list is the whole zone's
        self.fields["proposer"] = forms.ChoiceField(
            label=gettext("On behalf of"),
            choices=choices,
            required=not office,
            initial="" if office or not choices else mine or choices[0][0],
            widget=forms.HiddenInput if only_one else forms.Select,
        )
        self.order_fields(self.field_order)

    @property
    def proposer(self) -> Municipality | None:
        """The seat it is proposed for; None is the office."""
        return self.seats.get(self.cleaned_data["proposer"])


class ItemForm(_ItemFields, EditForm):
    """A change to a proposal."""


def initial(item: AgendaItem) -> dict[str, Any]:
    return {
        **{name: getattr(item, name) for name in ("title", "text", "kind", "duration_minutes", "motive")},
        "co_proposers": list(item.co_proposers.all()),
    }


class FileForm(ActionForm):
    """A file to attach."""

    file = forms.FileField(label=_("File"), max_length=200, help_text=_("PDF, image or office document, at most 20 MB."))


class SubmitForm(ActionForm):
    """Handing a draft in; past the deadline it says why it cannot wait."""

    def __init__(self, *args: Any, late: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if late:
            self.fields["motive"] = motive_field(required=True)


class AcceptForm(ActionForm):
    """On the agenda, with a time box."""

    duration_minutes = whole(_("Time box in minutes"), most=LONGEST_ITEM)


class TimeBoxForm(EditForm):
    """How long an item on the agenda may take."""

    duration_minutes = whole(_("Time box in minutes"), most=LONGEST_ITEM)


class ReturnForm(ActionForm):
    """Back to its municipality, which may change it and hand it in again."""

    answer = forms.CharField(label=_("What should be changed"), max_length=1000, widget=forms.Textarea)


class DeclineForm(ActionForm):
    """Not on the agenda, with a written answer."""

    answer = forms.CharField(label=_("Answer to the proposer"), max_length=1000, widget=forms.Textarea)


def meeting_choices(meetings: Iterable[Meeting]) -> list[tuple[str, str]]:
    """Meetings to choose from, each by its day and title."""
    return [(str(row.pk), pair(day(row.local_start[:10]), row.title)) for row in meetings]


def item_choices(items: Iterable[AgendaItem]) -> list[tuple[str, str]]:
    """Items to choose from, each by its title and who proposes it."""
    named = ((row, row.proposer.name if row.proposer else gettext("The office")) for row in items if not row.struck_at)
    return [(str(row.pk), f"{row.title} ({name})") for row, name in named]


class TakeUpForm(ActionForm):
    """From the backlog to a meeting."""

    def __init__(self, *args: Any, meetings: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"] = forms.ChoiceField(label=gettext("Take up for the meeting of"), choices=list(meetings))


class DeferForm(ActionForm):
    """Put off to a later meeting or to the backlog, with an answer in writing. The next meeting and words for it stand there ready."""

    def __init__(self, *args: Any, meetings: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [*meetings, ("", gettext("No meeting yet: keep it in the backlog"))]
        self.fields["meeting"] = forms.ChoiceField(label=gettext("Put off to"), choices=choices, required=False, initial=choices[0][0])
        self.fields["answer"] = forms.CharField(
            label=gettext("Answer to the proposer"),
            max_length=1000,
            widget=forms.Textarea,
            initial=gettext("There is no time left at this meeting. We take it up at a later one."),
        )


class MergeForm(ActionForm):
    """Together with another item, which keeps all who proposed either."""

    def __init__(self, *args: Any, others: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"] = forms.ChoiceField(
            label=gettext("Merge into"),
            choices=list(others),
            help_text=gettext("Its proposers, files and text are added to that item. This can be undone until the agenda is published."),
        )


class OrderForm(EditForm):
    """The whole running order, as ids with commas between them."""

    items = forms.CharField(widget=forms.HiddenInput, max_length=20_000)
    moved = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_items(self) -> list[UUID]:
        try:
            return [UUID(text) for text in self.cleaned_data["items"].split(",")]
        except ValueError as error:
            raise forms.ValidationError(gettext("This is no running order. Reload the page and try again.")) from error
