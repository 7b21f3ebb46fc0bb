"""The test that guards the spine: for every event type, state before + events == state fetched afresh, for every audience."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile

from meetings import clock
from meetings.access import Actor
from meetings.action_items import services as action_items
from meetings.action_items.models import ActionItem
from meetings.agenda import attachments
from meetings.agenda import services as agenda
from meetings.agenda.models import AgendaItem
from meetings.agenda.services import cancel_meeting, restore_meeting
from meetings.announcements.selectors import announcements
from meetings.announcements.selectors import as_object as announcement_as_object
from meetings.announcements.services import announce
from meetings.calendar_feed import services as calendar_feed
from meetings.documents.services import approve_minutes
from meetings.events import services as events
from meetings.events.hashing import canonical
from meetings.events.models import Audience, Event
from meetings.events.types import all_types
from meetings.live import attendance, floor, polls, questions, selectors, speakers
from meetings.live import services as live
from meetings.live.attendance_selectors import attendance_of
from meetings.live.models import Poll
from meetings.minutes import corrections
from meetings.minutes import services as minutes
from meetings.minutes.models import Correction, Decision, Minutes, Note
from meetings.network import imports, invitations, invited, mail, mergers, people
from meetings.network import selectors as network_selectors
from meetings.network import services as network
from meetings.notifications.models import OutgoingEmail
from meetings.privacy import services as privacy
from meetings.privacy.retention import retention
from meetings.scheduling import absences, calendar, delegations, intake, reminders
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.seats import absence_as_object, delegation_as_object
from meetings.scheduling.selectors import series_as_object, series_of
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side
from tests.notifications.mails import mail as outbox

State = dict[str, dict[str, Any]]
Act = Callable[[Side, Meeting], Any]
Stage = Callable[[Side], Meeting]


def meeting_state(actor: Actor, meeting: Meeting) -> State:
    """What the live room shows, as JSON, by collection and id."""
    plain = json.loads(canonical(selectors.state(actor, factories.fresh(meeting))))
    return {name: {row["id"]: row for row in rows} for name, rows in plain.items()}


def network_state(actor: Actor, side: Side) -> State:
    """What a network holds besides its meetings, as each audience sees it."""
    home = type(side.network).objects.get(pk=side.network.pk)
    found = {
        "network": [network_selectors.network_as_object(home)],
        "zone": [network_selectors.zone_as_object(row) for row in home.zones.all()],
        "municipality": [network_selectors.municipality_as_object(row) for row in home.municipalities.select_related("zone")],
        "series": [series_as_object(row) for row in series_of(home)],
        "announcement": [announcement_as_object(row) for row in announcements(actor)],
    }
    if actor.is_staff:
        found["delegation"] = [delegation_as_object(row) for row in home.delegations.select_related("municipality", "named_by")]
        found["absence"] = [absence_as_object(row) for row in home.absences.select_related("user")]
        rows = home.memberships.select_related("user", "municipality")
        found["membership"] = [network_selectors.membership_as_object(row) for row in rows]
    plain = json.loads(canonical(found))
    return {name: {row["id"]: row for row in rows} for name, rows in plain.items()}


def replay(state: State, log: list[Event]) -> State:
    """The whole of a client's logic: replace by id."""
    for event in log:
        collection = event.type.partition(".")[0]
        found = json.loads(event.payload)
        state.setdefault(collection, {})[found["id"]] = found
    return state


def nonempty(state: State) -> State:
    return {name: rows for name, rows in state.items() if rows}


# --- what makes each event of a meeting: (the stage it starts from, what is done) ---


def _first(meeting: Meeting) -> AgendaItem:
    return factories.items(meeting)[0]


def _waiting(meeting: Meeting) -> AgendaItem:
    return meeting.agenda_items.get(state="proposed")


def _speaker(side: Side, meeting: Meeting) -> Any:
    return speakers.request(actor=side.actor(side.representative), meeting=meeting, municipality=side.seats[0])


def _given(side: Side, meeting: Meeting) -> Any:
    return speakers.give(actor=side.actor(CHAIR), speaker=_speaker(side, meeting))


def _speaking(side: Side) -> Meeting:
    meeting = factories.in_session(side)
    _given(side, meeting)
    return meeting


