"""No list asks the database more often for being longer: at most 12 queries, the same with 10 seats and with 312."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.action_items import services as action_items
from meetings.announcements.services import announce
from meetings.live import questions, speakers
from meetings.live import services as live
from meetings.minutes import services as minutes
from meetings.network.models import User
from meetings.scheduling.absences import declare_absence
from meetings.scheduling.delegations import name_delegate
from meetings.scheduling.services import respond
from tests import factories
from tests.api.client import Api
from tests.factories import Side

pytestmark = pytest.mark.one_database

As = Callable[[User | None], Api]
MOST = 12
MANY = 120  # rows of most lists, enough for a quorum; the longest hold all 312
FAR = date(2027, 6, 1)
LISTS = [
    "networks/",
    "networks/{slug}/",
    "networks/{slug}/zones/",
    "networks/{slug}/municipalities/",
    "networks/{slug}/memberships/",
    "networks/{slug}/series/",
    "networks/{slug}/meetings/",
    "networks/{slug}/action-items/",
    "networks/{slug}/announcements/",
    "networks/{slug}/backlog/",
    "networks/{slug}/delegations/",
    "networks/{slug}/absences/",
    "meetings/{meeting}/",
    "meetings/{meeting}/responses/",
    "meetings/{meeting}/agenda-items/",
    "meetings/{meeting}/attendance/",
    "meetings/{meeting}/speakers/",
    "meetings/{meeting}/questions/",
    "meetings/{meeting}/events/",
    "agenda-items/{item}/polls/",
    "agenda-items/{item}/notes/",
    "agenda-items/{item}/decisions/",
    "agenda-items/{item}/attachments/",
    "me/",
    "me/tokens/",
    "me/calendar-feeds/",
    "me/mail-choices/",
]


def lived_in(side: Side) -> dict[str, str]:
    """The largest seats have answered, are present and ask for the floor; there is a note, a decision and an action item for each."""
    meeting = factories.agenda_published(side)
    chair, item = side.actor("chair"), factories.items(meeting)[0]
    for seat, user in list(zip(side.seats, side.representatives, strict=True))[-MANY:]:
        respond(actor=side.actor(user), meeting=meeting, municipality=seat, answer="attending")
        someone = {"name": f"Deputy of {seat.name}", "email": f"deputy.{seat.istat_code}@example.org"}
        name_delegate(actor=side.actor("coordinator"), municipality=seat, **someone, valid_from=FAR, valid_until=FAR)
        declare_absence(actor=side.actor(user), network=side.network, valid_from=FAR, valid_until=FAR)
    live.open_session(actor=chair, meeting=meeting)
    live.move_on(actor=chair, meeting=meeting, item=item)
    for seat, user in list(zip(side.seats, side.representatives, strict=True))[-MANY:]:
        live.join(actor=side.actor(user), meeting=meeting, municipality=seat)
        speakers.request(actor=side.actor(user), meeting=meeting, municipality=seat)
        questions.ask(actor=side.actor(user), meeting=meeting, municipality=seat, text="Who pays?")
        minutes.write_note(actor=chair, item=item, text=f"{seat.name} is heard.")
        minutes.record_decision(actor=chair, item=item, text=f"{seat.name} writes.")
        action_items.create(actor=chair, meeting=meeting, values={"title": f"{seat.name} writes"}, owner=seat, agenda_item=item)
    factories.open_poll(side, factories.fresh(meeting))
    for zone in (None, *side.zones):
        announce(actor=side.actor("coordinator"), network=side.network, zone=zone, values={"title": "Snow", "text": "Stay in."})
    return {"slug": side.network.slug, "meeting": str(meeting.pk), "item": str(item.pk)}


def queries(reader: Api, path: str) -> tuple[int, int]:
    """(queries, rows)."""
    reader.get(path)
    with CaptureQueriesContext(connection) as asked:
        response = reader.get(path, limit=500)
    assert response.status_code == 200
    return len(asked), len(response.json().get("results", []))


@pytest.mark.one_database
def test_lists_ask_as_often_at_312_seats_as_at_10(few_and_many: tuple[Side, Side], api: As) -> None:
    small, large = few_and_many
    at_10, at_312 = lived_in(small), lived_in(large)
    counted = {}
    for role in ("coordinator", "observer"):
        few, many = api(small.people[role]), api(large.people[role])
        for path in LISTS:
            counted[role, path] = (queries(few, path.format(**at_10)), queries(many, path.format(**at_312)))
    print(*(f"{path} ({role}): {few} {many}" for (role, path), (few, many) in counted.items()), sep="\n")

    assert [case for case, (few, many) in counted.items() if few[0] != many[0]] == []
    assert [case for case, (few, _many) in counted.items() if few[0] > MOST] == []
    assert counted["coordinator", "networks/{slug}/municipalities/"][1][1] == 312


def test_the_live_state_asks_as_often_with_many_seats(db: None, now: None, api: As) -> None:
    small, large = factories.make_side("small", seats=10), factories.make_side("large", seats=30)
    for role in ("coordinator", "observer"):
        few, _rows = queries(api(small.people[role]), f"meetings/{_once(small)}/live/")
        many, _rows = queries(api(large.people[role]), f"meetings/{_once(large)}/live/")
        assert few == many <= 23


def _once(side: Side) -> str:
    meeting = factories.fresh(side.meeting)
    return lived_in(side)["meeting"] if meeting.state == "scheduled" else str(meeting.pk)
