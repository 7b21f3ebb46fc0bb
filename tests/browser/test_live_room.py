"""The live room in real browsers: several people at once, over lines that fail, by keyboard alone, on a phone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from meetings.events.models import Event
from meetings.live.models import Poll, SpeakerRequest, SpeakerState, Vote
from tests import factories
from tests.browser.keyboard import Keyboard
from tests.browser.line import Line, line_to
from tests.browser.session import DESK, PHONE, SMALL_PHONE, Session, session_under_way

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.timeout(180)]
SOON = 10_000
"""Milliseconds: what a test waits for at most, on a busy machine."""


@pytest.fixture
def session(transactional_db: None) -> Iterator[Session]:
    with session_under_way() as session:
        yield session


@pytest.fixture
def line(session: Session) -> Iterator[Line]:
    with line_to(session.address) as line:
        yield line


def connected(*pages: Page) -> None:
    for page in pages:
        expect(page.locator("[data-outbox-user][data-ready]")).to_be_attached(timeout=SOON)
        expect(page.locator("[data-live-state]")).to_have_attribute("data-state", "open", timeout=SOON)


def ask_for_the_floor(page: Page) -> None:
    page.locator("#mine").get_by_role("link", name="Ask for the floor").click()
    page.get_by_label("reply").check()
    page.get_by_role("button", name="Send").click()


def open_poll(session: Session) -> Poll:
    return session.read(lambda: factories.open_poll(session.side, factories.fresh(session.meeting)))


def said(page: Page, place: str = "announce") -> str:
    return " ".join(page.locator(f"[data-live-{place}]").all_inner_texts())


def vote(page: Page) -> None:
    page.locator("#vote button[name=choice][value=yes]").click()


def test_four_people_in_one_session(session: Session) -> None:
    side = session.side
    chair, one, observer = (session.open(user) for user in (side.chair, side.representatives[0], side.observer))
    two = session.open(side.representatives[1], width=PHONE)
    everybody = (chair, one, two, observer)
    connected(*everybody)

    ask_for_the_floor(two)
    town = side.seats[1].name
    for page in everybody:
        expect(page.locator("#speakers li").filter(has_text=town)).to_be_visible(timeout=SOON)
    connected(two)
    chair.keyboard.press("1")
    expect(two.locator("[data-live-alert]")).to_have_text(f"You have the floor: {town}", timeout=SOON)
    expect(two.locator("#turn").get_by_text(f"You have the floor: {town}")).to_be_visible()
    expect(one.locator("#turn p:visible")).to_have_count(0)
    chair.keyboard.press("s")
    expect(one.get_by_text("1 has spoken on this item")).to_be_visible(timeout=SOON)

    poll = open_poll(session)
    for page in everybody:
        expect(page.locator("#vote-title")).to_have_text(poll.question, timeout=SOON)
        expect(page.locator("[data-live-announce]")).to_contain_text(f"A vote is open: {poll.question}")
    for page in (one, two):
        vote(page)
        expect(page.locator("#vote button[aria-pressed=true]")).to_be_visible(timeout=SOON)
    for page in (chair, observer):
        expect(page.locator("#vote tfoot tr").first.locator("td").first).to_have_text("2", timeout=SOON)
    assert session.read(lambda: list(Vote.objects.values_list("choice", flat=True))) == ["yes", "yes"]


def test_a_line_that_fails_loses_nothing_and_doubles_nothing(session: Session, line: Line) -> None:
    open_poll(session)
    user, town = session.side.representatives[0], session.side.seats[0]
    chair = session.open(session.side.chair)
    page = session.open(user, address=line.address)
    beside = page.context.new_page()
    beside.goto(line.address + session.path("seats", town.pk, "floor"))
    connected(page, chair)

    line.cut()
    vote(page)
    expect(page.locator("[data-entry]")).to_have_count(1, timeout=SOON)
    beside.get_by_label("reply").check()
    beside.get_by_role("button", name="Send").click()
    for tab in (page, beside):
        expect(tab.locator("[data-entry]")).to_have_count(2, timeout=SOON)
        expect(tab.locator("[data-entry]").first).to_contain_text("not sent")
    assert "Not sent yet: 2" in said(beside)
    expect(beside.locator("[data-entry]").last).to_contain_text("Ask for the floor")

    page.close()
    beside.close()
    assert counts(session) == (0, 0, 0, 0)
    line.mend()
    page = back_on_a_bad_line(session, line, chair, page)
    expect(page.locator("[data-entry]")).to_have_count(0, timeout=SOON)
    expect(page.locator("#vote button[aria-pressed=true]")).to_be_visible(timeout=SOON)
    expect(chair.locator("#speakers li").filter(has_text=town.name)).to_be_visible(timeout=SOON)
    assert counts(session) == (1, 1, 1, 1)


def back_on_a_bad_line(session: Session, line: Line, chair: Page, closed: Page) -> Page:
    """The person opens the room again where nothing can be sent, then where the answers are lost, then on a good line."""
    context = closed.context
    context.route(
        "**/*", lambda route: route.abort() if route.request.method == "POST" and "ticket" not in route.request.url else route.continue_()
    )
    page = context.new_page()
    for _again in range(2):
        page.goto(line.address + session.path())
        expect(page.locator("[data-entry]")).to_have_count(2, timeout=SOON)
    context.unroute_all()
    line.lose_answers()
    page.locator("[data-outbox-now]").first.click()
    expect(chair.locator("#vote tfoot tr").first.locator("td").first).to_have_text("1", timeout=SOON)
    expect(page.locator("[data-entry]")).to_have_count(2)
    line.mend()
    return page


def counts(session: Session) -> tuple[int, int, int, int]:
    """Votes and places in the list of speakers, as rows and as events."""
    names = ("vote.cast", "speaker_request.requested")
    return session.read(
        lambda: (Vote.objects.count(), SpeakerRequest.objects.count(), *(Event.objects.filter(type=name).count() for name in names))
    )  # type: ignore[return-value]


def test_somebody_else_on_the_same_computer_neither_sees_nor_sends_it(session: Session, line: Line) -> None:
    open_poll(session)
    first, second = session.side.representatives[:2]
    page = session.open(first, address=line.address)
    connected(page)
    line.cut()
    vote(page)
    expect(page.locator("[data-entry]")).to_have_count(1, timeout=SOON)
    page.context.add_cookies([{"name": "sessionid", "value": session.cookies[str(second.pk)], "url": line.address}])
    line.mend()
    expect(page.locator("[data-outbox-held]")).to_be_visible(timeout=SOON)
    page.goto(line.address + session.path())
    connected(page)
    expect(page.locator("[data-entry]")).to_have_count(0)
    assert session.read(Vote.objects.count) == 0
    page.context.add_cookies([{"name": "sessionid", "value": session.cookies[str(first.pk)], "url": line.address}])
    page.goto(line.address + session.path())
    expect(page.locator("#vote button[aria-pressed=true]")).to_be_visible(timeout=SOON)
    assert session.read(lambda: list(Vote.objects.values_list("municipality", flat=True))) == [session.side.seats[0].pk]


def test_the_chair_works_by_keyboard_alone(session: Session) -> None:
    side = session.side
    chair, one = session.open(side.chair), session.open(side.representatives[0])
    connected(chair, one)
    hands = Keyboard(chair)
    hands.to("Go to the next item")
    chair.keyboard.press("Enter")
    expect(chair.locator("#current-item")).to_contain_text("Now: item 2", timeout=SOON)
    expect(chair.locator("[data-live-announce]")).to_contain_text("Now: item 2")
    assert hands.is_at("Go to the next item")

    ask_for_the_floor(one)
    expect(chair.locator("#speakers [data-key='1']")).to_be_visible(timeout=SOON)
    assert hands.is_at("Go to the next item")
    for key, state in (("1", SpeakerState.SPEAKING), ("s", SpeakerState.SPOKEN), ("Control+z", SpeakerState.SPEAKING)):
        chair.keyboard.press(key)
        wanted = ".speaking" if state == SpeakerState.SPEAKING else "#spoken"
        expect(chair.locator(f"#speakers {wanted}")).to_be_visible(timeout=SOON)
        assert session.read(lambda: SpeakerRequest.objects.latest("requested_at").state) == state
        assert hands.is_at("Go to the next item")

    chair.keyboard.press("Enter")
    expect(chair.get_by_role("button", name="Go on all the same")).to_be_visible(timeout=SOON)
    with chair.expect_navigation():
        chair.get_by_role("link", name="Stay on this item").press("Enter")
    connected(chair)

    chair.keyboard.press("?")
    dialog = chair.get_by_role("dialog", name="Keyboard")
    expect(dialog.locator("dt")).to_have_text(["/", "S"])
    dialog.get_by_role("checkbox").press("Space")
    chair.keyboard.press("Escape")
    chair.keyboard.press("s")
    chair.keyboard.press("?")
    expect(dialog).to_be_hidden()
    assert session.read(lambda: SpeakerRequest.objects.latest("requested_at").state) == SpeakerState.SPEAKING


def test_on_every_width_nothing_hinders(session: Session) -> None:
    open_poll(session)
    side = session.side
    for user in (side.chair, side.representatives[0]):
        page = session.open(user)
        connected(page)
        for width in (SMALL_PHONE, PHONE, DESK):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (user.name, width)
            assert not too_small(page), (user.name, width)
            found = Axe().run(page)
            assert found.violations_count == 0, (user.name, width, found.generate_report())


def too_small(page: Page) -> list[str]:
    """Buttons that a finger cannot hit: under 24 px (WCAG 2.5.8), or outside of the page."""
    return page.evaluate(
        """[...document.querySelectorAll("main button, main a.btn")].filter((button) => {
             const box = button.getBoundingClientRect();
             return box.width && (box.height < 24 || box.width < 24 || box.left < 0 || box.right > innerWidth);
           }).map((button) => button.textContent)"""
    )  # type: ignore[no-any-return]
