"""Fills each document's content from the slices' selectors: everything here is a read."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings import clock
from meetings.access import Actor
from meetings.action_items import selectors as action_items
from meetings.action_items.models import ActionItem
from meetings.agenda.models import AgendaItem
from meetings.agenda.selectors import addenda, running_order, starts
from meetings.documents import content as c
from meetings.live import selectors as live
from meetings.live.models import COUNTED, Attendance, Poll, SpeakerRequest, SpeakerState
from meetings.minutes import selectors as minutes_of
from meetings.minutes.models import Correction, CorrectionState, Minutes, Note
from meetings.network.models import Municipality, Network
from meetings.network.selectors import municipalities, office_named, today
from meetings.scheduling.models import Meeting, Response
from meetings.scheduling.selectors import responses

Grouped = dict[UUID, list[Any]]


def _grouped(rows: Iterable[Any], name: str) -> Grouped:
    found: Grouped = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def network_head(network: Network) -> c.NetworkHead:
    return c.NetworkHead(name=network.name, time_zone=network.time_zone)


def proposers(item: AgendaItem) -> tuple[str, ...]:
    """Names of the municipalities that bring an item; none for the office's own."""
    first = (item.proposer.name,) if item.proposer else ()
    return (*first, *sorted(row.name for row in item.co_proposers.all()))


def agenda(meeting: Meeting, *, language: str) -> c.AgendaContent:
    """The agenda as it stands: provisional until it is published."""
    items = list(running_order(meeting).select_related("origin__meeting"))
    begins = starts(meeting, items)
    return c.AgendaContent(
        network=network_head(meeting.network),
        meeting=c.MeetingHead(meeting.title, str(meeting.number), meeting.starts_at, meeting.ends_at),
        items=tuple(_entry(item, begins[item.pk]) for item in items),
        published_at=meeting.agenda_published_at,
        intake_closes_at=meeting.intake_closes_at,
        join_url=meeting.join_url,
        phone=meeting.phone,
        phone_pin=meeting.phone_pin,
        generated_at=meeting.changed_at,
        language=language,
        struck=tuple(f"{row.position}. {row.title}" for row in addenda(meeting) if row.struck_at),
    )


def _entry(item: AgendaItem, begins: datetime) -> c.AgendaEntry:
    return c.AgendaEntry(
        number=str(item.position),
        title=item.title,
        kind=c.ItemKind(item.kind),
        minutes=item.duration_minutes,
        starts_at=begins,
        proposers=proposers(item),
        text=item.text,
        attachments=tuple(row.name for row in item.attachments.all()),
        carried_over=_carried(item),
        addendum=item.addendum is not None,
    )


def _carried(item: AgendaItem) -> c.CarriedOverMark | None:
    if item.origin is None:
        return None
    since = item.origin.meeting
    first = item.first_proposed_on or since.local.date()
    return c.CarriedOverMark(session_in_words(since), (item.meeting.local.date() - first).days, item.deferrals)


def session_in_words(meeting: Meeting) -> str:
    return _("no. %(number)s of %(date)s") % {"number": meeting.number, "date": meeting.local.strftime("%d/%m/%Y")}


def action_row(row: ActionItem, network: Network) -> c.ActionRow:
    updates = list(row.updates.all())
    return c.ActionRow(
        number=str(row.number),
        title=row.title,
        municipality=row.owner.name if row.owner else "",
        state=c.ActionState(row.state),
        person=row.person,
        zone=f"{row.owner.zone.number} · {row.owner.zone.name}" if row.owner else "",
        due_on=row.due_on,
        overdue=row.overdue_on(today(network)),
        progress=updates[-1].text if updates else "",
        origin=session_in_words(row.meeting),
    )


