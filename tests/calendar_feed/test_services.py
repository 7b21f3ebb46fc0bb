from collections.abc import Callable
from typing import Any

import pytest

from meetings.access import Actor
from meetings.calendar_feed import tokens
from meetings.calendar_feed.models import CalendarFeed
from meetings.calendar_feed.selectors import feed_of, feeds_of
from meetings.calendar_feed.services import MOST_FEEDS, create_feed, revoke_feed
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound
from meetings.events.models import Event
from meetings.network.models import Network, User
from meetings.network.selectors import actor_for, system_actor

from .conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(anna: User, network: Network) -> Actor:
    return actor_for(anna, network)


def test_the_token_is_handed_over_and_only_its_digest_kept(actor: Actor, network: Network) -> None:
    feed, token = create_feed(actor=actor, network=network, label=" Phone ", hide_cancelled=True, alarm_minutes=15)
    feed.refresh_from_db()
    assert tokens.matches(token, feed.token_digest)
    assert (feed.user_id, feed.network_id, feed.label) == (actor.user_id, network.pk, "Phone")
    assert (feed.hide_cancelled, feed.alarm_minutes, feed.created_at, feed.revoked_at) == (True, 15, NOW, None)


def test_making_and_revoking_are_in_the_log_without_the_secret(actor: Actor, network: Network) -> None:
    feed, token = create_feed(actor=actor, network=network)
    revoke_feed(actor=actor, feed=feed)
    created, revoked = Event.objects.order_by("sequence")
    assert [(event.type, event.audience, event.actor_id) for event in (created, revoked)] == [
        ("calendar_feed.created", "audit", actor.user_id),
        ("calendar_feed.revoked", "audit", actor.user_id),
    ]
    for event in (created, revoked):
        assert str(feed.pk) in event.payload
        assert token not in event.payload
        assert feed.token_digest not in event.payload


def test_a_revoked_feed_is_gone_from_the_list_and_stays_revoked(actor: Actor, network: Network, anna: User) -> None:
    feed, _ = create_feed(actor=actor, network=network)
    assert list(feeds_of(anna)) == [feed]
    first = revoke_feed(actor=actor, feed=feed)
    again = revoke_feed(actor=actor, feed=feed)
    assert first.revoked_at == again.revoked_at == NOW
    assert list(feeds_of(anna)) == []
    assert Event.objects.filter(type="calendar_feed.revoked").count() == 1
    with pytest.raises(NotFound):
        feed_of(anna, feed.pk)


def test_nobody_makes_a_feed_of_another_network(actor: Actor, make_network: Callable[[str], Network]) -> None:
    with pytest.raises(NotFound):
        create_feed(actor=actor, network=make_network("milan"))
    assert CalendarFeed.objects.count() == 0


def test_nobody_revokes_or_sees_another_persons_feed(actor: Actor, network: Network, make_member: Callable[..., User]) -> None:
    feed, _ = create_feed(actor=actor, network=network)
    for role in ("observer", "coordinator"):
        other = make_member(network, role, role)
        with pytest.raises(NotFound):
            revoke_feed(actor=actor_for(other, network), feed=feed)
        with pytest.raises(NotFound):
            feed_of(other, feed.pk)
        assert list(feeds_of(other)) == []
    feed.refresh_from_db()
    assert feed.revoked_at is None


def test_raccordo_itself_has_no_calendar(network: Network) -> None:
    with pytest.raises(NotAllowed):
        create_feed(actor=system_actor(network.pk), network=network)


def test_a_person_has_so_many_live_feeds_and_no_more(actor: Actor, network: Network) -> None:
    feeds = [create_feed(actor=actor, network=network)[0] for _ in range(MOST_FEEDS)]
    with pytest.raises(Conflict) as refusal:
        create_feed(actor=actor, network=network)
    assert refusal.value.code == "too_many_feeds"
    revoke_feed(actor=actor, feed=feeds[0])
    create_feed(actor=actor, network=network)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"label": "x" * 81}, "label"),
        ({"label": "two\nlines"}, "label"),
        ({"alarm_minutes": -1}, "alarm_minutes"),
        ({"alarm_minutes": 99_999}, "alarm_minutes"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(actor: Actor, network: Network, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        create_feed(actor=actor, network=network, **changes)
    assert list(refusal.value.errors) == [field]
    assert (CalendarFeed.objects.count(), Event.objects.count()) == (0, 0)
