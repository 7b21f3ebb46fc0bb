"""The meetings that were held, year by year, with what came of them."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Substr

from meetings.access import Actor
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem
from meetings.minutes.models import Decision, MinutesState
from meetings.minutes.selectors import visible_minutes
from meetings.scheduling.models import Meeting, MeetingState


def years(actor: Actor) -> list[int]:
    """Those in which the network met, on its own clocks, the latest first."""
    found = _held(actor).annotate(year=Substr("local_start", 1, 4)).order_by("-year").values_list("year", flat=True)
    return [int(year) for year in found.distinct()]


def held(actor: Actor, year: int) -> QuerySet[Meeting]:
    """The year's meetings, the latest first, each with `item_count`, `decision_count` and, as far as the actor may read them, the
    `minutes_state`."""
    items = AgendaItem.objects.filter(meeting=OuterRef("pk"), state__in=ON_THE_AGENDA)
    decisions = Decision.objects.filter(agenda_item__meeting=OuterRef("pk"))
    minutes = visible_minutes(actor).filter(meeting=OuterRef("pk")).order_by().values("state")
    rows = _held(actor).annotate(
        item_count=_counted(items, "meeting"),
        decision_count=_counted(decisions, "agenda_item__meeting"),
        minutes_state=Subquery(minutes[:1]),
    )
    return rows.filter(local_start__startswith=f"{year:04}-").order_by("-starts_at", "id")


def _held(actor: Actor) -> QuerySet[Meeting]:
    return Meeting.objects.filter(network=actor.network_id, state=MeetingState.CLOSED)


def _counted(rows: QuerySet[Any], by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def minutes_word(state: str | None) -> str:
    """The state of minutes in the reader's language; empty when there are none to read."""
    return str(MinutesState(state).label) if state else ""
