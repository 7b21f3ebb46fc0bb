"""Everything at once: whoever meets whom, nobody waits in a circle, nothing is lost or doubled, and only our own refusals come out."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import time, timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import Count, Q

from meetings import clock, worker
from meetings.access import Role
from meetings.action_items import services as action_items
from meetings.agenda import series as agenda_series
from meetings.agenda import services as agenda
from meetings.agenda.models import AgendaItem, ItemState
from meetings.errors import DomainError
from meetings.events.models import EventStream
from meetings.events.selectors import verify
from meetings.live import services as live
from meetings.live.models import Attendance
from meetings.minutes import corrections
from meetings.minutes import services as minutes
from meetings.minutes.models import Correction, Decision, Minutes
from meetings.network import invitations, people, services
from meetings.network.models import Membership, Municipality, User
from meetings.notifications.models import OutgoingEmail
from meetings.notifications.services import Recipient, notify
from meetings.scheduling import absences, calendar, delegations, reminders, series_changes
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import DELEGATION_LIVE, Delegation, Meeting, MeetingState, OutOfOffice, Response
from tests import factories
from tests.factories import CHAIR, COORDINATOR, NOW, Side
from tests.parallel import side_by_side

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300), pytest.mark.usefixtures("now")]
THREADS = 12
DAY = timedelta(days=1)
Act = Callable[[], object]


@pytest.fixture
def side(transactional_db: None, now: None) -> Side:
    return factories.make_side("home", series={**factories.SERIES, "intake_opens_hours": 40 * 24})


def together(acts: Iterable[Act], seed: int = 1) -> Counter[str]:
    """Does them at once, shuffled; returns how often each came out. Whatever is not one of our own refusals fails."""
    shuffled = list(acts)
    random.Random(seed).shuffle(shuffled)
    found = side_by_side(shuffled, threads=THREADS)
    wrong = [repr(answer) for answer in found if isinstance(answer, Exception) and not isinstance(answer, DomainError)]
    assert not wrong, (len(wrong), sorted(set(wrong))[:5])
    return Counter(answer.code if isinstance(answer, DomainError) else "done" for answer in found)


def tick() -> None:
    """A worker's round, which logs what fails instead of raising it."""
    assert worker.tick()


def nothing_is_lost_or_doubled() -> None:
    """What must hold after anything."""
    assert [str(stream.pk) for stream in EventStream.objects.all() if verify(stream)] == []
    assert doubled(Response.every.values("meeting", "municipality")) == []
    assert doubled(Delegation.objects.filter(state__in=DELEGATION_LIVE, meeting__isnull=False).values("meeting", "municipality")) == []
    assert doubled(OutgoingEmail.objects.values("key")) == []
    assert doubled(AgendaItem.objects.filter(origin__isnull=False, taken_back=False).values("origin")) == []
    assert doubled(Attendance.objects.filter(left_at__isnull=True).values("meeting", "municipality")) == []
    assert doubled(Meeting.objects.filter(series__isnull=False).values("series", "number")) == []
    assert doubled(Meeting.objects.filter(series__isnull=False, nominal_date__isnull=False).values("series", "nominal_date")) == []
    for meeting in Meeting.objects.all():
        positions = list(meeting.agenda_items.filter(position__isnull=False).values_list("position", flat=True).order_by("position"))
        assert positions == list(range(1, len(positions) + 1)), meeting
    for row in Delegation.objects.filter(state="confirmed").exclude(meeting__state=MeetingState.CANCELLED):
        held = Membership.objects.filter(user=row.user, municipality=row.municipality_id)
        lasting = held.filter(Q(valid_until=None) | Q(valid_until__gte=row.valid_until), valid_from__lte=row.valid_from)
        assert lasting.exists(), row


def doubled(rows: Any) -> list[Any]:
    return list(rows.order_by().annotate(n=Count("pk")).filter(n__gt=1))


def last_events_agree() -> None:
    """No lost update: the version that a meeting, a series and a membership have is the one that the log knows last."""
    for meeting in Meeting.objects.select_related("stream"):
        recorded = meeting.stream.events.filter(type__startswith="meeting.").order_by("-sequence")[0]
        assert f'"version":{meeting.version}' in recorded.payload, (meeting, recorded.type)


