"""Verifying a network's log on request: piece by piece, so that nobody waits long, and in words that are no programmer's."""

from time import monotonic
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from meetings.access import Actor
from meetings.events.models import EventStream
from meetings.events.selectors import verify
from meetings.live.poll_selectors import miscounted
from meetings.minutes.seals import broken_seals, sealed_count
from meetings.network.models import Network
from meetings.reporting.audit import require_reader
from meetings.scheduling.models import Meeting

PATIENCE = 8.0
"""Seconds after which a check stops at the end of a record, to be continued."""


class Checked(NamedTuple):
    """What was verified so far. `broken`: the first broken place, in words; `after`: the record to go on after, None at the end.
    `seals`: how many sealed minutes were compared, None when that was not reached.
    """

    streams: int
    events: int
    broken: str
    after: UUID | None
    seals: int | None

    @property
    def is_whole(self) -> bool:
        return not self.broken and self.after is None


def verify_meeting(actor: Actor, network: Network, meeting: Meeting | None) -> Checked:
    """One record: a meeting's, or without one the network's own. Raises NotAllowed."""
    require_reader(actor, network)
    stream = EventStream.objects.select_related("meeting").get(network=network, meeting=meeting)
    return Checked(1, stream.last_sequence, _broken(stream), None, None)


def verify_network(actor: Actor, network: Network, *, so_far: Checked | None = None, patience: float = PATIENCE) -> Checked:
    """Every record, from where `so_far` stopped; at the end the named votes are counted again out of the log, and the sealed minutes
    compared with what it says of them. Raises NotAllowed.
    """
    require_reader(actor, network)
    begun, done = monotonic(), so_far or Checked(0, 0, "", None, None)
    streams = EventStream.objects.filter(network=network).select_related("meeting").order_by("pk")
    for stream in streams.filter(pk__gt=done.after) if done.after else streams:
        if broken := _broken(stream):
            return done._replace(broken=broken, after=None)
        done = Checked(done.streams + 1, done.events + stream.last_sequence, "", stream.pk, None)
        if monotonic() - begun > patience and streams.filter(pk__gt=stream.pk).exists():
            return done
    wrong = next(miscounted(network.pk), None) or next(broken_seals(network.pk), None)
    broken = _("A count or sealed minutes are not what the log says: %(what)s.") % {"what": wrong} if wrong else ""
    return done._replace(broken=broken, after=None, seals=sealed_count(network.pk))


def _broken(stream: EventStream) -> str:
    """The first broken place of a record, in words; empty: it is whole."""
    finding = verify(stream)
    if finding is None:
        return ""
    told = {"sequence": finding.sequence, "problem": finding.problem, "stream": finding.stream}
    if stream.meeting is None:
        return _("The network’s own record is broken at entry no. %(sequence)s: %(problem)s (%(stream)s).") % told
    told |= {"meeting": stream.meeting.title, "day": f"{stream.meeting.local:%Y-%m-%d}"}
    return _("The record of the meeting “%(meeting)s” of %(day)s is broken at entry no. %(sequence)s: %(problem)s (%(stream)s).") % told
