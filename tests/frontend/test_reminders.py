"""Reminding the silent: the page says who will be told and who was told today, the button tells them."""

from collections.abc import Callable

from django.test import Client

from meetings import clock
from meetings.network.models import User
from meetings.notifications.models import OutgoingEmail
from meetings.scheduling import services
from tests.api.client import Api
from tests.factories import Side
from tests.frontend.pages import post, url

Browser = Callable[[User | None], Client]


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def asked() -> int:
    return OutgoingEmail.objects.filter(kind="reminder").count()


def test_a_coordinator_sees_whom_it_reaches_and_then_does_it(side: Side, browser_of: Browser) -> None:
    services.respond(actor=side.actor(side.representative), meeting=side.meeting, municipality=side.seats[0], answer="attending")
    client, address = browser_of(side.coordinator), url(side.network, "meetings", side.meeting.pk, "remind")
    page = text_of(client, address)
    assert "9 municipalities have not answered." in page and "Remind 9 people" in page and asked() == 0
    assert side.representatives[1].name in page and side.representative.name not in page
    assert post(client, address)["Location"] == url(side.network, "meetings", side.meeting.pk)
    assert asked() == 9
    page = text_of(client, address)
    assert "There is nobody to remind now." in page and "Told today already" in page


def test_by_zone(side: Side, browser_of: Browser) -> None:
    client, address = browser_of(side.coordinator), url(side.network, "meetings", side.meeting.pk, "remind")
    assert "Remind 3 people" in text_of(client, f"{address}?zone={side.zones[1].pk}")
    post(client, f"{address}?zone={side.zones[1].pk}")
    assert asked() == 3 and "Remind 7 people" in text_of(client, address)
    for zone in ("x", "00000000-0000-0000-0000-000000000000", "\0"):
        assert client.get(address, {"zone": zone}).status_code == 404


def test_a_spokesperson_reminds_their_zone(side: Side, browser_of: Browser) -> None:
    client, address = browser_of(side.spokesperson), url(side.network, "meetings", side.meeting.pk, "remind")
    assert "Remind 4 people" in text_of(client, address)
    assert client.get(address, {"zone": str(side.zones[1].pk)}).status_code == 403
    post(client, address)
    assert asked() == 4
    assert address in text_of(client, url(side.network, "meetings", side.meeting.pk))
    assert address not in text_of(browser_of(side.representative), url(side.network, "meetings", side.meeting.pk))


def test_once_it_has_begun_there_is_nothing_to_press(side: Side, browser_of: Browser) -> None:
    client, address = browser_of(side.coordinator), url(side.network, "meetings", side.meeting.pk, "remind")
    with clock.at(side.meeting.starts_at):
        assert '<button type="submit" class="btn btn-primary"' not in text_of(client, address)
        assert post(client, address).status_code == 409
    assert asked() == 0


def test_the_dashboard_says_what_is_to_come(side: Side, browser_of: Browser) -> None:
    page = text_of(browser_of(side.coordinator), url(side.network))
    assert "Nobody has been reminded yet." in page and "What happens by itself" in page
    assert "Sunday 22 November 2026, 10:00" in page and "Proposals close." in page
    post(browser_of(side.coordinator), url(side.network, "meetings", side.meeting.pk, "remind"))
    assert "10 people were last reminded on" in text_of(browser_of(side.coordinator), url(side.network))
    assert "What happens by itself" not in text_of(browser_of(side.representative), url(side.network))


def test_programs_are_told_how_many(side: Side, api: Callable[[User | None], Api]) -> None:
    asking = api(side.spokesperson).post(f"meetings/{side.meeting.pk}/remind/", {"zone": str(side.zones[0].pk)}, key="1")
    again = api(side.spokesperson).post(f"meetings/{side.meeting.pk}/remind/", {"zone": str(side.zones[0].pk)}, key="1")
    assert asking.json() == again.json() == {"told": 4, "already_told_today": 0}
    assert api(side.coordinator).post(f"meetings/{side.meeting.pk}/remind/", {}).json() == {"told": 6, "already_told_today": 4}


def test_a_series_says_when_in_its_form(side: Side, browser_of: Browser) -> None:
    client, address = browser_of(side.coordinator), url(side.network, "series", side.series.pk, "edit")
    assert 'name="reminder_hours" value="96, 24"' in text_of(client, address)
    fields = {
        "title": "Weekly",
        "duration_minutes": 90,
        "intake_opens_hours": 162,
        "intake_closes_hours": 48,
        "version": side.series.version,
    }
    for wrong in ("soon", "24, -1", "999999", "0"):
        assert post(client, address, **fields, reminder_hours=wrong).status_code == 422
    assert post(client, address, **fields, reminder_hours="12; 72").status_code == 303
    side.series.refresh_from_db()
    assert side.series.reminder_hours == [72, 12]