def answers(side: Side, meeting: Meeting) -> list[Act]:
    """Every seat answers, changes its mind, and names somebody who comes instead, with an address and without."""
    acts: list[Act] = []
    for n, (seat, user) in enumerate(zip(side.seats, side.representatives, strict=True)):
        respond = partial(scheduling.respond, actor=side.actor(user), meeting=meeting, municipality=seat)
        acts += [
            partial(respond, answer="attending"),
            partial(respond, answer="regrets", reason="Ill."),
            partial(respond, answer="substitute", substitute={"name": "Someone Else"}),
            partial(respond, answer="substitute", substitute={"name": f"Delegate {n}", "email": f"delegate{n % 4}@example.org"}),
        ]
    return acts


def delegating(side: Side, meeting: Meeting) -> list[Act]:
    """The same people named for the same seats, from several windows, and confirmed or taken back meanwhile."""
    acts: list[Act] = []
    for n, (seat, user) in enumerate(zip(side.seats[:5], side.representatives, strict=False)):
        actor, office = side.actor(user), side.actor(COORDINATOR)
        name = partial(delegations.name_delegate, municipality=seat, name=f"Delegate {n}", email=f"delegate{n % 3}@example.org")
        days = {"valid_from": NOW.date() + DAY, "valid_until": NOW.date() + 9 * DAY}
        acts += [
            partial(name, actor=actor, meeting=meeting),
            partial(name, actor=office, meeting=meeting),
            partial(name, actor=office, confirm=True, **days),
            partial(each_delegation, seat, partial(delegations.confirm, actor=office)),
            partial(each_delegation, seat, partial(delegations.revoke, actor=actor)),
        ]
    return acts


def each_delegation(seat: Municipality, act: Callable[..., object]) -> None:
    for row in Delegation.objects.filter(municipality=seat, state__in=DELEGATION_LIVE):
        act(delegation=row)


def away(side: Side) -> list[Act]:
    """Representatives declare that they are out of office, and that they are back."""
    acts: list[Act] = []
    for user in side.representatives[4:9]:
        declare = partial(absences.declare_absence, actor=side.actor(user), network=side.network)
        days = {"valid_from": NOW.date(), "valid_until": NOW.date() + 20 * DAY}
        acts += [partial(declare, **days), partial(back_again, side, user), partial(declare, note="On holiday.", **days)]
    return acts


def back_again(side: Side, user: User) -> None:
    for row in OutOfOffice.objects.filter(user=user, withdrawn_at=None):
        absences.withdraw_absence(actor=side.actor(user), absence=row)


def moved(side: Side, meetings: Sequence[Meeting]) -> list[Act]:
    """The calendar is worked on from several windows."""
    office, acts = side.actor(COORDINATOR), list[Act]()
    for n, meeting in enumerate(meetings):
        acts += [
            partial(calendar.move, actor=office, meeting=meeting, values={"local_start": f"{meeting.local.date()}T{15 + n}:00"}),
            partial(scheduling.change_meeting, actor=office, meeting=meeting, values={"title": f"Title {n}"}),
            partial(scheduling.change_meeting, actor=office, meeting=meeting, values={"duration_minutes": 60 + n}),
            partial(agenda.cancel_meeting, actor=office, meeting=meeting, reason="Snow."),
            partial(agenda.restore_meeting, actor=office, meeting=meeting),
            partial(agenda.cancel_meeting, actor=office, meeting=meeting, reason="Ice."),
            partial(agenda.restore_meeting, actor=office, meeting=meeting),
        ]
    return acts


