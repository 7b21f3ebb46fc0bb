"""The dashboard of the office and of a representative: readiness by zone and by key, what waits, what is expected, the first steps."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meetings import clock
from meetings.access import Role
from meetings.action_items import services as action_items
from meetings.agenda import services as agenda
from meetings.agenda.beginnings import beginnings
from meetings.network import invitations
from meetings.network.imports import import_municipalities
from meetings.network.models import User
from meetings.network.representatives import import_representatives
from meetings.network.selectors import actor_for
from meetings.scheduling import forecast, reminders
from meetings.scheduling import services as scheduling
from tests import factories
from tests.factories import Side
from tests.frontend.pages import post, queries, url
from tests.notifications.mails import mail

Browser = Callable[[User | None], Client]


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def answer(side: Side, n: int, given: str) -> None:
    more = {"substitute": {"name": "Sam Substitute", "email": "", "office": ""}} if given == "substitute" else {}
    scheduling.respond(
        actor=side.actor(side.representatives[n]), meeting=side.meeting, municipality=side.seats[n], answer=given, reason="", **more
    )


def test_the_forecast_counts_both_keys_by_zone(side: Side) -> None:
    for n, given in enumerate(("attending", "substitute", "regrets")):
        answer(side, n, given)
    meeting = factories.fresh(side.meeting)
    with CaptureQueriesContext(connection) as taken:
        zones = forecast.by_zone(meeting)
    assert len(taken) == 1
    assert [(zone.number, zone.total, zone.silent) for zone in zones] == [(1, 4, 1), (2, 3, 3), (3, 3, 3)]
    assert zones[0].seats == {"attending": 1, "substitute": 1, "regrets": 1, "silent": 1}
    assert zones[0].population == {"attending": 1000, "substitute": 2000, "regrets": 3000, "silent": 4000}
    assert forecast.coming(zones) == (2, 3000) and forecast.invited(zones) == (10, 55_000)


def test_the_office_sees_the_quorum_and_leads_into_the_lists(side: Side, browser_of: Browser) -> None:
    for n in range(4):
        answer(side, n, "attending")
    text = page(browser_of(side.coordinator), url(side.network))
    assert "<strong>4</strong> of 10; the quorum needs 4" in text and "reached" in text
    assert "<strong>10,000</strong> of 55,000; the quorum needs 27,501" in text and "not reached yet" in text
    silent = url(side.network, "meetings", side.meeting.pk, "responses") + f"?zone={side.zones[1].pk}&amp;answer=silent"
    assert f'href="{silent}">3</a>' in text
    assert f'href="{url(side.network, "meetings", side.meeting.pk, "remind")}?zone={side.zones[1].pk}"' in text
    assert f"remind/?zone={side.zones[0].pk}" not in text  # nobody there is silent


def test_the_list_of_answers_is_filtered_by_the_address(side: Side, browser_of: Browser) -> None:
    answer(side, 0, "regrets")
    client, address = browser_of(side.coordinator), url(side.network, "meetings", side.meeting.pk, "responses")
    text = page(client, f"{address}?zone={side.zones[0].pk}&answer=silent")
    assert side.seats[1].name in text and side.seats[0].name not in text and side.seats[5].name not in text
    assert "3 of 10 municipalities are shown." in text
    assert "No municipality has answered so." in page(client, f"{address}?answer=substitute")
    for nonsense in ("?zone=x", "?answer=x", "?zone=\0"):
        assert "10 of 10 municipalities are shown." in page(client, address + nonsense)


def test_what_waits_for_the_office_has_its_link(side: Side, browser_of: Browser) -> None:
    factories.proposal(side, "Night buses", seat=4)
    with clock.at(factories.NOW - timedelta(hours=1)):
        older = factories.proposal(side, "Snow", seat=5)
    mail(side, "uncertain", name="Lost")
    text = page(browser_of(side.coordinator), url(side.network))
    assert f'{url(side.network, "meetings", side.meeting.pk, "agenda")}#waiting-{older.pk}">2 proposals to decide on' in text
    assert "One mail has not arrived, or may not have" in text
    assert "Nothing waits" not in text


def test_the_office_hears_when_nothing_waits_and_who_was_reminded(side: Side, browser_of: Browser) -> None:
    text = page(browser_of(side.coordinator), url(side.network))
    assert "Nothing waits" in text and "Nobody has been reminded yet." in text
    reminders.remind(actor=side.actor("coordinator"), meeting=side.meeting)
    assert "10 people were last reminded on" in page(browser_of(side.coordinator), url(side.network))


def test_minutes_and_action_items_that_wait_lead_to_themselves(side: Side, browser_of: Browser) -> None:
    meeting = factories.closed(side)
    with clock.at(datetime(2026, 12, 12, 9, tzinfo=UTC)):
        text = page(browser_of(side.coordinator), url(side.network))
    assert f"Minutes no. {meeting.number} are a draft: circulate them" in text
    assert f'{url(side.network, "action-items")}?overdue=on&amp;state=unfinished">One action item is overdue' in text


def test_what_is_expected_of_a_representative_in_the_order_of_urgency(side: Side, browser_of: Browser) -> None:
    meeting = factories.closed(side)
    item = factories.items(meeting)[0]
    late = {"title": "Count the lamps", "due_on": date(2026, 11, 19)}
    action_items.create(actor=side.actor("chair"), meeting=meeting, values=late, owner=side.seats[0], agenda_item=item)
    next_one = side.meetings[1]
    factories.draft(side, "Half a thought", meeting=next_one)
    with clock.at(next_one.intake_opens_at + timedelta(hours=1)):
        text = page(browser_of(side.representative), url(side.network))
    places = [
        text.index(words) for words in ("Count the lamps", "Hand in your draft “Half a thought”", f"Say whether {side.seats[0].name}")
    ]
    assert places == sorted(places)
    assert "was due" in text and "Propose what the meeting should talk about" not in text


def test_a_proposal_that_came_back_and_minutes_to_check(side: Side, browser_of: Browser) -> None:
    factories.circulated(side)
    with clock.at(side.meetings[1].intake_opens_at):
        item = factories.proposal(side, "Night buses", meeting=side.meetings[1])
        agenda.return_(actor=side.actor("coordinator"), item=item, reason="Which lines?")
    text = page(browser_of(side.representative), url(side.network))
    assert "“Night buses” came back to you" in text and f"Check the minutes of {side.meeting.title} no. 1" in text
    absent = page(browser_of(side.representatives[9]), url(side.network))
    assert "Check the minutes" not in absent


def test_a_session_that_goes_on_comes_first(side: Side, browser_of: Browser) -> None:
    factories.in_session(side)
    text = page(browser_of(side.representative), url(side.network))
    assert (
        text.index("The meeting is going on")
        < text.index("To the live room")
        < text.index("Next meeting" if "Next meeting" in text else "</main>")
    )


def test_nobody_else_is_expected_to_do_anything(side: Side, browser_of: Browser) -> None:
    for who in ("observer", "auditor"):
        text = page(browser_of(side.people[who]), url(side.network))
        assert "What is expected of you" not in text and "What waits for the office" not in text


# --- the first steps ---


def test_the_guide_goes_from_nothing_to_a_published_agenda(db: None, now: None, browser_of: Browser) -> None:
    network, coordinator = factories.make_network("empty", zones=0, seats=0)
    client, seen, led = browser_of(coordinator), [], []

    def progress() -> str:
        text = page(client, url(network, "first-steps"))
        led.append(client.get(url(network, "first-steps", "next"))["Location"].removeprefix(url(network)))
        seen.append(text[text.index("steps-progress") :].partition("</p>")[0].partition(">")[2])
        return text

    assert "First steps" in page(client, url(network)) and "Import the municipalities" in progress()
    csv = b"istat_code;name;zone_number;zone_name;population\n001272;Torino;1;Torino;847287\n"
    side_actor = actor_for(coordinator, network)
    import_municipalities(actor=side_actor, network=network, data=csv)
    progress()
    town = network.municipalities.get()
    factories.add_member(network, "Anna Rossi", Role.REPRESENTATIVE, municipality=town, office="mayor")
    progress()
    factories.add_member(network, "Chiara Chair", Role.CHAIR)
    progress()
    invitations.invite_all(actor=side_actor, network=network, meeting=None)
    progress()
    series = scheduling.create_series(actor=side_actor, network=network, values=factories.SERIES)
    meeting = series.meetings.order_by("starts_at")[0]
    assert "Put a first item on the agenda" in progress()
    item = agenda.draft(actor=side_actor, meeting=meeting, proposer=None, values={"title": "Welcome"})
    agenda.accept(actor=side_actor, item=agenda.submit(actor=side_actor, item=item, motive=""))
    assert "Now: Publish the agenda." in progress()
    agenda.publish(actor=side_actor, meeting=factories.fresh(meeting))
    progress()
    assert [line.partition(" of ")[0] for line in seen] == [str(n) for n in range(8)]
    before = ["municipalities/import/", "people/import/", "people/new/?role=chair", "people/invite/", "series/new/"]
    own = f"meetings/{meeting.pk}"
    assert led == [*before, f"{own}/propose/", f"{own}/agenda/#publish-title", ""]
    assert "All is ready." in seen[-1] and beginnings(network).is_over
    assert "First steps" not in page(client, url(network))


def test_the_guide_is_put_away_and_brought_back(db: None, now: None, browser_of: Browser) -> None:
    network, coordinator = factories.make_network("empty", zones=0, seats=0)
    client, guide = browser_of(coordinator), url(network, "first-steps")
    assert post(client, guide)["Location"] == url(network)
    assert "steps-title" not in page(client, url(network))
    assert guide in page(client, url(network, "settings"))
    assert post(client, guide)["Location"] == guide
    assert "steps-title" in page(client, url(network))


def test_pages_lead_on_while_the_guide_is_followed(db: None, now: None, browser_of: Browser) -> None:
    network, coordinator = factories.make_network("empty", zones=0, seats=0)
    client, onward, people = browser_of(coordinator), url(network, "first-steps", "next"), url(network, "people")
    assert onward not in page(client, people)
    assert onward in page(client, url(network)) and onward not in page(client, people)  # the button of the step that comes now
    assert client.get(onward)["Location"] == url(network, "municipalities", "import") and onward in page(client, people)
    post(client, url(network, "first-steps"))
    assert onward not in page(client, people)


def test_a_network_that_has_met_needs_no_guide(side: Side, browser_of: Browser) -> None:
    factories.in_session(side)
    assert beginnings(side.network).is_over
    assert "steps-title" not in page(browser_of(side.coordinator), url(side.network))


@pytest.mark.parametrize("what", ["municipalities", "people"])
def test_a_sample_file_can_be_filled_in_and_taken(side: Side, browser_of: Browser, what: str) -> None:
    client = browser_of(side.coordinator)
    response = client.get(url(side.network, what, "import", "example"))
    assert response["Content-Disposition"].startswith("attachment;") and response["Content-Type"].startswith("text/csv")
    lines = response.content.decode("utf-8-sig").splitlines()
    if what == "people":
        assert lines[0] == "istat_code;municipality;name;office;order;email" and len(lines) == 11
        assert lines[1] == f"{side.seats[0].istat_code};{side.seats[0].name};;;1;"
        filled = "\n".join([lines[0], f"{side.seats[0].istat_code};Somewhere;Rita Nuova;sindaca;1;rita.nuova@example.org"]).encode()
        report = import_representatives(actor=side.actor("coordinator"), network=side.network, data=filled, dry_run=True)
        assert report.accepted
    else:
        assert lines[0] == "istat_code;name;zone_number;zone_name;population" and len(lines) == 2


def test_the_guide_takes_few_queries(db: None, now: None, browser_of: Browser) -> None:
    network, coordinator = factories.make_network("empty", zones=0, seats=0)
    client = browser_of(coordinator)
    assert queries(client, url(network)) <= 12 and queries(client, url(network, "first-steps")) <= 12