def _taking(side: Side) -> Meeting:
    """The floor was taken from one and given to another."""
    meeting = _speaking(side)
    other = speakers.request(actor=side.actor(side.other_representative), meeting=meeting, municipality=side.seats[1])
    speakers.give(actor=side.actor(CHAIR), speaker=other)
    return meeting


def _asking(side: Side) -> Meeting:
    meeting = factories.in_session(side)
    _speaker(side, meeting)
    return meeting


def _poll_open(side: Side) -> Meeting:
    meeting = factories.in_session(side)
    factories.open_poll(side, meeting)
    return meeting


def _questioned(side: Side) -> Meeting:
    meeting = factories.in_session(side)
    factories.question(side, meeting)
    return meeting


def _support(side: Side, meeting: Meeting, seat: int, **more: Any) -> Any:
    row, actor = meeting.questions.get(), side.actor(side.representatives[seat])
    return questions.support(actor=actor, question=row, municipality=side.seats[seat], **more)


def _drafted(side: Side) -> Meeting:
    meeting = factories.in_session(side)
    polls.draft(actor=side.actor(CHAIR), item=_first(meeting), question="Really?", secrecy="secret")
    return meeting


def _secretly_open(side: Side) -> Meeting:
    meeting = _drafted(side)
    polls.open_(actor=side.actor(CHAIR), poll=_poll(meeting))
    return meeting


def _secretly_closed(side: Side) -> Meeting:
    meeting = _secretly_open(side)
    polls.close(actor=side.actor(CHAIR), poll=_poll(meeting))
    return meeting


def _circulating(side: Side) -> Meeting:
    return factories.circulated(side).meeting


def _approved(side: Side) -> Meeting:
    record = Minutes.objects.select_related("meeting__network", "meeting__stream").get(pk=factories.circulated(side).pk)
    return approve_minutes(actor=side.actor(CHAIR), minutes_record=record).meeting


def _extend(side: Side, meeting: Meeting) -> Minutes:
    return minutes.extend(actor=side.actor(COORDINATOR), minutes=_record(meeting), until=clock.now() + timedelta(days=20))


def _window_ends(side: Side, meeting: Meeting) -> int:
    with clock.at(clock.now() + timedelta(days=9)):
        return minutes.close_windows()


def _correction(side: Side, meeting: Meeting) -> Correction:
    return corrections.ask(actor=side.actor(COORDINATOR), minutes=_record(meeting), values={"text": "Not so", "proposed": "So"})


def _corrected(side: Side) -> Meeting:
    meeting = _circulating(side)
    _correction(side, meeting)
    return meeting


def _asked(meeting: Meeting) -> Correction:
    return Correction.objects.select_related("minutes__meeting").get(minutes__meeting=meeting)


def _record(meeting: Meeting) -> Minutes:
    return Minutes.objects.select_related("meeting__network", "meeting__stream").get(meeting=meeting)


def _poll(meeting: Meeting) -> Poll:
    return Poll.objects.get(agenda_item__meeting=meeting)


def _answer(side: Side, meeting: Meeting) -> Any:
    actor, seat = side.actor(side.representative), side.seats[0]
    return scheduling.respond(actor=actor, meeting=meeting, municipality=seat, answer="regrets", reason="a secret illness")


def _drop(side: Side, meeting: Meeting) -> Any:
    row = ActionItem.objects.get(meeting=meeting)
    return action_items.progress(actor=side.actor(COORDINATOR), action_item=row, action="drop", text="No longer needed")


def _close_intake(side: Side, meeting: Meeting) -> Any:
    with clock.at(meeting.intake_closes_at + timedelta(seconds=1)):
        return intake.close_intakes()


def _attach(side: Side, meeting: Meeting) -> Any:
    file = ContentFile(b"%PDF-1.7 a paper")
    return attachments.attach(actor=side.actor(side.representatives[2]), item=_waiting(meeting), name="paper.pdf", file=file)


def _order(side: Side, meeting: Meeting) -> Any:
    ids = [item.pk for item in reversed(factories.items(meeting))]
    return agenda.order(actor=side.actor(COORDINATOR), meeting=meeting, item_ids=ids)


