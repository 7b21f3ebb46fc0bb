"""A municipality's answer to the invitation."""

from collections.abc import Mapping
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.responses import AnswersFilter, ResponseForm, initial
from frontend.views.base import Here, page
from meetings import clock
from meetings.access import Permission, require
from meetings.network.models import Municipality, Zone
from meetings.network.selectors import municipalities, municipality_in, place_of
from meetings.scheduling import services
from meetings.scheduling.models import ANNOUNCED, Delegation, Meeting, Response
from meetings.scheduling.seats import delegations_for
from meetings.scheduling.selectors import responses


class Reply(NamedTuple):
    """What a seat has answered, and the form to answer with."""

    seat: Municipality
    response: Response | None
    form: ResponseForm
    delegation: Delegation | None


class ZoneAnswers(NamedTuple):
    """A zone's seats, each with its answer or None."""

    zone: Zone
    seats: list[tuple[Municipality, Response | None]]

    @property
    def answered(self) -> int:
        return sum(response is not None for _seat, response in self.seats)


def replies(meeting: Meeting, seats: list[Municipality], given: Mapping[UUID, Response]) -> list[Reply]:
    """A form for each seat, with its answer so far; none once the session has begun."""
    if meeting.state not in ANNOUNCED:
        return []
    substituted = [seat.pk for seat in seats if seat.pk in given and given[seat.pk].substitute_email]
    named = delegations_for(meeting, substituted) if substituted else {}
    return [Reply(seat, given.get(seat.pk), _form(None, seat, given.get(seat.pk)), named.get(seat.pk)) for seat in seats]


def _form(here: Here | None, seat: Municipality, response: Response | None) -> ResponseForm:
    return ResponseForm(here.posted if here else None, initial=initial(response), auto_id=f"id_{seat.pk}_%s")


def by_zone(seats: list[Municipality], given: dict[UUID, Response]) -> list[ZoneAnswers]:
    """Every seat with its answer or None, zone by zone."""
    ordered = sorted(seats, key=lambda seat: (seat.zone.number, seat.name))
    grouped = groupby(ordered, key=lambda seat: seat.zone)
    return [ZoneAnswers(zone, [(seat, given.get(seat.pk)) for seat in rows]) for zone, rows in grouped]


@require_safe
@page
def index(here: Here, meeting_id: UUID) -> HttpResponse:
    """Every seat's answer, for who may answer on behalf of all; `?zone=` and `?answer=` (`silent` too) keep some."""
    meeting = here.meeting(meeting_id)
    require(here.actor, Permission.ANSWER, network_id=here.network.pk)
    given = {response.municipality_id: response for response in responses(meeting)}
    seats = list(municipalities(here.network, meeting.local.date()))
    form = AnswersFilter(here.request.GET, zones=sorted({seat.zone for seat in seats}, key=lambda zone: zone.number))
    zones = by_zone([seat for seat in seats if form.keeps(seat, given.get(seat.pk))], given)
    context = {"meeting": meeting, "zones": zones, "form": form, "shown": sum(len(zone.seats) for zone in zones), "all": len(seats)}
    return here.render("meetings/responses.html", {**context, "open": meeting.state in ANNOUNCED, "may_remind": _may_remind(meeting)})


def _may_remind(meeting: Meeting) -> bool:
    return meeting.state in ANNOUNCED and clock.now() < meeting.starts_at


@page
def respond(here: Here, meeting_id: UUID, municipality_id: UUID) -> HttpResponse:
    """One seat's answer: its own representative's, or a coordinator's on its behalf."""
    meeting = here.meeting(meeting_id)
    seat = municipality_in(here.network.pk, municipality_id)
    require(here.actor, Permission.ANSWER, network_id=here.network.pk, place=place_of(seat))
    form = _form(here, seat, responses(meeting).filter(municipality=seat).first())
    return here.form(
        form,
        "meetings/respond.html",
        {"meeting": meeting, "seat": seat, "on_behalf": seat.pk not in here.actor.seats},
        save=lambda: services.respond(actor=here.actor, meeting=meeting, municipality=seat, **form.values()),
        done=_("The answer of %(seat)s is recorded.") % {"seat": seat.name},
        to=here.url("meeting", meeting.pk),
    )
