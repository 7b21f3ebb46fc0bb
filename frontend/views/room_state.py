"""What the live room of one meeting shows to one person, each part read when it is first asked for.

What all readers but the staff see alike is kept for them together (`{% cache %}` in the templates) until the next event they are told of.
"""

from collections import defaultdict
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.core.cache.utils import make_template_fragment_key
from django.db.models import Exists, OuterRef, QuerySet, Subquery, UUIDField
from django.utils.translation import get_language

from frontend.views.poll_parts import Ballot, Receipt, Result, needed, receipts_of, result_of
from frontend.views.question_parts import Questions
from frontend.views.room_parts import NO_TIME, Line, Mine, Progress, Seat, ZonePresence, summed
from frontend.views.speaker_parts import SpeakersPart, ZoneLine
from meetings import clock
from meetings.access import Actor, Permission, can
from meetings.action_items.models import ActionItem
from meetings.action_items.selectors import action_items_of
from meetings.agenda.models import AgendaItem, Attachment, ItemState
from meetings.agenda.selectors import running_order
from meetings.events.models import Audience, Event
from meetings.live.attendance_selectors import in_person
from meetings.live.models import COUNTED, Attendance, Mark, Poll, PollState, RollEntry, SpeakerRequest, SpeakerState, Vote
from meetings.live.presence import may_take_over
from meetings.live.selectors import TwoKey, polls_of, reaches
from meetings.live.where import Coming, coming, with_own
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
    rows = Meeting.objects.select_related("network", "series", "stream", "floor").annotate(told=Subquery(told))
    meeting = rows.filter(pk=meeting_id).first()
    return meeting, (meeting.told or 0) if meeting else 0