def _decide(side: Side, meeting: Meeting) -> Any:
    return minutes.record_decision(actor=side.actor(COORDINATOR), item=_first(meeting), text="So be it")


def _task(side: Side, meeting: Meeting) -> Any:
    values = {"title": "Write", "due_on": date(2026, 12, 1)}
    return action_items.create(actor=side.actor(COORDINATOR), meeting=meeting, values=values, owner=side.seats[1])


def _edit_task(side: Side, meeting: Meeting) -> Any:
    row = ActionItem.objects.get(meeting=meeting)
    return action_items.edit(actor=side.actor(COORDINATOR), action_item=row, values={"title": "Write again"}, owner=side.seats[3])


def _vote(side: Side, meeting: Meeting) -> Any:
    return polls.vote(actor=side.actor(side.representative), poll=_poll(meeting), municipality=side.seats[0], choice="no")


def _rejoin(side: Side, meeting: Meeting) -> Any:
    actor, seat = side.actor(side.representative), side.seats[0]
    live.leave(actor=actor, meeting=meeting, municipality=seat)
    return live.join(actor=actor, meeting=meeting, municipality=seat)


def _correct_attendance(side: Side, meeting: Meeting) -> Any:
    """All struck of the first seat, and an interval of one that never came."""
    began = meeting.opened_at
    for seat, intervals in ((side.seats[0], []), (side.seats[9], [{"from": began, "until": began}])):
        known = [one["intervals"] for one in attendance_of(meeting) if one["id"] == seat.pk]
        attendance.correct(
            actor=side.actor(COORDINATOR), meeting=meeting, municipality=seat, intervals=intervals, known=known[0] if known else []
        )


def _carry(side: Side, meeting: Meeting) -> Any:
    target = factories.fresh(side.meetings[1])
    return agenda.carry_over(actor=side.actor(CHAIR), item=_first(meeting), to=target)


def _substituted(side: Side) -> Meeting:
    meeting = factories.scheduled(side)
    _delegate(side, meeting=meeting)
    return meeting


def _delegate(side: Side, *, confirmed: bool = True, **where: Any) -> Any:
    actor = side.actor(side.representative if confirmed else COORDINATOR)
    days = where or {"valid_from": date(2026, 12, 1), "valid_until": date(2026, 12, 4)}
    who = {"name": "Elia Delegate", "email": "elia@example.org", "office": "clerk"}
    return delegations.name_delegate(actor=actor, municipality=side.seats[0], **who, **days)


def _take_back(side: Side, meeting: Meeting) -> Any:
    return delegations.revoke(actor=side.actor(side.representative), delegation=meeting.delegations.get())


def _cancelled(side: Side) -> Meeting:
    return cancel_meeting(actor=side.actor(COORDINATOR), meeting=factories.scheduled(side), reason="Snow")


