"""The pages of the questions: the room, the list, asking, supporting, answering, carrying over, withdrawing."""

import pytest

from meetings.live import questions, services
from meetings.live.models import Question, Support
from tests import factories
from tests.factories import CHAIR, Side
from tests.frontend.pages import hidden, post, queries, url
from tests.frontend.sessions import ROLES, Browser, page, press, room
from tests.hostile import MARKUP, TYPED


def of_meeting(side: Side, *parts: object) -> str:
    return url(side.network, "meetings", side.meeting.pk, "questions", *parts)


def of(side: Side, row: Question, *parts: object) -> str:
    return url(side.network, "questions", row.pk, *parts)


def test_a_seat_asks_before_the_session_from_the_meeting_s_page(home: Side, browser_of: Browser) -> None:
    factories.scheduled(home)
    client = browser_of(home.representative)
    assert of_meeting(home, "new") in page(client, url(home.network, "meetings", home.meeting.pk))
    assert press(client, of_meeting(home, "new"), municipality=home.seats[0].pk, text="Who pays?")["Location"] == of_meeting(home)
    shown = page(browser_of(home.observer), of_meeting(home))
    assert "Who pays?" in shown and "Supported by" not in shown and "<form method" not in shown.partition("<main")[2]
    assert "One waits for an answer" in page(browser_of(home.observer), url(home.network, "meetings", home.meeting.pk))


@pytest.mark.parametrize("who", ROLES)
def test_what_each_role_may_do_in_the_room(home: Side, browser_of: Browser, who: str) -> None:
    meeting = factories.in_session(home)
    factories.question(home, meeting, "Ours?", seat=0)
    factories.question(home, meeting, "Theirs?", seat=1)
    shown = page(browser_of(getattr(home, who)), room(home)).partition('id="questions"')[2]
    staff, is_seat = who in ("chair", "coordinator"), who == "representative"
    assert "Ours?" in shown and "Theirs?" in shown
    assert ("/answer/" in shown) is staff
    assert ("/carry/" in shown) is staff
    assert shown.count("We want this answered too") == (1 if is_seat else 0)
    assert ("/withdraw/" in shown) is is_seat
    assert ("Ask a question" in shown) is (is_seat or who == "coordinator")


def test_support_is_pressed_and_taken_back_in_the_room(home: Side, browser_of: Browser) -> None:
    row = factories.question(home, factories.in_session(home), seat=1)
    client, address = browser_of(home.representative), of(home, row, "seats", home.seats[0].pk, "support")
    assert press(client, address, support="1", from_room="1")["Location"] == room(home) + "#questions"
    assert 'aria-pressed="true"' in page(client, room(home)) and "Supported by one municipality" in page(client, room(home))
    press(client, address, support="0")
    assert not Support.objects.exists()
    assert post(client, address, support="yes").status_code == 422
    own = post(browser_of(home.other_representative), of(home, row, "seats", home.seats[1].pk, "support"), support="1")
    assert own.status_code == 409 and b"does not support its own question" in own.content


