"""What changed in minutes between two moments, told from the event log: its events carry the whole texts (ADR 15).

A text whose event was redacted is not there; `removed` says how many there are of these.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from meetings.access import Actor
from meetings.agenda.models import AgendaItem
from meetings.errors import found
from meetings.events.models import Event
from meetings.minutes.differences import Piece, words
from meetings.minutes.models import Minutes

NOW = "now"
_STAGES = ("minutes.circulated", "minutes.approved", "minutes.amended")
_SAVES = ("note.written", "decision.recorded", "decision.changed", "minutes.changed")
_FRAME = ("introduction", "chaired_by", "recorded_by")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment to compare with: `name` for addresses (`circulated-1`, `approved-1`, `saved-57`, `now`), `label` in words."""

    name: str
    label: str
    sequence: int
    at: datetime | None

    @property
    def is_save(self) -> bool:
        return self.name.startswith("saved-")


@dataclass(frozen=True, slots=True)
class Difference:
    """A text that is not the same: where it stands, what it is (`introduction`, `chaired_by`, `recorded_by`, `note`, `decision`), and its
    words.
    """

    id: UUID
    item: AgendaItem | None
    kind: str
    label: str
    before: str
    after: str

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return words(self.before, self.after)

    @property
    def came(self) -> int:
        """How many words were added."""
        return _words_of(self.pieces, "added")

    @property
    def went(self) -> int:
        """How many words were removed."""
        return _words_of(self.pieces, "removed")


def _words_of(pieces: tuple[Piece, ...], kind: str) -> int:
    return sum(len(piece.text.split()) for piece in pieces if piece.kind == kind)


def _events(minutes: Minutes) -> QuerySet[Event]:
    return Event.objects.filter(stream__meeting=minutes.meeting_id).order_by("sequence")


def moments(actor: Actor, minutes: Minutes) -> list[Moment]:
    """When the minutes circulated, were approved and amended, each time a text was saved, and now; in order.

    For the staff from the first note on, for all others from when the minutes circulated.
    """
    items = {str(row.pk): row for row in AgendaItem.objects.filter(meeting=minutes.meeting_id).only("position")}
    edition, shown = 1, []
    for event in _events(minutes).filter(type__in=(*_STAGES, *_SAVES)):
        edition += event.type == "minutes.amended"
        shown.append(_moment(event, edition, items))
    if not actor.is_staff:
        begun = next((n for n, row in enumerate(shown) if not row.is_save), len(shown))
        shown = shown[begun:]
    last = _events(minutes).order_by("-sequence").values_list("sequence", flat=True).first() or 0
    return [*shown, Moment(NOW, _("as they are now"), last, None)]


def _moment(event: Event, edition: int, items: dict[str, AgendaItem]) -> Moment:
    if event.type not in _STAGES:
        return Moment(f"saved-{event.sequence}", _saved(event, items), event.sequence, event.at)
    stage = event.type.partition(".")[2]
    labels = {
        "circulated": _("as they circulated first"),
        "approved": _("edition %(edition)s, as approved") % {"edition": edition},
        "amended": _("edition %(edition)s, when it was begun") % {"edition": edition},
    }
    return Moment(f"{stage}-{edition}", labels[stage], event.sequence, event.at)


def _saved(event: Event, items: dict[str, AgendaItem]) -> str:
    if not event.payload:
        return _("a text that was removed from the log")
    item = items.get(json.loads(event.payload).get("agenda_item", ""))
    number = {"number": item.position if item else ""}
    match event.type.partition(".")[0]:
        case "note":
            return _("a note on item %(number)s, as saved") % number
        case "decision":
            return _("a decision on item %(number)s, as saved") % number
        case _:
            return _("introduction, chair and secretary, as saved")


def chosen(shown: list[Moment], old: str, new: str) -> tuple[Moment, Moment]:
    """Two of them by name, or, unless somebody chooses, the latest stage and now. Raises NotFound."""
    by_name = {row.name: row for row in shown}
    stages = [row for row in shown if not row.is_save]
    usual = stages[-2] if len(stages) > 1 else shown[0]
    return (found(by_name.get(old)) if old else usual), (found(by_name.get(new)) if new else shown[-1])


def compare(minutes: Minutes, old: Moment, new: Moment) -> list[Difference]:
    """The texts that differ, in the agenda's order: the frame first, then each item's notes and decisions."""
    before, after = _texts(minutes, old), _texts(minutes, new)
    items = {str(row.pk): row for row in AgendaItem.objects.filter(meeting=minutes.meeting_id)}
    keys = [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]
    rows = [_difference(key, before.get(key), after.get(key), items) for key in keys]
    return sorted(rows, key=lambda row: (row.item.position or 0) if row.item else -1)


def removed(minutes: Minutes, until: Moment) -> int:
    """How many texts were removed from the log up to the moment, so that the comparison cannot know them."""
    rows = _text_events(minutes, until).filter(payload="")
    return rows.count()


Key = tuple[str, str]  # what kind of text, and the id of what it belongs to
Text = tuple[str, str, str]  # the agenda item's id, a decision's number, and the text itself


def _text_events(minutes: Minutes, until: Moment) -> QuerySet[Event]:
    kinds = Q(type__startswith="note.") | Q(type__startswith="decision.") | Q(type__startswith="minutes.")
    return _events(minutes).filter(kinds, sequence__lte=until.sequence)


def _texts(minutes: Minutes, moment: Moment) -> dict[Key, Text]:
    """Every text as it was at the moment: the last event of each object says it whole."""
    objects: dict[Key, dict[str, Any]] = {}
    for event in _text_events(minutes, moment).only("type", "payload"):
        if event.payload:
            shown = json.loads(event.payload)
            objects[event.type.partition(".")[0], shown["id"]] = shown
    return dict(_lines(objects))


def _lines(objects: dict[Key, dict[str, Any]]) -> Iterator[tuple[Key, Text]]:
    for (collection, pk), shown in objects.items():
        if collection == "minutes":
            yield from (((name, pk), ("", "", shown[name])) for name in _FRAME)
        else:
            number = f"{shown['number']}/{shown['year']}" if collection == "decision" else ""
            yield (collection, pk), (shown["agenda_item"], number, shown["text"])


def _difference(key: Key, before: Text | None, after: Text | None, items: dict[str, AgendaItem]) -> Difference:
    kind, pk = key
    item, number, _text = after or before or ("", "", "")
    labels = {
        "introduction": _("Introduction"),
        "chaired_by": _("Chair"),
        "recorded_by": _("Secretary"),
        "note": _("Note"),
        "decision": _("Decision %(number)s") % {"number": number},
    }
    return Difference(UUID(pk), items.get(item), kind, labels[kind], before[2] if before else "", after[2] if after else "")
