"""Secret ballots: counted, and nowhere to be joined with whose they are."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from api.realtime import reads
from meetings.events.models import Audience, Event, IdempotencyKey
from meetings.live import polls, selectors
from meetings.live.models import Ballot, Mark, Poll, Vote
from meetings.live.poll_selectors import miscounted
from meetings.network.models import User
from tests import factories
from tests.api.client import Api
from tests.factories import CHAIR, Side
from tests.frontend.pages import post, url
from tests.live.test_polls import cast, small_session
from tests.live.voting import ByRest, ByService, Refused

As = Callable[[User | None], Api]
CANARY = "canary-choice"
CHOICES = [{"id": CANARY, "label": "The canary"}, {"id": "hawk", "label": "The hawk"}]


@pytest.fixture(params=[ByService, ByRest], ids=["services", "rest"])
def hall(request: pytest.FixtureRequest, side: Side) -> ByService:
    made: ByService = request.param(side, factories.in_session(side))
    return made


def secret_poll(side: Side, **values: Any) -> Poll:
    """Open on the eight seats present."""
    meeting = factories.in_session(side)
    poll = polls.draft(actor=side.actor(CHAIR), item=factories.items(meeting)[0], question="Whom?", secrecy="secret", **values)
    return polls.open_(actor=side.actor(CHAIR), poll=poll)


# --- what is promised, by either transport ---


def test_the_turnout_is_all_that_is_told_until_the_result_is_published(hall: ByService) -> None:
    side, chair = hall.side, hall.side.chair
    poll = hall.open(chair, hall.draft(chair, question="Whom?", secrecy="secret")["id"])
    receipts = [hall.vote(side.representatives[n], poll["id"], side.seats[n], "yes" if n else "no") for n in range(5)]
    assert {receipt["at"] for receipt in receipts} == {None}
    for reader in (chair, side.representative, side.observer):
        seen = hall.get(reader, poll["id"])
        assert (seen["turnout"], seen["tally"], seen["outcome"]) == (5, [], "")
    closed = hall.close(chair, poll["id"])
    count = [{"choice": "yes", "municipalities": 4}, {"choice": "no", "municipalities": 1}, {"choice": "abstain", "municipalities": 0}]
    assert (closed["tally"], closed["outcome"], closed["turnout"]) == (count, "carried", 5)
    member = hall.get(side.representative, poll["id"])
    assert (member["state"], member["tally"], member["outcome"], member["turnout"]) == ("closed", [], "", 5)
    hall.publish(chair, poll["id"])
    shown = hall.get(side.observer, poll["id"])
    assert (shown["state"], shown["tally"], shown["outcome"]) == ("published", count, "carried")
    assert hall.votes(chair, poll["id"]) == {}
    assert not list(miscounted())


def test_a_vote_is_final_and_the_refusal_shows_the_receipt(hall: ByService) -> None:
    side, chair = hall.side, hall.side.chair
    poll = hall.open(chair, hall.draft(chair, question="Whom?", secrecy="secret")["id"])
    receipt = hall.vote(side.representative, poll["id"], side.seats[0], "yes")
    with pytest.raises(Refused, match=r"^already_voted$") as again:
        hall.vote(side.representative, poll["id"], side.seats[0], "no")
    assert again.value.current == receipt
    assert list(Ballot.objects.values_list("choice", flat=True)) == ["yes"]


def test_nobody_votes_in_secret_by_phone_or_among_too_few(hall: ByService) -> None:
    side, chair = hall.side, hall.side.chair
    few = [str(seat.pk) for seat in side.seats[:2]]
    two = hall.draft(chair, question="Whom?", secrecy="secret", roll_policy="chosen", chosen=few)
    with pytest.raises(Refused, match=r"^roll_too_small$"):
        hall.open(chair, two["id"])
    poll = hall.open(chair, hall.draft(chair, question="Whom?", secrecy="secret")["id"])
    with pytest.raises(Refused, match=r"^secret_by_phone$"):
        hall.vote(side.coordinator, poll["id"], side.seats[0], "yes")
    assert not Ballot.objects.exists()


@pytest.mark.parametrize(("in_favour", "outcome"), [(1, "not_carried"), (2, "carried")])
def test_a_third_of_all_seats_carries_whatever_their_population(db: None, now: None, in_favour: int, outcome: str) -> None:
    """Of six seats, the two smallest: 3,000 of 21,000 inhabitants."""
    side, meeting = small_session(6, list(range(6)))
    poll = polls.draft(actor=side.actor(CHAIR), item=factories.items(meeting)[0], question="Whom?", secrecy="secret")
    polls.open_(actor=side.actor(CHAIR), poll=poll)
    for seat in range(6):
        cast(side, poll, seat, "yes" if seat < in_favour else "no")
    assert polls.close(actor=side.actor(CHAIR), poll=poll).outcome == outcome


def test_members_and_staff_are_told_different_results(side: Side) -> None:
    poll = secret_poll(side)
    for seat in range(4):
        cast(side, poll, seat)
    polls.close(actor=side.actor(CHAIR), poll=poll)
    told = {row.type: (row.audience, json.loads(row.payload)) for row in Event.objects.filter(type__startswith="poll.c")}
    assert (told["poll.closed"][0], told["poll.counted"][0]) == (Audience.MEMBERS, Audience.STAFF)
    assert (told["poll.closed"][1]["tally"], told["poll.closed"][1]["outcome"], told["poll.closed"][1]["turnout"]) == ([], "", 4)
    assert told["poll.counted"][1]["tally"][0] == {"choice": "yes", "municipalities": 4}


# --- what is left behind ---


def everything_stored() -> Iterator[tuple[str, str]]:
    """Every row of every table, by table, as text."""
    for model in [*apps.get_models(include_auto_created=True)]:
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 (the name comes from the model)
            for row in cursor.fetchall():
                yield model.__name__, " ".join(str(value) for value in row)


class Heard(logging.Handler):
    """Whatever is logged anywhere, with its arguments."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.args} {record.exc_info} {getattr(record, 'sql', '')}")


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """All but the database's own statements, which only a debugging developer has logged."""
    handler, root = Heard(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(level)


def test_no_row_event_log_line_key_or_session_holds_a_choice_but_the_ballot(side: Side, api: As, heard: list[str]) -> None:
    poll = secret_poll(side, choices=CHOICES)
    path = f"polls/{poll.pk}/vote/"
    by_page = [0, 1]
    for n in range(8):
        if n in by_page:
            page = url(side.network, "meetings", side.meeting.pk, "room", "polls", poll.pk, "seats", side.seats[n].pk)
            client = api(side.representatives[n]).client
            assert post(client, page, choice=CANARY).status_code == 409  # asked whether it is meant: it is final
            assert post(client, page, choice=CANARY, sure="on").status_code == 303
            assert post(client, page, choice=CANARY, sure="on").status_code == 409
        else:
            body = {"choice": CANARY, "municipality": str(side.seats[n].pk)}
            assert api(side.representatives[n]).put(path, body, key=f"key-{n}").status_code == 200
            assert api(side.representatives[n]).put(path, {**body, "choice": "hawk"}, key="other").json()["code"] == "already_voted"
            assert api(side.representatives[n]).put(path, {**body, "choice": [CANARY]}).status_code == 422
    polls.close(actor=side.actor(CHAIR), poll=poll)
    holding = Counter(table for table, text in everything_stored() if CANARY in text)
    events = Event.objects.filter(payload__contains=CANARY)
    assert set(holding) == {"Ballot", "Poll", "Event"} and holding["Ballot"] == 8
    assert {event.type.partition(".")[0] for event in events} == {"poll"}  # the choices there are
    assert not any(str(seat.pk) in event.payload for event in events for seat in side.seats)
    assert not Vote.objects.exists() and not any(CANARY in str(session.get_decoded()) for session in Session.objects.all())
    assert not [line for line in heard if CANARY in line]
    ids = {str(pk).replace("-", "") for model in (Ballot, Mark) for pk in model.objects.values_list("pk", flat=True)}
    assert len(ids) == 16


def test_no_digest_of_the_choice_is_kept_and_a_retry_answers_the_receipt(side: Side, api: As) -> None:
    """Whatever a retry says: the same key is the same vote."""
    poll = secret_poll(side, choices=CHOICES)
    path, voter = f"polls/{poll.pk}/vote/", api(side.representative)
    first = voter.put(path, {"choice": CANARY}, key="one")
    for choice in (CANARY, "hawk"):
        again = voter.put(path, {"choice": choice}, key="one")
        assert (again.status_code, again.json(), again.headers["Idempotent-Replayed"]) == (200, first.json(), "true")
    second = api(side.representatives[1])
    second.put(path, {"choice": "hawk"}, key="one")
    prints = [row.fingerprint for row in IdempotencyKey.objects.order_by("created_at")]
    third = Client(headers={"Accept-Language": "en"})
    page = url(side.network, "meetings", side.meeting.pk, "room", "polls", poll.pk, "seats", side.seats[2].pk)
    third.force_login(side.representatives[2], backend="frontend.backends.Backend")
    sent = {"idempotency_key": "one", "choice": CANARY, "sure": "on"}
    assert [third.post(page, {**sent, "choice": choice}).status_code for choice in (CANARY, "hawk")] == [303, 303]
    assert len(set(prints)) == 2 and sorted(Ballot.objects.values_list("choice", flat=True)) == [CANARY, CANARY, "hawk"]


@pytest.mark.one_database
def test_an_expired_form_does_not_repeat_a_choice(side: Side) -> None:
    poll = secret_poll(side, choices=CHOICES)
    client = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    client.force_login(side.representative, backend="frontend.backends.Backend")
    page = url(side.network, "meetings", side.meeting.pk, "room", "polls", poll.pk, "seats", side.seats[0].pk)
    refused = client.post(page, {"choice": CANARY})
    assert refused.status_code == 403 and CANARY not in refused.content.decode()


def stored_order(poll: Poll) -> list[str]:
    """As the table itself has the rows: on SQLite by rowid, on PostgreSQL by place."""
    place = "rowid" if connection.vendor == "sqlite" else "ctid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT choice FROM meetings_ballot ORDER BY {place}")  # noqa: S608
        return [choice for (choice,) in cursor.fetchall()]


