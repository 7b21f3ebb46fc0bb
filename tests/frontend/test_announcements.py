"""Announcements as pages: written, shown once more with how many they reach, sent once, read by those they were for."""

from collections.abc import Callable

from django.test import Client

from meetings.announcements.models import Announcement
from meetings.announcements.services import announce
from meetings.network.models import User
from meetings.notifications.models import OutgoingEmail
from tests.factories import Side
from tests.frontend.pages import hidden, post, url
from tests.hostile import MARKUP, TYPED

Browser = Callable[[User | None], Client]
WORDS = {"title": "Snow on Friday", "text": "Schools stay closed.\nRoads are cleared first."}


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def sent() -> int:
    return OutgoingEmail.objects.filter(kind="announcement").count()


def test_it_is_shown_before_it_is_sent(side: Side, browser_of: Browser) -> None:
    client, address = browser_of(side.coordinator), url(side.network, "announcements", "new")
    shown = post(client, address, **WORDS, zone="all")
    page = shown.content.decode()
    assert shown.status_code == 200 and "<strong>14 people</strong>" in page and "Send to 14 people" in page
    assert not Announcement.objects.exists() and sent() == 0
    fields = {**WORDS, "zone": "all", "confirmed": "on", "idempotency_key": hidden(page, "idempotency_key")}
    first, again = client.post(address, fields), client.post(address, fields)
    row = Announcement.objects.get()
    assert first.status_code == again.status_code == 303 and first["Location"] == again["Location"] == url(
        side.network, "announcements", row.pk
    )
    assert sent() == 14


def test_the_text_comes_back_to_be_changed(side: Side, browser_of: Browser) -> None:
    back = post(browser_of(side.coordinator), url(side.network, "announcements", "new"), **WORDS, zone="all", change="1").content.decode()
    assert "Roads are cleared first." in back and 'name="title" value="Snow on Friday"' in back
    assert not Announcement.objects.exists()


def test_a_spokesperson_chooses_their_zone_alone(side: Side, browser_of: Browser) -> None:
    client, address = browser_of(side.spokesperson), url(side.network, "announcements", "new")
    form = text_of(client, address)
    assert side.zones[0].name in form and side.zones[1].name not in form and "Everybody in the network" not in form
    assert "<strong>4 people</strong>" in post(client, address, **WORDS, zone=side.zones[0].pk).content.decode()
    for zone in ("", "all", str(side.zones[1].pk), "not-a-uuid"):
        assert post(client, address, **WORDS, zone=zone, confirmed="on").status_code == 422
    assert not Announcement.objects.exists()


def test_what_is_missing_is_said_in_the_form(side: Side, browser_of: Browser) -> None:
    client, address = browser_of(side.coordinator), url(side.network, "announcements", "new")
    for fields in ({"title": "", "text": "x"}, {"title": "x", "text": " "}, {"title": "x", "text": "\0"}):
        for confirmed in ({}, {"confirmed": "on"}):
            assert post(client, address, **fields, zone="all", **confirmed).status_code == 422, fields
    assert sent() == 0


def test_hostile_words_do_no_harm(side: Side, browser_of: Browser) -> None:
    client, address = browser_of(side.coordinator), url(side.network, "announcements", "new")
    for words in TYPED:
        for name in ("title", "text", "zone", "confirmed", "change"):
            assert post(client, address, **{**WORDS, "zone": "all", name: words}).status_code in (200, 303, 422), (name, words[:20])
    row = announce(actor=side.actor(side.coordinator), network=side.network, values={"title": MARKUP, "text": MARKUP})
    for page in (url(side.network, "announcements"), url(side.network, "announcements", row.pk)):
        assert MARKUP not in text_of(client, page)


def test_afterwards_it_is_read_by_those_it_was_for(side: Side, browser_of: Browser) -> None:
    row = announce(actor=side.actor(side.coordinator), network=side.network, zone=side.zones[0], values=WORDS)
    index, page = url(side.network, "announcements"), url(side.network, "announcements", row.pk)
    assert "Roads are cleared first." in text_of(browser_of(side.representative), page)
    assert "mailed to" not in text_of(browser_of(side.representative), page)
    assert "It was mailed to 5 people." in text_of(browser_of(side.coordinator), page)
    assert WORDS["title"] in text_of(browser_of(side.representative), index)
    outside = browser_of(side.representatives[9])
    assert outside.get(page).status_code == 404 and "Nothing has been announced yet." in text_of(outside, index)
    link = browser_of(side.representative).get(f"/go/announcement/{row.pk}")
    assert link["Location"] == page and outside.get(f"/go/announcement/{row.pk}").status_code == 404


def test_an_empty_list_says_what_to_do_next(side: Side, browser_of: Browser) -> None:
    address = url(side.network, "announcements")
    assert url(side.network, "announcements", "new") in text_of(browser_of(side.coordinator), address)
    assert url(side.network, "announcements", "new") not in text_of(browser_of(side.representative), address)
