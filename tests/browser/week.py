"""What the others do while one person goes the way of a test: the office, the chair, the municipalities."""

from meetings.action_items import services as action_items
from meetings.agenda import services as agenda
from meetings.agenda.models import AgendaItem, ItemState
from meetings.live import polls, speakers
from meetings.live import services as live
from meetings.live.models import Poll, PollState
from meetings.minutes import services as minutes
from meetings.minutes.models import Minutes
from meetings.scheduling.models import Meeting, MeetingState
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side


def gathered(side: Side) -> Meeting:
    """The agenda is published, and all say that they are present."""
    meeting = factories.agenda_published(side)
    for seat, representative in zip(side.seats, side.representatives, strict=True):
        live.join(actor=side.actor(representative), meeting=meeting, municipality=seat)
    return meeting


def approving(side: Side) -> Meeting:
    return factories.approving(side).meeting


def into_session(side: Side) -> Meeting:
    """The office publishes, the chair opens, all are present, on the first item."""
    office, chair = side.actor(COORDINATOR), side.actor(CHAIR)
    for item in AgendaItem.objects.filter(state=ItemState.PROPOSED):
        agenda.accept(actor=office, item=item)
    meeting = factories.fresh(side.meeting)
    if meeting.state == MeetingState.SCHEDULED:
        meeting = agenda.publish(actor=office, meeting=meeting)
    meeting = live.open_session(actor=chair, meeting=meeting)
    for seat, representative in zip(side.seats, side.representatives, strict=True):
        live.join(actor=side.actor(representative), meeting=meeting, municipality=seat)
    live.move_on(actor=chair, meeting=meeting, item=factories.items(meeting)[0])
    return factories.fresh(meeting)


def circulate(side: Side) -> None:
    """The vote is closed, an action item is agreed, the session ends, and its minutes circulate."""
    office, chair, meeting = side.actor(COORDINATOR), side.actor(CHAIR), factories.fresh(side.meeting)
    polls.close(actor=chair, poll=Poll.objects.get())
    action_items.create(actor=office, meeting=meeting, values={"title": "Send the timetable"}, owner=side.seats[0])
    live.close_session(actor=chair, meeting=meeting)
    minutes.circulate(actor=office, minutes=Minutes.objects.get())


def held(side: Side) -> None:
    """A short session: all are there, everything is discussed."""
    chair = side.actor(CHAIR)
    into_session(side)
    for item in factories.items(side.meeting)[1:]:
        live.move_on(actor=chair, meeting=factories.fresh(side.meeting), item=item)
    live.close_session(actor=chair, meeting=factories.fresh(side.meeting))


def ask_for_the_floor(side: Side) -> None:
    speakers.request(actor=side.actor(side.other_representative), meeting=factories.fresh(side.meeting), municipality=side.seats[1])


def all_vote(side: Side) -> None:
    poll = Poll.objects.get(state=PollState.OPEN)
    for seat, representative in zip(side.seats, side.representatives, strict=True):
        polls.vote(actor=side.actor(representative), poll=poll, municipality=seat, choice="yes")