MEETING_CASES: list[tuple[str, Stage, Act]] = [
    (
        "meeting.changed",
        factories.scheduled,
        lambda s, m: scheduling.change_meeting(actor=s.actor(COORDINATOR), meeting=m, values={"title": "New"}),
    ),
    ("meeting.intake_opened", factories.scheduled, lambda s, m: intake.open_intakes()),
    ("meeting.intake_closed", factories.scheduled, _close_intake),
    ("meeting.reminded", factories.scheduled, lambda s, m: reminders.remind(actor=s.actor(COORDINATOR), meeting=m)),
    ("meeting.moved", factories.scheduled, lambda s, m: _move(s, m)),
    ("meeting.cancelled", factories.scheduled, lambda s, m: cancel_meeting(actor=s.actor(COORDINATOR), meeting=m, reason="Snow")),
    ("meeting.restored", _cancelled, lambda s, m: restore_meeting(actor=s.actor(COORDINATOR), meeting=m)),
    ("meeting.agenda_published", factories.scheduled, lambda s, m: _publish(s, m)),
    ("meeting.opened", factories.agenda_published, lambda s, m: live.open_session(actor=s.actor(CHAIR), meeting=m)),
    ("meeting.moved_on", factories.in_session, lambda s, m: live.move_on(actor=s.actor(CHAIR), meeting=m, item=factories.items(m)[1])),
    ("meeting.closed", _asking, lambda s, m: live.close_session(actor=s.actor(CHAIR), meeting=m)),
    ("response.given", factories.scheduled, _answer),
    ("response.withdrawn", _substituted, _take_back),
    ("agenda_item.proposed", factories.scheduled, lambda s, m: factories.proposal(s, "One more", seat=4, meeting=m)),
    ("agenda_item.changed", factories.scheduled, _attach),
    ("agenda_item.withdrawn", factories.scheduled, lambda s, m: agenda.withdraw(actor=s.actor(s.representatives[2]), item=_waiting(m))),
    ("agenda_item.accepted", factories.scheduled, lambda s, m: agenda.accept(actor=s.actor(COORDINATOR), item=_waiting(m))),
    ("agenda_item.returned", factories.scheduled, lambda s, m: _return_and_edit(s, m)),
    (
        "agenda_item.declined",
        factories.scheduled,
        lambda s, m: agenda.decline(actor=s.actor(COORDINATOR), item=_waiting(m), answer="Elsewhere"),
    ),
    ("agenda_item.deferred", factories.scheduled, lambda s, m: _defer(s, m)),
    ("agenda_item.merged", factories.scheduled, lambda s, m: _merge_items(s, m)),
    ("agenda_item.reinstated", factories.scheduled, lambda s, m: _separate(s, m)),
    ("agenda_item.ordered", factories.scheduled, _order),
    ("agenda_item.reinstated", factories.agenda_published, lambda s, m: _cancel_and_restore(s, m)),
    ("agenda_item.withdrawn", factories.agenda_published, lambda s, m: _undo(s, m)),
    ("agenda_item.accepted", factories.agenda_published, lambda s, m: _accept_late(s, m)),
    ("running_order.changed", factories.scheduled, _order),
    ("agenda_item.published", factories.scheduled, lambda s, m: _publish(s, m)),
    ("agenda_item.discussed", factories.in_session, lambda s, m: live.move_on(actor=s.actor(CHAIR), meeting=m, item=factories.items(m)[2])),
    ("agenda_item.not_reached", factories.in_session, lambda s, m: live.close_session(actor=s.actor(CHAIR), meeting=m)),
    ("agenda_item.postponed", factories.in_session, lambda s, m: live.postpone(actor=s.actor(CHAIR), meeting=m, item=_first(m))),
    ("attendance.joined", factories.in_session, _rejoin),
    ("attendance.corrected", factories.in_session, _correct_attendance),
    ("attendance.left", factories.in_session, lambda s, m: live.leave(actor=s.actor(s.representative), meeting=m, municipality=s.seats[0])),
    ("speaker_request.requested", factories.in_session, _speaker),
    ("speaker_request.given", factories.in_session, _given),
    ("speaker_request.ended", _speaking, lambda s, m: speakers.end_current(actor=s.actor(CHAIR), meeting=m)),
    ("speaker_request.undone", _taking, lambda s, m: speakers.undo(actor=s.actor(CHAIR), speaker=m.speakers.get(state="speaking"))),
    ("floor.changed", factories.in_session, lambda s, m: floor.change(actor=s.actor(CHAIR), meeting=m, values={"limit_seconds": 60})),
    ("meeting.item_extended", factories.in_session, lambda s, m: live.extend_item(actor=s.actor(CHAIR), meeting=m)),
    ("speaker_request.withdrawn", _asking, lambda s, m: speakers.withdraw(actor=s.actor(s.representative), speaker=m.speakers.get())),
    ("poll.drafted", factories.in_session, lambda s, m: polls.draft(actor=s.actor(CHAIR), item=_first(m), question="Really?")),
    ("poll.opened", factories.in_session, factories.open_poll),
    ("vote.cast", _poll_open, _vote),
    ("poll.changed", _drafted, lambda s, m: polls.edit(actor=s.actor(CHAIR), poll=_poll(m), values={"question": "Sure?"})),
    ("poll.counted", _secretly_open, lambda s, m: (_vote(s, m), polls.close(actor=s.actor(CHAIR), poll=_poll(m)))),
    ("poll.published", _secretly_closed, lambda s, m: polls.publish(actor=s.actor(CHAIR), poll=_poll(m))),
    ("poll.closed", _poll_open, lambda s, m: (_vote(s, m), polls.close(actor=s.actor(CHAIR), poll=_poll(m)))),
    ("question.asked", factories.scheduled, lambda s, m: factories.question(s, m)),
    ("question.supported", _questioned, lambda s, m: (_support(s, m, 1), _support(s, m, 2), _support(s, m, 1, support=False))),
    (
        "question.answered",
        _questioned,
        lambda s, m: questions.answer(actor=s.actor(CHAIR), question=m.questions.get(), answer="We", way="written"),
    ),
    ("question.withdrawn", _questioned, lambda s, m: questions.withdraw(actor=s.actor(s.representative), question=m.questions.get())),
    ("question.carried", _questioned, lambda s, m: questions.carry(actor=s.actor(CHAIR), question=m.questions.get())),
    ("note.written", factories.in_session, lambda s, m: minutes.write_note(actor=s.actor(COORDINATOR), item=_first(m), text="Heard")),
    ("note.published", factories.closed, lambda s, m: minutes.circulate(actor=s.actor(COORDINATOR), minutes=_record(m))),
    ("decision.recorded", factories.in_session, _decide),
    (
        "decision.changed",
        factories.closed,
        lambda s, m: minutes.edit_decision(actor=s.actor(CHAIR), decision=_decision(m), text="Otherwise"),
    ),
    ("action_item.created", factories.in_session, _task),
    ("action_item.changed", factories.closed, _edit_task),
    ("action_item.progressed", factories.closed, _drop),
    ("minutes.drafted", factories.in_session, lambda s, m: live.close_session(actor=s.actor(CHAIR), meeting=m)),
    (
        "minutes.changed",
        factories.closed,
        lambda s, m: minutes.edit_minutes(actor=s.actor(CHAIR), minutes=_record(m), values={"introduction": "Hi"}),
    ),
    ("minutes.circulated", factories.closed, lambda s, m: minutes.circulate(actor=s.actor(COORDINATOR), minutes=_record(m))),
    ("minutes.correction_extended", _circulating, _extend),
    ("minutes.correction_closed", _circulating, _window_ends),
    ("minutes.amended", _approved, lambda s, m: minutes.amend(actor=s.actor(CHAIR), minutes=_record(m), reason="A name is wrong")),
    ("correction.asked", _circulating, lambda s, m: _correction(s, m)),
    ("correction.accepted", _corrected, lambda s, m: corrections.accept(actor=s.actor(COORDINATOR), correction=_asked(m))),
    ("correction.rejected", _corrected, lambda s, m: corrections.reject(actor=s.actor(CHAIR), correction=_asked(m), reason="It was said")),
    ("meeting.reopened", factories.closed, lambda s, m: live.reopen(actor=s.actor(CHAIR), meeting=m)),
    ("minutes.approved", _circulating, lambda s, m: approve_minutes(actor=s.actor(CHAIR), minutes_record=_record(m))),
    ("minutes.published", _approved, lambda s, m: minutes.publish(actor=s.actor(COORDINATOR), minutes=_record(m))),
]


