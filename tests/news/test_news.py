"""What is new for a person: each kind of it, for whom it is and for whom not, how it is counted, and how it stops being new."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings import clock
from meetings.access import Actor, Role
from meetings.action_items import services as action_items
from meetings.action_items.models import ActionItem
from meetings.agenda import carrying
from meetings.agenda import services as agenda
from meetings.announcements.services import announce
from meetings.documents.services import approve_minutes
from meetings.live import questions
from meetings.minutes import corrections
from meetings.minutes.models import Minutes
from meetings.minutes.services import circulate
from meetings.network.models import Membership, User
from meetings.network.selectors import system_actor
from meetings.news.models import NewsMark
from meetings.news.selectors import KEPT, News, count_new, news, seen_at
from meetings.news.services import see
from meetings.news.words import words
from meetings.scheduling import calendar
from meetings.scheduling.delegations import name_delegate
from tests import factories
from tests.factories import NOW, Side, World

LATER = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _nothing_is_new_yet(request: pytest.FixtureRequest) -> None:
    """Who looks has looked at the start; what each test does comes a minute later."""
    if "side" in request.fixturenames:
        side = request.getfixturevalue("side")
        for user in (*side.representatives[:4], *side.people.values()):
            see(actor=side.actor(user))


def new(side: Side, user: User | str) -> list[News]:
    actor = side.actor(user)
    found = [line for line in news(actor, side.network) if line.is_new]
    assert count_new(actor, side.network) == len(found)
    return found


def lines(side: Side, user: User | str) -> list[str]:
    return [words(line, side.network) for line in new(side, user)]


def kinds(side: Side, user: User | str) -> list[str]:
    return sorted(line.kind for line in new(side, user))


def test_a_published_agenda_is_new_to_all_and_leads_there(side: Side) -> None:
    with clock.at(LATER):
        meeting = factories.agenda_published(side)
        [line] = [line for line in new(side, "observer")]
        assert words(line, side.network) == "The agenda of “Weekly coordination” of Thursday 26 November 2026 is published."
        assert (line.path, line.at) == (f"/go/meeting/{meeting.pk}", LATER)


def test_what_is_added_to_it_or_struck_is_new(side: Side) -> None:
    with clock.at(LATER):
        meeting = factories.agenda_published(side)
        item = factories.proposal(side, "Snow on the pass", meeting=meeting, motive="It snows")
        agenda.accept(actor=side.actor("coordinator"), item=item)
        assert "Added to the agenda of Thursday 26 November 2026: Snow on the pass" in lines(side, "observer")


def test_an_answered_proposal_is_new_to_who_proposed_it_alone(side: Side) -> None:
    item = factories.proposal(side, "School buses")
    with clock.at(LATER):
        agenda.decline(actor=side.actor("coordinator"), item=item, answer="The province does that")
        [line] = new(side, side.representative)
        assert (line.kind, line.path) == ("proposal_answered", f"/go/item/{item.pk}")
        assert words(line, side.network) == "Declined: School buses"
        assert new(side, side.other_representative) == new(side, "observer") == new(side, "chair") == []


def test_a_proposal_is_new_to_who_answers_it_but_not_to_who_made_it(side: Side) -> None:
    with clock.at(LATER):
        factories.proposal(side, "School buses")
        assert kinds(side, "coordinator") == ["proposal"]
        assert kinds(side, side.representative) == kinds(side, side.other_representative) == kinds(side, "auditor") == []
        factories.proposal(side, "Our own", seat=None)
        assert kinds(side, "coordinator") == ["proposal"]


def test_minutes_are_new_to_who_was_there(side: Side) -> None:
    meeting = factories.closed(side)
    with clock.at(LATER):
        minutes = circulate(actor=side.actor("coordinator"), minutes=Minutes.objects.get(meeting=meeting))
        there, away = side.representatives[0], side.representatives[9]
        see_all(side, away)
        assert "minutes_circulated" in kinds(side, there)
        assert "minutes_circulated" in kinds(side, "chair")
    with clock.at(LATER + timedelta(hours=1)):
        approve_minutes(actor=side.actor("chair"), minutes_record=minutes)
        assert "minutes_approved" in kinds(side, there)
        assert kinds(side, away) == []
        assert "minutes_approved" not in kinds(side, "chair")  # who approved them knows


def see_all(side: Side, user: User) -> None:
    see(actor=side.actor(user))


def test_an_answer_to_a_correction_and_the_asking_for_it(side: Side) -> None:
    minutes = factories.circulated(side)
    with clock.at(LATER):
        correction = factories.asked(side, minutes)
        assert "correction_asked" in kinds(side, "coordinator")
        corrections.reject(actor=side.actor("coordinator"), correction=correction, reason="It was not")
        assert "correction_answered" in kinds(side, side.representative)
        assert "correction_answered" not in kinds(side, side.other_representative)
        assert "correction_asked" not in kinds(side, "coordinator")  # it is settled


def test_action_items(side: Side) -> None:
    factories.closed(side)
    item = ActionItem.objects.get()
    seen = [see(actor=side.actor(user)) for user in (side.representative, side.coordinator, side.other_representative)]
    assert len(seen) == 3
    with clock.at(LATER):
        action_items.progress(actor=side.actor(side.representative), action_item=item, action="start", text="Written")
        assert kinds(side, "coordinator") == ["action_item_updated"]
        assert kinds(side, side.representative) == []  # their own report
        action_items.progress(actor=side.actor("coordinator"), action_item=item, action="finish", text="Thank you")
        assert kinds(side, side.representative) == ["action_item_updated"]
        assert kinds(side, side.other_representative) == []
        values = {"title": "Ring them", "due_on": date(2026, 12, 1)}
        action_items.create(actor=side.actor("chair"), meeting=item.meeting, values=values, owner=side.seats[1])
        [line] = new(side, side.other_representative)
        assert line.kind == "action_assigned" and "Ring them" in words(line, side.network)


def test_an_announcement_is_new_to_its_zone(side: Side) -> None:
    with clock.at(LATER):
        values = {"title": "Snow", "text": "Roads first"}
        row = announce(actor=side.actor("coordinator"), network=side.network, zone=side.zones[0], values=values)
        [line] = new(side, side.representative)
        assert (words(line, side.network), line.path) == ("Snow", f"/go/announcement/{row.pk}")
        assert kinds(side, side.representatives[9]) == kinds(side, "coordinator") == []


def test_a_meeting_cancelled(side: Side) -> None:
    with clock.at(LATER):
        carrying.cancel_meeting(actor=side.actor("coordinator"), meeting=side.meetings[1], reason="Snow")
        assert kinds(side, side.representative) == ["meeting_cancelled"]
        assert kinds(side, "coordinator") == kinds(side, "auditor") == []


def test_a_meeting_moved(side: Side) -> None:
    with clock.at(LATER):
        calendar.move(actor=side.actor("coordinator"), meeting=side.meeting, values={"local_start": "2026-11-26T15:00"})
        assert kinds(side, side.representative) == ["meeting_moved"]


def test_an_answered_question_is_new_to_its_municipality(side: Side) -> None:
    meeting = factories.in_session(side)
    asked = factories.question(side, meeting, "Who pays?")
    with clock.at(LATER):
        questions.answer(actor=side.actor("chair"), question=asked, answer="The province", way="live")
        assert "Your question is answered: Who pays?" in lines(side, side.representative)
        assert "question_answered" not in kinds(side, side.other_representative)


def test_a_delegate_is_new_to_who_confirms(side: Side) -> None:
    who = {"name": "Elia Delegate", "email": "elia@example.org", "valid_from": date(2027, 1, 11), "valid_until": date(2027, 1, 12)}
    with clock.at(LATER):
        name_delegate(actor=side.actor("coordinator"), municipality=side.seats[0], **who)
        assert kinds(side, side.representative) == ["delegate_to_confirm"]
        assert kinds(side, side.other_representative) == kinds(side, "coordinator") == kinds(side, "spokesperson") == []


def test_a_delegate_is_no_news_once_the_days_are_past(side: Side) -> None:
    who = {"name": "Elia Delegate", "email": "elia@example.org", "valid_from": NOW.date(), "valid_until": NOW.date() + timedelta(days=1)}
    with clock.at(LATER):
        name_delegate(actor=side.actor("coordinator"), municipality=side.seats[0], **who)
    for days, found in ((0, ["delegate_to_confirm"]), (1, ["delegate_to_confirm"]), (2, [])):
        with clock.at(LATER + timedelta(days=days)):
            assert kinds(side, side.representative) == found, days


def test_a_delegate_is_new_to_who_holds_the_seat_today(side: Side) -> None:
    """Who was its titular once and is its substitute now does not confirm."""
    seat, former, until = side.seats[0], side.representative, NOW.date() - timedelta(days=1)
    Membership.objects.filter(user=former, municipality=seat).update(valid_until=until)
    Membership.objects.create(network=side.network, user=former, role=Role.REPRESENTATIVE, municipality=seat, order=2)
    Membership.objects.create(network=side.network, user=side.people["observer"], role=Role.REPRESENTATIVE, municipality=seat, order=1)
    who = {"name": "Elia Delegate", "email": "elia@example.org", "valid_from": date(2027, 1, 11), "valid_until": date(2027, 1, 12)}
    with clock.at(LATER):
        name_delegate(actor=side.actor("coordinator"), municipality=seat, **who)
        assert kinds(side, former) == []
        assert kinds(side, "observer") == ["delegate_to_confirm"]


def test_another_networks_news_is_nobodys(world: World) -> None:
    """The same person in two networks sees each one's own in each; others see nothing of the other at all."""
    home, away = world.home, world.away
    with clock.at(LATER):
        factories.proposal(away, "canary-away")
        assert any(line.title == "canary-away" for line in news(away.actor("coordinator"), away.network))
        factories.circulated(away)
        announce(actor=away.actor("coordinator"), network=away.network, zone=None, values={"title": "canary-away", "text": "x"})
        for user in (*home.representatives[:3], *home.people.values()):
            assert news(home.actor(user), home.network) == []
            assert count_new(home.actor(user), home.network) == 0
        assert len(news(away.actor(away.representative), away.network)) > 3


