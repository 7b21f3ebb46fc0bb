"""The video room beside a meeting, and who is let into it. Raccordo itself carries neither picture nor sound (ADR 21)."""

import hashlib
import json
import logging
import re
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from meetings.access import Actor, Permission, can, require
from meetings.errors import Conflict, DomainError
from meetings.network.selectors import seats_of
from meetings.scheduling.models import Meeting, MeetingState, VideoProvider

GATHERS = (MeetingState.AGENDA_PUBLISHED, MeetingState.IN_SESSION)
"""When there is anything to join."""
PATIENCE = 5
"""Seconds that BigBlueButton may take to answer."""
LONGEST_NAME = 100
LARGEST_ANSWER = 65_536
log = logging.getLogger(__name__)


class Away(DomainError):
    """The video server does not answer, or refuses."""

    status: ClassVar[int] = 503


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where one person enters: an address to show within a page, or to go on to. It is nobody else's."""

    url: str
    embedded: bool

    @property
    def origin(self) -> str:
        """The server, as a Content-Security-Policy names it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def providers() -> list[VideoProvider]:
    """Those that this installation has a server of."""
    servers = {VideoProvider.JITSI: settings.JITSI_URL, VideoProvider.BIG_BLUE_BUTTON: settings.BBB_URL}
    return [provider for provider, url in servers.items() if url]


def is_offered(meeting: Meeting) -> bool:
    """Whether there is a room to enter now."""
    return meeting.video_provider in providers() and meeting.state in GATHERS


def enter(*, actor: Actor, meeting: Meeting) -> Entrance:
    """Lets one person in. Nothing is stored. Raises NotAllowed, Conflict `no_video_room`, Away `video_away`."""
    require(actor, Permission.JOIN_ROOM, network_id=meeting.network_id)
    if not is_offered(meeting):
        raise Conflict("no_video_room", _("There is no video room to enter now."))
    name = participant_name(actor)
    if meeting.video_provider == VideoProvider.JITSI:
        return Entrance(_jitsi(meeting, name), embedded=True)
    return Entrance(_big_blue_button(actor, meeting, name), embedded=False)


def participant_name(actor: Actor) -> str:
    """“Susa, Ada Neri”: whom a person speaks for comes first."""
    towns = [seat.name for seat in seats_of(actor)]
    return ", ".join([*towns[:2], actor.name])[:LONGEST_NAME]


def room_of(meeting: Meeting) -> str:
    return meeting.video_room or f"raccordo-{meeting.pk.hex}"


def _jitsi(meeting: Meeting, name: str) -> str:
    """The name travels behind the #, which browsers keep to themselves."""
    return f"{settings.JITSI_URL}/{quote(room_of(meeting))}#userInfo.displayName={quote(json.dumps(name, ensure_ascii=False), safe='')}"


# BigBlueButton: https://docs.bigbluebutton.org/development/api/


def signed(call: str, parameters: dict[str, Any]) -> str:
    """The address of an API call: its checksum is SHA-256 of the call's name, the query and the shared secret."""
    query = urlencode(parameters)
    checksum = hashlib.sha256(f"{call}{query}{settings.BBB_SECRET}".encode()).hexdigest()
    return f"{settings.BBB_URL}/api/{call}?{query}&checksum={checksum}"


def _big_blue_button(actor: Actor, meeting: Meeting, name: str) -> str:
    room = room_of(meeting)
    _call(signed("create", {"name": f"{meeting.title} {meeting.number}", "meetingID": room}))
    role = "MODERATOR" if can(actor, Permission.RUN_SESSION) else "VIEWER"
    person = hashlib.sha256(f"{actor.user_id}{room}".encode()).hexdigest()[:16]
    return signed("join", {"fullName": name, "meetingID": room, "role": role, "userID": person, "redirect": "true"})


class _StayThere(urllib.request.HTTPRedirectHandler):
    """The server named in the settings is the only one called."""

    def redirect_request(self, *_args: Any) -> None:
        return None


def _call(url: str) -> None:
    """Makes sure that the room is there; asked again, it is the same one. Raises Away."""
    away = Away("video_away", _("The video server does not answer. Try again in a moment, or take part by the join link or by phone."))
    try:
        with urllib.request.build_opener(_StayThere).open(url, timeout=PATIENCE) as response:
            answer = response.read(LARGEST_ANSWER).decode("utf-8", "replace")
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()
        log.error("BigBlueButton does not answer: %s", error)
        raise away from error
    if "<returncode>SUCCESS</returncode>" not in answer:
        found = re.search(r"<messageKey>(\w{1,60})</messageKey>", answer)
        log.error("BigBlueButton refuses to make a room: %s", found[1] if found else "no answer of its API")
        raise away
