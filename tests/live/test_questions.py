"""Questions: who asks when, how often and for whom; supports; answers in the session and in writing; carrying over."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings import clock
from meetings.agenda.services import cancel_meeting, restore_meeting
from meetings.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StaleVersion
from meetings.events.models import Event
from meetings.live import question_selectors as selectors
from meetings.live import questions, services
from meetings.live.models import Question, Support
from meetings.network import mergers
from meetings.notifications.models import OutgoingEmail
from meetings.scheduling import calendar
from meetings.scheduling.models import Meeting
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side
from tests.parallel import side_by_side

STEP = timedelta(minutes=1)


def ask(side: Side, meeting: Meeting, seat: int = 0, text: str = "Who pays?", **more: Any) -> Question:
    return questions.ask(actor=side.actor(side.representatives[seat]), meeting=meeting, municipality=side.seats[seat], text=text, **more)


def support(side: Side, row: Question, seat: int, **more: Any) -> Question:
    return questions.support(actor=side.actor(side.representatives[seat]), question=row, municipality=side.seats[seat], **more)


def answer(side: Side, row: Question, words: str = "", way: str = "live", **more: Any) -> Question:
    return questions.answer(actor=side.actor(CHAIR), question=row, answer=words, way=way, **more)


def codes(act: Any) -> str:
    """The code of the refusal."""
    with pytest.raises(DomainError) as refused:
        act()
    return refused.value.code


def test_asked_from_when_proposals_open_until_the_session_closes(side: Side) -> None:
    later = side.meetings[1]
    assert later.intake_opens_at > clock.now()
    assert codes(lambda: ask(side, later)) == "takes_no_questions"
    assert ask(side, factories.scheduled(side)).state == "open"
    meeting = factories.fresh(side.meeting)
    assert codes(lambda: ask(side, meeting, agenda_item=meeting.agenda_items.first())) == "not_on_the_agenda"
    with clock.at(clock.now() + STEP):
        cancel_meeting(actor=side.actor(COORDINATOR), meeting=meeting, reason="Snow")
        assert codes(lambda: ask(side, meeting)) == "takes_no_questions"
        restore_meeting(actor=side.actor(COORDINATOR), meeting=meeting)
        assert selectors.questions_of(meeting).get().state == "open"


def test_in_the_session_and_about_an_item(side: Side) -> None:
    meeting = factories.in_session(side)
    item = factories.items(meeting)[1]
    row = ask(side, meeting, agenda_item=item, text="  Who\r\npays? ")
    assert (row.text, row.agenda_item, row.person) == ("Who\npays?", item, side.representative.name)
    services.close_session(actor=side.actor(CHAIR), meeting=meeting)
    assert codes(lambda: ask(side, meeting)) == "takes_no_questions"
    assert codes(lambda: support(side, row, 1)) == "wrong_state"
    assert selectors.question(side.actor(CHAIR), row.pk).state == "open"


def test_who_may_ask_support_answer_carry_and_withdraw(home: Side, away: Side) -> None:
    meeting = factories.in_session(home)
    row = ask(home, meeting)
    for who in (home.observer, home.other_representative, home.spokesperson, home.chair, home.auditor):
        actor = home.actor(who)
        assert codes(lambda: questions.ask(actor=actor, meeting=meeting, municipality=home.seats[0], text="So?")) == "not_allowed"  # noqa: B023
        assert codes(lambda: questions.support(actor=actor, question=row, municipality=home.seats[2])) == "not_allowed"  # noqa: B023
        assert codes(lambda: questions.withdraw(actor=actor, question=row)) == "not_allowed"  # noqa: B023
    for who in (home.observer, home.representative, home.spokesperson, home.auditor):
        with pytest.raises(NotAllowed):
            questions.answer(actor=home.actor(who), question=row, answer="We", way="live")
        with pytest.raises(NotAllowed):
            questions.carry(actor=home.actor(who), question=row)
    stranger = away.actor(COORDINATOR)
    with pytest.raises(NotFound):
        questions.answer(actor=stranger, question=row, answer="We", way="live")
    with pytest.raises(NotFound):
        questions.carry(actor=stranger, question=row)
    with pytest.raises(NotFound):
        selectors.question(stranger, row.pk)
    called = questions.ask(actor=home.actor(COORDINATOR), meeting=meeting, municipality=home.seats[3], text="And we?", person="Piero")
    assert called.person == "Piero"
    assert questions.withdraw(actor=home.actor(COORDINATOR), question=called).state == "withdrawn"


def test_a_seat_has_five_open_at_most(side: Side) -> None:
    meeting = factories.in_session(side)
    rows = [ask(side, meeting, text=f"Why {n}?") for n in range(5)]
    assert codes(lambda: ask(side, meeting)) == "too_many_questions"
    assert ask(side, meeting, 1).state == "open"
    questions.withdraw(actor=side.actor(side.representative), question=rows[0])
    answer(side, rows[1])
    assert [ask(side, meeting).state, ask(side, meeting).state] == ["open", "open"]
    assert codes(lambda: ask(side, meeting)) == "too_many_questions"


def test_what_is_asked_has_words_and_not_too_many(side: Side) -> None:
    meeting = factories.in_session(side)
    for text in ("", " \n\u0000 ", "x" * 1001):
        with pytest.raises(Invalid) as refused:
            ask(side, meeting, text=text)
        assert list(refused.value.errors) == ["text"]
    assert len(ask(side, meeting, text="x" * 1000).text) == 1000


@pytest.mark.one_database
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4), st.booleans()), max_size=25))
def test_supports_count_seats_once_and_order_the_list(home: Side, steps: list[tuple[int, int, bool]]) -> None:
    """Whatever is pressed in whatever order: a question's count is the number of seats whose last word on it was yes."""
    Support.objects.all().delete()
    meeting = factories.fresh(home.meeting)
    rows = list(Question.objects.order_by("asked_at")) or [_at(home, meeting, n) for n in range(3)]
    wanted: dict[int, set[int]] = {0: set(), 1: set(), 2: set()}
    for n, seat, yes in steps:
        if seat == n:
            assert codes(lambda: support(home, rows[n], seat)) == "own_question"  # noqa: B023
            continue
        (wanted[n].add if yes else wanted[n].discard)(seat)
        found = support(home, rows[n], seat, support=yes)
        assert selectors.question_as_object(found)["supports"] == len(wanted[n])
    by_support = sorted(range(3), key=lambda n: (-len(wanted[n]), n))
    assert list(selectors.questions_of(meeting)) == [rows[n] for n in by_support]


