"""Series, the meetings they become, and the municipalities' answers."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.access import Actor
from meetings.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StaleVersion
from meetings.events.models import Event
from meetings.network import services as network_services
from meetings.network.models import Network
from meetings.network.selectors import actor_for
from meetings.scheduling import services
from meetings.scheduling.models import Meeting, MeetingSeries, MeetingState, Response
from meetings.scheduling.selectors import answers_by_zone, following, intake_is_open, meetings
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side

TODAY = date(2026, 11, 20)
LAST_DAY = TODAY + timedelta(days=549)
"""Eighteen months."""
EVERY_YEAR = {(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (10, 4), (11, 1), (12, 8), (12, 25), (12, 26)}
"""Legge 260/1949 as amended; 4 October by legge 151/2025, from 2026 on."""
EASTER = {date(2027, 3, 28), date(2027, 3, 29), date(2028, 4, 16), date(2028, 4, 17)}


def is_holiday(day: date) -> bool:
    unity_day = day.month == 11 and day.day <= 7 and day.weekday() == 6  # legge 54/1977: the first Sunday of November
    return (day.month, day.day) in EVERY_YEAR or day in EASTER or unity_day


@pytest.fixture
def office(db: None, now: None) -> tuple[Network, Actor]:
    """A network without meetings, and its coordinator."""
    network, coordinator = factories.make_network("plain", seats=3)
    return network, actor_for(coordinator, network)


def a_series(office: tuple[Network, Actor], **changes: Any) -> MeetingSeries:
    network, actor = office
    return services.create_series(actor=actor, network=network, values={**factories.SERIES, "ends_on": None, **changes})


@pytest.mark.parametrize("weekday", range(7))
def test_a_series_stands_18_months_ahead_without_holidays(office: tuple[Network, Actor], weekday: int) -> None:
    series = a_series(office, weekday=weekday)
    first = date(2026, 11, 26)
    days = [first + timedelta(days=n) for n in range((LAST_DAY - first).days + 1)]
    held = [day for day in days if day.weekday() == weekday and not is_holiday(day)]
    rows = list(meetings(office[0]))
    assert [row.local.date() for row in rows] == held
    assert len(rows) > 70
    assert [row.number for row in rows] == list(range(1, len(held) + 1))
    assert {(row.local.hour, row.local.minute) for row in rows} == {(10, 0)}
    assert {row.starts_at.hour for row in rows} == {8, 9}  # UTC, in summer and in winter
    assert {row.ends_at - row.starts_at for row in rows} == {timedelta(minutes=90)}
    assert {row.starts_at - row.intake_closes_at for row in rows} == {timedelta(hours=48)}
    assert services.materialise(series=series) == []


def test_each_meeting_begins_with_its_own_stream_and_event(office: tuple[Network, Actor]) -> None:
    a_series(office, ends_on=date(2026, 12, 18))
    begun = Event.objects.filter(type="meeting.scheduled").values_list("stream__meeting__number", "sequence")
    assert sorted(begun) == [(1, 1), (2, 1), (3, 1), (4, 1)]


def test_time_passing_adds_what_has_become_due_and_nothing_twice(office: tuple[Network, Actor]) -> None:
    series = a_series(office)
    before = Meeting.objects.count()
    with clock.at(factories.NOW + timedelta(weeks=4)):
        made = services.materialise(series=series)
        assert services.materialise(series=series) == []
    assert [row.number for row in made] == [before + n for n in (1, 2, 3, 4)]
    assert Meeting.objects.count() == before + 4


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekday": 7}, "weekday"),
        ({"weekday": -1}, "weekday"),
        ({"weekday": None}, "weekday"),
        ({"local_start": time(2, 30)}, "local_start"),
        ({"local_start": None}, "local_start"),
        ({"local_start": "noon"}, "local_start"),
        ({"starts_on": None}, "starts_on"),
        ({"starts_on": date(1999, 1, 1)}, "starts_on"),
        ({"ends_on": date(2026, 11, 1)}, "ends_on"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": 1441}, "duration_minutes"),
        ({"interval_weeks": 0}, "interval_weeks"),
        ({"breaks": [{"from": "2026-12-31", "until": "2026-12-01"}]}, "breaks"),
        ({"breaks": [{"from": "soon"}]}, "breaks"),
        ({"breaks": [17]}, "breaks"),
        ({"breaks": None}, "breaks"),
        ({"title": ""}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"join_url": "javascript:alert(1)"}, "join_url"),
        ({"holiday_policy": "cancel"}, "holiday_policy"),
        ({"intake_opens_hours": 24, "intake_closes_hours": 48}, "intake_opens_hours"),
        ({"intake_opens_hours": 30_000}, "intake_opens_hours"),
        ({"intake_opens_hours": 10**12}, "intake_opens_hours"),
        ({"intake_closes_hours": -1}, "intake_closes_hours"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(office: tuple[Network, Actor], changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        a_series(office, **changes)
    assert field in refused.value.errors
    assert not Meeting.objects.exists()


@pytest.mark.parametrize("missing", ["weekday", "local_start", "starts_on", "title"])
def test_what_is_left_out_is_refused_by_field(office: tuple[Network, Actor], missing: str) -> None:
    values = {name: value for name, value in factories.SERIES.items() if name != missing}
    with pytest.raises(Invalid) as refused:
        services.create_series(actor=office[1], network=office[0], values=values)
    assert missing in refused.value.errors


def test_a_changed_series_is_followed_by_what_is_still_to_come_alone(side: Side) -> None:
    published = factories.agenda_published(side)
    with clock.at(side.meetings[2].starts_at - timedelta(minutes=1)):  # the second has passed, unheld
        series = services.change_series(
            actor=side.actor(COORDINATOR), series=side.series, values={"title": "Renamed", "duration_minutes": 60}, expected_version=1
        )
    assert series.version == 2
    shown = {row.pk: (row.title, row.duration_minutes, row.calendar_sequence) for row in meetings(side.network)}
    old, new = ("Weekly coordination", 90, 0), ("Renamed", 60, 1)
    expected = [old, old, new, new]
    assert [shown[row.pk] for row in side.meetings] == expected
    assert shown[published.pk] == old


def test_an_intake_that_has_opened_keeps_its_deadline(side: Side) -> None:
    services.change_series(actor=side.actor(COORDINATOR), series=side.series, values={"intake_closes_hours": 24})
    hours = [(row.starts_at - row.intake_closes_at) / timedelta(hours=1) for row in meetings(side.network)]
    assert hours == [48, 24, 24, 24]


@pytest.mark.parametrize("fixed", [{"weekday": 1}, {"local_start": time(11)}, {"starts_on": date(2027, 1, 1)}, {"no_such_field": 1}])
def test_what_stands_in_calendars_cannot_change(side: Side, fixed: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        services.change_series(actor=side.actor(COORDINATOR), series=side.series, values={"title": "Renamed", **fixed})
    assert set(refused.value.errors) == set(fixed)
    assert set(meetings(side.network).values_list("title", flat=True)) == {"Weekly coordination"}


def test_stale_edits_are_told_what_was_saved(side: Side) -> None:
    actor = side.actor(COORDINATOR)
    services.change_series(actor=actor, series=side.series, values={"title": "Theirs"}, expected_version=1)
    with pytest.raises(StaleVersion) as refused:
        services.change_series(actor=actor, series=side.series, values={"title": "Mine"}, expected_version=1)
    assert refused.value.current is not None and refused.value.current["title"] == "Theirs"
    saved = services.change_meeting(actor=actor, meeting=side.meeting, values={"title": "Theirs"})
    with pytest.raises(StaleVersion) as refused:
        services.change_meeting(actor=actor, meeting=side.meeting, values={"title": "Mine"}, expected_version=saved.version - 1)
    assert refused.value.current is not None and refused.value.current["title"] == "Theirs"


@pytest.mark.parametrize("changes", [{"duration_minutes": 0}, {"duration_minutes": 1441}, {"duration_minutes": None}, {"join_url": "no"}])
def test_a_meeting_keeps_within_bounds(side: Side, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        services.change_meeting(actor=side.actor(COORDINATOR), meeting=side.meeting, values=changes)
    assert set(refused.value.errors) == set(changes)


def test_a_closed_meeting_takes_its_recording_and_nothing_else(side: Side) -> None:
    meeting, actor = factories.closed(side), side.actor(COORDINATOR)
    with pytest.raises(Conflict, match="no longer possible"):
        services.change_meeting(actor=actor, meeting=meeting, values={"title": "Rewritten"})
    shown = services.change_meeting(actor=actor, meeting=meeting, values={"recording_url": "https://video.example.org/1"})
    assert shown.recording_url == "https://video.example.org/1"


def test_the_deadline_itself_is_on_time_and_a_millisecond_later_is_not(side: Side) -> None:
    meeting, millisecond = side.meeting, timedelta(milliseconds=1)
    moments = {
        meeting.intake_opens_at - millisecond: False,
        meeting.intake_opens_at: True,
        meeting.intake_closes_at: True,
        meeting.intake_closes_at + millisecond: False,
    }
    for instant, is_open in moments.items():
        with clock.at(instant):
            assert intake_is_open(meeting) is is_open


# --- who may what ---

PLAN: dict[str, Callable[[Side, Actor], Any]] = {
    "create_series": lambda s, a: services.create_series(actor=a, network=s.network, values={**factories.SERIES, "title": "Other"}),
    "change_series": lambda s, a: services.change_series(actor=a, series=s.series, values={"title": "Other"}),
    "materialise": lambda s, a: services.materialise(actor=a, series=s.series),
    "change_meeting": lambda s, a: services.change_meeting(actor=a, meeting=s.meeting, values={"title": "Other"}),
}


@pytest.mark.parametrize("act", PLAN)
def test_only_coordinators_plan(home: Side, away: Side, act: str) -> None:
    for who in (home.observer, home.representative, home.spokesperson, home.chair, home.auditor):
        with pytest.raises(NotAllowed):
            PLAN[act](home, home.actor(who))
    with pytest.raises(NotFound):
        PLAN[act](home, away.actor(COORDINATOR))
    PLAN[act](home, home.actor(COORDINATOR))


ANSWERS = {  # who: (for their own seat, for another's)
    "representative": (True, False),
    "observer": (None, False),
    "spokesperson": (None, False),
    "chair": (None, False),
    "auditor": (None, False),
    "coordinator": (None, True),
}


@pytest.mark.parametrize("who", ANSWERS)
def test_a_seat_answers_for_itself_and_the_office_for_all(side: Side, who: str) -> None:
    own, others = ANSWERS[who]
    actor = side.actor(getattr(side, who))
    for seat, allowed in ((side.seats[0], own), (side.seats[1], others)):
        if allowed:
            assert services.respond(actor=actor, meeting=side.meeting, municipality=seat, answer="attending").answer == "attending"
        elif allowed is False:
            with pytest.raises(NotAllowed):
                services.respond(actor=actor, meeting=side.meeting, municipality=seat, answer="attending")
    assert Response.objects.count() == [own, others].count(True)


def _respond(side: Side, answer: str, **more: Any) -> Response:
    actor = side.actor(side.representative)
    return services.respond(actor=actor, meeting=side.meeting, municipality=side.seats[0], answer=answer, **more)


def test_an_answer_is_replaced_until_the_session_opens(side: Side) -> None:
    meeting = factories.agenda_published(side)
    substitute = {"name": "Vera Vice", "email": "vera@example.org", "office": "deputy_mayor"}
    for answer, more in (
        ("attending", {}),
        ("regrets", {"reason": "a secret illness"}),
        ("substitute", {"substitute": substitute, "reason": "a secret illness"}),
        ("attending", {"reason": "a secret illness", "substitute": substitute}),
    ):
        row = _respond(side, answer, **more)
        named = answer == "substitute"
        assert (row.substitute_name, row.substitute_email) == (("Vera Vice", "vera@example.org") if named else ("", ""))
        assert bool(row.reason) is (answer != "attending")
    assert Response.objects.count() == 1
    told = " ".join(Event.objects.filter(type="response.given").values_list("payload", flat=True))
    assert "secret illness" not in told and "vera@example.org" not in told
    services_open(side, meeting)
    with pytest.raises(Conflict) as refused:
        _respond(side, "regrets")
    assert refused.value.code == "wrong_state"
    assert Response.objects.get().answer == "attending"


def services_open(side: Side, meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(state=MeetingState.IN_SESSION)


@pytest.mark.parametrize(
    ("answer", "more", "field"),
    [
        ("substitute", {}, "substitute_name"),
        ("substitute", {"substitute": {"name": " \t"}}, "substitute_name"),
        ("substitute", {"substitute": {"name": "Vera", "email": "not an address"}}, "substitute_email"),
        ("perhaps", {}, "answer"),
        ("", {}, "answer"),
        ("regrets", {"reason": "x" * 501}, "reason"),
    ],
)
def test_answers_that_say_nothing_clear_are_refused(side: Side, answer: str, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        _respond(side, answer, **more)
    assert field in refused.value.errors
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    ("validity", "seated"),
    [
        ({"valid_until": date(2026, 11, 25)}, False),
        ({"valid_until": date(2026, 11, 26)}, True),
        ({"valid_from": date(2026, 11, 26)}, True),
        ({"valid_from": date(2026, 11, 27)}, False),
    ],
)
def test_a_municipality_answers_for_days_on_which_it_is_one(side: Side, validity: dict[str, date], seated: bool) -> None:
    seat = network_services.change_municipality(actor=side.actor(COORDINATOR), municipality=side.seats[0], values=validity)
    try:
        services.respond(actor=side.actor(COORDINATOR), meeting=side.meeting, municipality=seat, answer="attending")
        assert seated
    except Invalid as error:
        assert not seated and error.code == "no_seat"


def test_another_networks_municipality_has_no_seat_here(home: Side, away: Side) -> None:
    with pytest.raises(DomainError) as refused:
        services.respond(actor=home.actor(COORDINATOR), meeting=home.meeting, municipality=away.seats[0], answer="attending")
    assert refused.value.code == "no_seat"


def test_zones_count_each_municipality_once(side: Side) -> None:
    actor = side.actor(COORDINATOR)
    for meeting in side.meetings[:2]:  # answers to another meeting are not counted
        for seat, answer in zip(side.seats[:3], ("attending", "regrets", "attending"), strict=True):
            services.respond(actor=actor, meeting=meeting, municipality=seat, answer=answer)
    rows = answers_by_zone(side.meeting)
    assert [(row["total"], row["attending"], row["regrets"], row["silent"]) for row in rows] == [(4, 2, 1, 1), (3, 0, 0, 3), (3, 0, 0, 3)]


def test_what_follows_is_the_next_meeting_that_takes_items(side: Side) -> None:
    Meeting.objects.filter(pk=side.meetings[1].pk).update(state=MeetingState.CANCELLED)
    assert following(side.meetings[0]) == side.meetings[2]
    assert following(side.meetings[-1]) is None


def test_the_chair_plans_nothing_but_sees_it(side: Side) -> None:
    assert side.actor(CHAIR).is_staff
    assert meetings(side.network, since=datetime(2026, 12, 1, tzinfo=UTC), until=datetime(2026, 12, 11, tzinfo=UTC)).count() == 2
