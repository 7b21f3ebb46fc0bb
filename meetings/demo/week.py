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
from meetings.agenda.selectors import awaiting_decision, next_collecting, running_order
from meetings.demo.matter import MATTERS, REASONS, URGENT, Matter
from meetings.demo.people import Cast
from meetings.documents import services as documents
from meetings.live import polls, speakers
from meetings.live import services as live
from meetings.live.models import Poll, SpeakerRequest
from meetings.live.selectors import has_quorum
from meetings.minutes import corrections
from meetings.minutes import services as minutes
from meetings.minutes.models import Minutes, MinutesState
from meetings.network.models import Municipality
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
A_CITY = 100_000
"""Inhabitants from which a municipality never misses: without Turin there is hardly a quorum."""
SHOWN = "Moncalieri"
"""Whose mayor the sign-in page offers, and who therefore should have something to report: it proposes first."""
TURNOUT = (0.86, 0.91, 0.78, 0.88, 0.7, 0.93, 0.82, 0.89)
"""The share of municipalities that answer, week by week: one falls on a school holiday, one after a flood."""
MOUNTAINS = 1_000
"""Inhabitants below which a municipality is small, far away, and comes less often."""
LATE = "La scadenza del bando è stata anticipata ieri: il punto non può aspettare la prossima seduta."
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
    """A share of the municipalities that have not yet done so answers the invitation; returns these by answer."""
    found: dict[str, list[Municipality]] = {"attending": [], "regrets": [], "substitute": []}
    answered = set(meeting.responses.values_list("municipality", flat=True))
    for seat in cast.seats:
        of_this_one = share * (0.85 if seat.population < MOUNTAINS else 1.05)
        if seat.pk in answered or (seat.population < A_CITY and chance.random() > of_this_one):
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


def propose(cast: Cast, meeting: Meeting, seat: Municipality, matter: Matter, *, attachment: bool = False, motive: str = "") -> AgendaItem:
    """A municipality hands an item in, with a paper where asked; `motive`: why it is late."""
    actor = cast.representatives[seat.pk]
    values = {"title": matter.title, "text": matter.text, "kind": matter.kind, "duration_minutes": matter.minutes}
    item = agenda.draft(actor=actor, meeting=meeting, proposer=seat, values=values)
    if attachment:
        paper = documents.agenda(actor=cast.coordinator, meeting=meeting, language="it").body
        attachments.attach(actor=actor, item=item, name="Scheda tecnica.pdf", file=ContentFile(paper))
    return agenda.submit(actor=actor, item=item, motive=motive)


def _propose_all(cast: Cast, meeting: Meeting, seats: Sequence[Municipality], matters: Sequence[Matter], at: datetime) -> list[AgendaItem]:
    """One after the other, so that the office always finds them in the same order; the first has a paper."""
    found = []
    for number, (seat, matter) in enumerate(zip(seats, matters, strict=True)):
        with clock.at(at + number * MINUTE):
            found.append(propose(cast, meeting, seat, matter, attachment=not number))
    return found


def prepare(cast: Cast, meeting: Meeting, matters: Sequence[Matter], chance: random.Random, number: int = 0) -> None:
    """The intake and the triage of week `number`: the last matter is declined, or put off to another week or for later; the agenda is
    published.
    """
    seats = proposers(cast, chance, len(matters))
    *_others, last = _propose_all(cast, meeting, seats, matters, meeting.intake_closes_at - 20 * HOUR)
    with clock.at(min(meeting.intake_closes_at + HOUR, clock.now())):
        if number % 3 == 1:
            propose(cast, meeting, seats[0], URGENT[number % len(URGENT)], motive=LATE)
    with clock.at(min(meeting.intake_closes_at + 2 * HOUR, clock.now())):
        _answer_last(cast, meeting, last, number)
        for item in awaiting_decision(meeting):
            agenda.accept(actor=cast.coordinator, item=item)
        agenda.publish(actor=cast.coordinator, meeting=meeting)


def _answer_last(cast: Cast, meeting: Meeting, item: AgendaItem, number: int) -> None:
    """Nothing stays without an answer in writing."""
    to = next_collecting(meeting)
    match number % 4:
        case 1 if to:
            agenda.defer(actor=cast.coordinator, item=item, to=to, answer="Il tempo non basta: il punto è rinviato alla prossima seduta.")
        case 3:
            agenda.defer(actor=cast.coordinator, item=item, answer="Se ne riparla quando la Regione avrà pubblicato le linee guida.")
        case _:
            agenda.decline(actor=cast.coordinator, item=item, answer="È materia dell'assemblea di zona: la giriamo al portavoce.")


def add_late(cast: Cast, meeting: Meeting, chance: random.Random, number: int) -> None:
    """In some weeks an addendum: handed in late, after the agenda was published."""
    at = meeting.starts_at - 20 * HOUR
    if number % 4 != 2 or at > clock.now():
        return
    with clock.at(at):
        item = propose(cast, meeting, proposers(cast, chance, 1)[0], URGENT[0], motive=LATE)
        agenda.accept(actor=cast.coordinator, item=item)


