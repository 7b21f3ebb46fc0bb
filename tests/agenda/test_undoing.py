"""What is undone after it has gone on, merged, or met with a cancelled meeting: an item is still in one place, and numbers have no gaps."""

from meetings.agenda import services
from meetings.agenda.models import AgendaItem, ItemState
from meetings.live import services as live
from meetings.scheduling.models import Meeting
from tests import factories
from tests.agenda.test_merging import again, merge, proposers
from tests.factories import CHAIR, COORDINATOR, Side


def closed(side: Side) -> tuple[Meeting, AgendaItem]:
    """A closed meeting, and the copy of an item that it has put off, at the next one."""
    meeting = factories.in_session(side)
    item = factories.items(meeting)[1]
    live.postpone(actor=side.actor(CHAIR), meeting=meeting, item=item)
    live.close_session(actor=side.actor(CHAIR), meeting=meeting)
    return factories.fresh(meeting), AgendaItem.objects.get(origin=item)


def reopen(side: Side, meeting: Meeting) -> Meeting:
    return live.reopen(actor=side.actor(CHAIR), meeting=meeting)


def close(side: Side, meeting: Meeting) -> Meeting:
    return live.close_session(actor=side.actor(CHAIR), meeting=meeting)


def numbers(meeting: Meeting) -> list[int | None]:
    return list(meeting.agenda_items.filter(position__isnull=False).order_by("position").values_list("position", flat=True))


def test_a_copy_that_was_merged_does_not_come_back_beside_its_origin(side: Side) -> None:
    meeting, copy = closed(side)
    into = factories.accepted(side, "Coaches", seat=None, meeting=side.meetings[1])
    merge(side, copy, into)
    reopen(side, meeting)
    assert (again(copy).state, again(copy).taken_back) == (ItemState.MERGED, True)
    parted = services.separate(actor=side.actor(COORDINATOR), item=again(copy))
    assert (parted.state, again(into).text) == (ItemState.WITHDRAWN, "")
    close(side, meeting)
    assert (again(copy).state, again(copy).taken_back) == (ItemState.ACCEPTED, False)


def test_a_copy_that_was_merged_is_still_merged_when_it_is_carried_again(side: Side) -> None:
    meeting, copy = closed(side)
    into = factories.accepted(side, "Coaches", seat=None, meeting=side.meetings[1])
    merge(side, copy, into)
    reopen(side, meeting)
    close(side, meeting)
    assert (again(copy).state, again(copy).taken_back) == (ItemState.MERGED, False)
    parted = services.separate(actor=side.actor(COORDINATOR), item=again(copy))
    assert parted.state == ItemState.PROPOSED


def test_what_was_struck_from_a_published_agenda_returns_under_its_number(side: Side) -> None:
    meeting, copy = closed(side)
    later = side.meetings[1]
    factories.accepted(side, "Coaches", seat=None, meeting=later)
    services.publish(actor=side.actor(COORDINATOR), meeting=later)
    before = [(row.pk, row.position) for row in factories.items(later)]
    reopen(side, meeting)
    close(side, meeting)
    assert [(row.pk, row.position) for row in factories.items(later)] == before
    assert again(copy).struck_at is None and numbers(later) == [1, 2, 3, 4]


def test_a_copy_taken_back_from_a_cancelled_meeting_does_not_return_with_it(side: Side) -> None:
    meeting, copy = closed(side)
    later = side.meetings[1]
    services.cancel_meeting(actor=side.actor(COORDINATOR), meeting=later, reason="Snow")
    reopen(side, meeting)
    services.restore_meeting(actor=side.actor(COORDINATOR), meeting=later)
    assert factories.items(later) == factories.items(side.meetings[2]) == []
    assert again(copy).state == ItemState.WITHDRAWN
    close(side, meeting)
    assert again(copy).state == ItemState.ACCEPTED and numbers(later) == [1, 2, 3]


def test_what_was_merged_into_a_copy_goes_on_when_that_is_taken_back_from_a_cancelled_meeting(side: Side) -> None:
    meeting, copy = closed(side)
    later = side.meetings[1]
    item = factories.proposal(side, "Coaches", seat=None, meeting=later)
    merge(side, item, copy)
    services.cancel_meeting(actor=side.actor(COORDINATOR), meeting=later, reason="Snow")
    reopen(side, meeting)
    assert (again(item).state, again(item).merged_into_id) == (ItemState.DEFERRED, None)
    successor = AgendaItem.objects.get(origin=item)
    assert (successor.state, successor.meeting_id) == (ItemState.PROPOSED, side.meetings[2].pk)
    services.restore_meeting(actor=side.actor(COORDINATOR), meeting=later)
    assert again(item).state == ItemState.PROPOSED and proposers(again(item)) == set()


def approvals(meeting: Meeting) -> list[tuple[Meeting, str]]:
    rows = AgendaItem.objects.filter(approves_minutes_of=meeting, state=ItemState.ACCEPTED).select_related("meeting")
    return [(row.meeting, row.state) for row in rows]


def test_an_approval_that_came_by_way_of_a_cancelled_meeting_is_taken_back_too(side: Side) -> None:
    office = side.actor(COORDINATOR)
    meeting, _copy = closed(side)
    second, third = side.meetings[1:3]
    services.cancel_meeting(actor=office, meeting=second, reason="Snow")
    reopen(side, meeting)
    close(side, meeting)
    assert approvals(meeting) == [(third, "accepted")]
    reopen(side, meeting)
    assert approvals(meeting) == []
    services.restore_meeting(actor=office, meeting=second)
    close(side, meeting)
    assert approvals(meeting) == [(second, "accepted")]


def test_an_approval_goes_on_to_where_another_one_was_taken_back(side: Side) -> None:
    office = side.actor(COORDINATOR)
    meeting, _copy = closed(side)
    second, third = side.meetings[1:3]
    reopen(side, meeting)
    services.cancel_meeting(actor=office, meeting=second, reason="Snow")
    close(side, meeting)
    reopen(side, meeting)
    services.restore_meeting(actor=office, meeting=second)
    close(side, meeting)
    assert approvals(meeting) == [(second, "accepted")]
    services.cancel_meeting(actor=office, meeting=second, reason="Snow")
    assert approvals(meeting) == [(third, "accepted")]
