"""Corrections: asked for by who was there while the time for it lasts, answered by the staff, and in the log and the mail as they were."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from meetings import clock
from meetings.access import Actor
from meetings.documents.services import approve_minutes
from meetings.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StaleVersion
from meetings.events.models import Event
from meetings.live import services as live
from meetings.minutes import corrections, selectors, services
from meetings.minutes.models import Correction, CorrectionState, Decision, Minutes, MinutesState, Note
from meetings.network import mergers
from meetings.network import services as network_services
from meetings.notifications.models import MailState, OutgoingEmail
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side

WHO = ("observer", "representative", "spokesperson", "chair", "coordinator", "auditor")


def record(pk: object) -> Minutes:
    return Minutes.objects.select_related("meeting__network", "meeting__series", "meeting__stream").get(pk=pk)


def fetched(correction: Correction) -> Correction:
    return Correction.objects.select_related("minutes__meeting__network").get(pk=correction.pk)


def outcome(act: Callable[[Actor], Any], actor: Actor) -> str:
    """Nothing of it stays."""
    with transaction.atomic():
        try:
            act(actor)
        except DomainError as error:
            return type(error).__name__
        finally:
            transaction.set_rollback(True)
    return "done"


def mails(kind: str) -> list[str]:
    return sorted(OutgoingEmail.objects.filter(kind=kind).values_list("address", flat=True))


@pytest.mark.parametrize("state", MinutesState.values)
def test_who_may_ask_decide_and_move_them_on_in_each_state(home: Side, away: Side, state: str) -> None:
    row = record(factories.circulated(home).pk)
    asked = factories.asked(home, row)
    Minutes.objects.filter(pk=row.pk).update(state=state)
    row = record(row.pk)
    later = factories.NOW + timedelta(days=9)
    acts: dict[str, tuple[set[str], set[str], Callable[[Actor], Any]]] = {
        "ask": (
            {"representative", "chair", "coordinator"},
            {"in_correction"},
            lambda a: corrections.ask(actor=a, minutes=row, values={"text": "No"}),
        ),
        "accept": ({"chair", "coordinator"}, {"in_correction"}, lambda a: corrections.accept(actor=a, correction=asked)),
        "reject": ({"chair", "coordinator"}, {"in_correction"}, lambda a: corrections.reject(actor=a, correction=asked, reason="No")),
        "extend": ({"coordinator"}, {"in_correction"}, lambda a: services.extend(actor=a, minutes=row, until=later)),
        "amend": ({"chair", "coordinator"}, {"approved", "published"}, lambda a: services.amend(actor=a, minutes=row, reason="A name")),
    }
    for name, (may, states, act) in acts.items():
        expected = {who: ("done" if state in states else "Conflict") if who in may else "NotAllowed" for who in WHO}
        found = {who: outcome(act, home.actor(getattr(home, who))) for who in WHO}
        assert found == expected, name
        assert outcome(act, away.actor(COORDINATOR)) == "NotFound", name


def test_only_seats_that_attended_ask(home: Side) -> None:
    row = record(factories.circulated(home).pk)  # seats 8 and 9 were not there
    with pytest.raises(NotAllowed):
        factories.asked(home, row, seat=8)
    with pytest.raises(NotAllowed):
        corrections.ask(actor=home.actor(home.representatives[8]), minutes=row, values={"text": "No"}, municipality=home.seats[0])
    with pytest.raises(NotAllowed) as refused:
        corrections.ask(actor=home.actor(CHAIR), minutes=row, values={"text": "No"}, municipality=home.seats[9])
    assert refused.value.code == "did_not_attend"
    assert factories.asked(home, row, seat=7).municipality == home.seats[7]
    assert factories.asked(home, row, seat=None).municipality is None
    able = {n: "correct" in selectors.minutes_abilities(home.actor(home.representatives[n]), row) for n in (0, 8)}
    assert able == {0: True, 8: False}


def test_who_holds_two_seats_says_which(home: Side) -> None:
    row = record(factories.circulated(home).pk)
    both = home.representatives[0]
    office = home.actor(COORDINATOR)
    network_services.add_membership(actor=office, network=home.network, user=both, role="representative", municipality=home.seats[1])
    with pytest.raises(Invalid) as unsaid:
        corrections.ask(actor=home.actor(both), minutes=row, values={"text": "No"})
    assert list(unsaid.value.errors) == ["municipality"]
    said = corrections.ask(actor=home.actor(both), minutes=row, values={"text": "No"}, municipality=home.seats[1])
    assert said.municipality == home.seats[1]


def test_the_successor_of_a_seat_that_attended_asks_for_it(home: Side) -> None:
    row = record(factories.circulated(home).pk)
    office, day = home.actor(COORDINATOR), factories.NOW.date() + timedelta(days=3)
    mergers.merge_municipalities(actor=office, network=home.network, sources=[home.seats[0]], successor=home.seats[9], on=day)
    with clock.at(factories.NOW + timedelta(days=4)):
        asked = corrections.ask(actor=home.actor(home.representatives[9]), minutes=row, values={"text": "No"})
    assert asked.municipality == home.seats[0]


def test_the_instant_decides_and_not_the_worker(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    until = row.correction_until
    assert until is not None
    with clock.at(until):
        factories.asked(side, row)
    with clock.at(until + timedelta(milliseconds=1)):  # no worker has been by
        with pytest.raises(Conflict) as late:
            factories.asked(side, row)
        assert late.value.code == "window_closed"
        assert "correct" not in selectors.minutes_abilities(side.actor(side.representative), row)
        services.extend(actor=side.actor(COORDINATOR), minutes=row, until=until + timedelta(days=1))
        factories.asked(side, row)


def test_what_is_asked_is_checked(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    elsewhere = factories.draft(side, seat=None, meeting=side.meetings[1])
    for values, item, field in (
        ({"text": " "}, None, "text"),
        ({"text": "x" * 5001}, None, "text"),
        ({"text": "x", "proposed": "x" * 5001}, None, "proposed"),
        ({"text": "x"}, elsewhere, "agenda_item"),
    ):
        with pytest.raises(Invalid) as refused:
            corrections.ask(actor=side.actor(side.representative), minutes=row, values=values, agenda_item=item)
        assert list(refused.value.errors) == [field]


def test_accepting_changes_the_text_in_one_step(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    chair, note, decision = side.actor(CHAIR), Note.objects.get(), Decision.objects.get()
    first, second = factories.asked(side, row), factories.asked(side, row, seat=1)
    corrections.accept(actor=chair, correction=first, note=note, text="The other line was heard.", expected_version=note.version)
    corrections.accept(actor=chair, correction=second, decision=decision, text="The other line stays.", reason="Thank you")
    note.refresh_from_db()
    decision.refresh_from_db()
    assert (note.text, decision.text) == ("The other line was heard.", "The other line stays.")
    assert set(Correction.objects.values_list("state", "reason")) == {("accepted", ""), ("accepted", "Thank you")}
    types = list(Event.objects.filter(stream__meeting=row.meeting).order_by("-sequence").values_list("type", flat=True)[:4])
    assert types == ["correction.accepted", "decision.changed", "correction.accepted", "note.written"]


def test_a_text_that_somebody_saved_meanwhile_undoes_the_answer(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    note, asked = Note.objects.get(), factories.asked(side, row)
    services.edit_note(actor=side.actor(COORDINATOR), note=note, text="Theirs")
    with pytest.raises(StaleVersion):
        corrections.accept(actor=side.actor(CHAIR), correction=asked, note=note, text="Mine", expected_version=note.version)
    assert (fetched(asked).state, Note.objects.get().text) == (CorrectionState.OPEN, "Theirs")
    assert mails("correction_answered") == []


def test_another_meetings_text_is_none_of_these_minutes(home: Side, away: Side) -> None:
    row = record(factories.circulated(home).pk)
    other = factories.circulated(away)
    asked, foreign = factories.asked(home, row), Note.objects.get(agenda_item__meeting=other.meeting)
    with pytest.raises((Invalid, NotFound)):
        corrections.accept(actor=home.actor(CHAIR), correction=asked, note=foreign, text="Mine")
    assert fetched(asked).state == CorrectionState.OPEN


def test_rejecting_takes_a_reason_and_either_is_done_once(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    asked = factories.asked(side, row)
    with pytest.raises(Invalid):
        corrections.reject(actor=side.actor(CHAIR), correction=asked, reason=" \n")
    corrections.reject(actor=side.actor(CHAIR), correction=asked, reason="It was said so.")
    for again in (
        lambda: corrections.accept(actor=side.actor(CHAIR), correction=asked),
        lambda: corrections.reject(actor=side.actor(CHAIR), correction=asked, reason="Again"),
    ):
        with pytest.raises(Conflict):
            again()


def test_nothing_is_approved_while_one_waits(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    asked = factories.asked(side, row)
    with pytest.raises(Conflict) as refused:
        approve_minutes(actor=side.actor(CHAIR), minutes_record=row)
    assert refused.value.code == "corrections_open"
    assert [one["id"] for one in (refused.value.current or {})["corrections"]] == [asked.pk]
    corrections.reject(actor=side.actor(CHAIR), correction=asked, reason="It was said so.")
    assert approve_minutes(actor=side.actor(CHAIR), minutes_record=row).state == MinutesState.APPROVED


# --- who is told ---


def test_who_attended_is_told_once_and_more_time_joins_the_mail_that_waits(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    attended = [user.email for user in side.representatives[:8]]
    assert mails("minutes_to_correct") == sorted([*attended, side.chair.email])
    later = factories.NOW + timedelta(days=10)
    with clock.at(factories.NOW + timedelta(minutes=5)):
        services.extend(actor=side.actor(COORDINATOR), minutes=row, until=later)
    assert mails("minutes_to_correct") == sorted([*attended, side.chair.email])
    assert {mail.context["until"] for mail in OutgoingEmail.objects.filter(kind="minutes_to_correct")} == {"2026-11-30T08:00:00Z"}
    OutgoingEmail.objects.update(state=MailState.SENT)
    services.extend(actor=side.actor(COORDINATOR), minutes=row, until=later + timedelta(days=1))
    assert len(mails("minutes_to_correct")) == 2 * (len(attended) + 1)


def test_what_was_never_sent_is_not_asked_for_after_the_approval(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    approve_minutes(actor=side.actor(CHAIR), minutes_record=row)
    states = set(OutgoingEmail.objects.filter(kind="minutes_to_correct").values_list("state", flat=True))
    assert states == {MailState.DROPPED}
    told = mails("minutes_approved")
    assert side.observer.email in told and side.chair.email not in told and len(told) == 10 + 3


def test_who_asked_is_answered_and_nobody_about_their_own_act(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    corrections.accept(actor=side.actor(CHAIR), correction=factories.asked(side, row))
    assert mails("correction_answered") == [side.representative.email]
    corrections.accept(actor=side.actor(COORDINATOR), correction=factories.asked(side, row, seat=None))
    assert mails("correction_answered") == [side.representative.email]


# --- the end of the time for it ---


@pytest.mark.parametrize("late", [timedelta(seconds=1), timedelta(days=3)])
def test_the_end_is_recorded_once_however_late(side: Side, late: timedelta) -> None:
    row = record(factories.circulated(side).pk)
    factories.asked(side, row)
    until = row.correction_until
    assert until is not None
    with clock.at(until):
        assert services.close_windows() == 0
    with clock.at(until + late):
        assert (services.close_windows(), services.close_windows()) == (1, 0)
        told = OutgoingEmail.objects.filter(kind="corrections_closed")
        assert [(mail.address, mail.context["open"]) for mail in told] == [(side.coordinator.email, 1)]
        event = Event.objects.get(type="minutes.correction_closed")
        assert '"correction_until":"2026-11-27T08:00:00Z"' in event.payload
        services.extend(actor=side.actor(COORDINATOR), minutes=record(row.pk), until=until + timedelta(days=5))
    with clock.at(until + timedelta(days=6)):
        assert (services.close_windows(), services.close_windows()) == (1, 0)
    assert Event.objects.filter(type="minutes.correction_closed").count() == 2


def test_time_that_was_promised_is_not_taken_away(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    until = row.correction_until
    assert until is not None
    for wrong in (until - timedelta(seconds=1), factories.NOW, factories.NOW + timedelta(days=61)):
        with pytest.raises(Invalid):
            services.extend(actor=side.actor(COORDINATOR), minutes=row, until=wrong)


def test_the_networks_days_and_a_day_of_its_own(side: Side) -> None:
    office = side.actor(COORDINATOR)
    network_services.change_network(actor=office, network=side.network, values={"correction_days": 3})
    meeting = factories.closed(side)
    row = services.circulate(actor=office, minutes=record(meeting.minutes.pk))
    assert row.correction_until == factories.NOW + timedelta(days=3)
    for days in (0, 61):
        with pytest.raises(Invalid):
            network_services.change_network(actor=office, network=side.network, values={"correction_days": days})


def test_a_session_that_goes_on_again_has_no_minutes_to_show(side: Side) -> None:
    meeting = factories.closed(side)
    live.reopen(actor=side.actor(CHAIR), meeting=meeting)
    with pytest.raises(Conflict):
        services.circulate(actor=side.actor(COORDINATOR), minutes=record(meeting.minutes.pk))
