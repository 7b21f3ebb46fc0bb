"""The participation pages: pictures and tables that agree, filters in the address, who sees whose figures, few queries."""

import re
from datetime import timedelta
from time import process_time
from typing import Any
from xml.etree import ElementTree

import pytest

from meetings import clock
from meetings.live.models import Attendance
from meetings.network.models import Municipality
from meetings.reporting import selectors
from meetings.reporting.figures import Figures
from meetings.scheduling.models import Meeting, Response
from tests import factories
from tests.factories import Side, World
from tests.frontend.pages import queries, url
from tests.frontend.sessions import ROLES, Browser, page
from tests.hostile import TYPED

DAYS = "?from=2026-11-01&to=2026-12-31"
LATER = factories.NOW + timedelta(days=20)


def pictures(html: str) -> list[ElementTree.Element]:
    """The SVG pictures with a meaning of their own, parsed; fails on markup that is none."""
    found = re.findall(r'<svg class="(?:quorum-graph|strip)[^>]*>.*?</svg>', html, re.DOTALL)
    return [ElementTree.fromstring(one) for one in found]  # noqa: S314 - our own page


def shown_to(side: Side, browser_of: Browser, who: str, query: str = DAYS) -> str:
    return page(browser_of(getattr(side, who)), url(side.network, "participation") + query)


def live_through(side: Side, meeting: Meeting, seats: list[Municipality]) -> None:
    """Closed, with these seats there for an hour."""
    Meeting.objects.filter(pk=meeting.pk).update(state="closed")
    ends = meeting.starts_at + timedelta(hours=1)
    Attendance.objects.bulk_create(
        Attendance(meeting=meeting, municipality=seat, person="P", joined_at=meeting.starts_at, left_at=ends) for seat in seats
    )


@pytest.mark.parametrize("who", ROLES)
def test_everybody_sees_the_totals_and_few_the_single_municipalities(home: Side, browser_of: Browser, who: str) -> None:
    live_through(home, home.meeting, home.seats[:8])
    text = shown_to(home, browser_of, who)
    assert "8 of 10 (80.0 %)" in text and home.zones[2].name in text
    listed = [town for town in home.seats if f"/participation/{town.pk}/" in text]
    whole = {"chair": 10, "coordinator": 10, "auditor": 10, "spokesperson": 4, "representative": 1, "observer": 0}
    assert len(listed) == whole[who]
    assert ("shown to themselves" in text) is (who in ("representative", "observer"))


def test_the_picture_has_a_bar_for_each_meeting_and_says_when_there_was_a_quorum(home: Side, browser_of: Browser) -> None:
    live_through(home, home.meeting, home.seats)
    live_through(home, home.meetings[1], home.seats[:2])
    [chart] = pictures(shown_to(home, browser_of, "observer"))
    bars = [one for one in chart.iter() if one.tag.endswith("rect")]
    assert [one.attrib["class"] for one in bars] == ["chart-bar", "chart-bar chart-bar-open"]
    highest, low = (float(one.attrib["height"]) for one in bars)
    assert low / highest == pytest.approx(0.2, abs=0.01)
    assert chart.attrib["role"] == "img" and "chart-title" in chart.attrib["aria-labelledby"]
    assert sum("quorum-need" in one.attrib.get("class", "") for one in chart.iter()) == 2


def test_table_and_picture_agree_and_quorum_is_said_in_words(home: Side, browser_of: Browser) -> None:
    live_through(home, home.meeting, home.seats)
    live_through(home, home.meetings[1], home.seats[:2])
    text = shown_to(home, browser_of, "observer")
    assert "10 of 10 (100.0 %)" in text and "2 of 10 (20.0 %)" in text
    assert text.count("badge-success") == 1 and text.count("not reached") == 1


def test_filters_stand_in_the_address(home: Side, browser_of: Browser) -> None:
    live_through(home, home.meeting, home.seats[:8])
    of_zone = shown_to(home, browser_of, "coordinator", f"{DAYS}&zone={home.zones[2].pk}")
    assert "1 of 3 (33.3 %)" in of_zone and home.seats[0].name not in of_zone
    assert "quorum-need" not in of_zone, "a threshold of the network says nothing of a zone"
    assert f"zone={home.zones[2].pk}" in re.findall(r'href="([^"]*participation\.xlsx[^"]*)"', of_zone)[0]
    ordered = shown_to(home, browser_of, "coordinator", f"{DAYS}&order=least")
    places = [ordered.index(f"/participation/{home.seats[n].pk}/") for n in (9, 0)]
    assert places == sorted(places)
    none = shown_to(home, browser_of, "coordinator", "?from=2026-01-01&to=2026-01-31")
    assert "No meeting was held in this period" in none and "The last twelve months" in none


def test_before_the_first_meeting_it_says_when_the_figures_begin(home: Side, browser_of: Browser) -> None:
    assert "The figures begin with the first meeting that is closed." in shown_to(home, browser_of, "observer", "")