def minutes(record: Minutes, *, actor: Actor, language: str, sealed_language: str = "") -> c.MinutesContent:
    """The minutes as they stand, with the digest of what they show. Needs `meeting__network` selected."""
    with override(language):
        plain = _minutes(record, actor, language, sealed_language)
    shown = json.dumps(asdict(plain), default=str, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(shown.encode()).hexdigest()
    return replace(plain, content_digest=digest)


def _minutes(record: Minutes, actor: Actor, language: str, sealed_language: str) -> c.MinutesContent:
    meeting = record.meeting
    items = list(running_order(meeting))
    seats = live.seats(meeting)
    return c.MinutesContent(
        network=network_head(meeting.network),
        meeting=_held(meeting),
        state=c.MinutesState(record.state),
        edition=record.edition,
        chair=record.chaired_by,
        secretary=record.recorded_by,
        introduction=record.introduction,
        attendance=_attendance(meeting),
        quorum=_quorum(meeting, seats),
        items=_minuted(meeting, items, minutes_of.notes_of(actor, meeting)),
        actions=tuple(
            action_row(row, meeting.network) for row in action_items.action_items_of(meeting.pk).filter(agenda_item__isnull=False)
        ),
        carried_over=_carried_over(meeting),
        corrections=_corrections(record),
        approval=_approval(record),
        content_digest="",
        log_head=meeting.stream.head,
        generated_at=record.approved_at or meeting.closed_at or meeting.changed_at,
        language=language,
        sealed_language=sealed_language,
        edition_reason=record.edition_reason,
        earlier=_earlier(record),
    )


_CORRECTIONS = {CorrectionState.OPEN: c.CorrectionState.PENDING, CorrectionState.ACCEPTED: c.CorrectionState.ACCEPTED}


def _corrections(record: Minutes) -> tuple[c.CorrectionRecord, ...]:
    """Those that were accepted in any edition, and while there are any those that wait; a rejected one has changed nothing."""
    rows = minutes_of.corrections_of(record).filter(state__in=_CORRECTIONS)
    return tuple(_correction(row) for row in rows)


def _correction(row: Correction) -> c.CorrectionRecord:
    person = row.asked_by.name if row.asked_by else ""
    return c.CorrectionRecord(
        asked_by=row.municipality.name if row.municipality else person,
        text=row.text,
        state=_CORRECTIONS[CorrectionState(row.state)],
        item_number=str(row.agenda_item.position or "") if row.agenda_item else "",
        proposed=row.proposed,
        answer=row.reason,
    )


def _earlier(record: Minutes) -> tuple[c.EditionRecord, ...]:
    rows = [row for row in minutes_of.editions_of(record) if row["edition"] < record.edition]
    return tuple(c.EditionRecord(row["edition"], row["sealed_at"], row["sha256"], row["reason"]) for row in rows)


def _held(meeting: Meeting) -> c.MeetingHead:
    begun, ended = meeting.opened_at or meeting.starts_at, meeting.closed_at
    return c.MeetingHead(meeting.title, str(meeting.number), begun, ended)


def _approval(record: Minutes) -> c.Approval | None:
    if record.approved_at is None or record.approved_by is None:
        return None
    return c.Approval(record.approved_at, record.approved_by.name, session_in_words(record.approved_in) if record.approved_in else "")


def _thresholds(network: Network) -> c.Thresholds:
    return c.Thresholds(*network.thresholds)


def _count(count: live.TwoKey) -> c.Count:
    return c.Count(count.municipalities, count.population)


def _quorum(meeting: Meeting, seats: live.TwoKey) -> c.Quorum:
    """Readings where it matters: at opening, at each vote, at closing, and whenever quorum was gained or lost between."""
    rows = list(live.attendance_rows(meeting))
    moments = [(meeting.opened_at, _("Opening of the session"))]
    moments += [
        (poll.opened_at, _("Vote: %(question)s") % {"question": poll.question}) for poll in live.polls_of(meeting) if poll.opened_at
    ]
    moments.append((meeting.closed_at, _("Close of the session")))
    readings = [_reading(at, occasion, live.present_at(rows, at), seats, meeting.network) for at, occasion in moments if at]
    readings += _turns(rows, seats, meeting)
    return c.Quorum(_count(seats), _thresholds(meeting.network), tuple(sorted(readings, key=lambda reading: reading.at)))


def _reading(at: datetime, occasion: str, present: live.TwoKey, seats: live.TwoKey, network: Network) -> c.QuorumReading:
    return c.QuorumReading(at, _count(present), live.reaches(present, seats, network), occasion)


def _turns(rows: Sequence[Attendance], seats: live.TwoKey, meeting: Meeting) -> list[c.QuorumReading]:
    """The instants within the session at which quorum was gained or lost."""
    turns, reached = [], None
    for at, count in live.quorum_over_time(rows):
        reading = _reading(at, _("Quorum reached"), count, seats, meeting.network)
        within = meeting.opened_at and meeting.opened_at < at < (meeting.closed_at or at)
        if within and reached is not None and reading.reached != reached:
            turns.append(reading if reading.reached else replace(reading, occasion=_("Quorum lost")))
        reached = reading.reached
    return turns


def _attendance(meeting: Meeting) -> tuple[c.ZoneAttendance, ...]:
    present = _grouped(live.attendance_rows(meeting), "municipality_id")
    answers = {row.municipality_id: row for row in responses(meeting)}
    by_zone: dict[tuple[int, str], list[c.SeatAttendance]] = defaultdict(list)
    for seat in municipalities(meeting.network, meeting.local.date()):
        row = _seat(seat, present.get(seat.pk, []), answers.get(seat.pk))
        by_zone[seat.zone.number, seat.zone.name].append(row)
    return tuple(c.ZoneAttendance(str(number), name, tuple(rows)) for (number, name), rows in sorted(by_zone.items()))


def _seat(seat: Municipality, rows: list[Attendance], answer: Response | None) -> c.SeatAttendance:
    named = answer.substitute_name if answer and answer.answer == Response.Answer.SUBSTITUTE else ""
    if rows:
        status = c.Presence.SUBSTITUTE if named else c.Presence.PRESENT
        intervals = tuple(c.Interval(row.joined_at, row.left_at) for row in rows)
        return c.SeatAttendance(seat.name, status, rows[-1].person, office_named(rows[-1].office), intervals)
    regrets = answer is not None and answer.answer == Response.Answer.REGRETS
    return c.SeatAttendance(seat.name, c.Presence.REGRETS if regrets else c.Presence.ABSENT)


def _minuted(meeting: Meeting, items: Sequence[AgendaItem], notes: Iterable[Note]) -> tuple[c.MinutedItem, ...]:
    by_item = {
        "notes": _grouped(notes, "agenda_item_id"),
        "speakers": _grouped(live.speakers_of(meeting), "agenda_item_id"),
        "decisions": _grouped(minutes_of.decisions_of(meeting), "agenda_item_id"),
        "polls": _grouped(live.polls_of(meeting, staff=False).prefetch_related("covers"), "agenda_item_id"),
    }
    votes = _grouped(live.votes_in(meeting), "poll_id")
    return tuple(_item(item, by_item, votes, meeting.network) for item in items)


def _item(item: AgendaItem, by_item: dict[str, Grouped], votes: Grouped, network: Network) -> c.MinutedItem:
    return c.MinutedItem(
        number=str(item.position),
        title=item.title,
        kind=c.ItemKind(item.kind),
        state=c.ItemState(item.state),
        proposers=proposers(item),
        text=item.text,
        notes=tuple(note.text for note in by_item["notes"][item.pk]),
        speakers=_speakers(by_item["speakers"][item.pk]),
        decisions=tuple(c.DecisionRecord(str(row), row.text) for row in by_item["decisions"][item.pk]),
        polls=tuple(_poll(row, votes[row.pk], network) for row in by_item["polls"][item.pk] if row.state in COUNTED),
    )


def _speakers(rows: Iterable[SpeakerRequest]) -> tuple[c.Speaker, ...]:
    spoken = sorted((row for row in rows if row.state == SpeakerState.SPOKEN and row.given_at), key=lambda row: row.given_at or clock.now())
    return tuple(c.Speaker(row.municipality.name, row.person, _seconds(row)) for row in spoken)


def _seconds(row: SpeakerRequest) -> int:
    return int((row.ended_at - row.given_at).total_seconds()) if row.ended_at and row.given_at else 0


def _poll(poll: Poll, votes: list[Any], network: Network) -> c.PollResult:
    labels = {choice["id"]: choice["label"] for choice in poll.choices}
    motion = "" if poll.is_silent else poll.choices[0]["id"]
    counts = tuple(
        c.ChoiceResult(labels[row["choice"]], c.Count(row["municipalities"], row.get("population")), row["choice"] == motion)
        for row in poll.tally
    )
    return c.PollResult(
        question=poll.question,
        secrecy=c.Secrecy(poll.secrecy),
        seats=c.Count(poll.seats_municipalities, None if poll.is_secret else poll.seats_population),
        choices=() if poll.awaits_publication else counts,
        outcome=_outcome(poll),
        thresholds=None if poll.is_silent else _thresholds(network),
        named_votes=tuple(c.NamedVote(vote.municipality.name, labels[vote.choice], by_phone=vote.by_phone) for vote in votes),
        turnout=poll.turnout if poll.is_secret else None,
        block=tuple(str(row.position) for row in sorted(poll.covers.all(), key=lambda row: row.position or 0)),
    )


def _outcome(poll: Poll) -> c.PollOutcome:
    if poll.awaits_publication:
        return c.PollOutcome.UNPUBLISHED
    if poll.advisory:
        return c.PollOutcome.ADVISORY
    return c.PollOutcome.ADOPTED if poll.outcome == Poll.Outcome.CARRIED else c.PollOutcome.REJECTED


def _carried_over(meeting: Meeting) -> tuple[c.CarriedOverItem, ...]:
    """What the session left: not what the office had put off before it, nor what was taken back from the later meeting."""
    left = AgendaItem.objects.filter(origin__meeting=meeting, origin__state__in=(c.ItemState.NOT_REACHED, c.ItemState.POSTPONED))
    rows = left.filter(taken_back=False).select_related("origin", "meeting").order_by("origin__position")
    return tuple(_carried_item(row) for row in rows)


def _carried_item(row: AgendaItem) -> c.CarriedOverItem:
    origin: Any = row.origin
    return c.CarriedOverItem(str(origin.position), row.title, c.ItemState(origin.state), row.deferrals, session_in_words(row.meeting))
