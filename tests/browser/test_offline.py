"""Visited pages are read without a line, by the person who visited them and by nobody else: in a real browser with its service worker."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from meetings.announcements.models import Announcement
from meetings.network.models import User
from tests.browser.line import SLOWNESS, Line, line_to
from tests.browser.session import PHONE, Session, session_under_way

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.timeout(240)]
SOON = 15_000
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const copy = await cache.match(request, { ignoreVary: true });
      if (copy) found.push([request.url, await copy.text()]);  // one that is renewed meanwhile is gone for an instant
    }
  }
  return found;
}"""


@pytest.fixture
def session(transactional_db: None) -> Iterator[Session]:
    with session_under_way() as session:
        yield session


@pytest.fixture
def line(session: Session) -> Iterator[Line]:
    with line_to(session.address) as line:
        yield line


class Phone:
    """A browser with its service worker, on a line that can be cut."""

    def __init__(self, session: Session, line: Line) -> None:
        self.session, self.line = session, line
        self.context: BrowserContext = session.browser.new_context(locale="en-GB", viewport={"width": PHONE, "height": 844})
        self.context.set_default_timeout(SOON)
        self.page: Page = self.context.new_page()

    def sign_in(self, who: User) -> None:
        cookie = {"name": "sessionid", "value": self.session.cookies[str(who.pk)], "url": self.line.address}
        self.context.add_cookies([cookie])  # type: ignore[list-item]

    def go(self, *parts: object) -> Page:
        self.page.goto("/".join([self.line.address, "en", self.session.side.network.slug, *map(str, parts), ""]))
        return self.page

    def visit(self, *parts: object) -> Page:
        """Opens a page and waits until it is kept."""
        page = self.go(*parts)
        page.evaluate("navigator.serviceWorker.ready")
        page.wait_for_function("async (url) => !!(await caches.match(url, {ignoreVary: true}))", arg=page.url)
        return page

    def kept(self) -> list[tuple[str, str]]:
        return [(url, text) for url, text in self.page.evaluate(KEPT) if not re.search("/static/|/offline/$|/state$", url)]


@pytest.fixture
def phone(session: Session, line: Line) -> Phone:
    phone = Phone(session, line)
    phone.sign_in(session.side.representative)
    phone.visit("meetings")
    return phone


def meeting(phone: Phone) -> tuple[object, ...]:
    return ("meetings", phone.session.meeting.pk)


def test_visited_pages_are_read_without_a_line(phone: Phone) -> None:
    title = phone.visit(*meeting(phone)).get_by_role("heading", level=1).inner_text()
    notice = phone.page.get_by_text("You are reading a copy that this device has kept")
    expect(notice).to_be_hidden()
    phone.line.cut()

    page = phone.go(*meeting(phone))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("(Europe/Rome)")
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).borderStyle") == "solid", "its styles are there too"
    phone.go("meetings")
    expect(notice).to_be_visible()

    phone.line.mend()
    phone.go(*meeting(phone))
    expect(notice).to_be_hidden()


def test_a_page_never_visited_says_what_to_do_and_what_there_is(phone: Phone) -> None:
    phone.visit(*meeting(phone))
    phone.line.cut()
    page = phone.go("action-items")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    expect(page.get_by_text("A session goes on by phone")).to_be_visible()
    links = page.get_by_role("list").last.get_by_role("link")
    expect(links).to_have_count(2)
    links.first.click()
    expect(page.get_by_text("You are reading a copy")).to_be_visible()


def test_what_could_not_be_sent_is_sent_again_once(phone: Phone) -> None:
    phone.sign_in(phone.session.side.coordinator)
    page = phone.go("announcements", "new")
    page.locator("[name=title]").fill("Snow on the passes <b>tonight</b>")
    page.locator("[name=text]").fill("Who clears it?")
    phone.line.cut()
    page.locator("main form .btn-primary").last.click()
    for _try in range(2):
        expect(page.get_by_role("heading", name="What you sent has not arrived")).to_be_visible()
        expect(page.get_by_text("Snow on the passes <b>tonight</b>")).to_be_visible()
        if _try == 1:
            phone.line.mend()
        page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("heading", name="What you sent has not arrived")).to_be_hidden()
    page.locator("main form .btn-primary").last.click()
    expect(page.get_by_text("The announcement is on its way.")).to_be_visible()
    assert phone.session.read(lambda: Announcement.objects.filter(title__startswith="Snow on").count()) == 1


