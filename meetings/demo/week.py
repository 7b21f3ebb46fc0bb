"""Living a Thursday through: every step is the service that people use, at the time at which they would."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.files.base import ContentFile

from meetings import clock
from meetings.action_items import services as action_items
from meetings.action_items.models import ActionItem
from meetings.agenda import attachments
from meetings.agenda import services as agenda
from meetings.agenda.models import AgendaItem
from meetings.agenda.selectors import running_order
from meetings.demo.matter import MATTERS, REASONS, Matter
from meetings.demo.people import Cast
from meetings.documents import services as documents
from meetings.live import polls, speakers
from meetings.live import services as live
from meetings.live.models import Poll, SpeakerRequest
from meetings.live.selectors import has_quorum
from meetings.minutes import services as minutes
from meetings.minutes.models import Minutes
from meetings.network.models import Municipality
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
A_CITY = 100_000
"""Inhabitants from which a municipality never misses: without Turin there is hardly a quorum."""
SHOWN = "Moncalieri"
"""Whose mayor the sign-in page offers, and who therefore should have something to report: it proposes first."""
NOT_CARRIED = "La proposta non raggiunge entrambe le maggioranze: il proponente ne rivede il testo."
PROPOSED_BY = ("Pinerolo", "Ivrea", "Susa", "Chieri", "Rivoli", "Moncenisio", "Ceresole Reale", "Carmagnola", "Moncalieri", "Chivasso")


def proposers(cast: Cast, chance: random.Random, count: int) -> list[Municipality]:
    """Who proposes so many items: known names where the network has them; in a small network some propose more than one."""
    known = [seat for seat in cast.seats if seat.name in PROPOSED_BY]
    pool = known if len(known) >= count else list(cast.seats)
    shown = [seat for seat in pool if seat.name == SHOWN]
    others = [seat for seat in pool if seat.name != SHOWN] or pool
    wanted = count - len(shown)
    return shown + (chance.sample(others, wanted) if len(others) >= wanted else chance.choices(others, k=wanted))


def answer(cast: Cast, meeting: Meeting, chance: random.Random, share: float) -> dict[str, list[Municipality]]:
    """A share of the municipalities answers the invitation; returns them by answer."""
    found: dict[str, list[Municipality]] = {"attending": [], "regrets": [], "substitute": []}
    for seat in cast.seats:
        if seat.population < A_CITY and chance.random() > share:
            continue
        said = "attending" if seat.population >= A_CITY else chance.choices(("attending", "regrets", "substitute"), (88, 8, 4))[0]
        substitute = {"name": "Vicesindaco delegato", "office": "deputy_mayor"} if said == "substitute" else None
        scheduling.respond(
            actor=cast.representatives[seat.pk],
            meeting=meeting,
            municipality=seat,
            answer=said,
            reason=chance.choice(REASONS),
            substitute=substitute,
        )
        found[said].append(seat)
    return found


def propose(cast: Cast, meeting: Meeting, seat: Municipality, matter: Matter, *, attachment: bool = False) -> AgendaItem:
    """A municipality hands an item in, with a paper where asked."""
    actor = cast.representatives[seat.pk]
    values = {"title": matter.title, "text": matter.text, "kind": matter.kind, "duration_minutes": matter.minutes}
    item = agenda.draft(actor=actor, meeting=meeting, proposer=seat, values=values)
    if attachment:
        paper = documents.agenda(actor=cast.coordinator, meeting=meeting, language="it").body
        attachments.attach(actor=actor, item=item, name="Scheda tecnica.pdf", file=ContentFile(paper))
    return agenda.submit(actor=actor, item=item)


def prepare(cast: Cast, meeting: Meeting, matters: Sequence[Matter], chance: random.Random) -> None:
    """The intake and the triage: all matters but the last are accepted, the last is declined; the agenda is published."""
    seats = proposers(cast, chance, len(matters))
    with clock.at(meeting.intake_closes_at - 20 * HOUR):
        items = [propose(cast, meeting, seat, m, attachment=not n) for n, (seat, m) in enumerate(zip(seats, matters, strict=True))]
    with clock.at(min(meeting.intake_closes_at + 2 * HOUR, clock.now())):
        for item in items[:-1]:
            agenda.accept(actor=cast.coordinator, item=item)
        agenda.decline(actor=cast.coordinator, item=items[-1], answer="È materia dell'assemblea di zona: la giriamo al portavoce.")
        agenda.publish(actor=cast.coordinator, meeting=meeting)


def hold(cast: Cast, meeting: Meeting, present: Sequence[Municipality], chance: random.Random) -> Meeting:
    """The session: all items but the last two; one of these is postponed and the last is not reached."""
    with clock.at(meeting.starts_at - 5 * MINUTE):
        for seat in present:
            live.join(actor=cast.representatives[seat.pk], meeting=meeting, municipality=seat)
    with clock.at(meeting.starts_at):
        meeting = live.open_session(actor=cast.chair, meeting=meeting)
    items = list(running_order(meeting))
    at, told = meeting.starts_at + 2 * MINUTE, {matter.title: matter for matter in MATTERS}
    for item in items[:-2]:
        meeting = _discuss(cast, meeting, item, told.get(item.title), present, chance, at)
        at += item.duration_minutes * MINUTE
    with clock.at(at):
        live.postpone(actor=cast.chair, meeting=meeting, item=items[-2])
    with clock.at(max(at, meeting.starts_at + 85 * MINUTE)):
        return live.close_session(actor=cast.chair, meeting=meeting)


def _discuss(
    cast: Cast,
    meeting: Meeting,
    item: AgendaItem,
    matter: Matter | None,
    present: Sequence[Municipality],
    chance: random.Random,
    at: datetime,
) -> Meeting:
    with clock.at(at):
        meeting = live.move_on(actor=cast.chair, meeting=meeting, item=AgendaItem.objects.get(pk=item.pk))
        if item.approves_minutes_of:
            _approve(cast, item.approves_minutes_of)
            minutes.write_note(actor=cast.coordinator, item=item, text="Il verbale è approvato senza osservazioni.")
    if matter:
        _speak(cast, meeting, present, chance, at + MINUTE)
        _conclude(cast, meeting, item, matter, present, chance, at + (item.duration_minutes - 3) * MINUTE)
    return meeting


def _approve(cast: Cast, of: Meeting) -> None:
    record = Minutes.objects.select_related("meeting__network", "meeting__stream").get(meeting=of)
    documents.approve_minutes(actor=cast.chair, minutes_record=record)


def _speak(cast: Cast, meeting: Meeting, present: Sequence[Municipality], chance: random.Random, at: datetime) -> None:
    for seat in chance.sample(list(present), min(3, len(present))):
        with clock.at(at):
            kind = chance.choice([SpeakerRequest.Kind.NEW_POINT, SpeakerRequest.Kind.REPLY])
            asked = speakers.request(actor=cast.representatives[seat.pk], meeting=meeting, municipality=seat, kind=kind)
            given = speakers.give(actor=cast.chair, speaker=asked)
        at += timedelta(seconds=chance.randint(40, 115))
        with clock.at(at):
            speakers.end(actor=cast.chair, speaker=given)


def _conclude(
    cast: Cast, meeting: Meeting, item: AgendaItem, matter: Matter, present: Sequence[Municipality], chance: random.Random, at: datetime
) -> None:
    with clock.at(at):
        poll = _vote(cast, item, matter, present, chance) if matter.decision else None
        if poll and poll.outcome != Poll.Outcome.CARRIED:
            minutes.write_note(actor=cast.coordinator, item=item, text=NOT_CARRIED)
            return
        minutes.write_note(actor=cast.coordinator, item=item, text=matter.notes)
        decision = minutes.record_decision(actor=cast.coordinator, item=item, text=matter.decision, poll=poll) if poll else None
        if matter.action:
            due = (meeting.local + matter.days * DAY).date()
            values = {"title": matter.action, "due_on": due, "person": ""}
            action_items.create(
                actor=cast.coordinator, meeting=meeting, values=values, owner=item.proposer, agenda_item=item, decision=decision
            )


def _vote(cast: Cast, item: AgendaItem, matter: Matter, present: Sequence[Municipality], chance: random.Random) -> Poll:
    meeting = Meeting.objects.select_related("network").get(pk=item.meeting_id)
    poll = polls.draft(actor=cast.chair, item=item, question=f"Si approva la proposta? {matter.title}", advisory=not has_quorum(meeting))
    poll = polls.open_(actor=cast.chair, poll=poll)
    for seat in present:
        if chance.random() < 0.95:
            choice = chance.choices(("yes", "no", "abstain"), (84, 9, 7))[0]
            polls.vote(actor=cast.representatives[seat.pk], poll=poll, municipality=seat, choice=choice)
    return polls.close(actor=cast.chair, poll=poll)


def follow_up(cast: Cast, meeting: Meeting, chance: random.Random) -> None:
    """The days after: the office completes the minutes and circulates them, owners report progress."""
    record = Minutes.objects.get(meeting=meeting)
    with clock.at(meeting.starts_at + 26 * HOUR):
        values = {"recorded_by": "Giulia Ferrero", "introduction": "Riunione settimanale di coordinamento, in videoconferenza."}
        minutes.edit_minutes(actor=cast.coordinator, minutes=record, values=values)
        minutes.circulate(actor=cast.coordinator, minutes=record)
    with clock.at(meeting.starts_at + 3 * DAY):
        for action_item in ActionItem.objects.filter(meeting=meeting).select_related("owner"):
            _report(cast, action_item, chance)


def _report(cast: Cast, action_item: ActionItem, chance: random.Random) -> None:
    actor = cast.representatives[action_item.owner_id] if action_item.owner_id else cast.coordinator
    action, text = chance.choice(
        (("start", "Avviato: in attesa dei dati dagli uffici."), ("finish", "Fatto e trasmesso all'ufficio."), ("", ""))
    )
    if action:
        action_items.progress(actor=actor, action_item=action_item, action=action, text=text)


def begin_intake(cast: Cast, meeting: Meeting, matters: Sequence[Matter], chance: random.Random, at: datetime) -> None:
    """The week that is open: some answers, proposals to triage, one accepted, one still a draft."""
    with clock.at(at):
        answer(cast, meeting, chance, 0.45)
        seats = proposers(cast, chance, len(matters))
        items = [propose(cast, meeting, seat, m, attachment=not n) for n, (seat, m) in enumerate(zip(seats, matters, strict=True))]
        agenda.accept(actor=cast.coordinator, item=items[0])
        agenda.return_(actor=cast.coordinator, item=items[-1], reason="Manca la stima dei costi: aggiungetela, per favore.")