def whole_series(side: Side) -> list[Act]:
    """The whole series is changed while its meetings are."""
    office = side.actor(COORDINATOR)
    change = partial(agenda_series.change_series, actor=office, series=side.series)
    later = side.meetings[1].local.date()

    def ask(what: Callable[..., Any], **values: Any) -> Act:
        return partial(change, ask=lambda series: what(actor=office, series=series, **values), reason="A change.")

    return [
        ask(series_changes.asked_change, since=later, changes={"local_start": time(14)}),
        ask(series_changes.asked_change, since=later, changes={"weekday": 1}),
        ask(series_changes.asked_skip, day=later),
        ask(series_changes.asked_breaks, breaks=[{"from": later.isoformat(), "until": later.isoformat()}]),
        ask(series_changes.asked_breaks, breaks=[]),
        ask(series_changes.asked_end, ends_on=None),
        *[partial(scheduling.change_series, actor=office, series=side.series, values={"title": f"Series {n}"}) for n in range(3)],
        *[partial(scheduling.change_series, actor=office, series=side.series, values={"intake_closes_hours": n}) for n in (24, 36)],
        *[partial(scheduling.materialise, series=side.series) for _n in range(2)],
        *[
            partial(calendar.extra, actor=office, network=side.network, series=side.series, values={"local_start": f"2026-12-0{n}T09:00"})
            for n in (1, 2, 4)
        ],
    ]


def membership_of(user: User) -> Membership:
    return Membership.objects.get(user=user, by_delegation=False)


def office_work(side: Side) -> list[Act]:
    """Memberships end, return and change places; settings and invitations meanwhile."""
    office, acts = side.actor(COORDINATOR), list[Act]()
    for user in side.representatives[6:9]:
        row = membership_of(user)
        acts += [
            partial(services.end_membership, actor=office, membership=row),
            partial(services.restore_membership, actor=office, membership=row),
            partial(services.change_membership, actor=office, membership=row, values={"office": "councillor"}),
            partial(services.end_membership, actor=office, membership=row, last_day=NOW.date() + DAY),
            partial(services.order_representatives, actor=office, municipality=row.municipality, membership_ids=[row.pk]),
            partial(people.change_profile, user=user, values={"name": f"{user.name} again", "phone": "+39 011 1"}),
            partial(people.change_person, actor=office, network=side.network, user=user, values={"name": f"{user.name} once more"}),
            partial(people.create_token, user=user),
            partial(services.change_municipality, actor=office, municipality=row.municipality, values={"population": 4321}),
        ]
    new = {"name": "New Person", "role": Role.REPRESENTATIVE}
    acts += [
        partial(
            services.add_member, actor=office, network=side.network, email=f"delegate{n}@example.org", municipality=seat, order=3, **new
        )
        for n, seat in enumerate(side.seats[:4])
    ]
    acts += [partial(services.change_network, actor=office, network=side.network, values={"name": f"Network {n}"}) for n in range(3)]
    acts += [partial(invitations.invite_all, actor=office, network=side.network)] * 3
    acts += [partial(invitations.resend_all, actor=office, network=side.network)] * 2
    return acts


def test_answers_delegates_absences_and_the_office(side: Side) -> None:
    first = side.meeting
    acts = [*answers(side, first), *delegating(side, first), *away(side), *office_work(side), *[tick] * 3]
    done = together(
        [*acts, partial(calendar.move, actor=side.actor(COORDINATOR), meeting=first, values={"local_start": "2026-11-27T10:00"})]
    )
    assert done["done"] > len(acts) // 2, done
    assert Response.every.filter(meeting=first).count() == len(side.seats)
    tick()
    nothing_is_lost_or_doubled()
    last_events_agree()


def test_the_calendar_the_series_and_the_answers(side: Side) -> None:
    factories.scheduled(side)
    factories.scheduled(side, side.meetings[1])
    acts = [
        *moved(side, side.meetings[:3]),
        *whole_series(side),
        *answers(side, side.meetings[1])[::3],
        *delegating(side, side.meetings[2]),
    ]
    done = together([*acts, *[tick] * 3])
    assert done["done"] > len(acts) // 3, done
    tick()
    nothing_is_lost_or_doubled()
    last_events_agree()


