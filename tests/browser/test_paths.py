"""Each role's whole path by keyboard alone: what the day's work needs is reached by Tab, and the focus is always seen."""

import re
from collections.abc import Iterator

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from meetings.action_items.models import ActionItem
from meetings.agenda.models import AgendaItem, ItemState
from meetings.live.models import Poll, SpeakerRequest, Vote
from meetings.minutes.models import Correction, Decision, Minutes
from meetings.notifications.delivery import deliver_due
from meetings.notifications.models import OutgoingEmail
from meetings.scheduling.models import Meeting, Response
from tests import factories
from tests.browser.keyboard import SOON, Keyboard
from tests.browser.session import Session, session_under_way
from tests.browser.week import all_vote, approving, ask_for_the_floor, circulate, gathered, held, into_session

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.timeout(180)]
HOME = "/en/home/"
IN_FAVOUR = "In favour"
"""A vote's usual choice, in the reader's language."""


@pytest.fixture
def week(transactional_db: None) -> Iterator[Session]:
    """Before the meeting: proposals are taken, nothing is on the agenda."""
    with session_under_way(lambda side: side.meeting) as session:
        yield session


@pytest.fixture
def intake(transactional_db: None) -> Iterator[Session]:
    """Two items on the agenda, a proposal waits."""
    with session_under_way(factories.scheduled) as session:
        yield session


@pytest.fixture
def room(transactional_db: None) -> Iterator[Session]:
    """Before the session is opened: all are there."""
    with session_under_way(gathered) as session:
        yield session


@pytest.fixture
def second(transactional_db: None) -> Iterator[Session]:
    """In the second session, on the minutes of the first, which circulate."""
    with session_under_way(approving) as session:
        yield session


def mailed_code(to: str) -> str:
    deliver_due()
    (letter,) = [letter for letter in mail.outbox if to in letter.recipients()[0]]
    found = re.search(r"^\W*([A-Z]{4}-[A-Z]{4})\W*$", str(letter.body), re.MULTILINE)
    assert found, letter.body
    return found[1]


def test_a_representative(week: Session) -> None:
    side, mayor = week.side, week.side.representative
    page = week.visit(None, "/en/accounts/login/code/")
    hands = Keyboard(page)
    hands.skip()
    hands.write("Email", mayor.email)
    hands.follow("Send me a code")
    hands.write("Code", week.read(lambda: mailed_code(mayor.email)))
    hands.follow("Sign in")

    hands.skip()
    hands.choose("Your answer", "We attend")
    hands.follow("Send the answer")
    assert week.read(lambda: Response.objects.get().answer) == "attending"

    hands.skip()
    hands.follow("Propose an item")
    hands.skip()
    hands.write("Title", "Snow clearing")
    hands.reads("Saved at")
    page.reload()
    expect(page.get_by_label("Title", exact=True)).to_have_value("Snow clearing")
    hands.skip()
    hands.follow("Save")
    hands.skip()
    hands.follow("Hand in")
    assert week.read(lambda: AgendaItem.objects.get().state) == ItemState.PROPOSED

    week.read(lambda: factories.open_poll(side, into_session(side)))
    page.goto(week.address + HOME)
    hands.skip()
    hands.follow("To the live room")
    connected(page)
    hands.skip()
    hands.follow("Ask for the floor")
    hands.skip()
    hands.choose("What for", "reply")
    hands.follow("Send")
    connected(page)
    hands.reads("On the list of speakers: reply")
    hands.skip()
    hands.press(IN_FAVOUR)
    hands.reads(f"you voted “{IN_FAVOUR}”")
    assert hands.is_at(IN_FAVOUR)
    assert week.read(lambda: (SpeakerRequest.objects.count(), Vote.objects.get().choice)) == (1, "yes")

    week.read(lambda: circulate(side))
    page.goto(week.address + HOME)
    hands.skip()
    hands.follow("Read the minutes")
    hands.skip()
    hands.follow("Ask for a correction")
    hands.follow("Ask for the correction")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert page.title().startswith("Error: Ask for a correction")
    hands.press("What is wrong")
    hands.write("What is wrong", "It was line 2.")
    hands.follow("Ask for the correction")
    assert week.read(lambda: Correction.objects.get().text) == "It was line 2."

    page.goto(week.address + HOME)
    hands.skip()
    hands.follow("Send the timetable")
    hands.skip()
    hands.choose("What is new", "It is done")
    hands.write("In words", "Sent to all on Friday.")
    hands.follow("Save the report")
    assert week.read(lambda: ActionItem.objects.get().state) == "done"
    hands.reads("Sent to all on Friday.")


