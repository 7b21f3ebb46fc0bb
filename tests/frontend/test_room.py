"""The live room: what each role sees, and what its buttons do."""

import re
from datetime import timedelta

import pytest

from meetings import clock
from meetings.agenda.models import ItemState
from meetings.live import polls, services, speakers
from meetings.live.models import Attendance, Poll, PollState, SpeakerRequest, SpeakerState, Vote
from meetings.scheduling.models import MeetingState
from tests import factories
from tests.factories import Side, World
from tests.frontend.pages import post, queries
from tests.frontend.sessions import ROLES, Browser, full_session, page, press, room

MOST_QUERIES = 12
"""Of the whole page; two fewer while what many see alike is kept."""


def test_before_publication_the_room_shows_no_agenda(home: Side, browser_of: Browser) -> None:
    factories.scheduled(home)
    for who in ROLES:
        shown = page(browser_of(getattr(home, who)), room(home))
        assert "not published yet" in shown and "School buses" not in shown


def test_before_the_session_people_gather_and_the_chair_opens(home: Side, browser_of: Browser) -> None:
    factories.agenda_published(home)
    representative, chair = browser_of(home.representative), browser_of(home.chair)
    assert "Open the session" not in page(representative, room(home))
    assert "It is called for 26 November 2026 at 10:00." in page(representative, room(home))
    press(representative, room(home, "seats", home.seats[0].pk, "join"))
    assert "Rita Representative 001" in page(chair, room(home))
    press(chair, room(home, "open"))
    assert factories.fresh(home.meeting).state == MeetingState.IN_SESSION
    assert "Go to the first item" in page(chair, room(home))


@pytest.mark.parametrize("who", ROLES)
def test_what_each_role_sees(home: Side, browser_of: Browser, who: str) -> None:
    factories.open_poll(home, factories.in_session(home))
    shown = page(browser_of(getattr(home, who)), room(home))
    runs, is_seat = who in ("chair", "coordinator"), who == "representative"
    assert "Now: item 1" in shown and "Civil protection" in shown and "Shall we do it?" in shown
    assert "8 of 10 municipalities" in shown.replace('<span class="figure-large">8</span>', "8") and "Quorum reached" in shown
    assert ("Go to the next item" in shown) is runs
    assert ("Close the vote" in shown) is runs
    assert ("Record as" in shown or "/notes/" in shown) is runs
    assert ("Add a caller by phone" in shown) is (who == "coordinator")
    assert ("Ask for the floor" in shown) is is_seat
    assert ('name="choice" value="yes"' in shown) is is_seat