def triage(side: Side, meeting: Meeting, to: Meeting) -> list[Act]:
    """Proposals are handed in, decided on, merged, put off and taken back, from several windows."""
    office, acts = side.actor(COORDINATOR), list[Act]()
    for seat in range(4):
        item, other = (factories.proposal(side, f"{what} {seat}", seat=seat, meeting=meeting) for what in ("One", "Two"))
        draft = factories.draft(side, f"Draft {seat}", seat=seat, meeting=meeting)
        mayor = side.actor(side.representatives[seat])
        acts += [
            partial(agenda.accept, actor=office, item=item),
            partial(agenda.defer, actor=office, item=item, to=to, answer="Later."),
            partial(agenda.defer, actor=office, item=other, answer="Some day."),
            partial(agenda.merge, actor=office, item=other, into=item),
            partial(agenda.merge, actor=office, item=item, into=other),
            partial(agenda.separate, actor=office, item=other),
            partial(agenda.decline, actor=office, item=other, answer="No."),
            partial(agenda.withdraw, actor=mayor, item=item),
            partial(agenda.edit, actor=mayor, item=item, values={"text": "Changed."}),
            partial(agenda.move, actor=mayor, item=draft, to=to),
            partial(agenda.submit, actor=mayor, item=draft, motive="It is urgent."),
        ]
    return acts


def test_triage_publication_and_addenda(side: Side) -> None:
    here, there = side.meetings[0], side.meetings[1]
    office = side.actor(COORDINATOR)
    for meeting in (here, there):
        factories.accepted(side, "Standing", seat=None, meeting=meeting)
    acts = [*triage(side, here, there), *triage(side, there, here)]
    acts += [partial(agenda.publish, actor=office, meeting=here)] * 3
    acts += [
        partial(agenda.cancel_meeting, actor=office, meeting=there, reason="Snow."),
        partial(agenda.restore_meeting, actor=office, meeting=there),
    ]
    done = together([*acts, *[tick] * 3])
    assert done["done"] > len(acts) // 4, done
    nothing_is_lost_or_doubled()
    for row in AgendaItem.objects.filter(meeting=here, state=ItemState.PROPOSED):
        agenda.accept(actor=office, item=row)
    if factories.fresh(here).state == MeetingState.SCHEDULED:
        agenda.publish(actor=office, meeting=here)
    late = [factories.proposal(side, f"Late {n}", seat=n, meeting=here, motive="Urgent.") for n in range(6)]
    acts = [partial(act, actor=office, item=row) for row in late for act in (agenda.accept, agenda.accept)]
    acts += [partial(agenda.withdraw, actor=side.actor(side.representatives[n]), item=row) for n, row in enumerate(late)]
    together([*acts, *[tick] * 3], seed=2)
    nothing_is_lost_or_doubled()
    last_events_agree()
    added = [row.addendum for row in AgendaItem.objects.filter(meeting=here) if row.addendum]
    assert len(added) == len(set(added))


def test_sessions_that_open_close_and_go_on(side: Side) -> None:
    first, second, third = side.meetings[:3]
    meeting = factories.in_session(side, first)
    factories.agenda_published(side, second)
    chair, office = side.actor(CHAIR), side.actor(COORDINATOR)
    rows = factories.items(meeting)
    acts: list[Act] = [partial(live.close_session, actor=chair, meeting=meeting), partial(live.reopen, actor=chair, meeting=meeting)] * 4
    acts += [partial(live.move_on, actor=chair, meeting=meeting, item=row) for row in rows]
    acts += [partial(live.postpone, actor=chair, meeting=meeting, item=row) for row in rows]
    acts += [partial(minutes.record_decision, actor=chair, item=row, text=f"Decided {n}.") for n in range(3) for row in rows]
    values = {"title": "Write to the operators", "due_on": NOW.date()}
    acts += [partial(action_items.create, actor=chair, meeting=meeting, values=values, owner=seat) for seat in side.seats[:4]]
    for seat, user in list(zip(side.seats, side.representatives, strict=True)):
        part = {"actor": side.actor(user), "meeting": meeting, "municipality": seat}
        acts += [partial(live.join, **part), partial(live.leave, **part)]
    acts += [partial(services.change_network, actor=office, network=side.network, values={"name": f"Network {n}"}) for n in range(3)]
    acts += [
        partial(agenda.cancel_meeting, actor=office, meeting=second, reason="Snow."),
        partial(agenda.restore_meeting, actor=office, meeting=second),
    ]
    acts += [partial(agenda.cancel_meeting, actor=office, meeting=third, reason="Ice."), *[tick] * 3]
    acts += [partial(reminders.remind, actor=office, meeting=row) for row in (second, third)]
    together(acts)
    nothing_is_lost_or_doubled()
    last_events_agree()
    numbers = list(Decision.objects.values_list("number", flat=True).order_by("number"))
    assert numbers == list(range(1, len(numbers) + 1))
    if factories.fresh(meeting).state == MeetingState.IN_SESSION:
        live.close_session(actor=chair, meeting=meeting)
    standing = AgendaItem.objects.filter(taken_back=False)
    approvals = standing.filter(approves_minutes_of=meeting)
    assert approvals.exclude(carried_to__in=standing).count() == 1, "one, besides those that go on as another item"


