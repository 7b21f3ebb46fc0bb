"""The annexes of the minutes: attendance of every municipality, and votes by name."""

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _
from reportlab.platypus import Flowable

from meetings.documents import wording
from meetings.documents.content import MinutedItem, NamedVote, PollResult, Presence, SeatAttendance, ZoneAttendance
from meetings.documents.furnishing import joined, quiet
from meetings.documents.pdf import design, flowables
from meetings.documents.pdf.flowables import Column
from meetings.documents.pdf.text import Typesetter

VOTES_PER_ROW = 3


def zone_title(zone: ZoneAttendance) -> str:
    """Zone 5 · Pinerolese."""
    return joined([_("Zone %(number)s") % {"number": zone.number} if zone.number else "", zone.name]) or _("Without a zone")


def counts(seats: Sequence[SeatAttendance]) -> list[int]:
    """How many seats there are of each `Presence`, in its order."""
    found = Counter(seat.status for seat in seats)
    return [found[status] for status in Presence]


def attendance(typesetter: Typesetter, zones: Sequence[ZoneAttendance], time_zone: str) -> list[Flowable]:
    """Every municipality, by zone. Reasons for regrets are nowhere in the content, hence nowhere here."""
    story = [flowables.new_page(), *flowables.h2(typesetter, _("Annex: attendance by municipality"))]
    signs = [f"{wording.shape(status)} {wording.word(status)}" for status in Presence]
    story.append(quiet(typesetter, joined([*signs, _("times as in %(zone)s") % {"zone": time_zone}])))
    for zone in zones:
        story += _zone(typesetter, zone, time_zone)
    return story


def _zone(typesetter: Typesetter, zone: ZoneAttendance, time_zone: str) -> list[Flowable]:
    columns = [
        Column(_("Municipality"), 26, design.DENSE_STRONG),
        Column("", 3, design.DENSE_SHAPE),
        Column(_("Attendance"), 11, design.DENSE),
        Column(_("Represented by"), 23, design.DENSE),
        Column(_("Office"), 15, design.DENSE),
        Column(_("Present from–to"), 23, design.DENSE),
    ]
    rows = [_seat(seat, time_zone) for seat in zone.seats]
    present = sum(counts(zone.seats)[:2])
    represented = _("%(present)s of %(all)s represented") % {"present": present, "all": len(zone.seats)}
    return [*flowables.h3(typesetter, joined([zone_title(zone), represented])), *flowables.table(typesetter, columns, rows)]


def _seat(seat: SeatAttendance, time_zone: str) -> tuple[str, ...]:
    spans = ", ".join(wording.interval(span, time_zone) for span in seat.intervals)
    return (seat.municipality, wording.shape(seat.status), wording.word(seat.status), seat.person, seat.office, spans)


def named_votes(typesetter: Typesetter, items: Sequence[MinutedItem]) -> list[Flowable]:
    """Who voted what in every named vote; nothing when there was none."""
    votes = [(item, poll) for item in items for poll in item.polls if poll.named_votes]
    if not votes:
        return []
    story = flowables.h2(typesetter, _("Annex: votes by name"))
    for item, poll in votes:
        story += flowables.h3(typesetter, _("Item %(number)s: %(question)s") % {"number": item.number, "question": poll.question})
        story += _poll_votes(typesetter, poll)
    return story


def _poll_votes(typesetter: Typesetter, poll: PollResult) -> list[Flowable]:
    by_choice: dict[str, list[NamedVote]] = {choice.label: [] for choice in poll.choices}
    for vote in poll.named_votes:
        by_choice.setdefault(vote.choice, []).append(vote)
    story: list[Flowable] = []
    for choice, votes in by_choice.items():
        story.append(typesetter.line(joined([choice, wording.municipalities(len(votes))]), design.BOX_TITLE))
        story += _vote_grid(typesetter, votes)
    return story


def _vote_grid(typesetter: Typesetter, votes: Sequence[NamedVote]) -> list[Flowable]:
    """Municipalities in rows of three, read from left to right."""
    names = [_voter(vote) for vote in votes]
    names += [""] * (-len(names) % VOTES_PER_ROW)
    rows = [names[start : start + VOTES_PER_ROW] for start in range(0, len(names), VOTES_PER_ROW)]
    return [*flowables.grid(typesetter, rows, design.DENSE), flowables.gap(4)]


def _voter(vote: NamedVote) -> str:
    more = joined([vote.person, _("by phone") if vote.by_phone else ""])
    return f"{vote.municipality} ({more})" if more else vote.municipality