def test_a_plain_reader_sees_no_proposal_and_no_draft(side: Side) -> None:
    with clock.at(LATER):
        factories.draft(side, "canary draft")
        factories.proposal(side, "canary proposal")
        factories.closed(side)
        for who in ("observer", "auditor"):
            assert not [line for line in lines(side, who) if "canary" in line]
            assert not [kind for kind in kinds(side, who) if kind.startswith(("minutes", "correction", "proposal"))]


def test_seeing_ends_it_and_never_goes_back(side: Side) -> None:
    actor = side.actor("observer")
    with clock.at(LATER):
        factories.agenda_published(side)
        assert count_new(actor, side.network) == 1
    with clock.at(LATER + timedelta(minutes=5)):
        see(actor=actor, until=LATER - timedelta(seconds=30))
        assert count_new(actor, side.network) == 1  # it came in after the page was opened
        see(actor=actor)
        assert count_new(actor, side.network) == 0
        until = see(actor=actor, until=NOW - timedelta(days=3))
        assert (until, count_new(actor, side.network)) == (clock.now(), 0)
        assert see(actor=actor, until=clock.now() + timedelta(days=9)) == clock.now()  # the future is not seen yet
        assert NewsMark.objects.filter(user=side.observer).count() == 1
        [line] = news(actor, side.network)
        assert not line.is_new