def test_the_chair_answers_by_either_button_and_changes_the_answer(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    row, other = factories.question(home, meeting), factories.question(home, meeting, "When?")
    chair = browser_of(home.chair)
    press(chair, of(home, row, "answer"), answer="", way="live")
    assert post(chair, of(home, other, "answer"), answer="", way="written").status_code == 422
    press(chair, of(home, other, "answer"), answer="In May.", way="written")
    shown = page(browser_of(home.representative), of_meeting(home))
    assert "Answered in the session" in shown and "Answered in writing" in shown and "In May." in shown
    opened = page(chair, of(home, other, "answer"))
    questions.answer(actor=home.actor(CHAIR), question=other, answer="In June.", way="written", expected_version=2)
    stale = post(chair, of(home, other, "answer"), answer="In July.", way="written", version=hidden(opened, "version"))
    assert stale.status_code == 412 and b"In June." in stale.content and b"In July." in stale.content
    press(chair, of(home, other, "answer"), answer="In July.", way="written", version=hidden(stale.content.decode(), "version"))
    assert Question.objects.get(pk=other.pk).answer == "In July."


def test_carrying_over_and_withdrawing_ask_first(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    row, other = factories.question(home, meeting), factories.question(home, meeting, "When?")
    assert "Thursday 3 December 2026" in page(browser_of(home.chair), of(home, row, "carry"))
    press(browser_of(home.chair), of(home, row, "carry"))
    client = browser_of(home.representative)
    assert "Withdraw this question?" in page(client, of(home, other, "withdraw"))
    press(client, of(home, other, "withdraw"))
    assert post(client, of(home, other, "withdraw")).status_code == 409
    shown = page(client, of_meeting(home))
    assert "Carried over to the next meeting" in shown and "When?" not in shown
    assert "from the meeting before" in page(client, url(home.network, "meetings", home.meetings[1].pk, "questions"))


def test_after_the_session_the_open_ones_wait_for_an_answer_in_writing(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    row = factories.question(home, meeting)
    services.close_session(actor=home.actor(CHAIR), meeting=meeting)
    client = browser_of(home.representative)
    assert "is answered in writing" in page(client, of_meeting(home))
    assert "is answered in writing" in page(client, room(home))
    assert post(client, of_meeting(home, "new"), municipality=home.seats[0].pk, text="Late?").status_code == 409
    press(browser_of(home.chair), of(home, row, "answer"), answer="The Region.", way="written")
    assert "The Region." in page(client, of_meeting(home))


def test_the_office_asks_for_a_caller(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    press(browser_of(home.coordinator), of_meeting(home, "new"), municipality=home.seats[4].pk, text="Can you hear us?", person="Piero")
    assert Question.objects.get().person == "Piero"


@pytest.mark.parametrize("text", TYPED)
def test_hostile_text_is_shown_as_text_or_refused(home: Side, browser_of: Browser, text: str) -> None:
    row = factories.question(home, factories.in_session(home))
    client, chair = browser_of(home.representative), browser_of(home.chair)
    answers = [
        post(client, of_meeting(home, "new"), municipality=text or home.seats[0].pk, text=text, agenda_item=text),
        post(client, of_meeting(home, "new"), municipality=home.seats[0].pk, text=text),
        post(client, of(home, row, "seats", home.seats[0].pk, "support"), support=text),
        post(chair, of(home, row, "answer"), answer=text, way=text, version=text),
        post(chair, of(home, row, "answer"), answer=text, way="live"),
    ]
    assert {answer.status_code for answer in answers} <= {303, 409, 422}
    assert client.get(of_meeting(home, "new") + f"?item={'x' if text else ''}").status_code == 200
    assert MARKUP not in client.get(of_meeting(home)).content.decode() and MARKUP not in client.get(room(home)).content.decode()


def test_pages_take_few_queries_whatever_the_number_of_questions(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    factories.question(home, meeting, seat=1)
    client = browser_of(home.representative)
    few = [queries(client, address) for address in (of_meeting(home), room(home))]
    for seat in range(2, 9):
        for _again in range(3):
            support = questions.support
            row = factories.question(home, meeting, seat=seat)
            support(actor=home.actor(home.representative), question=row, municipality=home.seats[0])
    many = [queries(client, address) for address in (of_meeting(home), room(home))]
    assert few[0] == many[0] <= 9
    assert many[1] <= few[1]


def test_the_minutes_show_the_questions_with_their_answers(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    answered, _open = factories.question(home, meeting), factories.question(home, meeting, "When?", seat=1)
    questions.answer(actor=home.actor(CHAIR), question=answered, answer="The Region.", way="live")
    services.close_session(actor=home.actor(CHAIR), meeting=meeting)
    shown = page(browser_of(home.chair), url(home.network, "meetings", meeting.pk, "minutes"))
    assert "Who pays?" in shown and "The Region." in shown and "When?" in shown and "not yet answered" in shown
