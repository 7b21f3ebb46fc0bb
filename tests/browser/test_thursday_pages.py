"""One Thursday through the pages without JavaScript, from the series to the report on an action item."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from meetings import clock
from meetings.access import Role
from meetings.network.models import User
from tests import factories
from tests.browser.serving import serving
from tests.conftest import BACKEND

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
FIRST, SECOND = "Snow clearing", "Cycle path"


@dataclass(frozen=True)
class Town:
    """A network of three municipalities, and the address it is served at."""

    address: str
    slug: str
    people: dict[str, User]
    sessions: dict[str, str]
    """The session cookie of each person."""


def _people() -> tuple[str, dict[str, User]]:
    """Towns 2 and 3 of three have more than half of the population: together they are a quorum and carry a motion."""
    network, coordinator = factories.make_network("thursday", zones=1, seats=3)
    towns = network.municipalities.order_by("istat_code")
    people = {f"town {n}": factories.add_member(network, f"Tina Town {n}", Role.REPRESENTATIVE, municipality=towns[n - 1]) for n in (2, 3)}
    return network.slug, {**people, "coordinator": coordinator, "chair": factories.add_member(network, "Chiara Chair", Role.CHAIR)}


def _session(user: User) -> str:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client.cookies["sessionid"].value


@pytest.fixture
def town(transactional_db: None) -> Iterator[Town]:
    slug, people = _people()
    sessions = {name: _session(user) for name, user in people.items()}
    with serving() as address:
        yield Town(address, slug, people, sessions)


@pytest.fixture
def chromium(town: Town) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


def visit(chromium: Browser, town: Town, who: str) -> Page:
    """Somebody at their own computer, signed in."""
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    context.add_cookies([{"name": "sessionid", "value": town.sessions[who], "url": town.address}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{town.address}/en/{town.slug}/")
    return page


def press(page: Page, name: str) -> None:
    """A button that sends a form; goes on when the answer is there."""
    send(page, page.get_by_role("button", name=name).first)


def send(page: Page, button: Locator) -> None:
    with page.expect_navigation():
        button.click()


def follow(page: Page, name: str, within: str = "body") -> None:
    with page.expect_navigation():
        page.locator(within).get_by_role("link", name=name).first.click()


def make_series(page: Page) -> None:
    follow(page, "Series")
    follow(page, "Make a series")
    first_day = clock.now() + timedelta(days=3)
    page.get_by_label("Title", exact=True).fill("Weekly coordination")
    page.get_by_label("Weekday").select_option(str(first_day.weekday()))
    page.get_by_label("First day").fill(first_day.strftime("%Y-%m-%d"))
    page.get_by_label("Last day").fill((first_day + timedelta(days=30)).strftime("%Y-%m-%d"))
    page.get_by_label("Proposals open, hours before the start").fill("600")
    page.get_by_label("Proposals close, hours before the start").fill("1")
    press(page, "Make the series")
    expect(page.get_by_role("heading", name="Weekly coordination").first).to_be_visible()


def to_next_meeting(page: Page, town: Town) -> None:
    page.goto(f"{town.address}/en/{town.slug}/")
    follow(page, "20", ".figure-large")


def answer(page: Page) -> None:
    page.get_by_label("We attend").check()
    press(page, "Send the answer")


def propose(page: Page, title: str, file: Path | None = None) -> None:
    follow(page, "Propose an item")
    page.get_by_label("Title", exact=True).fill(title)
    press(page, "Keep as a draft")
    if file:
        page.locator("input[type=file]").set_input_files(file)
        press(page, "Attach")
        expect(page.get_by_role("link", name=file.name, exact=True)).to_be_visible()
    press(page, "Hand in")
    expect(page.get_by_text("proposed").first).to_be_visible()


def build_agenda(page: Page, town: Town) -> None:
    """Accepts both, puts the second first, publishes."""
    to_next_meeting(page, town)
    follow(page, "Build the agenda")
    for _item in (FIRST, SECOND):
        press(page, "Accept")
    send(page, page.locator(".running-order > li", has_text=SECOND).get_by_role("button", name="Up"))
    expect(page.locator(".running-order > li").first).to_contain_text(SECOND)
    press(page, "Publish the agenda")
    to_next_meeting(page, town)
    expect(page.locator(".running-order > li").first).to_contain_text(SECOND)


def to_room(page: Page, town: Town) -> None:
    to_next_meeting(page, town)
    follow(page, "To the live room")


def seen(page: Page, text: str) -> None:
    """Once the page is loaded again."""
    page.reload()
    expect(page.get_by_text(text).first).to_be_visible(timeout=10_000)


def test_a_thursday_without_javascript(town: Town, chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "map.pdf"
    file.write_bytes(b"%PDF-1.7\n1 0 obj<<>>endobj\n")
    coordinator, chair, two, three = (visit(chromium, town, who) for who in ("coordinator", "chair", "town 2", "town 3"))

    make_series(coordinator)
    for page in (two, three):
        to_next_meeting(page, town)
        answer(page)
    to_next_meeting(two, town)
    propose(two, FIRST, file)
    to_next_meeting(coordinator, town)
    propose(coordinator, SECOND)
    build_agenda(coordinator, town)

    for page in (two, three, chair, coordinator):
        to_room(page, town)
    for page in (two, three):
        press(page, "I am present")
    seen(chair, "Open the session")
    press(chair, "Open the session")
    press(chair, "Go to the first item")
    seen(two, "Now: item 1")
    press(chair, "Go to the next item")
    seen(two, "Now: item 2")

    follow(two, "Ask for the floor")
    two.get_by_label("reply").check()
    press(two, "Send")
    seen(chair, "Tina Town 2")
    press(chair, "Give the floor")
    press(chair, "Has finished")
    expect(chair.get_by_text("1 has spoken on this item")).to_be_visible()

    follow(chair, "Vote", "#current-item")
    chair.get_by_label("Question").fill("Shall the plan be approved?")
    press(chair, "Open the vote now")
    for page in (two, three):
        seen(page, "Shall the plan be approved?")
        send(page, page.locator("button[name=choice][value=yes]"))
        expect(page.get_by_text("you voted “")).to_be_visible()
    chair.reload()
    press(chair, "Close the vote")
    seen(chair, "Nobody can vote afterwards.")
    press(chair, "Close the vote")
    seen(three, "To be carried, the motion needs 1 of all 3 municipalities and 3,001 of 6,000 inhabitants.")
    expect(chair.get_by_text("carried", exact=True)).to_be_visible()

    to_room(coordinator, town)
    follow(coordinator, "Notes", "#current-item")
    coordinator.get_by_label("Note", exact=True).fill("The plan is presented.")
    press(coordinator, "Save the note")
    to_room(coordinator, town)
    follow(coordinator, "Record as a decision")
    expect(coordinator.get_by_label("Decision")).to_have_value("Shall the plan be approved?")
    coordinator.get_by_label("Decision").fill("The plan is approved.")
    press(coordinator, "Send")
    follow(coordinator, "Action item", "#current-item")
    coordinator.get_by_label("What is to be done").fill("Send the timetable")
    coordinator.get_by_label("Municipality").select_option(label="Town 002 thursday")
    press(coordinator, "Save")
    seen(two, "The plan is approved.")

    to_room(chair, town)
    follow(chair, "Close the session")
    expect(chair.get_by_text("nothing is carried over")).to_be_visible()
    press(chair, "Close the session")
    minutes = chair.url
    expect(chair.get_by_role("heading", name="Minutes")).to_be_visible()

    coordinator.goto(minutes)
    follow(coordinator, "Circulate")
    press(coordinator, "Circulate")
    chair.goto(minutes)
    follow(chair, "Approve")
    press(chair, "Approve")
    two.goto(minutes)
    for text in ("Approved by Chiara Chair", "The plan is presented.", "The plan is approved.", "2 of 3 municipalities took part"):
        expect(two.get_by_text(text).first).to_be_visible()

    follow(two, "Send the timetable")
    two.get_by_label("It is done").check()
    two.get_by_label("In words").fill("Sent to all on Friday.")
    press(two, "Save the report")
    coordinator.goto(f"{town.address}/en/{town.slug}/action-items/?state=done")
    follow(coordinator, "Send the timetable")
    expect(coordinator.get_by_text("Sent to all on Friday.")).to_be_visible()