def _move(side: Side, meeting: Meeting) -> Any:
    return calendar.move(actor=side.actor(COORDINATOR), meeting=meeting, values={"local_start": "2026-11-27T11:00"})


def _publish(side: Side, meeting: Meeting) -> Any:
    agenda.decline(actor=side.actor(COORDINATOR), item=_waiting(meeting), answer="Not now")
    return agenda.publish(actor=side.actor(COORDINATOR), meeting=meeting)


def _defer(side: Side, meeting: Meeting) -> Any:
    """The waiting one to another meeting, the first of the agenda to the backlog and from there to another."""
    actor, target = side.actor(COORDINATOR), side.meetings[1]
    agenda.defer(actor=actor, item=_waiting(meeting), to=target, answer="Not now")
    item = agenda.defer(actor=actor, item=_first(meeting), answer="Not now")
    return agenda.defer(actor=actor, item=item, to=target)


def _merge_items(side: Side, meeting: Meeting) -> Any:
    return agenda.merge(actor=side.actor(COORDINATOR), item=_waiting(meeting), into=_first(meeting))


def _separate(side: Side, meeting: Meeting) -> Any:
    _merge_items(side, meeting)
    return agenda.separate(actor=side.actor(COORDINATOR), item=meeting.agenda_items.get(state="merged"))


