"""The video room of a meeting, and its recording afterwards. Nothing here speaks to another server before somebody has asked for it."""

from uuid import UUID

from csp.decorators import csp_update
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from frontend.forms.series import RecordingForm
from frontend.views.base import Here, page
from meetings.access import require
from meetings.errors import Conflict
from meetings.scheduling import services, video
from meetings.scheduling.models import ACTIONS


@never_cache
@require_safe
@page
def show(here: Here, meeting_id: UUID) -> HttpResponse:
    """Jitsi within this page, which alone may hold it; to BigBlueButton the browser goes on."""
    meeting = here.meeting(meeting_id)
    try:
        entrance = video.enter(actor=here.actor, meeting=meeting)
    except (Conflict, video.Away) as error:
        return here.render("video/none.html", {"meeting": meeting, "problem": error.detail}, error.status)
    if not entrance.embedded:
        return HttpResponseRedirect(entrance.url)
    answer = here.render("video/show.html", {"meeting": meeting, "entrance": entrance})
    csp_update({"frame-src": [entrance.origin]})(lambda _request: answer)(here.request)
    return answer


@page
def recording(here: Here, meeting_id: UUID) -> HttpResponse:
    """Where the recording is: the one thing that a meeting can be given after it is over."""
    meeting = here.meeting(meeting_id)
    require(here.actor, ACTIONS["edit"], network_id=here.network.pk)
    form = RecordingForm(here.posted, initial={"recording_url": meeting.recording_url}, version=meeting.version)
    return here.form(
        form,
        "video/recording.html",
        {"meeting": meeting},
        save=lambda: services.change_meeting(actor=here.actor, meeting=meeting, values=form.values(), expected_version=form.version),
        done=_("The link to the recording is saved."),
        to=here.url("meeting", meeting.pk),
    )