def test_it_refreshes_itself_with_and_without_javascript(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    client = browser_of(home.representative)
    shown = page(client, room(home))
    assert f'<noscript><meta http-equiv="refresh" content="15; url={room(home)}?refresh=1"></noscript>' in shown
    assert f'data-live-url="/ws/v1/meetings/{meeting.pk}/"' in shown and f'data-live-after="{meeting.stream.last_sequence}"' in shown
    assert "http-equiv" not in page(client, f"{room(home)}?still")


def test_nothing_is_typed_on_the_page_that_refreshes(home: Side, browser_of: Browser) -> None:
    factories.open_poll(home, factories.in_session(home))
    for who in ("coordinator", "representative"):
        shown = page(browser_of(getattr(home, who)), room(home))
        assert "<textarea" not in shown and "<select" not in shown and 'type="text"' not in shown and 'type="radio"' not in shown


def test_the_projector_view_is_for_who_leads_on_a_phone_too(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    for who, leads in ((home.representative, False), (home.observer, False), (home.chair, True)):
        shown = page(browser_of(who), room(home))
        assert "Projector view" in shown and ("d-md-inline-block" not in shown) is leads


@pytest.mark.parametrize(
    ("seat", "words"),
    [(0, "Your item comes first: 1."), (1, "One more, then it is your item: 2."), (2, "Two more, then it is your")],
)
def test_how_many_come_before_ones_own_while_none_is_under_discussion(home: Side, browser_of: Browser, seat: int, words: str) -> None:
    services.open_session(actor=home.actor("chair"), meeting=factories.agenda_published(home))
    assert words in page(browser_of(home.representatives[seat]), room(home))


def test_the_time_is_the_servers(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    client = browser_of(home.observer)
    with clock.at(factories.NOW + timedelta(minutes=4, seconds=30)):
        shown = page(client, room(home))
        assert "4 minutes used of 10 planned" in shown and "5 minutes, until 09:10" in shown
        assert "expected at 09:10" in shown and 'data-deadline="2026-11-20T09:10:00+01:00"' in shown
    with clock.at(factories.NOW + timedelta(minutes=13)):
        assert "over by 3 minutes" in page(client, room(home))


def test_the_chair_leads_through_the_agenda(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    first, second, third = factories.items(meeting)
    chair = browser_of(home.chair)
    press(chair, room(home, "items", second.pk, "discuss"))
    assert factories.fresh(meeting).current_item == second
    first.refresh_from_db()
    assert first.state == ItemState.DISCUSSED
    press(chair, room(home, "items", third.pk, "postpone"))
    third.refresh_from_db()
    assert third.state == ItemState.POSTPONED
    assert "No item is left" in page(chair, room(home))


def test_a_button_that_comes_too_late_says_why(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    response = post(browser_of(home.chair), room(home, "open"))
    assert response.status_code == 409
    assert b"no longer possible" in response.content and b"Running order" in response.content


def test_present_and_gone(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    late = home.representatives[8]
    client = browser_of(late)
    assert "I am present" in page(client, room(home))
    press(client, room(home, "seats", home.seats[8].pk, "join"))
    assert f"{home.seats[8].name} · {late.name}" in page(client, room(home))
    press(client, room(home, "seats", home.seats[8].pk, "leave"))
    assert not Attendance.objects.filter(municipality=home.seats[8], left_at__isnull=True).exists()


def test_nobody_acts_for_anothers_seat(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    poll = factories.open_poll(home, meeting)
    foreign = home.seats[1].pk
    for who in ("representative", "observer", "auditor", "spokesperson", "chair"):
        client = browser_of(getattr(home, who))
        for parts in (("join",), ("leave",), ("floor",)):
            assert post(client, room(home, "seats", foreign, *parts), kind="reply").status_code == 403
        assert post(client, room(home, "polls", poll.pk, "seats", foreign), choice="yes").status_code == 403
    assert not Vote.objects.exists() and not SpeakerRequest.objects.exists()


def test_the_floor_is_asked_for_given_and_ended(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    client, chair = browser_of(home.representative), browser_of(home.chair)
    assert "point of order" in page(client, room(home, "seats", home.seats[0].pk, "floor"))
    press(client, room(home, "seats", home.seats[0].pk, "floor"), kind="point_of_order")
    row = SpeakerRequest.objects.get()
    assert "Withdraw" in page(client, room(home)) and "Give the floor" in page(chair, room(home))
    press(chair, room(home, "speakers", row.pk, "give"))
    assert "Has finished" in page(chair, room(home))
    press(chair, room(home, "speakers", row.pk, "end"))
    row.refresh_from_db()
    assert row.state == SpeakerState.SPOKEN
    assert "1 has spoken on this item" in page(client, room(home))


def test_the_floor_is_withdrawn(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    row = speakers.request(actor=home.actor(home.representative), meeting=meeting, municipality=home.seats[0])
    assert post(browser_of(home.other_representative), room(home, "speakers", row.pk, "withdraw")).status_code == 403
    press(browser_of(home.representative), room(home, "speakers", row.pk, "withdraw"))
    row.refresh_from_db()
    assert row.state == SpeakerState.WITHDRAWN


def test_a_caller_by_phone(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    coordinator = browser_of(home.coordinator)
    assert browser_of(home.chair).get(room(home, "caller")).status_code == 403
    press(coordinator, room(home, "caller"), municipality=home.seats[9].pk, kind="reply", person="Deputy Dina")
    assert Attendance.objects.get(municipality=home.seats[9]).source == Attendance.Source.PHONE
    assert SpeakerRequest.objects.get().person == "Deputy Dina"
    press(coordinator, room(home, "caller"), municipality=home.seats[8].pk, kind="", person="")
    assert SpeakerRequest.objects.count() == 1


def test_a_vote_from_the_question_to_the_result(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    item, chair = factories.items(meeting)[0], browser_of(home.chair)
    press(chair, room(home, "items", item.pk, "poll"), question="Keep the lines?", secrecy="named", roll_policy="present", then="open")
    poll = Poll.objects.get()
    assert poll.state == PollState.OPEN
    for n, choice in enumerate(["yes"] * 6 + ["no", "abstain"]):
        voter = browser_of(home.representatives[n])
        press(voter, room(home, "polls", poll.pk, "seats", home.seats[n].pk), choice=choice)
    shown = page(browser_of(home.representative), room(home))
    motion = "In favour"
    assert f"you voted “{motion}”" in shown
    assert f"{motion} 6 21,000" in " ".join(re.sub("<[^>]+>", " ", shown).split())
    press(chair, room(home, "polls", poll.pk, "close"))
    shown = page(browser_of(home.observer), room(home))
    assert "not carried" in shown and "needs 4 of all 10 municipalities and 27,501 of 55,000 inhabitants" in shown
    late = post(browser_of(home.representative), room(home, "polls", poll.pk, "seats", home.seats[0].pk), choice="no")
    assert late.status_code == 409 and b"no longer possible" in late.content


def test_the_usual_choices_are_in_the_readers_language_and_others_as_written(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    poll = factories.open_poll(home, meeting)
    assert [choice["label"] for choice in poll.choices] == ["Favorevole", "Contrario", "Astenuto"]
    mayor, office = browser_of(home.representative), browser_of(home.coordinator)
    ballot, phone = room(home, "polls", poll.pk, "seats", home.seats[0].pk), room(home, "polls", poll.pk, "phone")
    for address in (room(home), ballot):
        for language, label in (("en", "In favour"), ("fr", "Pour"), ("it", "Favorevole")):
            shown = page(mayor, address.replace("/en/", f"/{language}/"))
            assert label in shown and ("Favorevole" in shown) is (language == "it"), (address, language)
    press(mayor, ballot, choice="yes")
    assert "you voted “In favour”" in page(mayor, room(home))
    read_back = post(office, phone, municipality=home.seats[0].pk, choice="no").content.decode()
    assert "<strong>Against</strong>" in read_back and "instead of “In favour”" in read_back
    polls.close(actor=home.actor("chair"), poll=poll)
    votes = room(home, "polls", poll.pk, "votes")
    assert "In favour" in page(mayor, votes) and "Favorevole" not in page(mayor, votes) + page(mayor, room(home))

    own = [{"id": "yes", "label": "A favore"}, {"id": "no", "label": "Rosso"}]
    poll = polls.draft(actor=home.actor("chair"), item=factories.items(meeting)[0], question="Which?", choices=own)
    polls.open_(actor=home.actor("chair"), poll=poll)
    assert "A favore" in page(mayor, room(home)) and "Rosso" in page(mayor, room(home))


def test_a_vote_can_be_changed_while_open(home: Side, browser_of: Browser) -> None:
    poll = factories.open_poll(home, factories.in_session(home))
    client, ballot = browser_of(home.representative), room(home, "polls", poll.pk, "seats", home.seats[0].pk)
    press(client, ballot, choice="yes")
    assert 'value="yes" required id="id_choice_0" checked' in page(client, ballot)
    press(client, ballot, choice="no")
    assert Vote.objects.get().choice == "no"


def test_who_came_after_the_opening_of_a_vote_is_told(home: Side, browser_of: Browser) -> None:
    poll = factories.open_poll(home, factories.in_session(home))
    client = browser_of(home.representatives[9])
    assert "not on the roll" in page(client, room(home))
    assert post(client, room(home, "polls", poll.pk, "seats", home.seats[9].pk), choice="yes").status_code == 403


def test_drafts_of_votes_are_the_staffs(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    item, chair = factories.items(meeting)[0], browser_of(home.chair)
    press(chair, room(home, "items", item.pk, "poll"), question="A trap?", secrecy="named", roll_policy="all", choices="Red\nBlue\n\nGreen")
    poll = Poll.objects.get()
    assert [choice["label"] for choice in poll.choices] == ["Red", "Blue", "Green"]
    assert "A trap?" in page(chair, room(home)) and "A trap?" not in page(browser_of(home.representative), room(home))
    press(chair, room(home, "polls", poll.pk, "open"))
    assert "A trap?" in page(browser_of(home.representative), room(home))


def test_without_a_quorum_a_vote_is_refused_with_the_form(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    Attendance.objects.filter(municipality__in=home.seats[1:]).update(left_at=clock.now())
    item = factories.items(meeting)[0]
    asked = {"question": "Keep <b>it</b>?", "secrecy": "named", "roll_policy": "present", "then": "open"}
    response = post(browser_of(home.chair), room(home, "items", item.pk, "poll"), **asked)
    assert response.status_code == 409
    assert b"no quorum" in response.content and b"Keep &lt;b&gt;it&lt;/b&gt;?" in response.content
    assert not Poll.objects.exists()
    press(browser_of(home.chair), room(home, "items", item.pk, "poll"), advisory="on", **asked)
    assert "No quorum" in page(browser_of(home.observer), room(home))


def test_decision_and_action_item_are_recorded_on_the_item(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    item, coordinator = factories.items(meeting)[0], browser_of(home.coordinator)
    poll = factories.open_poll(home, meeting)
    polls.close(actor=home.actor("chair"), poll=poll)
    assert "Shall we do it?</textarea>" in page(coordinator, room(home, "items", item.pk, "decision") + f"?poll={poll.pk}")
    press(coordinator, room(home, "items", item.pk, "decision"), text="We do it.", poll=poll.pk)
    press(coordinator, room(home, "items", item.pk, "action-item"), title="Write a letter", owner=home.seats[3].pk, due_on="2026-12-01")
    shown = page(browser_of(home.observer), room(home))
    assert "1/2026" in shown and "We do it." in shown
    assert "Write a letter" in shown and home.seats[3].name in shown and "by 1 December 2026" in shown


def test_notes_are_typed_on_a_page_of_their_own(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    item = factories.items(meeting)[0]
    address = room(home, "items", item.pk, "notes")
    coordinator = browser_of(home.coordinator)
    assert browser_of(home.representative).get(address).status_code == 403
    assert "http-equiv" not in page(coordinator, address)
    assert post(coordinator, address, text=" ").status_code == 422
    assert press(coordinator, address, text="The mayor explains.")["Location"] == address
    assert "The mayor explains." in page(coordinator, address)
    assert "The mayor explains." not in page(browser_of(home.representative), room(home))


def test_closing_says_what_will_happen(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    second, third = factories.items(meeting)[1:]
    chair = browser_of(home.chair)
    press(chair, room(home, "items", third.pk, "postpone"))
    assert browser_of(home.representative).get(room(home, "close")).status_code == 403
    shown = page(chair, room(home, "close"))
    assert "2 items that were not reached or were postponed go on to the meeting of 3 December 2026" in shown
    assert second.title in shown and third.title in shown and "minutes are drafted" in shown
    assert factories.fresh(meeting).state == MeetingState.IN_SESSION
    response = press(chair, room(home, "close"))
    assert response["Location"].endswith(f"/meetings/{meeting.pk}/minutes/")
    assert "The session is closed" in page(browser_of(home.representative), room(home))
    assert [item.title for item in factories.items(home.meetings[1])[1:]] == [second.title, third.title]


def test_an_open_vote_keeps_the_session_open(home: Side, browser_of: Browser) -> None:
    factories.open_poll(home, factories.in_session(home))
    response = post(browser_of(home.chair), room(home, "close"))
    assert response.status_code == 409 and b"A vote is open" in response.content


def test_another_meetings_rows_are_not_found(world: World, browser_of: Browser) -> None:
    home, away = world.home, world.away
    factories.in_session(home)
    foreign = factories.in_session(away)
    poll, item, chair = factories.open_poll(away, foreign), factories.items(foreign)[0], browser_of(home.chair)
    row = speakers.request(actor=away.actor(away.representative), meeting=foreign, municipality=away.seats[0])
    for parts in (
        ("items", item.pk, "discuss"),
        ("items", item.pk, "postpone"),
        ("items", item.pk, "notes"),
        ("items", item.pk, "decision"),
        ("items", item.pk, "action-item"),
        ("items", item.pk, "poll"),
        ("polls", poll.pk, "open"),
        ("polls", poll.pk, "close"),
        ("polls", poll.pk, "seats", home.seats[0].pk),
        ("seats", away.seats[0].pk, "join"),
        ("seats", away.seats[0].pk, "floor"),
        ("speakers", row.pk, "give"),
    ):
        assert post(chair, room(home, *parts), choice="yes", kind="reply", sure="on").status_code == 404, parts


@pytest.mark.one_database
@pytest.mark.timeout(300)
def test_queries_do_not_grow_with_the_seats(few_and_many: tuple[Side, Side], browser_of: Browser) -> None:
    sides = few_and_many
    for side in sides:
        full_session(side)
    for who in ("coordinator", "representative", "observer"):
        few, many = (queries(browser_of(getattr(side, who)), room(side)) for side in sides)
        assert few == many <= MOST_QUERIES, (who, few, many)
    representative = browser_of(sides[1].representative)
    queries(representative, room(sides[1]))
    assert queries(representative, room(sides[1]), kept=True) <= MOST_QUERIES - 2


def test_what_is_kept_for_many_is_nobodys_own_and_never_old(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    one, other, chair = browser_of(home.representative), browser_of(home.other_representative), browser_of(home.chair)
    speakers.request(actor=home.actor(home.representative), meeting=meeting, municipality=home.seats[0])
    factories.open_poll(home, meeting)
    assert "Close the session" in page(chair, room(home))
    first, second = page(one, room(home)), page(other, room(home))
    assert "Withdraw" in first and "Withdraw" not in second and "On the list of speakers" not in second
    assert home.seats[1].name in second and f"seat-{home.seats[0].pk}" not in second
    assert "csrfmiddlewaretoken" not in second.partition('id="speakers"')[2]
    for client in (one, other, browser_of(home.observer)):
        assert "Close the session" not in page(client, room(home)) and "Give the floor" not in page(client, room(home))
    assert "Give the floor" in page(chair, room(home))
    speakers.request(actor=home.actor(home.other_representative), meeting=meeting, municipality=home.seats[1])
    assert ". Town 002 home</strong>" in page(one, room(home))
    assert 'lang="it"' in page(one, room(home).replace("/en/", "/it/", 1))


def test_a_refresh_by_javascript_gets_the_regions_alone(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    response = browser_of(home.representative).get(room(home), headers={"X-Live-Refresh": "1"})
    assert b'id="current-item" data-live-region' in response.content
    assert b"<header" not in response.content and b"<nav" not in response.content


@pytest.mark.parametrize("page_name", ["caller", "close", "poll", "decision", "action-item", "notes", "floor", "vote"])
def test_the_pages_beside_the_room_take_few_queries(home: Side, browser_of: Browser, page_name: str) -> None:
    meeting = factories.in_session(home)
    poll, item, seat = factories.open_poll(home, meeting), factories.items(meeting)[0], home.seats[0].pk
    address = {
        "floor": room(home, "seats", seat, "floor"),
        "vote": room(home, "polls", poll.pk, "seats", seat),
        "caller": room(home, "caller"),
        "close": room(home, "close"),
    }.get(page_name) or room(home, "items", item.pk, page_name)
    client = browser_of(home.representative if page_name in ("floor", "vote") else home.coordinator)
    assert queries(client, address) <= 12