def _at(side: Side, meeting: Meeting, seat: int) -> Question:
    with clock.at(factories.NOW + seat * STEP):
        return ask(side, meeting, seat)


def test_saying_it_twice_changes_and_records_nothing(side: Side) -> None:
    row = ask(side, factories.in_session(side))
    for _twice in range(2):
        support(side, row, 1)
    for _twice in range(2):
        support(side, row, 1, support=False)
    assert Event.objects.filter(type="question.supported").count() == 2
    assert Question.objects.get(pk=row.pk).version == 1


@pytest.mark.django_db(transaction=True)
def test_supports_at_the_same_instant_are_all_counted(now: None) -> None:
    side = factories.make_side("home")
    row = ask(side, factories.in_session(side))
    found = side_by_side([partial(support, side, row, seat) for seat in range(1, 9)], threads=8)
    assert not [error for error in found if isinstance(error, Exception)]
    last = Event.objects.filter(type="question.supported").order_by("-sequence").first()
    assert last is not None and '"supports":8' in last.payload.replace(" ", "")


def test_answers_live_without_words_and_in_writing_with_some(side: Side) -> None:
    before = ask(side, factories.agenda_published(side))
    with pytest.raises(Invalid, match="not begun"):
        answer(side, before)
    assert codes(lambda: answer(side, before, "", "written")) == "invalid"
    with pytest.raises(Invalid):
        answer(side, before, "We", "aloud")
    with pytest.raises(Invalid):
        answer(side, before, "We", "")
    done = answer(side, before, "We do.", "written")
    assert (done.state, done.answered_way, done.answered_by) == ("answered", "written", side.chair)
    assert codes(lambda: answer(side, before, "No, they.", "written")) == "answered_already"
    with pytest.raises(StaleVersion) as stale:
        answer(side, before, "No, they.", "written", expected_version=before.version)
    assert stale.value.current is not None and stale.value.current["answer"] == "We do."
    assert answer(side, done, "No, they.", "written", expected_version=done.version).answer == "No, they."
    for act in (questions.withdraw, questions.carry):
        assert codes(lambda: act(actor=side.actor(COORDINATOR), question=before)) == "wrong_state"  # noqa: B023
    assert codes(lambda: support(side, before, 1)) == "wrong_state"


