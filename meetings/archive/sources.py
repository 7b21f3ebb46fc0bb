"""What can be found, kind by kind, from the selectors that say who may see it: nothing is found, or counted, that they do not give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, F, IntegerField, OuterRef, Q, QuerySet, TextField, UUIDField, Value

from meetings.access import Actor
from meetings.action_items.models import ActionItem, ActionState
from meetings.agenda.models import Attachment, ItemState
from meetings.agenda.selectors import visible_items
from meetings.announcements.selectors import announcements
from meetings.archive.kinds import Kind
from meetings.live.models import Question, QuestionState
from meetings.minutes.models import MinutesState
from meetings.minutes.selectors import decisions_in, visible_minutes, visible_notes
from meetings.scheduling.models import Meeting, MeetingState

EMPTY = Value("", output_field=TextField())
NONE = Value(None, output_field=UUIDField())
NO_NUMBER = Value(0, output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class Source:
    """One kind. `rows`: what the actor may see of it; the rest says where its parts stand, as filters and expressions spell it.

    `when`: the instant by which it is ordered and chosen; `towns`: paths to the municipalities whose it is; `states`: of its state, if any.
    """

    rows: Callable[[Actor], QuerySet[Any]]
    when: str
    title: Any = EMPTY
    text: Any = EMPTY
    more: Any = EMPTY
    meeting: str = ""
    item: str = ""
    number: Any = NO_NUMBER
    year: Any = NO_NUMBER
    state: str = ""
    states: Any = None
    towns: tuple[str, ...] = ()

    def of_town(self, municipality: UUID) -> Q:
        """The rows of a municipality; none of a kind that belongs to no municipality."""
        found = Q(pk__in=())
        for path in self.towns:
            found |= Q(**{path: municipality})
        return found

    def shown(self, actor: Actor) -> dict[str, Any]:
        """What is shown of a row, by the names of `selectors.Hit`."""
        meeting = f"{self.meeting}__" if self.meeting not in ("", "pk") else ""
        held = self.meeting != ""
        minutes = visible_minutes(actor).filter(meeting=OuterRef(self.meeting)) if held else visible_minutes(actor).none()
        return {
            "heading": self.title,
            "text_": self.text,
            "more": self.more,
            "state_": F(self.state) if self.state else Value("", output_field=CharField()),
            "number_": self.number,
            "year_": self.year,
            "meeting_": F(self.meeting) if held else NONE,
            "meeting_title": F(f"{meeting}title") if held else EMPTY,
            "meeting_number": F(f"{meeting}number") if held else NO_NUMBER,
            "item_": F(self.item) if self.item else NONE,
            "item_title": F(f"{self.item}__title") if self.item not in ("", "pk") else EMPTY,
            "on_minutes": Exists(minutes),
        }


def _meetings(actor: Actor) -> QuerySet[Any]:
    return Meeting.objects.filter(network=actor.network_id)


def _files(actor: Actor) -> QuerySet[Any]:
    return Attachment.objects.filter(agenda_item__in=visible_items(actor).prefetch_related(None).order_by().values("pk"))


def _action_items(actor: Actor) -> QuerySet[Any]:
    return ActionItem.objects.filter(network=actor.network_id)


def _questions(actor: Actor) -> QuerySet[Any]:
    """Without those withdrawn, which no page shows."""
    return Question.objects.filter(meeting__network=actor.network_id).exclude(state=QuestionState.WITHDRAWN)


def _of_item(rows: Callable[[Actor], QuerySet[Any]], when: str, **parts: Any) -> Source:
    """A kind that belongs to an agenda item, and to whoever proposed that."""
    towns = ("agenda_item__proposer", "agenda_item__co_proposers")
    return Source(rows, when, meeting="agenda_item__meeting", item="agenda_item", towns=towns, **parts)


SOURCES: Mapping[Kind, Source] = {
    Kind.MEETING: Source(
        _meetings, "starts_at", F("title"), F("reason"), meeting="pk", number=F("number"), state="state", states=MeetingState
    ),
    Kind.AGENDA_ITEM: Source(
        visible_items,
        "meeting__starts_at",
        F("title"),
        F("text"),
        F("answer"),
        meeting="meeting",
        item="pk",
        state="state",
        states=ItemState,
        towns=("proposer", "co_proposers"),
    ),
    Kind.DECISION: _of_item(lambda actor: decisions_in(actor.network_id), "decided_at", text=F("text"), number=F("number"), year=F("year")),
    Kind.MINUTES: Source(
        visible_minutes,
        "meeting__starts_at",
        text=F("introduction"),
        more=F("edition_reason"),
        meeting="meeting",
        state="state",
        states=MinutesState,
    ),
    Kind.NOTE: _of_item(visible_notes, "agenda_item__meeting__starts_at", text=F("text")),
    Kind.ACTION_ITEM: Source(
        _action_items,
        "created_at",
        F("title"),
        F("text"),
        F("person"),
        meeting="meeting",
        item="agenda_item",
        number=F("number"),
        state="state",
        states=ActionState,
        towns=("owner",),
    ),
    Kind.QUESTION: Source(
        _questions,
        "asked_at",
        text=F("text"),
        more=F("answer"),
        meeting="meeting",
        item="agenda_item",
        state="state",
        states=QuestionState,
        towns=("municipality",),
    ),
    Kind.ANNOUNCEMENT: Source(announcements, "sent_at", F("title"), F("text")),
    Kind.ATTACHMENT: _of_item(_files, "created_at", title=F("name")),
}
"""In the order in which filters name them."""