def test_no_period_shows_the_last_year_and_says_why(home: Side, browser_of: Browser) -> None:
    with clock.at(LATER):
        live_through(home, home.meeting, home.seats[:8])
        text = shown_to(home, browser_of, "observer", "?from=2026-12-01&to=2026-11-01")
    assert "The last day must not be before the first." in text and "8 of 10" in text


def test_a_municipalitys_own_page(home: Side, browser_of: Browser) -> None:
    town = home.seats[0]
    for meeting, seats in zip(home.meetings, (home.seats[:1], home.seats[1:], []), strict=False):
        live_through(home, meeting, seats)
    Response.objects.create(meeting=home.meetings[1], municipality=town, answer="regrets", answered_at=clock.now())
    address = url(home.network, "participation", town.pk) + DAYS
    text = page(browser_of(home.representative), address)
    [strip] = pictures(text)
    squares = [one.attrib["class"] for one in strip.iter() if one.tag.endswith("rect")]
    assert squares == ["strip-present", "strip-excused", "strip-absent"]
    assert "1 of 3 (33.3 %)" in text
    badges = re.findall(r'<span class="badge[^"]*">([^<]*)</span>', text)
    assert badges == ["present", "absent with regrets", "absent without notice"]
    for who, status in (("other_representative", 403), ("observer", 403), ("spokesperson", 200), ("auditor", 200)):
        assert browser_of(getattr(home, who)).get(address).status_code == status


def test_a_municipality_of_another_network_is_not_found(world: World, browser_of: Browser) -> None:
    address = url(world.home.network, "participation", world.away.seats[0].pk)
    assert browser_of(world.home.coordinator).get(address).status_code == 404


def test_the_pages_are_linked(home: Side, browser_of: Browser) -> None:
    front = page(browser_of(home.observer), url(home.network))
    assert f'href="{url(home.network, "participation")}"' in front
    own = url(home.network, "municipalities", home.seats[0].pk)
    link = f'href="{url(home.network, "participation", home.seats[0].pk)}"'
    assert link in page(browser_of(home.representative), own)
    assert link not in page(browser_of(home.other_representative), own)


@pytest.mark.parametrize("name", ["from", "to", "zone", "order"])
def test_hostile_filters_give_a_page(home: Side, browser_of: Browser, name: str) -> None:
    live_through(home, home.meeting, home.seats[:8])
    client = browser_of(home.coordinator)
    for value in TYPED:
        for address in (url(home.network, "participation"), url(home.network, "participation", home.seats[0].pk)):
            assert client.get(address, {name: value[:3000]}).status_code == 200


def many_weeks(side: Side, weeks: int) -> Meeting:
    """That many meetings held, in which every second seat was there and every third sent regrets."""
    base, held = side.meeting, []
    for n in range(weeks):
        starts = base.starts_at - timedelta(weeks=n + 1)
        values: dict[str, Any] = {f.attname: getattr(base, f.attname) for f in Meeting._meta.concrete_fields if f.name != "id"}
        local = f"{starts.astimezone(base.zone):%Y-%m-%dT%H:%M}"
        held.append(
            Meeting(**{**values, "nominal_date": None, "starts_at": starts, "local_start": local, "state": "closed", "number": n + 9})
        )
    Meeting.objects.bulk_create(held)
    for meeting in held:
        live_through(side, meeting, side.seats[::2])
    Response.objects.bulk_create(
        Response(meeting=meeting, municipality=seat, answer="regrets", answered_at=meeting.starts_at)
        for meeting in held
        for seat in side.seats[::3]
    )
    return held[-1]


@pytest.mark.one_database
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("db", "now")
def test_queries_do_not_grow(browser_of: Browser) -> None:
    small, large = factories.make_side("small"), factories.make_side("large", seats=312)
    many_weeks(small, 2)
    many_weeks(large, 60)
    for who in ("coordinator", "representative", "spokesperson"):
        few, many = (
            [
                queries(browser_of(getattr(side, who)), address)
                for address in (url(side.network, "participation"), url(side.network, "participation", side.seats[0].pk))
            ]
            for side in (small, large)
        )
        assert few == many and max(few) <= 12, (who, few, many)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("db", "now")
def test_312_municipalities_in_200_meetings_take_less_than_three_seconds_of_work() -> None:
    side = factories.make_side("large", seats=312)
    first = many_weeks(side, 200)
    days = selectors.period(side.network, since=first.starts_at.date() - timedelta(days=1))
    begun = process_time()
    report = selectors.participation(side.network, days)
    taken = process_time() - begun
    print(f"200 meetings x 312 municipalities: {taken:.2f} s")
    assert report.figures == Figures(invited=62_400, regrets=200 * 104, present=31_200, excused=200 * 52)
    assert taken < 3