def test_who_has_never_looked_finds_a_week_new_and_a_month_kept(side: Side) -> None:
    NewsMark.objects.all().delete()
    actor = side.actor("observer")
    factories.agenda_published(side)
    for days, new_ones, shown in ((6, 1, 1), (8, 0, 1), (KEPT.days + 1, 0, 0)):
        with clock.at(NOW + timedelta(days=days)):
            assert (count_new(actor, side.network), len(news(actor, side.network))) == (new_ones, shown)
            assert seen_at(actor) == clock.now() - timedelta(days=7)


def test_raccordo_itself_has_no_news(side: Side) -> None:
    assert count_new(system_actor(side.network.pk), side.network) == 0
    assert news(Actor(network_id=side.network.pk), side.network) == []


def test_one_query_counts_and_three_list(side: Side) -> None:
    with clock.at(LATER):
        factories.circulated(side)
        for n in range(3):
            announce(actor=side.actor("coordinator"), network=side.network, zone=None, values={"title": f"Snow {n}", "text": "x"})
        actor = side.actor(side.representative)
        with CaptureQueriesContext(connection) as counted:
            assert count_new(actor, side.network) > 4
        with CaptureQueriesContext(connection) as listed:
            news(actor, side.network)
    assert (len(counted), len(listed)) == (1, 3)
