"""The video room beside a meeting: who is let in, by which address, and what the server is asked."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from pytest_django import Settings

from meetings.access import Actor
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound
from meetings.scheduling import calendar, services, video
from meetings.scheduling.models import Meeting
from tests import factories
from tests.factories import Side, World
from tests.scheduling.fake_bbb import SECRET, FakeBbb, fake_bbb, is_signed, query_of

pytestmark = pytest.mark.one_database


@pytest.fixture
def servers(settings: Settings) -> Iterator[FakeBbb]:
    """An installation with both kinds."""
    with fake_bbb() as fake:
        settings.JITSI_URL, settings.BBB_URL, settings.BBB_SECRET = "https://jitsi.example.org", fake.url, SECRET
        yield fake


def with_room(side: Side, provider: str, room: str = "") -> Meeting:
    values = {"video_provider": provider, "video_room": room}
    services.change_series(actor=side.actor("coordinator"), series=side.series, values=values)
    return factories.agenda_published(side)


def test_meetings_take_the_room_from_their_series_unless_they_have_their_own(side: Side) -> None:
    coordinator, [first, second] = side.actor("coordinator"), side.meetings[:2]
    services.change_meeting(actor=coordinator, meeting=first, values={"video_provider": "jitsi", "video_room": "own-room"})
    values = {"video_provider": "bigbluebutton", "video_room": "weekly"}
    series = services.change_series(actor=coordinator, series=side.series, values=values)
    assert factories.fresh(first).video_provider == "jitsi"
    assert (factories.fresh(second).video_provider, factories.fresh(second).video_room) == ("bigbluebutton", "weekly")
    extra = calendar.extra(
        actor=coordinator, network=side.network, series=series, values={"local_start": "2026-12-01T10:00", "video_room": "extra"}
    )
    assert (extra.video_provider, extra.video_room) == ("bigbluebutton", "extra")


@pytest.mark.parametrize(
    "values",
    [{"video_provider": "zoom"}, {"video_room": "a/b?c"}, {"video_room": "no spaces"}, {"video_room": "abc"}, {"video_room": "x" * 81}],
)
def test_what_is_no_room(side: Side, values: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        services.change_series(actor=side.actor("coordinator"), series=side.series, values=values)
    assert set(refused.value.errors) == set(values)


@pytest.mark.parametrize("url", ["http://video.example.org/1", "ftp://video.example.org/1", "javascript:alert(1)", "nothing"])
def test_a_recording_is_linked_by_https_alone(side: Side, url: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.change_meeting(actor=side.actor("coordinator"), meeting=side.meeting, values={"recording_url": url})
    assert "recording_url" in refused.value.errors


def test_jitsi_is_told_the_name_behind_the_hash(servers: FakeBbb, side: Side) -> None:
    meeting = with_room(side, "jitsi")
    entrance = video.enter(actor=side.actor(side.representative), meeting=meeting)
    parts = urlsplit(entrance.url)
    assert (entrance.embedded, entrance.origin) == (True, "https://jitsi.example.org")
    assert (parts.path, parts.query) == (f"/raccordo-{meeting.pk.hex}", "")
    assert unquote(parts.fragment) == f'userInfo.displayName="{side.seats[0].name}, {side.representative.name}"'
    assert servers.calls == []


def test_big_blue_button_makes_the_room_once_and_lets_each_in_by_a_signed_link(servers: FakeBbb, side: Side) -> None:
    meeting = with_room(side, "bigbluebutton", "weekly")
    links = {
        who: video.enter(actor=side.actor(who), meeting=meeting).url for who in (side.representative, "chair", "coordinator", "observer")
    }
    assert [query_of(call)["meetingID"] for call in servers.calls] == ["weekly"] * 4
    assert servers.rooms == {"weekly"}
    assert all(map(is_signed, links.values()))
    asked = [query_of(link) for link in links.values()]
    assert [query["role"] for query in asked] == ["VIEWER", "MODERATOR", "MODERATOR", "VIEWER"]
    assert asked[0]["fullName"] == f"{side.seats[0].name}, {side.representative.name}"
    assert len({query["userID"] for query in asked}) == 4
    assert SECRET not in "".join(links.values())
    assert not is_signed(links["chair"].replace("MODERATOR", "VIEWER"))


def test_nobody_else_is_let_in(servers: FakeBbb, world: World) -> None:
    meeting = with_room(world.home, "bigbluebutton")
    for actor in (world.away.actor("coordinator"), Actor(world.home.network.pk)):
        with pytest.raises((NotAllowed, NotFound)):
            video.enter(actor=actor, meeting=meeting)
    assert servers.calls == []


def test_there_is_a_room_only_while_people_gather(servers: FakeBbb, side: Side) -> None:
    meeting = with_room(side, "jitsi")
    assert video.is_offered(meeting)
    for state in ("scheduled", "closed", "cancelled"):
        meeting.state = state
        with pytest.raises(Conflict):
            video.enter(actor=side.actor("chair"), meeting=meeting)


def test_there_is_none_where_the_installation_has_no_server(settings: Settings, side: Side) -> None:
    settings.JITSI_URL = ""
    with pytest.raises(Conflict) as refused:
        video.enter(actor=side.actor("chair"), meeting=with_room(side, "jitsi"))
    assert refused.value.code == "no_video_room"


@pytest.mark.parametrize("answer", ["", "<html>502</html>", "<response><returncode>FAILED</returncode></response>"])
def test_a_server_that_is_away_is_said_to_be(servers: FakeBbb, settings: Settings, side: Side, answer: str) -> None:
    servers.answer = answer
    if not answer:
        settings.BBB_URL = "http://127.0.0.1:1/bigbluebutton"
    with pytest.raises(video.Away) as refused:
        video.enter(actor=side.actor("chair"), meeting=with_room(side, "bigbluebutton"))
    assert (refused.value.status, refused.value.code) == (503, "video_away")


def test_no_other_address_is_called(servers: FakeBbb, side: Side) -> None:
    with fake_bbb() as elsewhere:
        servers.redirect_to = elsewhere.url
        with pytest.raises(video.Away):
            video.enter(actor=side.actor("chair"), meeting=with_room(side, "bigbluebutton"))
        assert elsewhere.calls == []


def test_a_wrong_secret_lets_nobody_in(servers: FakeBbb, settings: Settings, side: Side, caplog: Any) -> None:
    settings.BBB_SECRET = "another"
    with pytest.raises(video.Away):
        video.enter(actor=side.actor("chair"), meeting=with_room(side, "bigbluebutton"))
    assert "checksumError" in caplog.text
