"""The demo: a realistic network with past Thursdays lived through by the services that people use, and the next one open."""

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from meetings import clock
from meetings.action_items.chasing import chase_action_items
from meetings.demo import week
from meetings.demo.matter import MATTERS, Matter
from meetings.demo.people import HOLIDAYS, SLUG, Cast, gather
from meetings.demo.reset import empty_database
from meetings.errors import Conflict
from meetings.events.models import Event
from meetings.minutes.services import close_windows
from meetings.network.models import Municipality, Network
from meetings.notifications.delivery import count_as_sent
from meetings.scheduling import services as scheduling
from meetings.scheduling.holidays import is_holiday
from meetings.scheduling.intake import close_intakes, open_intakes, tell_of_intakes
from meetings.scheduling.models import Meeting, MeetingSeries
from meetings.scheduling.reminders import remind_the_silent
from meetings.scheduling.selectors import meetings

Progress = Callable[[str], None]
SEED = 2020
THURSDAY, STARTS, MINUTES, ZONE = 3, time(10), 90, ZoneInfo("Europe/Rome")
INTAKE_OPENS_HOURS, INTAKE_CLOSES_HOURS = 28 * 24, 48
"""Four weeks of intake, so that on any day some meeting takes proposals: Christmas and New Year's Day may both be Thursdays."""
A_WEEK = 4
WEEKS = 8
"""How many past weeks a demo has unless told otherwise."""
WORK = (open_intakes, close_intakes, tell_of_intakes, remind_the_silent, chase_action_items, close_windows)
FIRST_REMINDER, SECOND_REMINDER = timedelta(hours=96), timedelta(hours=24)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@transaction.atomic
def create(*, csv: bytes | None = None, weeks: int = WEEKS, reset: bool = False, tell: Progress = lambda line: None) -> Network:
    """Builds it all, or nothing. `csv`: municipalities (Turin's when none is given); `reset`: first empties the database.

    Raises Conflict when there is one, Invalid for a bad file, NotAllowed to reset what is no demo.
    """
    if reset:
        empty_database()
    if Network.objects.filter(slug=SLUG).exists():
        raise Conflict("demo_exists", _("The demo network is there already. Use --reset to build it anew."))
    chance, now = random.Random(SEED), clock.now()  # noqa: S311 - the same demo every time
    first = _begins_on(now, weeks)
    with clock.at(datetime.combine(first, STARTS, ZONE) - timedelta(hours=INTAKE_OPENS_HOURS) - DAY):
        cast = gather(csv, chance)
        tell(_("%(count)s municipalities, each with a representative") % {"count": len(cast.seats)})
        _series(cast, first)
    past = [row for row in meetings(cast.network) if row.ends_at <= now]
    for number, meeting in enumerate(past):
        _live_through(cast, meeting, _matters(number), chance, now, number)
        tell(_("Meeting of %(date)s held") % {"date": f"{meeting.local:%d/%m/%Y}"})
    _what_is_next(cast, len(past), chance, now)
    count_as_sent()
    return cast.network


def _begins_on(now: datetime, weeks: int) -> date:
    """The Thursday of the first of so many meetings that are over by `now`, holidays left out; of the next one when that is none."""
    local = now.astimezone(ZONE)
    day = local.date() + timedelta(days=(THURSDAY - local.weekday()) % 7)
    if datetime.combine(day, STARTS, ZONE) + timedelta(minutes=MINUTES) <= local:
        day += WEEK
    while weeks:
        day -= WEEK
        weeks -= not is_holiday(day, *HOLIDAYS)
    return day


def _series(cast: Cast, first: date) -> MeetingSeries:
    values = {
        "title": "Coordinamento settimanale dei sindaci",
        "weekday": THURSDAY,
        "local_start": STARTS,
        "duration_minutes": MINUTES,
        "starts_on": first,
        "intake_opens_hours": INTAKE_OPENS_HOURS,
        "intake_closes_hours": INTAKE_CLOSES_HOURS,
        "join_url": "https://video.raccordo.example/coordinamento",
        "phone": "+39 011 0000 000",
        "phone_pin": "2020",
    }
    return scheduling.create_series(actor=cast.coordinator, network=cast.network, values=values)


def _matters(number: int) -> tuple[Matter, ...]:
    return tuple(MATTERS[(number * A_WEEK + place) % len(MATTERS)] for place in range(A_WEEK))


def _live_through(cast: Cast, meeting: Meeting, matters: tuple[Matter, ...], chance: random.Random, now: datetime, number: int) -> None:
    answers = _prepare(cast, meeting, matters, chance, number)
    present = [seat for seat in answers["attending"] + answers["substitute"] if seat.population >= week.A_CITY or chance.random() < 0.93]
    held = week.hold(cast, meeting, present, chance)
    if held.starts_at + timedelta(days=3) < now:
        week.follow_up(cast, held, chance, number)


def _prepare(
    cast: Cast, meeting: Meeting, matters: tuple[Matter, ...], chance: random.Random, number: int
) -> dict[str, list[Municipality]]:
    """Most answer by themselves, others once they are reminded."""
    share = week.TURNOUT[number % len(week.TURNOUT)]
    with clock.at(meeting.intake_closes_at - 3 * DAY):
        answers = week.answer(cast, meeting, chance, share * 0.75)
    _work(meeting.starts_at - FIRST_REMINDER)
    with clock.at(meeting.intake_closes_at - DAY):
        for said, seats in week.answer(cast, meeting, chance, share * 0.5).items():
            answers[said] += seats
    week.prepare(cast, meeting, matters, chance, number)
    if meeting.starts_at - SECOND_REMINDER <= clock.now():
        _work(meeting.starts_at - SECOND_REMINDER)
    week.add_late(cast, meeting, chance, number)
    return answers


def _work(at: datetime) -> None:
    """What the worker does at that instant, but for sending: nobody lived through these weeks."""
    with clock.at(at):
        for step in WORK:
            step()


def _what_is_next(cast: Cast, lived: int, chance: random.Random, now: datetime) -> None:
    """A meeting whose intake has closed is prepared, also one that is going on; the first that is open gets its proposals."""
    to_come = [row for row in meetings(cast.network) if row.ends_at > now]
    for number, meeting in enumerate(to_come[:2]):
        matters = _matters(lived + number)
        if meeting.intake_closes_at < now:
            _prepare(cast, meeting, matters, chance, lived + number)
        else:
            told = Event.objects.filter(stream__network=cast.network).aggregate(last=Max("at"))["last"]
            week.begin_intake(cast, meeting, matters, chance, max(meeting.intake_opens_at, told, now - timedelta(hours=6)))
            return