def hold(cast: Cast, meeting: Meeting, present: Sequence[Municipality], chance: random.Random) -> Meeting:
    """The session: some come late and some leave early; all items but the last two are discussed; of these one is put off, and the last
    is not reached. What was put off in the first week is put off again, until the third time is flagged.
    """
    late = [seat for seat in present if seat.population < A_CITY and chance.random() < 0.12]
    there = [seat for seat in present if seat not in late]
    _join(cast, meeting, there, meeting.starts_at - 5 * MINUTE)
    with clock.at(meeting.starts_at):
        meeting = live.open_session(actor=cast.chair, meeting=meeting)
    items = list(running_order(meeting))
    again = [item for item in items if 0 < item.deferrals < 3 and not item.approves_minutes_of_id][:1]
    left = again or items[-2:-1]
    at, told = meeting.starts_at + 2 * MINUTE, {matter.title: matter for matter in (*MATTERS, *URGENT)}
    for number, item in enumerate(row for row in items[:-1] if row not in left):
        meeting = _discuss(cast, meeting, item, told.get(item.title), there, chance, at)
        at += item.duration_minutes * MINUTE
        if not number:
            _join(cast, meeting, late, at)
            there = [*present]
    with clock.at(at):
        for item in left:
            live.postpone(actor=cast.chair, meeting=meeting, item=item)
        for seat in chance.sample(list(present), len(present) // 12):
            if seat.population < A_CITY:
                live.leave(actor=cast.representatives[seat.pk], meeting=meeting, municipality=seat)
    with clock.at(max(at, meeting.starts_at + 85 * MINUTE)):
        return live.close_session(actor=cast.chair, meeting=meeting)


def _join(cast: Cast, meeting: Meeting, seats: Sequence[Municipality], at: datetime) -> None:
    with clock.at(at):
        for seat in seats:
            live.join(actor=cast.representatives[seat.pk], meeting=meeting, municipality=seat)


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
        _speak(cast, meeting, chance.sample(list(present), min((item.duration_minutes - 5) // 3, 3, len(present))), chance, at + MINUTE)
        _conclude(cast, meeting, item, matter, present, chance, at + (item.duration_minutes - 3) * MINUTE)
    return meeting


def _approve(cast: Cast, of: Meeting) -> None:
    record = Minutes.objects.select_related("meeting__network", "meeting__stream").get(meeting=of)
    documents.approve_minutes(actor=cast.chair, minutes_record=record)


def _speak(cast: Cast, meeting: Meeting, seats: Sequence[Municipality], chance: random.Random, at: datetime) -> None:
    for seat in seats:
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
        voted = matter.decision and not Poll.objects.filter(agenda_item__meeting=meeting).exists()  # the others are decided by assent
        poll = _vote(cast, item, matter, present, chance) if voted else None
        if poll and poll.outcome != Poll.Outcome.CARRIED:
            minutes.write_note(actor=cast.coordinator, item=item, text=NOT_CARRIED)
            return
        minutes.write_note(actor=cast.coordinator, item=item, text=matter.notes)
        decision = minutes.record_decision(actor=cast.coordinator, item=item, text=matter.decision, poll=poll) if matter.decision else None
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


def follow_up(cast: Cast, meeting: Meeting, chance: random.Random, number: int = 0) -> None:
    """The days after: the office completes the minutes and circulates them, somebody who was there asks for a correction, owners report
    progress.
    """
    record = Minutes.objects.get(meeting=meeting)
    with clock.at(meeting.starts_at + 26 * HOUR):
        values = {"recorded_by": "Giulia Ferrero", "introduction": "Riunione settimanale di coordinamento, in videoconferenza."}
        minutes.edit_minutes(actor=cast.coordinator, minutes=record, values=values)
        minutes.circulate(actor=cast.coordinator, minutes=record)
        for approved in Minutes.objects.filter(meeting__network=cast.network, state=MinutesState.APPROVED):
            minutes.publish(actor=cast.coordinator, minutes=approved)
    if number % 2:
        _correct(cast, record, chance, meeting.starts_at + 2 * DAY, accepted=number % 4 == 1)
    with clock.at(meeting.starts_at + 3 * DAY):
        for action_item in ActionItem.objects.filter(meeting=meeting).select_related("owner"):
            _report(cast, action_item, chance)


def _correct(cast: Cast, record: Minutes, chance: random.Random, at: datetime, *, accepted: bool) -> None:
    """A correction asked for, and answered the day after."""
    there = [seat for seat in cast.seats if seat.attendance.filter(meeting=record.meeting_id).exists()]
    if not there:
        return
    seat = chance.choice(there)
    wanted = {"text": "Il nostro intervento è riportato in modo incompleto.", "proposed": "Il Comune chiede che i costi siano ripartiti."}
    with clock.at(at):
        asked = corrections.ask(actor=cast.representatives[seat.pk], minutes=record, values=wanted, municipality=seat)
    with clock.at(at + 20 * HOUR):
        if accepted:
            corrections.accept(actor=cast.coordinator, correction=asked, reason="Precisazione accolta e riportata nella nota.")
        else:
            corrections.reject(actor=cast.coordinator, correction=asked, reason="La registrazione conferma il testo del verbale.")


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
