"""The first page of a person, and of a network: what is expected of me."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from frontend.views.base import Here, Visit, page, signed_in
from frontend.views.responses import replies
from meetings import clock
from meetings.access import Permission, Role, holds
from meetings.action_items import selectors as action_items
from meetings.action_items.models import UNFINISHED, ActionItem
from meetings.agenda import selectors as agenda
from meetings.agenda.models import AgendaItem, ItemState
from meetings.minutes import selectors as minutes
from meetings.minutes.models import Minutes, MinutesState
from meetings.network import invited
from meetings.network.invited import Invited
from meetings.network.selectors import memberships, municipalities, networks_of, seats_of, today
from meetings.notifications.selectors import unsettled
from meetings.scheduling import readiness, seats
from meetings.scheduling import selectors as scheduling
from meetings.scheduling.models import ANNOUNCED, Meeting, Response

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
        **_proposals(here),
        **_action_items(here),
        **_minutes(here),
        **(_readiness(here, meeting) if triages else {}),
    }
    return here.render("home/dashboard.html", context)


def _my_replies(here: Here, meeting: Meeting | None) -> list[Any]:
    if meeting is None or not here.actor.seats:
        return []
    given = {row.municipality_id: row for row in scheduling.responses(meeting).filter(municipality__in=here.actor.seats)}
    return replies(meeting, list(seats_of(here.actor)), given)


def _proposals(here: Here) -> dict[str, list[AgendaItem]]:
    """One read: those of my seats, and for the office those that wait for an answer."""
    recent = Q(meeting__starts_at__gte=clock.now() - OLD_PROPOSALS)
    sought = Q(proposer__in=here.actor.open_seats) & recent
    if here.may(Permission.TRIAGE):
        sought |= Q(state=ItemState.PROPOSED) & recent
    rows = agenda.visible_items(here.actor).prefetch_related(None).filter(sought).order_by("-meeting__starts_at", "-created_at")[:60]
    found = list(rows)
    mine = [item for item in found if item.proposer_id in here.actor.open_seats]
    return {"proposals": mine[:LATEST], "to_triage": [item for item in found if item.state == ItemState.PROPOSED]}


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
    """The last minutes that one may read, and those that wait to be circulated, approved or published."""
    found: list[Minutes] = list(minutes.visible_minutes(here.actor).order_by("-meeting__starts_at")[:12])
    readable = [row for row in found if row.state != MinutesState.DRAFT]
    waiting = [row for row in found if row.state != MinutesState.PUBLISHED] if here.actor.is_staff else []
    return {"last_minutes": next(iter(readable), None), "minutes_to_do": waiting[:LATEST]}


def _readiness(here: Here, meeting: Meeting | None) -> dict[str, Any]:
    """Who has answered, by zone; without a meeting, whether there is anybody to invite."""
    if meeting is None:
        return _first_steps(here)
    zones = scheduling.answers_by_zone(meeting)
    names = ["total", "silent", *Response.Answer.values]
    return {
        "zones": zones,
        "totals": {name: sum(zone[name] for zone in zones) for name in names},
        **({"has_municipalities": True} if zones else _first_steps(here)),
        "coming": readiness.coming_up(meeting),
        "asked": readiness.last_asked(meeting),
        "may_remind": meeting.state in ANNOUNCED and clock.now() < meeting.starts_at,
    }


def _first_steps(here: Here) -> dict[str, Any]:
    """What a new network has already."""
    people = memberships(here.network)
    return {
        "has_municipalities": municipalities(here.network).exists(),
        "has_people": people.filter(municipality__isnull=False).exists(),
        "has_chair": people.filter(role=Role.CHAIR).exists(),
        "nobody_to_invite": not invited.people(here.network).filter(invitation_state=Invited.NOT_INVITED).exists(),
    }
