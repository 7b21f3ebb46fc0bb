"""Reads of the list of speakers: its order, how it is kept, and who has spoken how much."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from meetings.access import Actor, Permission, abilities
from meetings.errors import found
from meetings.live.models import SPEAKER_ACTIONS, SPEAKER_TRANSITIONS, Floor, SpeakerRequest
from meetings.live.speaking_order import Figures, in_order, spoken
from meetings.network.models import Municipality, Network, Zone
from meetings.network.selectors import municipalities, place_of
from meetings.scheduling.models import Meeting, MeetingState

_SPEAKERS = SpeakerRequest.objects.select_related("meeting__network", "municipality__zone", "agenda_item")
FLOOR_STATES = (MeetingState.SCHEDULED, MeetingState.AGENDA_PUBLISHED, MeetingState.IN_SESSION)


def speakers_of(meeting: Meeting) -> list[SpeakerRequest]:
    """The list of speakers in its order: see `speaking_order.in_order`."""
    return kept_by(floor_of(meeting), meeting)


def kept_by(floor: Floor | None, meeting: Meeting) -> list[SpeakerRequest]:
    """The same when it is known how the list is kept."""
    rows = {row.pk: row for row in _SPEAKERS.filter(meeting=meeting)}
    rule = floor_as_object(floor) if floor else None
    return [rows[shown["id"]] for shown in in_order(map(speaker_as_object, rows.values()), rule, meeting.current_item_id)]


def speaker(actor: Actor, speaker_id: Any) -> SpeakerRequest:
    """Raises NotFound."""
    return found(_SPEAKERS.filter(meeting__network=actor.network_id, pk=speaker_id).first())


def network_of_speaker(speaker_id: Any) -> Network:
    """The network a request belongs to, to know who is asking. Raises NotFound."""
    row = found(SpeakerRequest.objects.select_related("meeting__network").filter(pk=speaker_id).first())
    return row.meeting.network


def speaker_abilities(actor: Actor, row: SpeakerRequest) -> list[str]:
    """Its own seat withdraws; the chair gives the floor, takes it back, and takes back the last of these acts."""
    possible = SPEAKER_TRANSITIONS.possible(row.state) & set(SPEAKER_ACTIONS)
    if row.agenda_item_id != row.meeting.current_item_id:
        possible -= {"give"}
    return abilities(actor, SPEAKER_ACTIONS, possible | ({"undo"} if can_be_undone(row) else set()), place_of(row.municipality))


def can_be_undone(row: SpeakerRequest) -> bool:
    """Whether the list's last act was done with this request, and its item is still under discussion. Needs `meeting` selected."""
    return row.undoable not in ("", SpeakerRequest.Undoable.TAKEN) and row.agenda_item_id == row.meeting.current_item_id


def speaker_as_object(row: SpeakerRequest) -> dict[str, Any]:
    """Needs `municipality` selected."""
    names = ("person", "by_phone", "kind", "state", "requested_at", "given_at", "deadline", "ended_at")
    references = {"id": row.pk, "meeting": row.meeting_id, "agenda_item": row.agenda_item_id, "municipality": row.municipality_id}
    return {**references, "municipality_name": row.municipality.name, **{name: getattr(row, name) for name in names}}


# How the list is kept


def floor_of(meeting: Meeting) -> Floor | None:
    """None until the chair has chosen anything."""
    return Floor.objects.filter(meeting=meeting).first()


def floor_or_default(meeting: Meeting) -> Floor:
    """What holds when the chair has chosen nothing, as a row of version 0 that is not stored."""
    return floor_of(meeting) or Floor(meeting_id=meeting.pk)


def floor_as_object(row: Floor) -> dict[str, Any]:
    """One that is not stored has no id."""
    names = ("order_rule", "protected_places", "limit_seconds", "changed_at", "version")
    return {"id": row.pk if row.version else None, "meeting": row.meeting_id, **{name: getattr(row, name) for name in names}}


def floor_abilities(actor: Actor, meeting: Meeting) -> list[str]:
    possible = {"edit"} if meeting.state in FLOOR_STATES else set()
    return abilities(actor, {"edit": Permission.RUN_SESSION}, possible)


# Who has spoken how much


class ZoneFigures(NamedTuple):
    """A zone's share of the seats of the day, and of what was spoken in the meeting."""

    zone: Zone
    seats: int
    all_seats: int
    times: int
    seconds: int
    all_seconds: int

    @property
    def share_of_seats(self) -> float:
        return self.seats / self.all_seats if self.all_seats else 0.0

    @property
    def share_of_time(self) -> float:
        return self.seconds / self.all_seconds if self.all_seconds else 0.0


def figures(rows: Iterable[SpeakerRequest], now: datetime) -> dict[UUID, Figures]:
    """By municipality; whoever speaks has spoken until now. Needs `municipality` selected."""
    return spoken(map(speaker_as_object, rows), now=now)


def by_zone(seats: Iterable[Municipality], spoken_by: Mapping[UUID, Figures]) -> list[ZoneFigures]:
    """One for each zone of the seats, by its number. Needs `zone` selected."""
    members: dict[Zone, list[Municipality]] = defaultdict(list)
    for seat in seats:
        members[seat.zone].append(seat)
    total, whole = sum(map(len, members.values())), sum(one.seconds for one in spoken_by.values())
    found = []
    for zone, rows in sorted(members.items(), key=lambda pair: (pair[0].number, pair[0].name)):
        had = [spoken_by[row.pk] for row in rows if row.pk in spoken_by]
        found.append(ZoneFigures(zone, len(rows), total, sum(one.times for one in had), sum(one.seconds for one in had), whole))
    return found


def fairness(meeting: Meeting, now: datetime) -> dict[str, Any]:
    """Who has spoken how much, as an object: the municipalities that have, by name, and all zones. Needs `network` selected."""
    seats = list(municipalities(meeting.network, meeting.local.date()))
    had = figures(_SPEAKERS.filter(meeting=meeting), now)
    have_spoken = [seat for seat in seats if seat.pk in had]
    return {
        "municipalities": [{"municipality": row.pk, "municipality_name": row.name, **had[row.pk]._asdict()} for row in have_spoken],
        "zones": [
            {"zone": one.zone.pk, "zone_name": one.zone.name, "seats": one.seats, "times": one.times, "seconds": one.seconds}
            for one in by_zone(seats, had)
        ],
        "server_time": now,
    }