def test_minutes_and_their_corrections(side: Side) -> None:
    meeting = factories.closed(side)
    office, chair, row = side.actor(COORDINATOR), side.actor(CHAIR), Minutes.objects.get(meeting=meeting)
    item = factories.items(meeting)[0]
    acts: list[Act] = [partial(minutes.circulate, actor=office, minutes=row)] * 3 + [partial(live.reopen, actor=chair, meeting=meeting)]
    done = together([*acts, *[tick] * 2])
    assert done["done"] == 3, done  # one of them, and the two workers
    if factories.fresh(meeting).state == MeetingState.IN_SESSION:
        live.close_session(actor=chair, meeting=meeting)
        minutes.circulate(actor=office, minutes=row)
    together([partial(factories.asked, side, row, seat=n, text=f"Wrong {n}.") for n in range(8)])
    asked = list(Correction.objects.filter(minutes=row))
    assert len(asked) == 8
    note = item.notes.get()
    acts = []
    for n, correction in enumerate(asked):
        acts += [
            partial(corrections.accept, actor=office, correction=correction, note=note, text=f"Better {n}."),
            partial(corrections.accept, actor=chair, correction=correction),
            partial(corrections.reject, actor=office, correction=correction, reason="No."),
        ]
    acts += [partial(minutes.edit_minutes, actor=office, minutes=row, values={"introduction": f"Version {n}"}) for n in range(4)]
    acts += [partial(minutes.extend, actor=office, minutes=row, until=NOW + (20 + n) * DAY) for n in range(3)]
    done = together([*acts, *[tick] * 3], seed=2)
    assert done["wrong_state"] == 16, done
    assert not Correction.objects.filter(minutes=row, state="open").exists()
    nothing_is_lost_or_doubled()


def test_three_workers_do_everything_once(side: Side) -> None:
    factories.closed(side)
    with clock.at(NOW + 30 * DAY):
        together([tick] * 6)
        assert OutgoingEmail.objects.exclude(state__in=("sent", "queued")).count() == OutgoingEmail.objects.filter(state="dropped").count()
        assert doubled(OutgoingEmail.objects.filter(chase_day__isnull=False).values("address", "chase_day")) == []
        before = OutgoingEmail.objects.count()
        together([tick] * 3)
        assert OutgoingEmail.objects.count() == before
    nothing_is_lost_or_doubled()


def test_the_same_people_told_of_many_things_at_once(side: Side) -> None:
    """Mails that are joined with those that wait, and chases of which everybody gets one a day, written in whatever order."""
    told = [Recipient(user.email, user.name, "en", user.pk) for user in side.representatives]
    news = {"changes": []}

    def tell(n: int) -> object:
        return notify(
            "meetings_changed", told[:: -1 if n % 2 else 1], key=f"n{n % 6}", network_id=side.network.pk, about="series:x", context=news
        )

    def chase(n: int) -> object:
        people = told[:: -1 if n % 2 else 1]
        return notify("reminder", people, key=f"c{n}", network_id=side.network.pk, chase_day=NOW.date())

    together([*[partial(tell, n) for n in range(24)], *[partial(chase, n) for n in range(24)]])
    assert OutgoingEmail.objects.filter(kind="reminder").count() == len(told)
    nothing_is_lost_or_doubled()
