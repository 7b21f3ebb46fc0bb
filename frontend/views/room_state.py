"""What the live room of one meeting shows to one person, each part read when it is first asked for.

What all readers but the staff see alike is kept for them together (`{% cache %}` in the templates) until the next event they are told of.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.core.cache import cache
from django.core.cache.utils import make_template_fragment_key
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import get_language

from frontend.views.room_parts import NO_TIME, Ballot, Count, Line, Mine, Progress, Result, Seat, ZonePresence, needed, result_of, summed
from meetings import clock
from meetings.access import Actor, Permission, can
from meetings.action_items.models import ActionItem
from meetings.action_items.selectors import action_items_of
from meetings.agenda.models import AgendaItem, ItemState
from meetings.agenda.selectors import running_order
from meetings.events.models import Audience, Event
from meetings.live.models import Attendance, Poll, PollState, RollEntry, SpeakerRequest, SpeakerState, Vote
from meetings.live.selectors import TwoKey, polls_of, reaches, speakers_of
from meetings.minutes.models import Decision, Minutes, MinutesState
from meetings.minutes.selectors import decisions_of, minutes_abilities, minutes_on_agenda
from meetings.network.models import Municipality
from meetings.network.selectors import municipalities
from meetings.scheduling.models import Meeting, MeetingState

SPREAD, SPREAD_A_SEAT = 400, 10
KEPT = 20  # seconds that what is shared is shown at most: it holds times such as how long an item has been under discussion


def meeting_and_last_event(meeting_id: UUID) -> tuple[Meeting | None, int]:
    """The meeting with its network, series and stream, and the sequence of the last event that every member is told of."""
    told = Event.objects.filter(stream__meeting=OuterRef("pk"), audience=Audience.MEMBERS).order_by("-sequence").values("sequence")[:1]
    rows = Meeting.objects.select_related("network", "series", "stream").annotate(told=Subquery(told))
    meeting = rows.filter(pk=meeting_id).first()
    return meeting, (meeting.told or 0) if meeting else 0


class Room:
    """Seven queries, or four while what is shared is kept, whatever the number of seats."""

    def __init__(self, actor: Actor, meeting: Meeting, last_event: int) -> None:
        self.actor, self.meeting, self.network, self.now = actor, meeting, meeting.network, clock.now()
        self.is_open = meeting.state == MeetingState.IN_SESSION
        self.gathers = meeting.state in (MeetingState.AGENDA_PUBLISHED, MeetingState.IN_SESSION)
        self.may_run = can(actor, Permission.RUN_SESSION)
        self.may_record = can(actor, Permission.RECORD)
        self.may_phone = can(actor, Permission.TAKE_PART_BY_PHONE)
        audience = Audience.STAFF if actor.is_staff else Audience.MEMBERS
        self.key = f"{meeting.pk}:{audience}:{last_event}:{int(self.now.timestamp()) // KEPT}"
        self.kept_seconds = 0 if actor.is_staff else KEPT  # the staff's buttons carry keys of their own

    @cached_property
    def is_kept(self) -> bool:
        """Whether what is shared need not be read."""
        key = make_template_fragment_key("room_right", [self.key, get_language()])
        return self.kept_seconds > 0 and key in cache

    @cached_property
    def items(self) -> list[AgendaItem]:
        """The running order, once the agenda is published."""
        published = self.meeting.agenda_published_at is not None
        return list(running_order(self.meeting).prefetch_related(None)) if published else []

    @cached_property
    def current(self) -> AgendaItem | None:
        return next((item for item in self.items if item.pk == self.meeting.current_item_id), None)

    @cached_property
    def minutes(self) -> Minutes | None:
        """The minutes that the current item puts to approval, as far as the reader may know of them."""
        return minutes_on_agenda(self.actor, self.current) if self.current else None

    @property
    def may_approve(self) -> bool:
        return self.minutes is not None and "approve" in minutes_abilities(self.actor, self.minutes)

    @property
    def reopens(self) -> bool:
        """Whether the reader may take back that the session was closed."""
        closed = self.may_run and self.meeting.state == MeetingState.CLOSED
        return closed and Minutes.objects.filter(meeting=self.meeting, state=MinutesState.DRAFT).exists()

    @cached_property
    def progress(self) -> Progress | None:
        since = self.meeting.current_item_since
        return Progress(self.current, since, max(self.now - since, NO_TIME)) if self.current and since else None

    @cached_property
    def to_come(self) -> list[AgendaItem]:
        """The items whose turn is still to come, in their order: after the current one, then those passed over."""
        place = (self.current.position or 0) if self.current else 0
        waiting = [item for item in self.items if item.state == ItemState.ACCEPTED and item != self.current]
        return sorted(waiting, key=lambda item: ((item.position or 0) < place, item.position or 0))

    @property
    def following(self) -> AgendaItem | None:
        return self.to_come[0] if self.to_come else None

    @cached_property
    def lines(self) -> list[Line]:
        expected = self._expected()
        return [Line(item, item == self.current, expected.get(item.pk)) for item in self.items]

    def _expected(self) -> dict[UUID, datetime]:
        at = self.now + (self.progress.left if self.progress else NO_TIME)
        if not self.is_open:
            at = self.meeting.starts_at
        found = {}
        for item in self.to_come:
            found[item.pk] = at
            at += timedelta(minutes=item.duration_minutes)
        return found

    @cached_property
    def seats(self) -> list[Seat]:
        """All seats valid on the day, by name, with who is there."""
        return self._with_person(municipalities(self.network, self.meeting.local.date()))

    def _with_person(self, rows: QuerySet[Municipality]) -> list[Seat]:
        there = Attendance.objects.filter(meeting=self.meeting, municipality=OuterRef("pk"), left_at__isnull=True)
        return [Seat(row, row.person) for row in rows.annotate(person=Subquery(there.values("person")[:1]))]

    @cached_property
    def all_seats(self) -> TwoKey:
        return summed(TwoKey(1, seat.municipality.population) for seat in self.seats)

    @cached_property
    def present(self) -> TwoKey:
        return summed(TwoKey(1, seat.municipality.population) for seat in self.seats if seat.is_present)

    @property
    def spread(self) -> int:
        """Milliseconds over which the pages of those present spread what they ask after an event; those who lead do not wait."""
        return SPREAD if self.actor.is_staff else SPREAD + SPREAD_A_SEAT * self.present.municipalities

    @property
    def has_quorum(self) -> bool:
        return reaches(self.present, self.all_seats, self.network)

    @property
    def quorum(self) -> TwoKey:
        return needed(self.all_seats, self.network)

    @property
    def zones(self) -> list[ZonePresence]:
        """By the zone's number."""
        grouped: dict[tuple[int, str], list[Seat]] = defaultdict(list)
        for seat in self.seats:
            grouped[seat.municipality.zone.number, seat.municipality.zone.name].append(seat)
        return [ZonePresence(name, len(seats), [s for s in seats if s.is_present]) for (_number, name), seats in sorted(grouped.items())]

    @cached_property
    def mine(self) -> list[Mine]:
        """The seats that the reader represents."""
        if not self.actor.seats:
            return []
        if self.is_kept:
            own = self._with_person(municipalities(self.network, self.meeting.local.date()).filter(pk__in=self.actor.seats))
        else:
            own = [seat for seat in self.seats if seat.municipality.pk in self.actor.seats]
        return [Mine(seat, [row for row in self._own_waiting if row.municipality_id == seat.municipality.pk]) for seat in own]

    @cached_property
    def _own_waiting(self) -> list[SpeakerRequest]:
        if not self.is_kept:
            return self.waiting
        rows = SpeakerRequest.objects.filter(meeting=self.meeting, state=SpeakerState.WAITING, municipality__in=self.actor.seats)
        return list(rows.order_by("requested_at", "id"))

    @cached_property
    def speakers(self) -> list[SpeakerRequest]:
        return speakers_of(self.meeting)

    @property
    def speaking(self) -> SpeakerRequest | None:
        return next((row for row in self.speakers if row.state == SpeakerState.SPEAKING), None)

    @property
    def waiting(self) -> list[SpeakerRequest]:
        return [row for row in self.speakers if row.state == SpeakerState.WAITING]

    @property
    def spoken(self) -> list[SpeakerRequest]:
        """Who has spoken on the current item."""
        current = self.meeting.current_item_id
        return [row for row in self.speakers if row.state == SpeakerState.SPOKEN and row.agenda_item_id == current]

    @cached_property
    def polls(self) -> list[Poll]:
        return list(polls_of(self.meeting, staff=self.actor.is_staff))

    @property
    def drafts(self) -> list[Poll]:
        return [poll for poll in self.polls if poll.state == PollState.DRAFT]

    @cached_property
    def open_poll(self) -> Result | None:
        poll = next((poll for poll in self.polls if poll.state == PollState.OPEN), None)
        return self._counted(poll) if poll else None

    @cached_property
    def _roll(self) -> list[tuple[UUID, int, str]]:
        """The roll of the open poll: municipality, population, and the choice voted (empty: none yet)."""
        cast = Vote.objects.filter(poll=OuterRef("poll"), municipality=OuterRef("municipality")).values("choice")[:1]
        rows = RollEntry.objects.filter(poll__state=PollState.OPEN, poll__agenda_item__meeting=self.meeting)
        named = rows.annotate(choice=Subquery(cast)).values_list("municipality_id", "population", "choice")
        return [(municipality, population, choice or "") for municipality, population, choice in named]

    def _counted(self, poll: Poll) -> Result:
        """An open poll as it stands now."""
        counts = [Count(choice["label"], self._votes(choice["id"])) for choice in poll.choices]
        seats = TwoKey(poll.seats_municipalities, poll.seats_population)
        return Result(poll, counts, summed(count.votes for count in counts), needed(seats, self.network))

    def _votes(self, choice: str) -> TwoKey:
        return summed(TwoKey(1, population) for _municipality, population, voted in self._roll if voted == choice)

    @property
    def closed_polls(self) -> list[Result]:
        """The latest first."""
        return [result_of(poll, self.network) for poll in reversed(self.polls) if poll.state == PollState.CLOSED]

    @property
    def ballots(self) -> list[Ballot]:
        """The reader's seats on the roll of the open poll."""
        if not self.open_poll:
            return []
        labels = {choice["id"]: choice["label"] for choice in self.open_poll.poll.choices}
        choices = {municipality: choice for municipality, _population, choice in self._roll}
        own = [mine.seat.municipality for mine in self.mine]
        return [Ballot(row, choices[row.pk], labels.get(choices[row.pk], "")) for row in own if row.pk in choices]

    @cached_property
    def decisions(self) -> list[Decision]:
        return list(decisions_of(self.meeting))

    @cached_property
    def action_items(self) -> list[ActionItem]:
        return list(action_items_of(self.meeting.pk).prefetch_related(None))