def _cancel_and_restore(side: Side, meeting: Meeting) -> Any:
    actor = side.actor(COORDINATOR)
    agenda.cancel_meeting(actor=actor, meeting=meeting, reason="Snow")
    return agenda.restore_meeting(actor=actor, meeting=meeting)


def _undo(side: Side, meeting: Meeting) -> Any:
    """A copy carried over to this meeting is taken back from its published agenda, comes again, and is taken back once more."""
    chair, item = side.actor(CHAIR), factories.accepted(side, "Routine", seat=None, meeting=side.meetings[1])
    item = agenda.mark(actor=chair, item=item, action="postpone")
    for _round in range(2):
        agenda.carry_over(actor=chair, item=item, to=meeting)
        agenda.undo_carry_over(actor=chair, meeting=side.meetings[1])


def _accept_late(side: Side, meeting: Meeting) -> Any:
    late = factories.proposal(side, "Late", seat=4, meeting=meeting, motive="It burns")
    agenda.accept(actor=side.actor(COORDINATOR), item=late)
    return factories.proposal(side, "Undecided", seat=5, meeting=meeting, motive="It burns")


def _return_and_edit(side: Side, meeting: Meeting) -> Any:
    item = agenda.return_(actor=side.actor(COORDINATOR), item=_waiting(meeting), reason="Add the costs")
    return agenda.edit(actor=side.actor(side.representatives[2]), item=item, values={"text": "The costs are …"})


def _decision(meeting: Meeting) -> Decision:
    return Decision.objects.get(agenda_item__meeting=meeting)


def _last(stream: Any) -> int:
    return Event.objects.filter(stream=stream).count()


@pytest.mark.parametrize(("name", "stage", "act"), MEETING_CASES, ids=[case[0] for case in MEETING_CASES])
def test_meeting_state_before_plus_events_is_the_state_after(home: Side, name: str, stage: Stage, act: Act) -> None:
    meeting = factories.fresh(stage(home))
    readers = {False: home.actor(home.observer), True: home.actor(COORDINATOR)}
    before = {staff: meeting_state(reader, meeting) for staff, reader in readers.items()}
    seen = _last(meeting.stream)
    with clock.at(factories.NOW + timedelta(seconds=90)):
        act(home, meeting)
    assert Event.objects.filter(stream=meeting.stream, sequence__gt=seen, type=name).exists()
    for staff, reader in readers.items():
        audiences = [Audience.MEMBERS, Audience.STAFF] if staff else [Audience.MEMBERS]
        log = list(Event.objects.filter(stream=meeting.stream, sequence__gt=seen, audience__in=audiences).order_by("sequence"))
        assert nonempty(replay(before[staff], log)) == nonempty(meeting_state(reader, meeting)), f"staff={staff}"


def test_carrying_over_adds_to_the_other_meeting(home: Side) -> None:
    meeting, target = factories.in_session(home), factories.fresh(home.meetings[1])
    reader = home.actor(COORDINATOR)
    before, seen = meeting_state(reader, target), _last(target.stream)
    _carry(home, meeting)
    log = list(Event.objects.filter(stream=target.stream, sequence__gt=seen).order_by("sequence"))
    assert "agenda_item.carried_over" in {event.type for event in log}
    assert nonempty(replay(before, log)) == nonempty(meeting_state(reader, target))


# --- what makes each event of a network ---


def _coordinator(side: Side) -> Actor:
    return side.actor(COORDINATOR)


def _new_member(side: Side) -> Any:
    user = factories.make_user("Nora Newcomer")
    return network.add_membership(actor=_coordinator(side), network=side.network, user=user, role="observer")


def _membership(side: Side) -> Any:
    return side.network.memberships.get(user=side.observer)


def _revoke_token(side: Side) -> Any:
    token, _secret = people.create_token(user=side.coordinator)
    return people.revoke_token(user=side.coordinator, token=token)


def _merge(side: Side) -> Any:
    on = factories.NOW.date() + timedelta(days=30)
    return mergers.merge_municipalities(
        actor=_coordinator(side), network=side.network, sources=side.seats[:2], successor=side.seats[2], on=on
    )


def _ended(side: Side) -> Any:
    return network.end_membership(actor=_coordinator(side), membership=_membership(side))


