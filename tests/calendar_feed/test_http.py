from collections.abc import Callable
from datetime import timedelta

import icalendar
import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import path
from pytest_django import DjangoAssertNumQueries

from frontend.views.calendar_feed import feed as view
from meetings import clock
from meetings.calendar_feed.delivery import ADDRESS_SECONDS, address_key, published
from meetings.calendar_feed.models import CalendarFeed
from meetings.calendar_feed.services import create_feed, revoke_feed
from meetings.network.models import Membership, Network, User
from meetings.network.selectors import actor_for
from meetings.scheduling.models import Meeting

from .conftest import NOW

urlpatterns = [path("calendar/<str:token>.ics", view)]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
MakeMeeting = Callable[..., Meeting]


@pytest.fixture
def issued(anna: User, network: Network) -> tuple[CalendarFeed, str]:
    return create_feed(actor=actor_for(anna, network), network=network)


@pytest.fixture
def url(issued: tuple[CalendarFeed, str]) -> str:
    return f"/calendar/{issued[1]}.ics"


def cool_down(token: str) -> None:
    """What the passing of a second does."""
    cache.delete(address_key(token))


def touch(network: Network, make_member: Callable[..., User], name: str) -> None:
    """Any write: it moves the network's log."""
    create_feed(actor=actor_for(make_member(network, name), network), network=network)


def test_the_calendar_is_served_to_whoever_has_the_address(client: Client, url: str, network: Network, make_meeting: MakeMeeting) -> None:
    meeting = make_meeting(network)
    response = client.get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Last-Modified"] == "Fri, 20 Nov 2026 08:00:00 GMT"
    assert not response.cookies
    assert [str(event["uid"]) for event in icalendar.Calendar.from_ical(response.content).walk("VEVENT")] == [str(meeting.pk)]


def test_a_program_that_has_it_is_told_so(client: Client, url: str, network: Network, make_meeting: MakeMeeting) -> None:
    make_meeting(network)
    tag = client.get(url)["ETag"]
    assert tag.startswith('"')
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        response = client.get(url, headers={"If-None-Match": sent, "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"})
        assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)
        assert (response["Referrer-Policy"], response["Cache-Control"]) == ("no-referrer", "private, no-cache")
        assert not response.cookies
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_date_alone_never_hides_an_edit_in_the_same_second(client: Client, url: str, network: Network, make_meeting: MakeMeeting) -> None:
    make_meeting(network)
    date = client.get(url)["Last-Modified"]
    assert client.get(url, headers={"If-Modified-Since": date}).status_code == 200


def test_head_tells_the_same_without_the_calendar(client: Client, url: str, network: Network, make_meeting: MakeMeeting) -> None:
    make_meeting(network)
    got, head = client.get(url), client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length", "Cache-Control"):
        assert head[name] == got[name]
    assert client.head(url, headers={"If-None-Match": got["ETag"]}).status_code == 304


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_here(client: Client, url: str, method: str) -> None:
    assert getattr(client, method)(url).status_code == 405


def test_revoked_unknown_and_malformed_addresses_look_the_same(
    client: Client, issued: tuple[CalendarFeed, str], anna: User, network: Network
) -> None:
    feed, token = issued
    revoke_feed(actor=actor_for(anna, network), feed=feed)
    answers = [client.get(f"/calendar/{text}.ics") for text in (token, "rcf_" + "a" * 43, "x", "rcf_%00", "%F0%9F%98%80")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({(answer.content, tuple(sorted(answer.headers.items()))) for answer in answers}) == 1
    assert answers[0]["Referrer-Policy"] == "no-referrer"
    assert not answers[0].cookies


def test_a_revocation_holds_once_the_address_has_cooled(
    client: Client, issued: tuple[CalendarFeed, str], anna: User, network: Network
) -> None:
    feed, token = issued
    url = f"/calendar/{token}.ics"
    tag = client.get(url)["ETag"]
    revoke_feed(actor=actor_for(anna, network), feed=feed)
    cool_down(token)
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 404


def test_an_address_cools_within_a_second() -> None:
    assert ADDRESS_SECONDS <= 1


def test_leaving_the_network_ends_the_calendar(client: Client, issued: tuple[CalendarFeed, str], anna: User) -> None:
    url = f"/calendar/{issued[1]}.ics"
    assert client.get(url).status_code == 200
    Membership.objects.filter(user=anna).update(valid_until=NOW.date() - timedelta(days=1))
    cool_down(issued[1])
    assert client.get(url).status_code == 404


def test_no_query_while_warm_one_while_the_bytes_are_kept(
    client: Client,
    issued: tuple[CalendarFeed, str],
    network: Network,
    make_meeting: MakeMeeting,
    make_member: Callable[..., User],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_meeting(network, agenda_published_at=NOW)
    token = issued[1]
    url = f"/calendar/{token}.ics"
    with django_assert_num_queries(1 + 3):
        tag = client.get(url)["ETag"]
    with django_assert_num_queries(0):
        assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    cool_down(token)
    with django_assert_num_queries(1):
        assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    touch(network, make_member, "Bruno")
    cool_down(token)
    with django_assert_num_queries(1 + 3):
        assert client.get(url)["ETag"] == tag


def test_members_with_the_same_settings_share_the_bytes(
    network: Network,
    make_meeting: MakeMeeting,
    make_member: Callable[..., User],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_meeting(network, agenda_published_at=NOW)
    tokens = [create_feed(actor=actor_for(make_member(network, f"P{n}"), network), network=network)[1] for n in range(5)]
    with django_assert_num_queries(5 + 3):
        assert len({published(token).etag for token in tokens}) == 1  # type: ignore[union-attr]


def test_an_edit_changes_the_tag_and_undoing_it_brings_it_back(
    client: Client, issued: tuple[CalendarFeed, str], network: Network, make_meeting: MakeMeeting, make_member: Callable[..., User]
) -> None:
    meeting, token = make_meeting(network), issued[1]
    url = f"/calendar/{token}.ics"
    before = client.get(url)
    Meeting.objects.filter(pk=meeting.pk).update(title="Extraordinary meeting")
    touch(network, make_member, "Bruno")
    cool_down(token)
    after = client.get(url)
    assert before["ETag"] != after["ETag"]
    assert before["Last-Modified"] == after["Last-Modified"]
    Meeting.objects.filter(pk=meeting.pk).update(title="Weekly coordination")
    touch(network, make_member, "Carla")
    cool_down(token)
    assert client.get(url).content == before.content


def test_a_rolled_back_edit_changes_nothing(issued: tuple[CalendarFeed, str], network: Network, make_meeting: MakeMeeting) -> None:
    meeting, token = make_meeting(network), issued[1]
    before = published(token)
    with pytest.raises(RuntimeError), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(title="Extraordinary meeting")
        create_feed(actor=actor_for(issued[0].user, network), network=network)
        raise RuntimeError
    cool_down(token)
    assert published(token) == before


def test_two_networks_never_share_a_byte(
    issued: tuple[CalendarFeed, str], make_network: Callable[[str], Network], make_member: Callable[..., User], make_meeting: MakeMeeting
) -> None:
    milan = make_network("milan")
    make_meeting(milan, title="Secret canary")
    theirs = create_feed(actor=actor_for(make_member(milan), milan), network=milan)[1]
    with clock.at(NOW):
        mine, other = published(issued[1]), published(theirs)
    assert mine is not None
    assert other is not None
    assert b"Secret canary" in other.body
    assert b"Secret canary" not in mine.body