def test_the_order_of_the_ballots_is_made_by_chance_when_it_closes(side: Side) -> None:
    """One thing decides it, and it is asked for nothing but an order: a chance that reverses gives the reverse."""
    choices = [{"id": f"choice-{n}", "label": str(n)} for n in range(8)]
    poll = secret_poll(side, choices=choices)
    for seat in range(8):
        cast(side, poll, seat, f"choice-{seat}")
    before, marks = set(Ballot.objects.values_list("pk", flat=True)), list(Mark.objects.values_list("pk", flat=True))
    with patch("meetings.live.ballots.secrets.SystemRandom") as chance:
        chance.return_value.shuffle.side_effect = lambda rows: rows.sort(reverse=True)
        polls.close(actor=side.actor(CHAIR), poll=poll)
    assert stored_order(poll) == [f"choice-{n}" for n in reversed(range(8))]
    after = set(Ballot.objects.values_list("pk", flat=True))
    assert len(after) == 8 and not after & before and not after & set(marks)


def test_the_live_state_hides_the_result_from_members(side: Side) -> None:
    poll = secret_poll(side)
    for seat in range(4):
        cast(side, poll, seat)
    polls.close(actor=side.actor(CHAIR), poll=poll)
    for user, rows in ((side.observer, 0), (side.chair, 3)):
        [seen] = selectors.state(side.actor(user), factories.fresh(side.meeting))["poll"]
        assert len(seen["tally"]) == rows


def test_sockets_are_told_the_turnout_alone(side: Side) -> None:
    poll = secret_poll(side)
    cast(side, poll, 0)
    [frame] = reads.tallies([poll.pk]).values()
    assert json.loads(frame["text"]) == {"type": "tally", "poll": str(poll.pk), "turnout": 1}
