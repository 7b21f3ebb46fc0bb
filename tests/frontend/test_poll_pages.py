"""The pages of votes: preparing, secret ballots, silent assent, the consent agenda, votes by phone, receipts."""

import re
from datetime import timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.agenda.models import AgendaItem
from meetings.live import polls
from meetings.live.models import Ballot, Poll, Vote
from meetings.minutes.models import Decision
from tests import factories
from tests.factories import NOW, Side
from tests.frontend.pages import hidden, post
from tests.frontend.sessions import Browser, page, press, room

NEW = {"question": "Whom?", "secrecy": "secret", "roll_policy": "present", "then": "open"}


def new(side: Side, client: Any, **fields: Any) -> Poll:
    item = factories.items(side.meeting)[0]
    press(client, room(side, "items", item.pk, "poll"), **{**NEW, **fields})
    return Poll.objects.latest("created_at")


def ballot(side: Side, poll: Poll, seat: int) -> str:
    return room(side, "polls", poll.pk, "seats", side.seats[seat].pk)


def test_a_secret_vote_from_the_question_to_its_publication(side: Side, browser_of: Browser) -> None:
    factories.in_session(side)
    chair, voter, observer = browser_of(side.chair), browser_of(side.representative), browser_of(side.observer)
    poll = new(side, chair)
    assert "A secret vote is final" in page(voter, room(side)) and 'data-outbox="memory"' in page(voter, ballot(side, poll, 0))
    press(voter, ballot(side, poll, 0), choice="yes")
    shown = page(voter, room(side))
    assert "Town 001 home has voted." in shown and "nothing of what" in shown and "you voted" not in shown
    again = post(voter, ballot(side, poll, 0), choice="no")
    assert again.status_code == 409 and b"A secret vote is final" in again.content
    assert "1 of 8 municipalities has voted" in page(observer, room(side))
    press(chair, room(side, "polls", poll.pk, "close"))
    assert "Seen by the staff alone" in page(chair, room(side))
    assert (
        "its result is not published" in page(observer, room(side))
        and "carried" not in page(observer, room(side)).partition("Votes held")[2]
    )
    press(chair, room(side, "polls", poll.pk, "publish"))
    assert "a secret vote does not count population" in page(observer, room(side))
    assert "nobody knows who voted what" in page(chair, room(side, "polls", poll.pk, "votes"))
    assert "Your receipts" in page(voter, room(side))
    assert list(Ballot.objects.values_list("choice", flat=True)) == ["yes"]


def test_a_secret_vote_without_script_is_asked_about_before_it_is_final(side: Side, browser_of: Browser) -> None:
    factories.in_session(side)
    voter = browser_of(side.representative)
    poll = new(side, browser_of(side.chair))
    asked = post(voter, ballot(side, poll, 0), choice="no")
    html = asked.content.decode()
    assert asked.status_code == 409 and "This vote is secret and final" in html and not Ballot.objects.exists()
    assert re.search(r'value="no"[^>]*checked', html)
    press(voter, ballot(side, poll, 0), choice="no", sure=hidden(html, "sure"))
    assert list(Ballot.objects.values_list("choice", flat=True)) == ["no"]


def test_a_draft_is_changed_and_two_who_change_it_see_both(side: Side, browser_of: Browser) -> None:
    factories.in_session(side)
    chair = browser_of(side.chair)
    poll = new(side, chair, then="", secrecy="named", choices="Red\nBlue")
    address = room(side, "polls", poll.pk, "edit")
    version = hidden(page(chair, address), "version")
    changed = {**NEW, "then": "", "question": "Which?", "secrecy": "named", "choices": "Red\nGreen"}
    press(chair, address, **changed, version=version)
    poll.refresh_from_db()
    assert (poll.question, [choice["label"] for choice in poll.choices]) == ("Which?", ["Red", "Green"])
    stale = post(browser_of(side.coordinator), address, **changed, version=version)
    assert stale.status_code == 412
    assert "Red Green</textarea>" in page(chair, address)


