from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from meetings import clock
from meetings.agenda.models import AgendaItem
from meetings.calendar_feed.models import CalendarFeed
from meetings.calendar_feed.selectors import Stamp, calendar, feeds_of, live_feed, window
from meetings.calendar_feed.services import create_feed, revoke_feed
from meetings.network.models import Membership, Network, User
from meetings.network.selectors import actor_for
from meetings.scheduling.models import Meeting

from .conftest import NOW

pytestmark = pytest.mark.django_db
MakeMeeting = Callable[..., Meeting]
MakeItem = Callable[..., AgendaItem]


@pytest.fixture
def issued(anna: User, network: Network) -> tuple[CalendarFeed, str]:
    return create_feed(actor=actor_for(anna, network), network=network, alarm_minutes=10)


@pytest.fixture
def stamp(issued: tuple[CalendarFeed, str]) -> Stamp:
    found = live_feed(issued[1])
    assert found is not None
    return found.stamp


def test_a_token_leads_to_its_feed_in_one_query(
    issued: tuple[CalendarFeed, str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    feed, token = issued
    with django_assert_num_queries(1):
        found = live_feed(token)
        assert found is not None
        assert (found[0], found[0].network.slug, found[0].user.name) == (feed, "turin", "Anna")


@pytest.mark.parametrize("token", ["", "rcf_", "x", "rcf_" + "a" * 43, "rcf_" + "\0" * 43])
def test_an_unknown_token_leads_nowhere(token: str) -> None:
    assert live_feed(token) is None


def test_a_revoked_token_leads_nowhere(issued: tuple[CalendarFeed, str], anna: User, network: Network) -> None:
    feed, token = issued
    revoke_feed(actor=actor_for(anna, network), feed=feed)
    assert live_feed(token) is None


def test_a_token_leads_nowhere_once_its_person_has_left(issued: tuple[CalendarFeed, str], anna: User) -> None:
    Membership.objects.filter(user=anna).update(valid_until=NOW.date() - timedelta(days=1))
    assert live_feed(issued[1]) is None
    assert list(feeds_of(anna)) == []


def test_a_membership_of_another_network_does_not_keep_it_alive(
    issued: tuple[CalendarFeed, str], anna: User, make_network: Callable[[str], Network]
) -> None:
    Membership.objects.filter(user=anna).update(network=make_network("milan"))
    assert live_feed(issued[1]) is None


def test_a_token_leads_nowhere_when_its_person_is_no_longer_active(issued: tuple[CalendarFeed, str], anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert live_feed(issued[1]) is None


def test_every_event_moves_the_stamp(issued: tuple[CalendarFeed, str], anna: User, network: Network, make_meeting: MakeMeeting) -> None:
    _, token = issued
    before = live_feed(token)
    create_feed(actor=actor_for(anna, network), network=network)
    after = live_feed(token)
    assert before is not None
    assert after is not None
    assert after.stamp == before.stamp._replace(log_length=before.stamp.log_length + 1)


def test_the_window_moves_at_the_turn_of_a_month_only() -> None:
    assert window(NOW) == (datetime(2025, 11, 1, tzinfo=UTC), datetime(2028, 6, 1, tzinfo=UTC))
    assert window(datetime(2026, 11, 1, tzinfo=UTC)) == window(datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) == window(NOW)
    assert window(datetime(2026, 12, 1, tzinfo=UTC)) == (datetime(2025, 12, 1, tzinfo=UTC), datetime(2028, 7, 1, tzinfo=UTC))


def test_meetings_outside_the_window_or_of_another_network_do_not_show(
    stamp: Stamp, network: Network, make_network: Callable[[str], Network], make_meeting: MakeMeeting
) -> None:
    make_meeting(make_network("milan"), title="Secret canary")
    days = [date(2025, 10, 31), date(2025, 11, 6), date(2026, 11, 26), date(2028, 5, 31), date(2028, 6, 1)]
    for day in days:
        make_meeting(network, day)
    assert [meeting.local_start.date() for meeting in calendar(stamp).meetings] == days[1:4]


def test_a_feed_shows_what_its_owner_chose(stamp: Stamp, network: Network, make_meeting: MakeMeeting) -> None:
    meeting = make_meeting(network, phone="+39 011", phone_pin="12")
    shown = calendar(stamp)
    assert (shown.name, shown.time_zone, shown.alarm_minutes, shown.hide_cancelled, shown.language) == (
        "Turin",
        "Europe/Rome",
        10,
        False,
        "en",
    )
    (entry,) = shown.meetings
    assert (entry.uid, entry.starts_at, entry.local_start.isoformat()) == (str(meeting.pk), meeting.starts_at, "2026-11-26T10:00:00")
    assert (entry.url, entry.join_url) == (f"https://raccordo.example/go/meetings/{meeting.pk}", "https://meet.example/j/1")
    assert (entry.phone, entry.phone_pin, entry.last_modified) == ("+39 011", "12", NOW)


def test_links_have_the_installations_address_when_the_network_has_none(
    stamp: Stamp, network: Network, make_meeting: MakeMeeting, settings: object
) -> None:
    settings.BASE_URL = "https://installation.example"  # type: ignore[attr-defined]
    Network.objects.update(base_url="")
    make_meeting(network)
    assert calendar(stamp).meetings[0].url.startswith("https://installation.example/go/meetings/")


def test_the_agenda_shows_once_it_is_published_and_only_what_stands_on_it(
    stamp: Stamp, network: Network, make_meeting: MakeMeeting, make_item: MakeItem
) -> None:
    meeting = make_meeting(network)
    make_item(meeting, "Roads", 2)
    make_item(meeting, "Minutes of the last meeting", 1)
    make_item(meeting, "Refused canary", None, "declined")
    make_item(meeting, "Proposed canary", None, "proposed")
    assert calendar(stamp).meetings[0].agenda_lines == ()
    Meeting.objects.filter(pk=meeting.pk).update(agenda_published_at=NOW, state="agenda_published")
    assert calendar(stamp).meetings[0].agenda_lines == ("1. Minutes of the last meeting", "2. Roads")


def test_any_number_of_meetings_takes_three_queries(
    stamp: Stamp,
    network: Network,
    make_meeting: MakeMeeting,
    make_item: MakeItem,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for week in range(12):
        meeting = make_meeting(network, date(2026, 11, 26) + timedelta(weeks=week), agenda_published_at=NOW)
        make_item(meeting, "Roads", 1)
    with django_assert_num_queries(3), clock.at(NOW):
        assert len(calendar(stamp).meetings) == 12