def test_after_the_session_it_is_answered_in_writing_and_the_seat_is_told(side: Side) -> None:
    meeting = factories.in_session(side)
    row, live = ask(side, meeting), ask(side, meeting, 1)
    answer(side, live)
    services.close_session(actor=side.actor(CHAIR), meeting=meeting)
    assert not OutgoingEmail.objects.filter(kind="question_answered").exists()
    done = answer(side, row, "The Region.", "written")
    answer(side, done, "The Region, all of it.", "written", expected_version=done.version)
    [mail] = OutgoingEmail.objects.filter(kind="question_answered")  # the second answer has joined the first's mail
    assert (mail.user, mail.context["answer"]) == (side.representative, "The Region, all of it.")


def test_carried_to_the_next_meeting_with_its_supports(side: Side) -> None:
    meeting = factories.in_session(side)
    row = ask(side, meeting, agenda_item=factories.items(meeting)[0])
    support(side, row, 1)
    support(side, row, 2)
    there = questions.carry(actor=side.actor(CHAIR), question=row)
    assert (there.meeting, there.text, there.origin, there.state) == (side.meetings[1], row.text, row, "open")
    assert selectors.question_as_object(there)["supports"] == 2
    assert selectors.question(side.actor(CHAIR), row.pk).state == "carried"
    assert codes(lambda: questions.carry(actor=side.actor(CHAIR), question=row)) == "wrong_state"
    last = side.meetings[-1]
    Question.objects.filter(pk=there.pk).update(meeting=last)
    there.meeting = last
    assert codes(lambda: questions.carry(actor=side.actor(CHAIR), question=there)) == "no_next_meeting"


def test_a_question_moves_with_its_meeting_and_outlives_a_reopening(side: Side) -> None:
    meeting = factories.agenda_published(side)
    row = ask(side, meeting)
    calendar.move(actor=side.actor(COORDINATOR), meeting=meeting, values={"local_start": "2026-11-27T11:00"})
    services.open_session(actor=side.actor(CHAIR), meeting=meeting)
    services.close_session(actor=side.actor(CHAIR), meeting=meeting)
    services.reopen(actor=side.actor(CHAIR), meeting=meeting)
    assert support(side, row, 1).state == "open"
    assert answer(side, row).answered_way == "live"


def test_a_merged_municipality_s_question_goes_on_as_its_successor_s(side: Side) -> None:
    meeting = factories.in_session(side)
    row = ask(side, meeting)
    support(side, row, 1)
    support(side, row, 4)
    day = side.meetings[1].local.date()
    mergers.merge_municipalities(
        actor=side.actor(COORDINATOR), network=side.network, sources=side.seats[:2], successor=side.seats[2], on=day
    )
    there = questions.carry(actor=side.actor(CHAIR), question=row)
    assert there.municipality.valid_from == day
    assert list(Support.objects.filter(question=there).values_list("municipality", flat=True)) == [side.seats[4].pk]
    with clock.at(side.meetings[1].starts_at):
        answer(side, there, "The Region.", "written")
    assert OutgoingEmail.objects.filter(kind="question_answered").exists()


def test_abilities_say_what_can_be_done_now(side: Side) -> None:
    meeting = factories.in_session(side)
    row = selectors.question(side.actor(CHAIR), ask(side, meeting).pk)
    said = {
        who: selectors.question_abilities(side.actor(who), row) for who in (*side.people, side.representative, side.other_representative)
    }
    assert said["chair"] == ["answer", "carry"]
    assert said["coordinator"] == ["answer", "carry", "support", "withdraw"]
    assert said["observer"] == said["auditor"] == said["spokesperson"] == []
    assert said[side.representative] == ["withdraw"]
    assert said[side.other_representative] == ["support"]
    with pytest.raises(Conflict):
        answer(side, answer(side, row))