def _invite(side: Side) -> str:
    """The token in the mail."""
    row = side.network.memberships.get(user=side.representative)
    invitations.invite(actor=_coordinator(side), network=side.network, memberships=[row])
    return str(OutgoingEmail.objects.get(kind="invitation").context["token"])


def _revoke_feed(side: Side) -> Any:
    feed, _secret = calendar_feed.create_feed(actor=_coordinator(side), network=side.network)
    return calendar_feed.revoke_feed(actor=_coordinator(side), feed=feed)


def _redact(side: Side) -> Any:
    event = Event.objects.filter(stream__network=side.network, stream__meeting=None, type="membership.created").latest("sequence")
    return events.redact(actor=_coordinator(side), event=event, reason="asked for erasure")


def _move_delegated(side: Side) -> Any:
    row = _delegate(side, meeting=side.meeting)
    meeting = factories.fresh(side.meeting)
    meeting.starts_at += timedelta(days=1)
    meeting.save(update_fields=["starts_at"])
    return row, delegations.follow(actor=_coordinator(side), meeting=meeting)


def _end_delegation(side: Side) -> Any:
    _delegate(side)
    with clock.at(factories.NOW + timedelta(days=30)):
        return delegations.end_delegations()


def _away(side: Side) -> Any:
    days = {"valid_from": date(2026, 12, 1), "valid_until": date(2026, 12, 4)}
    return absences.declare_absence(actor=side.actor(side.representative), network=side.network, note="a secret illness", **days)


NETWORK_CASES: list[tuple[str, Callable[[Side], Any]]] = [
    ("network.changed", lambda s: network.change_network(actor=_coordinator(s), network=s.network, values={"name": "Renamed"})),
    ("zone.created", lambda s: network.ensure_zone(actor=_coordinator(s), network=s.network, number=9, name="Hills")),
    ("zone.changed", lambda s: _rename_zone(s)),
    ("municipality.created", lambda s: _new_town(s)),
    ("municipality.changed", lambda s: _grown_town(s)),
    ("membership.created", _new_member),
    ("membership.changed", lambda s: network.change_membership(actor=_coordinator(s), membership=_seat(s), values={"office": "officer"})),
    ("membership.ended", lambda s: network.end_membership(actor=_coordinator(s), membership=_membership(s))),
    (
        "series.created",
        lambda s: scheduling.create_series(actor=_coordinator(s), network=s.network, values={**factories.SERIES, "title": "Other"}),
    ),
    ("series.changed", lambda s: scheduling.change_series(actor=_coordinator(s), series=s.series, values={"title": "Renamed"})),
    ("announcement.sent", lambda s: announce(actor=_coordinator(s), network=s.network, values={"title": "Snow", "text": "Stay in"})),
    ("municipality.merged", _merge),
    ("membership.restored", lambda s: network.restore_membership(actor=_coordinator(s), membership=_ended(s))),
    ("invitation.sent", lambda s: _invite(s)),
    ("invitation.accepted", lambda s: invitations.accept(user=s.representative, token=_invite(s))),
    ("invitation.revoked", lambda s: invitations.revoke(actor=_coordinator(s), invitation=invited.by_token(_invite(s)))),
    ("delegation.named", lambda s: _delegate(s, confirmed=False)),
    ("delegation.confirmed", _delegate),
    ("delegation.revoked", lambda s: delegations.revoke(actor=s.actor(s.representative), delegation=_delegate(s))),
    ("delegation.moved", _move_delegated),
    ("delegation.ended", _end_delegation),
    ("absence.declared", lambda s: _away(s)),
    ("absence.withdrawn", lambda s: absences.withdraw_absence(actor=s.actor(s.representative), absence=_away(s))),
    ("token.created", lambda s: people.create_token(user=s.coordinator)),
    ("token.revoked", _revoke_token),
    ("calendar_feed.created", lambda s: calendar_feed.create_feed(actor=_coordinator(s), network=s.network)),
    ("calendar_feed.revoked", _revoke_feed),
    ("outgoing_email.sent_again", lambda s: mail.send_again(actor=_coordinator(s), email=outbox(s, "undeliverable"))),
    ("outgoing_email.settled", lambda s: mail.settle(actor=_coordinator(s), email=outbox(s, "uncertain"))),
    ("event.redacted", _redact),
    ("privacy_policy.changed", lambda s: privacy.change_policy(actor=_coordinator(s), network=s.network, values={"contacts_days": 90})),
    ("retention.applied", lambda s: _retained(s)),
    ("erasure_request.asked", lambda s: privacy.ask_erasure(user=s.representative)),
    ("erasure_request.settled", lambda s: _erased(s)),
    ("person.erased", lambda s: _erased(s)),
]


