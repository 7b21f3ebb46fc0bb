"""Eight weeks on a controlled clock, through REST, with a worker that ticks four times a day: what was said is what the story says.

The same weeks with the worker off for three days end the same, and differ in when things were said alone.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from meetings import clock
from meetings.action_items.models import ActionItem
from meetings.agenda.models import AgendaItem
from meetings.events.models import Event, EventStream
from meetings.events.selectors import verify_all
from meetings.live.models import Attendance, Poll
from meetings.minutes.models import Decision, Minutes
from meetings.network.models import User
from meetings.network.services import change_network
from meetings.notifications.models import MailState, OutgoingEmail
from meetings.scheduling.models import Meeting, Response
from tests import factories
from tests.api.client import Api
from tests.factories import Side
from tests.scenarios.ledger import events_made, mails_made, order_of
from tests.scenarios.weeks import ACTIONS, BEGIN, END, ROME, SERIES, WEEKS, WINDOW, Weeks

As = Callable[[User | None], Api]
OFF = (datetime(2026, 10, 2, 12, tzinfo=ROME), datetime(2026, 10, 5, 12, tzinfo=ROME))
"""From a Friday to a Monday at noon: a reminder, an overdue action item and the circulation of minutes fall into it."""


@pytest.fixture
def forty(db: None) -> Side:
    with clock.at(BEGIN):
        side = factories.make_side("home", seats=40, series=SERIES)
        change_network(actor=side.actor(side.coordinator), network=side.network, values={"correction_days": WINDOW})
        return side


def live(side: Side, api: As, off: tuple[datetime, datetime] | None = None) -> Weeks:
    weeks = Weeks(side, api, off)
    weeks.run()
    return weeks


@pytest.mark.timeout(300)
def test_eight_weeks(forty: Side, api: As) -> None:
    weeks = live(forty, api)
    check_mails(weeks)
    check_events(weeks)
    check_order(weeks)
    with clock.at(END):
        assert outcome(forty) == expected()


@pytest.mark.one_database
@pytest.mark.timeout(300)
def test_three_days_without_the_worker_change_when_things_are_said_and_nothing_else(forty: Side, api: As) -> None:
    weeks = live(forty, api, OFF)
    check_mails(weeks)
    check_events(weeks)
    said_late = OutgoingEmail.objects.filter(kind__in=("reminder", "action_overdue"), created_at__gte=OFF[0])
    assert not said_late.filter(created_at__lt=OFF[1]).exists()
    assert said_late.filter(created_at=OFF[1], kind="reminder").count() == 20
    with clock.at(END):
        assert outcome(forty) == expected()


def check_mails(weeks: Weeks) -> None:
    """Exactly those of the story, each sent, nobody chased twice in a day."""
    made, wanted = mails_made(), weeks.ledger.mails
    assert (made - wanted, wanted - made) == (Counter(), Counter())
    assert set(OutgoingEmail.objects.exclude(state=MailState.DROPPED).values_list("state", flat=True)) == {"sent"}
    chased = OutgoingEmail.objects.filter(chase_day__isnull=False).values_list("address", "chase_day")
    assert max(Counter(chased).values()) == 1


def check_events(weeks: Weeks) -> None:
    """Exactly those of the story, in unbroken streams."""
    made, wanted = events_made(weeks.side.network), weeks.ledger.events
    assert (made - wanted, wanted - made) == (Counter(), Counter())
    for stream in EventStream.objects.all():
        assert list(Event.objects.filter(stream=stream).order_by("sequence").values_list("sequence", flat=True)) == list(
            range(1, stream.last_sequence + 1)
        )
    assert list(verify_all()) == []
    assert not Event.objects.filter(payload__contains="a private reason").exists()


def check_order(weeks: Weeks) -> None:
    """What became of each meeting, in the order in which it did."""
    usual = [
        "scheduled",
        "intake_opened",
        "reminded",
        "intake_closed",
        "agenda_published",
        "reminded",
        "opened",
        "closed",
    ]
    unusual = {
        4: ["scheduled", "intake_opened", "reminded", "moved", "reminded", *usual[3:]],
        6: [*usual[:3], "cancelled", "restored", *usual[3:]],
        7: [*usual[:4], "reminded", *usual[4:]],
        9: ["scheduled", "intake_opened"],
    }
    for number in range(1, WEEKS + 2):
        found = [name.partition(".")[2] for name in order_of(number, "meeting.") if name != "meeting.moved_on"]
        assert found == unusual.get(number, usual), number


def outcome(side: Side) -> dict[str, Any]:
    """The state of everything, in the story's words."""
    items = AgendaItem.objects.select_related("meeting").filter(meeting__network=side.network)
    return {
        "meetings": list(Meeting.objects.filter(network=side.network).order_by("number").values_list("number", "state")),
        "items": sorted(
            (row.meeting.number, "Approval" if row.approves_minutes_of_id else row.title, row.state, row.deferrals) for row in items
        ),
        "minutes": list(Minutes.objects.order_by("meeting__number").values_list("meeting__number", "state")),
        "decisions": list(Decision.objects.order_by("number").values_list("number", "agenda_item__meeting__number")),
        "actions": dict(ActionItem.objects.values_list("title", "state")),
        "polls": list(Poll.objects.order_by("agenda_item__meeting__number").values_list("agenda_item__meeting__number", "state")),
        "answers": Counter(Response.objects.values_list("meeting__number", "answer")),
        "present": Counter(Attendance.objects.values_list("meeting__number", flat=True)),
    }


UNUSUAL = [
    (1, "Library", "deferred", 0),
    (2, "Fountains", "withdrawn", 0),
    (2, "Landslide", "not_reached", 0),  # it came last, by an addendum
    (2, "Library", "deferred", 1),
    (3, "Ice", "merged", 0),
    (3, "Landslide", "discussed", 1),
    (3, "Library", "deferred", 2),
    (3, "Moon", "declined", 0),
    (3, "Snow", "discussed", 0),
    (3, "Vague", "discussed", 0),
    (4, "Library", "not_reached", 3),
    (5, "Library", "discussed", 4),
    (7, "Approval", "withdrawn", 1),  # of the fifth minutes, while the sixth meeting was called off
    (7, "Bridges 6", "withdrawn", 1),
    (7, "Buses 6", "discussed", 1),  # there for that day, taken back, and carried over in the end
    (9, "Approval", "accepted", 0),
    (9, "Buses 8", "accepted", 1),
]


def expected() -> dict[str, Any]:
    """What the story comes to."""
    weeks = range(1, WEEKS + 1)
    usual = [(n, f"Bridges {n}", "discussed", 0) for n in weeks]
    usual += [(n, f"Buses {n}", "not_reached" if n in (6, 8) else "discussed", 0) for n in weeks]
    usual += [(n, "Approval", "discussed", 0) for n in weeks if n > 1]
    return {
        "meetings": [*((n, "closed") for n in weeks), (WEEKS + 1, "scheduled")],
        "items": sorted([*usual, *UNUSUAL]),
        "minutes": [*((n, "approved") for n in weeks if n < WEEKS), (WEEKS, "in_correction")],
        "decisions": [(n, n) for n in weeks],
        "actions": {row[0]: "dropped" if row[0] == "Ask the region" else "done" for rows in ACTIONS.values() for row in rows},
        "polls": [(n, "closed") for n in weeks if n % 2],
        "answers": Counter({(n, answer): count for n in weeks for answer, count in (("attending", 34), ("regrets", 1))}),
        "present": Counter({n: 29 if n % 2 else 20 for n in weeks}),
    }
