"""Items that go on elsewhere: put off, kept in the backlog, carried over, and all of it undone; none lost, none in two places."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.agenda import attachments, services
from meetings.agenda.models import AgendaItem, ItemState
from meetings.agenda.selectors import backlog, item_abilities, item_as_object, visible_items
from meetings.errors import Conflict, Invalid, NotAllowed
from meetings.events.models import Event
from meetings.live import services as live
from meetings.scheduling.models import Meeting, MeetingState
from tests import factories
from tests.agenda.files import office_file
from tests.agenda.test_attachments import put
from tests.factories import CHAIR, COORDINATOR, Side


def again(row: AgendaItem) -> AgendaItem:
    return AgendaItem.objects.select_related("meeting__network", "proposer__zone").get(pk=row.pk)


def live_successors(row: AgendaItem) -> list[AgendaItem]:
    return list(row.carried_to.filter(taken_back=False))


def defer(side: Side, row: AgendaItem, to: Meeting | None = None, answer: str = "No time left") -> AgendaItem:
    return services.defer(actor=side.actor(COORDINATOR), item=row, to=to, answer=answer)


def waiting_in_backlog(side: Side) -> list[AgendaItem]:
    return list(backlog(side.actor(COORDINATOR)))


# --- put off by the office ---


def test_a_deferred_proposal_is_one_again_at_the_later_meeting_with_its_age(side: Side) -> None:
    row, ages = factories.proposal(side, "Patience", seat=0), []
    put(side, row)
    services.edit(actor=side.actor(COORDINATOR), item=row, values={}, co_proposers=[side.seats[1]])
    for target in side.meetings[1:]:
        row = defer(side, again(row), target)
        assert (row.state, row.answer, row.position) == (ItemState.DEFERRED, "No time left", None)
        assert item_as_object(row)["deferred_to"] == target.pk
        (row,) = live_successors(row)
        assert (row.meeting_id, row.state, row.late) == (target.pk, ItemState.PROPOSED, False)
        assert list(row.co_proposers.all()) == [side.seats[1]] and row.attachments.count() == 1
        shown = item_as_object(row)
        ages.append((shown["deferrals"], shown["flagged"], shown["first_proposed_on"]))
    first = side.meetings[0].local.date()
    assert ages == [(1, False, first), (2, False, first), (3, True, first)]


def test_what_is_put_off_to_nowhere_waits_in_the_backlog_until_it_is_taken_up(side: Side) -> None:
    row = defer(side, factories.proposal(side))
    assert waiting_in_backlog(side) == [row] == list(backlog(side.actor(side.representative)))
    assert list(backlog(side.actor(side.other_representative))) == []
    assert "defer" in item_abilities(side.actor(COORDINATOR), again(row))
    assert item_abilities(side.actor(side.representative), again(row)) == []
    taken = defer(side, again(row), side.meetings[2], answer="")
    assert (taken.state, taken.answer) == (ItemState.DEFERRED, "No time left")
    assert waiting_in_backlog(side) == []
    with pytest.raises(Conflict):
        defer(side, again(row), side.meetings[1])
    assert len(live_successors(row)) == 1


def test_what_an_office_puts_off_leaves_no_gap_in_the_order(side: Side) -> None:
    meeting = factories.scheduled(side)
    first, second = factories.items(meeting)
    defer(side, first, side.meetings[1])
    assert [(row.pk, row.position) for row in factories.items(meeting)] == [(second.pk, 1)]
    services.withdraw(actor=side.actor(side.other_representative), item=again(second))
    assert factories.items(meeting) == []


def test_an_item_is_put_off_only_to_where_proposals_are_taken_and_never_without_an_answer(side: Side) -> None:
    row = factories.proposal(side)
    with pytest.raises(Invalid) as refused:
        defer(side, row, answer=" ")
    assert list(refused.value.errors) == ["answer"]
    with pytest.raises(Invalid):
        defer(side, row, side.meeting)
    factories.accepted(side, "Office", seat=None, meeting=side.meetings[1])
    later = services.publish(actor=side.actor(COORDINATOR), meeting=side.meetings[1])
    with pytest.raises(Conflict) as taken:
        defer(side, row, later)
    assert taken.value.code == "takes_no_proposals"
    with pytest.raises(NotAllowed):
        services.defer(actor=side.actor(CHAIR), item=row, answer="No")
    assert again(row).state == ItemState.PROPOSED


# --- drafts ---


def test_an_author_takes_a_draft_to_the_next_meeting_that_takes_proposals(side: Side) -> None:
    row, own = factories.draft(side), side.actor(side.representative)
    factories.agenda_published(side, side.meeting)
    before = Event.objects.count()
    moved = services.move(actor=own, item=row)
    assert (moved.pk, moved.meeting_id, moved.state) == (row.pk, side.meetings[1].pk, ItemState.DRAFT)
    assert Event.objects.count() == before
    with pytest.raises(NotAllowed):
        services.move(actor=side.actor(side.other_representative), item=moved)


def test_a_returned_draft_stays_on_record_and_goes_on_as_another(side: Side) -> None:
    row = services.return_(actor=side.actor(COORDINATOR), item=factories.proposal(side), reason="Add the costs")
    moved = services.move(actor=side.actor(side.representative), item=row)
    assert (again(row).state, moved.state, moved.origin_id) == (ItemState.DEFERRED, ItemState.DRAFT, row.pk)
    assert not visible_items(side.actor(CHAIR)).filter(pk=moved.pk).exists()
    with clock.at(side.meetings[1].intake_opens_at):
        sent = services.submit(actor=side.actor(side.representative), item=moved)
    assert sent.state == ItemState.PROPOSED


# --- a session closed by mistake ---


def closed(side: Side) -> Meeting:
    """Three items: the first discussed, the second postponed, the third not reached; then closed."""
    meeting = factories.in_session(side)
    _first, second, _third = factories.items(meeting)
    live.postpone(actor=side.actor(CHAIR), meeting=meeting, item=second)
    return factories.fresh(live.close_session(actor=side.actor(CHAIR), meeting=meeting))


def undo(side: Side, meeting: Meeting) -> None:
    services.undo_carry_over(actor=side.actor(COORDINATOR), meeting=meeting)


def test_undoing_a_carry_over_takes_everything_back(side: Side) -> None:
    meeting = closed(side)
    copies = factories.items(side.meetings[1])
    assert [row.state for row in copies] == ["accepted"] * 3
    undo(side, meeting)
    assert [row.state for row in factories.items(meeting)] == ["discussed", "postponed", "accepted"]
    assert factories.items(side.meetings[1]) == []
    assert {again(row).state for row in copies} == {"withdrawn"} and all(again(row).taken_back for row in copies)


def test_a_later_carry_over_takes_up_the_same_copies(side: Side) -> None:
    meeting = closed(side)
    copies = {row.pk for row in factories.items(side.meetings[1])}
    undo(side, meeting)
    live._carry_over(side.actor(CHAIR), meeting)
    live._carry_over(side.actor(CHAIR), meeting)
    found = factories.items(side.meetings[1])
    assert {row.pk for row in found} == copies
    assert [row.position for row in found] == [1, 2, 3] and found[0].approves_minutes_of_id == meeting.pk
    assert [row.deferrals for row in found] == [0, 1, 1]


def test_nothing_is_undone_once_the_next_meeting_has_begun(side: Side) -> None:
    meeting = closed(side)
    services.publish(actor=side.actor(COORDINATOR), meeting=side.meetings[1])
    live.open_session(actor=side.actor(CHAIR), meeting=side.meetings[1])
    with pytest.raises(Conflict) as refused:
        undo(side, meeting)
    assert refused.value.code == "already_begun"
    assert [row.state for row in factories.items(meeting)] == ["discussed", "postponed", "not_reached"]


def test_what_is_taken_back_from_a_published_agenda_is_struck_by_an_addendum(side: Side) -> None:
    meeting = closed(side)
    services.publish(actor=side.actor(COORDINATOR), meeting=side.meetings[1])
    undo(side, meeting)
    struck = list(AgendaItem.objects.filter(meeting=side.meetings[1], struck_at__isnull=False).order_by("position"))
    assert [(row.state, row.position, row.addendum) for row in struck] == [("withdrawn", 1, 1), ("withdrawn", 2, 2), ("withdrawn", 3, 3)]
    assert set(struck) <= set(visible_items(side.actor(side.observer)))
    live._carry_over(side.actor(CHAIR), meeting)
    assert [(row.struck_at, row.added_at is not None) for row in factories.items(side.meetings[1])] == [(None, True)] * 3


# --- meetings that are cancelled ---


def cancel(side: Side, meeting: Meeting) -> Meeting:
    return services.cancel_meeting(actor=side.actor(COORDINATOR), meeting=meeting, reason="The lines are down")


def restore(side: Side, meeting: Meeting) -> Meeting:
    return services.restore_meeting(actor=side.actor(COORDINATOR), meeting=meeting)


def states(meeting: Meeting) -> dict[str, str]:
    rows = AgendaItem.objects.filter(meeting=meeting).exclude(taken_back=True)
    return {row.title.removesuffix(" home"): row.state for row in rows}


COLLECTED = {"School buses": "accepted", "Civil protection": "accepted", "Waste collection": "proposed", "Unfinished thought": "draft"}


def test_a_cancelled_meeting_hands_everything_over_and_a_restored_one_takes_it_back(side: Side) -> None:
    meeting = factories.scheduled(side)
    for _round in range(2):
        cancel(side, meeting)
        assert states(side.meetings[1]) == COLLECTED
        assert states(meeting) == {"School buses": "postponed", "Civil protection": "postponed", "Waste collection": "deferred"}
        assert waiting_in_backlog(side) == []
        restore(side, meeting)
        assert states(meeting) == COLLECTED
        assert states(side.meetings[1]) == {}
        assert [row.position for row in factories.items(meeting)] == [1, 2]
    assert AgendaItem.objects.filter(meeting=side.meetings[1]).count() == 3  # the same copies both times


def test_what_somebody_has_touched_stays_where_it_went(side: Side) -> None:
    meeting = factories.scheduled(side)
    cancel(side, meeting)
    waiting = AgendaItem.objects.get(meeting=side.meetings[1], state="proposed")
    services.accept(actor=side.actor(COORDINATOR), item=waiting)
    draft = AgendaItem.objects.get(meeting=side.meetings[1], state="draft")
    services.edit(actor=side.actor(side.representatives[3]), item=draft, values={"text": "Finished"})
    restore(side, meeting)
    assert states(meeting) == {"School buses": "accepted", "Civil protection": "accepted", "Waste collection": "deferred"}
    assert states(side.meetings[1]) == {"Waste collection": "accepted", "Unfinished thought": "draft"}


def test_without_a_meeting_to_follow_items_wait_in_the_backlog(side: Side) -> None:
    with clock.at(side.meetings[-1].intake_opens_at):
        meeting = factories.scheduled(side, side.meetings[-1])
    cancel(side, meeting)
    assert {row.state for row in waiting_in_backlog(side)} == {"postponed", "deferred"}
    assert len(waiting_in_backlog(side)) == 3
    restore(side, factories.fresh(meeting))
    assert states(meeting) == COLLECTED and waiting_in_backlog(side) == []


ORDERS: list[list[tuple[str, int]]] = [
    [("cancel", 0), ("cancel", 1), ("restore", 1), ("restore", 0)],
    [("cancel", 0), ("cancel", 1), ("restore", 0), ("restore", 1)],
    [("cancel", 1), ("cancel", 0), ("restore", 0), ("restore", 1)],
    [("cancel", 1), ("cancel", 0), ("restore", 1), ("restore", 0)],
]


@pytest.mark.parametrize("steps", ORDERS)
def test_whatever_the_order_every_item_is_in_one_place(side: Side, steps: list[tuple[str, int]]) -> None:
    factories.scheduled(side)
    act: dict[str, Callable[[Side, Meeting], Any]] = {"cancel": cancel, "restore": restore}
    for name, n in steps:
        act[name](side, factories.fresh(side.meetings[n]))
        for title, _state in COLLECTED.items():
            rows = AgendaItem.objects.filter(title__startswith=title, taken_back=False)
            going_on = [row for row in rows if row.state in ("draft", "proposed", "accepted")]
            assert len(going_on) == 1, (name, n, title)
            assert all(len(live_successors(row)) <= 1 for row in rows)


def test_a_published_meeting_is_cancelled_and_restored_before_everybody(side: Side) -> None:
    meeting = factories.agenda_published(side)
    cancel(side, meeting)
    assert {row.state for row in visible_items(side.actor(side.observer)).filter(meeting=meeting)} == {"postponed"}
    restored = restore(side, meeting)
    assert restored.state == MeetingState.AGENDA_PUBLISHED
    assert {row.state for row in visible_items(side.actor(side.observer)).filter(meeting=meeting)} == {"accepted"}


# --- late proposals that nobody decided on ---


def test_a_late_proposal_not_decided_on_is_put_off_when_the_session_opens(side: Side) -> None:
    meeting = factories.agenda_published(side)
    late = factories.proposal(side, "Late", seat=4, meeting=meeting, motive="It burns")
    assert late.late
    live.open_session(actor=side.actor(CHAIR), meeting=meeting)
    row = again(late)
    assert (row.state, bool(row.answer)) == (ItemState.DEFERRED, True)
    assert [(copy.state, copy.meeting_id) for copy in live_successors(row)] == [(ItemState.PROPOSED, side.meetings[1].pk)]


def test_files_shared_with_a_successor_stay_until_nobody_has_them(side: Side, django_capture_on_commit_callbacks: Any) -> None:
    row = factories.proposal(side)
    made = put(side, row, "plan.docx", office_file(".docx"))
    path, storage = made.file.name, made.file.storage
    defer(side, again(row), side.meetings[1])
    (copy,) = live_successors(row)
    with django_capture_on_commit_callbacks(execute=True):
        attachments.remove(actor=side.actor(side.representative), attachment=copy.attachments.get())
    assert copy.attachments.count() == 0 and storage.exists(path)


def test_time_passes_and_nothing_changes_the_deferral(side: Side) -> None:
    """Taking up from the backlog works after days; the age is the first meeting's."""
    row = defer(side, factories.proposal(side))
    with clock.at(factories.NOW + timedelta(days=10)):
        taken = defer(side, again(row), side.meetings[3], answer="")
        (copy,) = live_successors(taken)
    assert (copy.first_proposed_on, copy.deferrals) == (side.meetings[0].local.date(), 1)
