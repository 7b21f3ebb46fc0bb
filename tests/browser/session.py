"""A session under way and the people in it, each at a computer of their own: for the tests of the live room."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from django.db import connections
from django.test import Client
from django.utils import translation
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from meetings import clock
from meetings.network.models import User
from meetings.scheduling.models import Meeting
from tests import factories
from tests.browser.serving import serving
from tests.conftest import BACKEND
from tests.factories import Side

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
DESK, PHONE, SMALL_PHONE = 1280, 390, 320
SEATS = 4
Read = TypeVar("Read")


@dataclass
class Session:
    """Four municipalities, all present, on the first of three items."""

    side: Side
    meeting: Meeting
    address: str
    cookies: dict[str, str]
    browser: Browser
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def path(self, *parts: object) -> str:
        return "/".join(["", "en", self.side.network.slug, "meetings", str(self.meeting.pk), "room", *map(str, parts), ""])

    def open(self, who: User, *parts: object, width: int = DESK, address: str = "") -> Page:
        """The person opens the room, or a page beside it."""
        address = address or self.address
        context = self.browser.new_context(locale="en-GB", viewport={"width": width, "height": 844}, has_touch=width < DESK)
        context.add_cookies([{"name": "sessionid", "value": self.cookies[str(who.pk)], "url": address}])
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(address + self.path(*parts))
        return page

    def visit(self, who: User | None, path: str = "", *, javascript: bool = True) -> Page:
        """The person begins at the dashboard, or at the address; None: nobody is signed in."""
        context = self.browser.new_context(locale="en-GB", viewport={"width": DESK, "height": 844}, java_script_enabled=javascript)
        context.set_default_timeout(30_000)
        if who:
            context.add_cookies([{"name": "sessionid", "value": self.cookies[str(who.pk)], "url": self.address}])
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(self.address + (path or f"/en/{self.side.network.slug}/"))
        return page

    def read(self, question: Callable[[], Read]) -> Read:
        """Asks the database, which must not be asked on the thread of the browser's event loop."""
        return self._threads.submit(_with_a_connection_of_its_own, question).result()


def _with_a_connection_of_its_own(question: Callable[[], Read]) -> Read:
    try:
        with translation.override("en"):
            return question()
    finally:
        connections.close_all()


@contextmanager
def session_under_way(bring: Callable[[Side], Meeting] = factories.in_session) -> Iterator[Session]:
    """Needs a test database with real transactions. `bring` takes the next meeting to another stage."""
    first_day = clock.now().date() + timedelta(days=3)
    days = {"weekday": first_day.weekday(), "starts_on": first_day, "ends_on": first_day + timedelta(days=10)}
    hours = {"intake_opens_hours": 600, "intake_closes_hours": 1}
    side = factories.make_side("home", seats=SEATS, series={**factories.SERIES, **days, **hours})
    meeting = bring(side)
    cookies = {str(user.pk): cookie_of(user) for user in (*side.representatives, *side.people.values())}
    with serving() as address, sync_playwright() as playwright:
        browser = launch(playwright)
        session = Session(side, meeting, address, cookies, browser)
        yield session
        browser.close()
        session._threads.shutdown()


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium", args=ARGUMENTS)


def cookie_of(user: User) -> str:
    """The cookie of a session of the person. To be asked for before the browser starts: its thread must not ask the database."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client.cookies["sessionid"].value
