"""The demo: a realistic network with past Thursdays lived through by the services that people use, and the next one open."""

import random
from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock
from meetings.demo import week
from meetings.demo.matter import MATTERS, Matter
from meetings.demo.people import SLUG, Cast, gather
from meetings.errors import Conflict
from meetings.network.models import Network
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, MeetingSeries
from meetings.scheduling.selectors import meetings

Progress = Callable[[str], None]
SEED = 2020
THURSDAY = 3
INTAKE_OPENS_HOURS, INTAKE_CLOSES_HOURS = 14 * 24, 48
"""Two weeks of intake, so that on any day of the week some meeting is open for proposals."""
A_WEEK = 5


@transaction.atomic
def create(*, csv: bytes | None = None, weeks: int = 3, tell: Progress = lambda line: None) -> Network:
    """Builds it all, or nothing. `csv`: municipalities (Turin's when none is given). Raises Conflict when there is one, Invalid."""
    if Network.objects.filter(slug=SLUG).exists():
        raise Conflict("demo_exists", _("The demo network is there already. Use --reset to build it anew."))
    chance, now = random.Random(SEED), clock.now()  # noqa: S311 - the same demo every time
    with clock.at(now - timedelta(weeks=weeks + 3)):
        cast = gather(csv, chance)
        tell(_("%(count)s municipalities, each with a representative") % {"count": len(cast.seats)})
        series = _series(cast, now, weeks)
    past = [row for row in meetings(cast.network) if row.ends_at < now][-weeks:] if weeks else []
    for number, meeting in enumerate(past):
        _live_through(cast, meeting, _matters(number), chance, now)
        tell(_("Meeting of %(date)s held") % {"date": f"{meeting.local:%d/%m/%Y}"})
    _what_is_next(cast, series, len(past), chance, now)
    return cast.network


def _series(cast: Cast, now: datetime, weeks: int) -> MeetingSeries:
    values = {
        "title": "Coordinamento settimanale dei sindaci",
        "weekday": THURSDAY,
        "local_start": time(10),
        "duration_minutes": 90,
        "starts_on": (now - timedelta(weeks=weeks, days=1)).date(),
        "intake_opens_hours": INTAKE_OPENS_HOURS,
        "intake_closes_hours": INTAKE_CLOSES_HOURS,
        "join_url": "https://video.raccordo.example/coordinamento",
        "phone": "+39 011 0000 000",
        "phone_pin": "2020",
    }
    return scheduling.create_series(actor=cast.coordinator, network=cast.network, values=values)


def _matters(number: int) -> tuple[Matter, ...]:
    return tuple(MATTERS[(number * A_WEEK + place) % len(MATTERS)] for place in range(A_WEEK))


def _live_through(cast: Cast, meeting: Meeting, matters: tuple[Matter, ...], chance: random.Random, now: datetime) -> None:
    with clock.at(meeting.intake_opens_at + timedelta(hours=3)):
        answers = week.answer(cast, meeting, chance, 0.9)
    week.prepare(cast, meeting, matters, chance)
    present = [seat for seat in answers["attending"] + answers["substitute"] if seat.population >= week.A_CITY or chance.random() < 0.93]
    held = week.hold(cast, meeting, present, chance)
    if held.starts_at + timedelta(days=3) < now:
        week.follow_up(cast, held, chance)


def _what_is_next(cast: Cast, series: MeetingSeries, lived: int, chance: random.Random, now: datetime) -> None:
    """A meeting whose intake has closed is prepared; the first that is open gets its proposals."""
    for number, meeting in enumerate(meetings(cast.network, since=now).filter(series=series)[:2]):
        matters = _matters(lived + number)
        if meeting.intake_closes_at < now:
            week.prepare(cast, meeting, matters, chance)
        else:
            week.begin_intake(cast, meeting, matters[:4], chance, now)
            return