def _new_town(side: Side) -> Any:
    actor = _coordinator(side)
    values = {"istat_code": "001999", "name": "Newtown", "zone": side.zones[0], "population": 30}
    return network.create_municipality(actor=actor, network=side.network, **values)


def _rename_zone(side: Side) -> Any:
    header = "istat_code,name,zone_number,zone_name,population"
    rows = [f"{t.istat_code},{t.name},{t.zone.number},{t.zone.name.replace('Zone 1', 'Hills')},{t.population}" for t in side.seats]
    data = "\n".join([header, *rows]).encode()
    return imports.import_municipalities(actor=_coordinator(side), network=side.network, data=data)


def _grown_town(side: Side) -> Any:
    return network.change_municipality(actor=_coordinator(side), municipality=side.seats[0], values={"population": 4321})


def _retained(side: Side) -> Any:
    _answer(side, side.meeting)
    with clock.at(factories.NOW + timedelta(days=200)):
        return retention(side.network, dry_run=False)


def _erased(side: Side) -> Any:
    [request] = privacy.ask_erasure(user=side.observer)
    return privacy.carry_out_erasure(actor=_coordinator(side), request=request)


def _seat(side: Side) -> Any:
    return side.network.memberships.get(user=side.representative)


@pytest.mark.parametrize(("name", "act"), NETWORK_CASES, ids=[case[0] for case in NETWORK_CASES])
def test_network_state_before_plus_events_is_the_state_after(home: Side, name: str, act: Callable[[Side], Any]) -> None:
    stream = home.network.streams.get(meeting=None)
    readers = {False: home.actor(home.representative), True: home.actor(COORDINATOR)}
    before, seen = {staff: network_state(reader, home) for staff, reader in readers.items()}, _last(stream)
    act(home)
    assert Event.objects.filter(stream=stream, sequence__gt=seen, type=name).exists()
    for staff, reader in readers.items():
        audiences = [Audience.MEMBERS, Audience.STAFF] if staff else [Audience.MEMBERS]
        log = list(Event.objects.filter(stream=stream, sequence__gt=seen, audience__in=audiences).order_by("sequence"))
        assert nonempty(replay(before[staff], log)) == nonempty(network_state(reader, home)), f"staff={staff}"


def test_a_network_and_a_meeting_begin_with_themselves(home: Side) -> None:
    first = Event.objects.get(stream__network=home.network, stream__meeting=None, sequence=1)
    assert (first.type, json.loads(first.payload)["slug"]) == ("network.created", home.network.slug)
    begun = Event.objects.get(stream=home.meeting.stream, sequence=1)
    assert begun.type == "meeting.scheduled"
    assert json.loads(begun.payload) == meeting_state(home.actor(COORDINATOR), home.meeting)["meeting"][str(home.meeting.pk)]


def test_every_event_type_has_its_case() -> None:
    covered = {case[0] for case in MEETING_CASES} | {case[0] for case in NETWORK_CASES}
    begun = {"network.created", "meeting.scheduled", "agenda_item.carried_over"}
    assert covered | begun == set(all_types())


def test_reasons_for_regrets_stand_in_no_event(home: Side) -> None:
    _answer(home, factories.scheduled(home))
    assert not Event.objects.filter(payload__contains="secret illness").exists()


def test_notes_reach_members_only_with_the_minutes(home: Side) -> None:
    meeting = factories.closed(home)
    member = home.actor(home.observer)
    assert not meeting_state(member, meeting)["note"]
    minutes.circulate(actor=home.actor(COORDINATOR), minutes=_record(meeting))
    assert set(meeting_state(member, meeting)["note"]) == {str(pk) for pk in Note.objects.values_list("pk", flat=True)}