class Room:
    """Nine queries at most, or seven while what is shared is kept, whatever the number of seats."""

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
        if self.meeting.agenda_published_at is None:
            return []
        files = Attachment.objects.filter(agenda_item=OuterRef("pk"))
        rows = running_order(self.meeting).prefetch_related(None).annotate(has_files=Exists(files))
        return list(with_own(rows, self.actor.open_seats))

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
        extra = self.meeting.current_item_extra_minutes
        return Progress(self.current, since, max(self.now - since, NO_TIME), extra) if self.current and since else None

    @property
    def documents(self) -> list[Attachment]:
        """Those of the current item."""
        return list(self.current.attachments.all()) if self.current and getattr(self.current, "has_files", False) else []

    @cached_property
    def to_come(self) -> list[Coming]:
        """The items whose turn is still to come, in their order."""
        return coming(self.meeting, self.items, self.now) if self.gathers else []

    @property
    def following(self) -> AgendaItem | None:
        return self.to_come[0].item if self.to_come else None

    @cached_property
    def own_to_come(self) -> list[Coming]:
        """Of these, the ones that the reader's municipalities have proposed, alone or with others."""
        return [row for row in self.to_come if row.is_own] if self.actor.open_seats else []

    @cached_property
    def lines(self) -> list[Line]:
        expected = {row.item.pk: row.starts_about for row in self.to_come}
        return [Line(item, item == self.current, expected.get(item.pk)) for item in self.items]

    @cached_property
    def seats(self) -> list[Seat]:
        """All seats valid on the day, by name, with who is there."""
        return self._with_person(municipalities(self.network, self.meeting.local.date()))

    def _with_person(self, rows: QuerySet[Municipality]) -> list[Seat]:
        there = Attendance.objects.filter(meeting=self.meeting, municipality=OuterRef("pk"), left_at__isnull=True)
        proved = there.filter(seen_at__isnull=False)
        found = rows.annotate(person=Subquery(there.values("person")[:1]), by=Subquery(proved.values("user")[:1], output_field=UUIDField()))
        return [Seat(row, row.person, row.by) for row in found]

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
        return [self._mine(seat) for seat in own]

    def _mine(self, seat: Seat) -> Mine:
        waiting = [row for row in self._own_waiting if row.municipality_id == seat.municipality.pk]
        another = seat.user is not None and seat.user != self.actor.user_id
        there = in_person(self.meeting.pk, seat.municipality.pk) if another else None
        return Mine(seat, waiting, another, there is not None and may_take_over(self.actor, self.meeting, there))

    @cached_property
    def _own_waiting(self) -> list[SpeakerRequest]:
        if not self.is_kept:
            return [row.request for row in self.floor.waiting]
        current = self.meeting.current_item_id
        rows = SpeakerRequest.objects.filter(agenda_item=current, state=SpeakerState.WAITING, municipality__in=self.actor.seats)
        return list(rows.order_by("requested_at", "id"))

    @cached_property
    def floor(self) -> SpeakersPart:
        """The list of speakers."""
        return SpeakersPart(self.meeting, self.now)

    @property
    def spoken_zones(self) -> list[ZoneLine]:
        """Each zone's share of the seats and of the time spoken."""
        return self.floor.zones(seat.municipality for seat in self.seats)

    @cached_property
    def polls(self) -> list[Poll]:
        blocks = Exists(Poll.covers.through.objects.filter(poll=OuterRef("pk")))
        return list(polls_of(self.meeting, staff=self.actor.is_staff).annotate(blocks=blocks))

    @property
    def drafts(self) -> list[Poll]:
        return [poll for poll in self.polls if poll.state == PollState.DRAFT]

    @cached_property
    def open_poll(self) -> Result | None:
        poll = next((poll for poll in self.polls if poll.state == PollState.OPEN), None)
        return result_of(poll, self.network, staff=self.actor.is_staff) if poll else None

    @property
    def may_object(self) -> bool:
        """Whether an objection to the open poll still counts."""
        until = self.open_poll.poll.until if self.open_poll else None
        return until is None or self.now < until

    @cached_property
    def block(self) -> list[AgendaItem]:
        """What the open poll decides in one, in its order."""
        if not self.open_poll or not self.open_poll.is_block:
            return []
        covered = set(self.open_poll.poll.covers.values_list("pk", flat=True))
        return [item for item in self.items if item.pk in covered]

    @property
    def consents(self) -> list[AgendaItem]:
        """The consent items still to be decided."""
        return [item for item in self.items if item.kind == AgendaItem.Kind.CONSENT and item.state == ItemState.ACCEPTED]

    @property
    def closed_polls(self) -> list[Result]:
        """The latest first."""
        over = [poll for poll in reversed(self.polls) if poll.state in COUNTED]
        return [result_of(poll, self.network, staff=self.actor.is_staff) for poll in over]

    @cached_property
    def _own_roll(self) -> list[RollEntry]:
        """Where the reader's seats stand on rolls, with what they voted there."""
        if not self.actor.seats or all(poll.state == PollState.DRAFT for poll in self.polls):
            return []
        cast = {"poll": OuterRef("poll"), "municipality": OuterRef("municipality")}
        vote, mark = Vote.objects.filter(**cast), Mark.objects.filter(**cast)
        rows = RollEntry.objects.filter(poll__agenda_item__meeting=self.meeting, municipality__in=self.actor.seats)
        names = {"vote": vote.values("pk"), "choice": vote.values("choice"), "at": vote.values("at"), "mark": mark.values("pk")}
        found = rows.select_related("municipality").annotate(**{name: Subquery(of[:1]) for name, of in names.items()})
        return list(found.order_by("municipality__name"))

    @cached_property
    def _receipts(self) -> dict[tuple[UUID, UUID], Receipt]:
        votes: list[Vote | Mark] = []
        for row in self._own_roll:
            whose: dict[str, Any] = {"poll_id": row.poll_id, "municipality": row.municipality}
            named: Any = row
            if named.vote:
                votes.append(Vote(pk=named.vote, choice=named.choice, at=named.at, **whose))
            elif named.mark:
                votes.append(Mark(pk=named.mark, **whose))
        return receipts_of(votes, self.polls)

    @property
    def receipts(self) -> list[Receipt]:
        """What the reader's seats have voted in the polls that are over."""
        return [receipt for receipt in self._receipts.values() if receipt.poll.state in COUNTED]

    @cached_property
    def ballots(self) -> list[Ballot]:
        """The reader's seats on the roll of the open poll."""
        if not self.open_poll or not self.mine:
            return []
        poll = self.open_poll.poll.pk
        on_roll = {row.municipality_id for row in self._own_roll if row.poll_id == poll}
        own = [mine.seat.municipality for mine in self.mine if mine.seat.municipality.pk in on_roll]
        return [Ballot(row, self._receipts.get((poll, row.pk))) for row in own]

    @cached_property
    def questions(self) -> Questions:
        return Questions(self.actor, self.meeting, [own.seat.municipality for own in self.mine])

    @cached_property
    def decisions(self) -> list[Decision]:
        return list(decisions_of(self.meeting))

    @cached_property
    def action_items(self) -> list[ActionItem]:
        return list(action_items_of(self.meeting.pk).prefetch_related(None))
