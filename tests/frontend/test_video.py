"""The video room's page, what the room and the meeting say of it, and the recording."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from meetings.network.models import User
from meetings.scheduling import services
from meetings.scheduling.models import Meeting
from tests import factories
from tests.factories import Side
from tests.frontend.pages import post
from tests.scheduling.fake_bbb import SECRET, fake_bbb, is_signed

BrowserOf = Callable[[User | None], Client]
JITSI = "https://jitsi.example.org"


@pytest.fixture
def meeting(side: Side, settings: Settings) -> Meeting:
    """A session with a room on Jitsi."""
    settings.JITSI_URL = JITSI
    services.change_series(actor=side.actor("coordinator"), series=side.series, values={"video_provider": "jitsi"})
    return factories.in_session(side)


def url(meeting: Meeting, page: str = "") -> str:
    return f"/en/{meeting.network.slug}/meetings/{meeting.pk}/{page}"


def test_only_the_rooms_own_page_may_hold_the_other_server(meeting: Meeting, side: Side, browser_of: BrowserOf) -> None:
    client = browser_of(side.representative)
    for page in ("", "room/"):
        answer = client.get(url(meeting, page))
        text = answer.content.decode()
        assert url(meeting, "video/") in text
        assert JITSI not in text + answer["Content-Security-Policy"]
        assert 'href="tel:+390110000000"' in text
        assert "4711" in text
    answer = client.get(url(meeting, "video/"))
    assert f"frame-src {JITSI};" in answer["Content-Security-Policy"] + ";"
    assert "no-store" in answer["Cache-Control"]
    frame = re.search(r"<iframe[^>]+>", answer.content.decode())
    assert frame
    assert f'src="{JITSI}/raccordo-{meeting.pk.hex}#userInfo.displayName=' in frame[0]
    assert "camera; microphone; display-capture" in frame[0]


def test_big_blue_button_is_gone_to(meeting: Meeting, side: Side, browser_of: BrowserOf, settings: Settings) -> None:
    with fake_bbb() as fake:
        settings.BBB_URL, settings.BBB_SECRET = fake.url, SECRET
        Meeting.objects.update(video_provider="bigbluebutton")
        answer = browser_of(side.representative).get(url(meeting, "video/"))
    assert answer.status_code == 302
    assert is_signed(answer["Location"])
    away = browser_of(side.representative).get(url(meeting, "video/"))
    assert away.status_code == 503
    assert side.meeting.join_url in away.content.decode()


def test_where_there_is_no_server_nothing_is_offered_or_asked(
    meeting: Meeting, side: Side, browser_of: BrowserOf, settings: Settings
) -> None:
    settings.JITSI_URL = ""
    client = browser_of(side.coordinator)
    assert "/video/" not in client.get(url(meeting, "room/")).content.decode()
    assert "video_provider" not in client.get(f"/en/{side.network.slug}/series/{side.series.pk}/edit/").content.decode()


def test_a_recording_is_added_when_the_meeting_is_over(side: Side, browser_of: BrowserOf) -> None:
    meeting = factories.closed(side)
    office, member = browser_of(side.coordinator), browser_of(side.observer)
    assert url(meeting, "recording/") in office.get(url(meeting)).content.decode()
    assert url(meeting, "recording/") not in member.get(url(meeting)).content.decode()
    link = "https://video.example.org/recordings/1"
    refused = post(office, url(meeting, "recording/"), version=meeting.version, recording_url="http://video.example.org/1")
    assert refused.status_code == 422
    assert post(office, url(meeting, "recording/"), version=meeting.version, recording_url=link).status_code == 303
    assert link in member.get(url(meeting)).content.decode()
    assert link in office.get(url(meeting, "minutes/")).content.decode()
