"""Asking those who have not answered the invitation: who will be told is said before it is done."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from frontend.forms.base import ButtonForm
from frontend.views.base import Here, page
from meetings import clock
from meetings.access import Permission, Place, require
from meetings.errors import found
from meetings.network.models import Zone
from meetings.network.selectors import zone_in, zones
from meetings.scheduling import reminders
from meetings.scheduling.models import ANNOUNCED
from meetings.scheduling.readiness import last_asked


@page
def remind(here: Here, meeting_id: UUID) -> HttpResponse:
    """Of the whole network, or of the zone in `?zone=`; a spokesperson's own zone without being asked."""
    meeting = here.meeting(meeting_id)
    zone = _zone(here)
    require(here.actor, Permission.REMIND, network_id=here.network.pk, place=Place(zone=zone.pk if zone else None))
    silent = reminders.silent(meeting, zone)
    context = {
        "meeting": meeting,
        "zone": zone,
        "zones": zones(here.network) if here.may(Permission.REMIND) else zones(here.network).filter(pk__in=here.actor.zones),
        "all": here.may(Permission.REMIND),
        "silent": silent,
        "asked": last_asked(meeting),
        "open": meeting.state in ANNOUNCED and clock.now() < meeting.starts_at,
    }
    return here.form(
        ButtonForm(here.posted),
        "meetings/remind.html",
        context,
        save=lambda: reminders.remind(actor=here.actor, meeting=meeting, zone=zone),
        done=_("The reminders are on their way."),
        to=here.url("meeting", meeting.pk),
    )


def _zone(here: Here) -> Zone | None:
    """Raises NotFound for what is no zone of this network."""
    asked = here.request.GET.get("zone", "")
    if asked:
        return zone_in(here.network.pk, found(_uuid(asked)))
    return zones(here.network).filter(pk__in=here.actor.zones).first() if not here.may(Permission.REMIND) else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
