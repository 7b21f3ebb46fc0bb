"""The first page of a person, and of a network: what is expected of me."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from frontend.views.base import Here, Visit, page, signed_in
from frontend.views.cockpit import chores, readiness_of
from frontend.views.expected import tasks
from frontend.views.first_steps import guide_for
from frontend.views.responses import replies
from meetings import clock
from meetings.access import Permission, holds
from meetings.action_items import selectors as action_items
from meetings.action_items.models import UNFINISHED, ActionItem
from meetings.agenda import selectors as agenda
from meetings.agenda.models import AgendaItem, ItemState
from meetings.live.models import Attendance
from meetings.minutes import selectors as minutes
from meetings.minutes.models import MinutesState
from meetings.network.selectors import networks_of, seats_of, today
from meetings.notifications.selectors import unsettled
from meetings.scheduling import seats
from meetings.scheduling import selectors as scheduling
from meetings.scheduling.forecast import ZoneForecast, by_zone
from meetings.scheduling.models import ANNOUNCED, Meeting

LATEST = 8
OLD_PROPOSALS = timedelta(days=21)


@require_safe
@signed_in
def home(visit: Visit) -> HttpResponse:
    """The only network's dashboard, or the choice among several."""
    networks = list(networks_of(visit.user))
    if len(networks) == 1:
        return HttpResponseRedirect(reverse("frontend:dashboard", args=[networks[0].slug]))
    return visit.render("home/networks.html", {"networks": networks})


@require_safe
@page
def dashboard(here: Here) -> HttpResponse:
    """For a representative what is expected of them first; for the office the readiness cockpit."""
    meeting = scheduling.next_meeting(here.network)
    triages = here.may(Permission.TRIAGE)
    context = {
        "meeting": meeting,
        "intake_open": bool(meeting and scheduling.intake_is_open(meeting)),
        "intake_past": bool(meeting and clock.now() > meeting.intake_closes_at),
        "replies": _my_replies(here, meeting),
        "has_seat": bool(here.actor.seats),
        "may_propose": holds(here.actor, Permission.PROPOSE),
        "triages": triages,
        "to_confirm": len(seats.waiting(here.actor, here.network)),
        "unsettled_mail": unsettled(here.network.pk) if here.may(Permission.MANAGE_PEOPLE) else 0,
        "guide": guide_for(here, meeting),
        **_proposals(here),
        **_action_items(here),
        **_minutes(here),
        **(readiness_of(here, meeting) if triages and meeting else {}),
        "own_zones": _own_zones(here, meeting) if meeting and not triages else [],
    }
    context |= {"tasks": tasks(here, meeting, context)} if here.actor.open_seats else {}
    context |= {"chores": chores(here, context)} if here.actor.is_staff else {}
    return here.render("home/dashboard.html", context)


def _my_replies(here: Here, meeting: Meeting | None) -> list[Any]:
    if meeting is None or not here.actor.seats:
        return []
    given = {row.municipality_id: row for row in scheduling.responses(meeting).filter(municipality__in=here.actor.seats)}
    return replies(meeting, list(seats_of(here.actor)), given)


def _own_zones(here: Here, meeting: Meeting) -> list[ZoneForecast]:
    """Of the zones that one speaks for, who has answered, as long as the silent can be reminded: one query."""
    asks = holds(here.actor, Permission.REMIND) and meeting.state in ANNOUNCED and clock.now() < meeting.starts_at
    return [zone for zone in by_zone(meeting) if zone.id in here.actor.zones] if asks and here.actor.zones else []


def _proposals(here: Here) -> dict[str, list[AgendaItem]]:
    """One read: those of my seats, and for the office those that wait for an answer."""
    recent = Q(meeting__starts_at__gte=clock.now() - OLD_PROPOSALS)
    sought = Q(proposer__in=here.actor.open_seats) & recent
    if here.may(Permission.TRIAGE):
        sought |= Q(state=ItemState.PROPOSED) & recent
    rows = agenda.visible_items(here.actor).prefetch_related(None).filter(sought).order_by("-meeting__starts_at", "-created_at")[:60]
    found = list(rows)
    mine = [item for item in found if item.proposer_id in here.actor.open_seats]
    waiting = [item for item in found if item.state == ItemState.PROPOSED] if here.may(Permission.TRIAGE) else []
    return {"proposals": mine[:LATEST], "to_triage": waiting}


def _action_items(here: Here) -> dict[str, Any]:
    """One read: the unfinished ones of my seats, and for the office those that are overdue."""
    day = today(here.network)
    sought = Q(owner__in=here.actor.open_seats)
    if here.actor.is_staff:
        sought |= Q(due_on__lt=day)
    rows = action_items.action_items(here.actor, here.network).prefetch_related(None).filter(sought, state__in=UNFINISHED)
    found: list[ActionItem] = list(rows[:60])
    overdue = [item for item in found if item.overdue_on(day)]
    return {"actions": [item for item in found if item.owner_id in here.actor.open_seats][:LATEST], "overdue": overdue, "today": day}


def _minutes(here: Here) -> dict[str, Any]:
    """One read: the last minutes that one may read, those of sessions where one's seat was, and those that the office has to see to."""
    was_there = Attendance.objects.filter(meeting=OuterRef("meeting"), municipality__in=here.actor.open_seats, struck_at__isnull=True)
    rows = minutes.visible_minutes(here.actor).annotate(was_there=Exists(was_there)).order_by("-meeting__starts_at")
    found = list(rows[:12])
    readable = [row for row in found if row.state != MinutesState.DRAFT]
    waiting = [row for row in found if row.state != MinutesState.PUBLISHED] if here.actor.is_staff else []
    return {
        "last_minutes": next(iter(readable), None),
        "to_check": [row for row in readable if row.was_there],
        "minutes_to_do": waiting[:LATEST],
    }