def test_a_coordinator(intake: Session) -> None:
    side = intake.side
    page = intake.visit(side.coordinator)
    hands = Keyboard(page)
    hands.skip()
    hands.follow("Build the agenda")
    hands.skip()
    hands.follow("Accept")
    hands.skip()
    hands.press("Down")
    hands.reads("“School buses home” is now no. 2 of 3")
    hands.follow("Publish the agenda")
    order = intake.read(lambda: [item.title for item in factories.items(side.meeting)])
    assert order == ["Civil protection home", "School buses home", "Waste collection home"]

    page.goto(intake.address + HOME)
    hands.skip()
    hands.follow("Remind the silent")
    hands.skip()
    hands.follow("Remind 4 people")
    assert intake.read(lambda: OutgoingEmail.objects.filter(kind="reminder").count()) == 4

    intake.read(lambda: held(side))
    page.goto(intake.address + HOME)
    hands.skip()
    hands.follow("Weekly coordination")
    hands.skip()
    hands.follow("Edit introduction, chair and secretary")
    hands.skip()
    hands.write("Introduction", "All had a hall.")
    hands.follow("Save")
    hands.skip()
    hands.follow("Circulate")
    hands.skip()
    hands.follow("Circulate")
    assert intake.read(lambda: (Minutes.objects.get().state, Minutes.objects.get().introduction)) == ("in_correction", "All had a hall.")

    intake.read(lambda: factories.asked(side, Minutes.objects.select_related("meeting__network").get()))
    page.reload()
    hands.skip()
    hands.follow("Answer the corrections")
    hands.skip()
    hands.follow("Reject")
    hands.skip()
    hands.write("Why not", "It was line 3.")
    hands.follow("Reject the correction")
    assert intake.read(lambda: Correction.objects.get().reason) == "It was line 3."


def test_a_chair(room: Session) -> None:
    side = room.side
    page = room.visit(side.chair)
    hands = Keyboard(page)
    hands.skip()
    hands.follow(day_of(room.meeting))
    hands.skip()
    hands.follow("To the live room")
    connected(page)
    hands.skip()
    hands.press("Open the session")
    hands.reads("Go to the first item")
    hands.press("Go to the first item")
    hands.reads("Now: item 1")

    room.read(lambda: ask_for_the_floor(side))
    hands.reads("1. Town 002 home")
    hands.press("Give the floor…")
    hands.reads("Has finished")
    hands.press("Has finished…")
    hands.reads("1 has spoken on this item")

    hands.follow("Vote")
    hands.skip()
    hands.write("Question", "Shall the plan be approved?")
    hands.follow("Open the vote now")
    connected(page)
    room.read(lambda: all_vote(side))
    hands.press("Close the vote")
    hands.reads("carried")
    hands.follow("Record as a decision")
    hands.skip()
    hands.write("Decision", "The plan is approved.")
    hands.follow("Send")
    connected(page)
    hands.skip()
    hands.follow("Close the session")
    hands.skip()
    hands.follow("Close the session")
    hands.reads("Minutes")
    assert room.read(lambda: (Decision.objects.get().text, Poll.objects.get().outcome)) == ("The plan is approved.", "carried")
    assert room.read(lambda: SpeakerRequest.objects.get().state) == "spoken"


@pytest.mark.parametrize("role", ["observer", "auditor"])
def test_who_reads_presses_nothing(second: Session, role: str) -> None:
    """The way through the meeting, its documents, the room and the minutes: on none of these pages a form sends anything."""
    page = second.visit(second.side.people[role])
    hands = Keyboard(page)
    hands.skip()
    hands.to("To the live room")
    for name, words in ((day_of(second.meeting), "How to take part"), ("To the live room", "Now: item 1")):
        hands.skip()
        hands.follow(name)
        hands.reads(words)
        nothing_to_press(page)
    connected(page)
    hands.to("Who is present, by zone")
    page.keyboard.press("Enter")
    hands.reads("Zone 1 home: 0 of 2")
    hands.follow("Read the minutes")
    hands.reads("The operators were heard. home", "The lines stay. home")
    nothing_to_press(page)
    hands.skip()
    hands.to("Download the PDF")


def nothing_to_press(page: Page) -> None:
    assert page.locator("main form[method=post]:visible button").all_inner_texts() == []


def test_a_spokesperson(week: Session) -> None:
    side = week.side
    page = week.visit(side.spokesperson)
    hands = Keyboard(page)
    hands.skip()
    hands.follow(day_of(week.meeting))
    hands.skip()
    hands.follow("Remind the silent")
    hands.skip()
    hands.follow("Remind 2 people")
    page.goto(week.address + HOME)
    hands.follow("Announcements")
    hands.skip()
    hands.follow("New announcement")
    hands.skip()
    hands.write("Title", "Snow tonight")
    hands.write("Text", "The road to the pass is closed.")
    hands.follow("See it before it is sent")
    hands.skip()
    hands.follow("Send to 2 people")
    hands.reads("Snow tonight")
    kinds = ("reminder", "announcement")
    assert week.read(lambda: [OutgoingEmail.objects.filter(kind=kind).count() for kind in kinds]) == [2, 2]


def day_of(meeting: Meeting) -> str:
    """As links to a meeting begin."""
    return f"{meeting.local:%A} {meeting.local.day} {meeting.local:%B %Y}"


def connected(page: Page) -> None:
    expect(page.locator("[data-outbox-user][data-ready]")).to_be_attached(timeout=SOON)
    expect(page.locator("[data-live-state]")).to_have_attribute("data-state", "open", timeout=SOON)
