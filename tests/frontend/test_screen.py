"""The projector's view of the session."""

import re
from datetime import timedelta

import pytest

from meetings import clock
from meetings.live import floor, polls, speakers
from meetings.live.models import Attendance
from tests import factories
from tests.factories import CHAIR, Side
from tests.frontend.pages import queries, url
from tests.frontend.sessions import ROLES, Browser, full_session, page


def screen(side: Side) -> str:
    return url(side.network, "meetings", side.meeting.pk, "screen")


def words(shown: str) -> str:
    return " ".join(re.sub("<[^>]+>", "", shown).split())


def _talk(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    floor.change(actor=chair, meeting=meeting, values={"limit_seconds": 120})
    rows = []
    for n in range(6):
        with clock.at(factories.NOW + timedelta(seconds=n)):
            rows.append(speakers.request(actor=side.actor(side.representatives[n]), meeting=meeting, municipality=side.seats[n]))
    speakers.give(actor=chair, speaker=rows[0])


@pytest.mark.parametrize("who", ROLES)
def test_it_shows_what_everybody_is_to_see_and_nobodys_buttons(home: Side, browser_of: Browser, who: str) -> None:
    _talk(home)
    shown = page(browser_of(getattr(home, who)), screen(home))
    assert "Item 1" in shown and "School buses home" in shown and "2. Civil protection home" in shown
    assert "Rita Representative 001 home" in shown and 'data-deadline="2026-11-20T09:02:00+01:00"' in shown
    assert [f"<li>{row.name}</li>" in shown for row in home.seats[1:6]] == [True, True, True, False, False]
    assert "8 of 10 municipalities present" in shown and "Quorum reached" in shown
    assert "<button" not in shown and "<form" not in shown and "Back to the live room" in shown


def test_a_named_vote_shows_its_count_and_a_secret_one_its_turnout_alone(home: Side, browser_of: Browser) -> None:
    meeting, client = factories.in_session(home), browser_of(home.observer)
    poll = factories.open_poll(home, meeting)
    polls.vote(actor=home.actor(home.representative), poll=poll, municipality=home.seats[0], choice="yes")
    shown = page(client, screen(home))
    assert "Shall we do it?" in shown and words(shown).count("voted: 1 / 8") == 1 and ">1</strong>" in shown
    polls.close(actor=home.actor(CHAIR), poll=poll)
    assert meeting.current_item
    secret = polls.draft(actor=home.actor(CHAIR), item=meeting.current_item, question="Whom?", secrecy="secret")
    polls.open_(actor=home.actor(CHAIR), poll=secret)
    polls.vote(actor=home.actor(home.representative), poll=secret, municipality=home.seats[0], choice="yes")
    for who in ("observer", "chair"):
        shown = page(browser_of(getattr(home, who)), screen(home))
        assert "Secret vote · voted: 1 / 8" in words(shown) and "screen-tally" not in shown


def test_before_publication_it_shows_no_agenda(home: Side, browser_of: Browser) -> None:
    factories.scheduled(home)
    assert "School buses" not in page(browser_of(home.observer), screen(home))


def test_without_a_quorum_it_says_so(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    Attendance.objects.filter(municipality__in=home.seats[1:]).update(left_at=clock.now())
    assert "No quorum" in page(browser_of(home.observer), screen(home))


def test_it_refreshes_itself_with_and_without_javascript(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    client = browser_of(home.observer)
    shown = page(client, screen(home))
    assert f'<noscript><meta http-equiv="refresh" content="15; url={screen(home)}"></noscript>' in shown
    assert f'data-live-url="/ws/v1/meetings/{meeting.pk}/"' in shown
    response = client.get(screen(home), headers={"X-Live-Refresh": "1"})
    assert b'id="screen-main" class="screen-main" data-live-region' in response.content and b"<link" not in response.content


@pytest.mark.one_database
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("db", "now")
def test_queries_do_not_grow_with_the_seats(browser_of: Browser) -> None:
    sides = factories.make_side("small"), factories.make_side("large", seats=60)
    for side in sides:
        full_session(side)
    few, many = (queries(browser_of(side.observer), screen(side)) for side in sides)
    assert few == many <= 12