def test_nobody_elses_pages_are_on_the_device(phone: Phone) -> None:
    mine, other = phone.session.side.representative, phone.session.side.coordinator
    phone.visit(*meeting(phone))
    assert any(mine.name in text for _url, text in phone.kept())

    phone.sign_in(other)
    phone.visit("announcements")
    kept = phone.kept()
    assert kept and not [url for url, text in kept if mine.name in text]
    phone.line.cut()
    phone.go(*meeting(phone))
    expect(phone.page.get_by_role("heading", name="No connection")).to_be_visible()
    assert mine.name not in phone.page.content()


def test_signing_out_leaves_nothing(phone: Phone) -> None:
    phone.visit(*meeting(phone))
    phone.page.get_by_role("button", name="Sign out").click()
    expect(phone.page.get_by_role("link", name="Sign in").first).to_be_visible()
    assert phone.kept() == []
    phone.line.cut()
    phone.go(*meeting(phone))
    expect(phone.page.get_by_role("heading", name="No connection")).to_be_visible()


def test_a_session_that_ended_leaves_nothing(phone: Phone) -> None:
    phone.visit(*meeting(phone))
    phone.context.clear_cookies()
    phone.go("meetings")
    expect(phone.page.locator("input[type=email]")).to_be_visible()
    phone.page.wait_for_function("async () => !(await caches.has('raccordo-pages'))")
    assert phone.kept() == []


def test_secrets_mails_and_programs_are_not_kept(phone: Phone) -> None:
    phone.go("calendar")
    for path in ("/en/me/tokens/", "/en/me/data/", "/en/accounts/logout/", "/reply/unknown/", "/api/v1/docs/"):
        phone.page.goto(phone.line.address + path)
    phone.visit(*meeting(phone))
    assert sorted(
        re.sub(r"[0-9a-f-]{36}", "…", url.removeprefix(phone.line.address)) for url, _text in phone.kept() if url[-6:] != "/state"
    ) == [
        f"/en/{phone.session.side.network.slug}/meetings/",
        f"/en/{phone.session.side.network.slug}/meetings/…/",
    ]


def test_on_a_slow_line_the_copy_comes_first_and_the_page_is_offered(phone: Phone) -> None:
    phone.visit(*meeting(phone))
    phone.line.slow_down()
    begun = time.monotonic()
    page = phone.go(*meeting(phone))
    assert time.monotonic() - begun < SLOWNESS
    expect(page.get_by_text("You are reading a copy")).to_be_visible()
    page.get_by_role("link", name="Show the page as it is now").click()
    phone.line.mend()
    phone.go(*meeting(phone))
    expect(page.get_by_text("You are reading a copy")).to_be_hidden()


def test_after_something_was_sent_a_slow_line_is_waited_for(phone: Phone) -> None:
    phone.visit(*meeting(phone))
    phone.page.goto(f"{phone.line.address}/en/me/mail/")
    phone.page.locator("main form button[type=submit]").first.click()
    expect(phone.page.locator("main .alert-success")).to_be_visible()
    phone.line.slow_down()
    page = phone.go(*meeting(phone))
    expect(page.get_by_text("You are reading a copy")).to_be_hidden()


def test_a_copys_forms_go_out_under_keys_of_their_own(phone: Phone) -> None:
    page = phone.visit("meetings", phone.session.meeting.pk, "propose")
    key = page.locator("[name=idempotency_key]").first.input_value()
    phone.line.cut()
    page = phone.visit("meetings", phone.session.meeting.pk, "propose")
    expect(page.get_by_text("You are reading a copy")).to_be_visible()
    assert len(page.locator("[name=idempotency_key]").first.input_value()) == len(key)
    assert page.locator("[name=idempotency_key]").first.input_value() != key
