"""Announcements: who may tell whom, who is told, and who reads them afterwards."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.announcements import selectors, services
from meetings.announcements.models import Announcement
from meetings.errors import Invalid, NotAllowed, NotFound
from meetings.events.models import Event
from meetings.network.models import User
from meetings.notifications.letters import KINDS
from meetings.notifications.models import OutgoingEmail
from tests import factories
from tests.factories import CHAIR, COORDINATOR, SPOKESPERSON, Side

WORDS = {"title": "Snow on Friday", "text": "Schools stay closed.\nRoads are cleared first."}


_minutes = itertools.count()


def announce(side: Side, who: str | User = COORDINATOR, zone: int | None = None, **values: Any) -> Announcement:
    where = None if zone is None else side.zones[zone]
    with clock.at(factories.NOW + timedelta(minutes=next(_minutes))):
        return services.announce(actor=side.actor(who), network=side.network, zone=where, values={**WORDS, **values})


def told() -> set[str]:
    return set(OutgoingEmail.objects.filter(kind="announcement").values_list("address", flat=True))


def seen_by(side: Side, who: User) -> list[str]:
    return [row.title for row in selectors.announcements(side.actor(who))]


def test_everybody_but_the_sender_is_told(home: Side, away: Side) -> None:
    row = announce(home)
    everybody = {*home.representatives, *home.people.values()} - {home.coordinator}
    assert told() == {user.email for user in everybody} and row.told == len(everybody) == 14
    mail = OutgoingEmail.objects.filter(kind="announcement").first()
    assert mail
    letter = KINDS["announcement"].compose({**mail.context, "network_name": home.network.name, "name": mail.name, "network": "home"})
    assert (letter.subject, letter.quote) == (WORDS["title"], WORDS["text"])
    assert letter.button and letter.button[1] == f"/go/announcement/{row.pk}"


def test_a_zone_is_its_representatives_and_who_speaks_for_it(side: Side) -> None:
    row = announce(side, zone=0)
    assert told() == {user.email for user in [*side.representatives[:4], side.spokesperson]} and row.told == 5


def test_a_spokesperson_tells_their_own_zone_alone(side: Side) -> None:
    assert announce(side, SPOKESPERSON, zone=0).told == 4
    for zone in (None, 1):
        with pytest.raises(NotAllowed):
            announce(side, SPOKESPERSON, zone=zone)


@pytest.mark.parametrize("who", ["observer", "representative", "auditor"])
def test_nobody_else_announces(side: Side, who: str) -> None:
    for zone in (None, 0):
        with pytest.raises(NotAllowed):
            announce(side, getattr(side, who), zone=zone)
    assert not Announcement.objects.exists() and not told()


def test_not_in_another_network(home: Side, away: Side) -> None:
    with pytest.raises(NotFound):
        services.announce(actor=away.actor(COORDINATOR), network=home.network, values=WORDS)
    with pytest.raises(NotFound):
        services.announce(actor=home.actor(COORDINATOR), network=home.network, zone=away.zones[0], values=WORDS)
    row = announce(home)
    with pytest.raises(NotFound):
        selectors.announcement(away.actor(COORDINATOR), row.pk)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"title": ""}, "title"), ({"text": " "}, "text"), ({"title": "x" * 151}, "title"), ({"text": "x" * 10_001}, "text")],
)
def test_they_keep_within_bounds(side: Side, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        announce(side, **values)
    assert list(refused.value.errors) == [field] and not told()


def test_line_ends_never_reach_a_subject(side: Side) -> None:
    assert announce(side, title="Snow\r\nBcc: all@example.org").title == "Snow Bcc: all@example.org"


def test_they_are_read_by_those_they_were_for(side: Side) -> None:
    announce(side, title="All")
    announce(side, SPOKESPERSON, zone=0, title="Zone 1")
    announce(side, CHAIR, zone=1, title="Zone 2")
    assert seen_by(side, side.representative) == ["Zone 1", "All"]
    assert seen_by(side, side.representatives[4]) == ["Zone 2", "All"]
    assert seen_by(side, side.spokesperson) == ["Zone 1", "All"]
    assert seen_by(side, side.observer) == ["All"]
    for who in (side.chair, side.coordinator, side.auditor):
        assert seen_by(side, who) == ["Zone 2", "Zone 1", "All"]


def test_a_zones_own_is_for_the_staff_in_the_log(side: Side) -> None:
    announce(side)
    announce(side, zone=1)
    log = Event.objects.filter(type="announcement.sent").order_by("sequence")
    assert list(log.values_list("audience", flat=True)) == ["members", "staff"]


def test_the_list_is_read_in_constant_queries(side: Side, django_assert_num_queries: Any) -> None:
    actor = side.actor(side.representative)
    for _n in range(2):
        announce(side, zone=0)
        with django_assert_num_queries(1):
            assert [selectors.as_object(row) for row in selectors.announcements(actor)]