def test_a_roll_is_chosen_by_hand(side: Side, browser_of: Browser) -> None:
    factories.in_session(side)
    chosen = [side.seats[n].pk for n in (0, 1, 9)]
    poll = new(side, browser_of(side.chair), roll_policy="chosen", chosen=chosen)
    assert set(poll.roll.values_list("municipality_id", flat=True)) == set(chosen)
    assert "Your municipality is not on the roll" in page(browser_of(side.representatives[4]), room(side))


def test_silent_assent_that_fails_is_put_to_a_named_vote(side: Side, browser_of: Browser) -> None:
    factories.in_session(side)
    chair, mayor = browser_of(side.chair), browser_of(side.representative)
    poll = new(side, chair, secrecy="silent_assent", silence_seconds=30)
    assert "Whoever does not agree objects by <strong>09:00:30" in page(mayor, room(side))
    early = post(chair, room(side, "polls", poll.pk, "close"), sure="on")
    assert early.status_code == 409 and b"There is still time to object" in early.content
    press(mayor, ballot(side, poll, 0), choice="object")
    press(chair, room(side, "polls", poll.pk, "close"))
    shown = page(chair, room(side))
    assert "Put it to a named vote" in shown and f"?again={poll.pk}" in shown and "Who objected" in shown
    again = page(chair, room(side, "items", poll.agenda_item_id, "poll") + f"?again={poll.pk}")
    assert "Whom?</textarea>" in again


def test_the_consent_agenda_is_voted_in_one_block(side: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(side)
    block = factories.items(meeting)[1:3]
    AgendaItem.objects.filter(pk__in=[row.pk for row in block]).update(kind="consent")
    chair, mayor = browser_of(side.chair), browser_of(side.representative)
    assert "Put the consent agenda to one vote" in page(chair, room(side))
    sent = {"question": "All?", "secrecy": "silent_assent", "silence_seconds": 30, "roll_policy": "present", "then": "open"}
    press(chair, room(side, "consent"), covers=[row.pk for row in block], **sent)
    poll = Poll.objects.get()
    assert "Discuss it instead" in page(mayor, room(side))
    press(mayor, room(side, "polls", poll.pk, "items", block[1].pk, "take-out"))
    assert "Discuss it instead" not in page(mayor, room(side))
    with clock.at(NOW + timedelta(seconds=31)):
        assert "The time to object is over." in page(mayor, room(side))
        press(chair, room(side, "polls", poll.pk, "close"))
    assert [row.agenda_item_id for row in Decision.objects.all()] == [block[0].pk]


def test_a_caller_s_vote_is_read_back_before_it_is_recorded(side: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(side)
    poll = factories.open_poll(side, meeting)
    office, address = browser_of(side.coordinator), room(side, "polls", poll.pk, "phone")
    assert "Vote for a caller by phone" in page(office, room(side))
    asked = post(office, address, municipality=side.seats[1].pk, choice="yes")
    shown = asked.content.decode()
    assert asked.status_code == 409 and "Read this back to the caller" in shown and side.seats[1].name in shown
    assert not Vote.objects.exists()
    press(office, address, municipality=side.seats[1].pk, choice="yes", confirm=hidden(shown, "confirm"))
    assert Vote.objects.get().by_phone
    polls.close(actor=side.actor("chair"), poll=poll)
    assert "by phone" in page(browser_of(side.representative), room(side, "polls", poll.pk, "votes"))
    assert post(browser_of(side.chair), address, municipality=side.seats[1].pk, choice="yes").status_code == 403


@pytest.mark.parametrize("secrecy", ["named", "secret"])
def test_a_receipt_stays_on_the_page(side: Side, browser_of: Browser, secrecy: str) -> None:
    factories.in_session(side)
    poll = new(side, browser_of(side.chair), secrecy=secrecy)
    voter = browser_of(side.representative)
    press(voter, ballot(side, poll, 0), choice="yes")
    assert page(voter, room(side)).count('class="receipt"') == 1 and 'class="receipt"' in page(voter, ballot(side, poll, 0))
    assert 'class="receipt"' not in page(browser_of(side.other_representative), room(side))
    polls.close(actor=side.actor("chair"), poll=poll)
    assert page(voter, room(side)).count('class="receipt"') == 1
