"""Who is told of an action item and when: at once, before it is due, and every week once it is overdue."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from meetings import clock
from meetings.action_items import chasing, services
from meetings.action_items.models import ActionItem
from meetings.network.models import Membership, Municipality
from meetings.network.selectors import system_actor
from meetings.network.services import add_membership, end_membership
from meetings.notifications.letters import KINDS, Letter
from meetings.notifications.models import OutgoingEmail
from meetings.scheduling import reminders
from meetings.scheduling.models import Meeting
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side
from tests.parallel import side_by_side

DUE = date(2026, 12, 10)


def task(
    side: Side, title: str = "Write to the operators", *, owner: int | None = 0, due_on: date | None = DUE, by: str = CHAIR
) -> ActionItem:
    meeting = side.meeting if side.meeting.state == "in_session" else factories.in_session(side)
    side.meeting.state = meeting.state
    seat = None if owner is None else side.seats[owner]
    return services.create(actor=side.actor(by), meeting=meeting, values={"title": title, "due_on": due_on}, owner=seat)


def chase(side: Side, day: date, hour: int = 8) -> int:
    with clock.at(datetime.combine(day, time(hour), side.network.zone)):
        return chasing.chase_action_items()


def sent(*kinds: str) -> list[tuple[str, str]]:
    """(kind, address) of the mails in the order they were made."""
    wanted = kinds or ("action_due", "action_overdue")
    return list(OutgoingEmail.objects.filter(kind__in=wanted).order_by("created_at", "address").values_list("kind", "address"))


def letter(mail: OutgoingEmail) -> Letter:
    return KINDS[mail.kind].compose({**mail.context, "name": mail.name, "network": "home", "network_name": "Home"})


def titles(mail: OutgoingEmail, group: str) -> list[str]:
    return [row["title"] for row in mail.context[group]]


def days(first: date, count: int) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range(count))


def test_the_owners_representatives_are_told_once(side: Side) -> None:
    deputy = factories.add_member(side.network, "Dora Deputy", "representative", municipality=side.seats[0], order=2)
    row = task(side)
    assert sent("action_assigned") == sorted(("action_assigned", user.email) for user in (side.representative, deputy))
    mail = OutgoingEmail.objects.filter(kind="action_assigned").first()
    assert mail and letter(mail).button and letter(mail).button[1] == f"/go/action/{row.pk}"  # type: ignore[index]
    services.edit(actor=side.actor(CHAIR), action_item=row, values={"title": "Write to the railways"})
    assert {mail.context["title"] for mail in OutgoingEmail.objects.filter(kind="action_assigned")} == {"Write to the railways"}
    OutgoingEmail.objects.update(state="sent")
    services.edit(actor=side.actor(CHAIR), action_item=row, values={"title": "Write to nobody"})
    assert len(sent("action_assigned")) == 2


def test_given_to_another_the_first_is_not_told(side: Side) -> None:
    row = task(side)
    services.edit(actor=side.actor(CHAIR), action_item=row, values={}, owner=side.seats[5])
    waiting = OutgoingEmail.objects.filter(kind="action_assigned", state="queued")
    assert [mail.address for mail in waiting] == [side.representatives[5].email]


def test_done_before_it_was_told_is_not_told(side: Side) -> None:
    row = task(side)
    services.progress(actor=side.actor(CHAIR), action_item=row, action="finish")
    assert not OutgoingEmail.objects.filter(kind="action_assigned", state="queued").exists()


def test_the_offices_own_and_ones_own_writing_need_no_mail(side: Side) -> None:
    add_membership(
        actor=system_actor(side.network.pk),
        network=side.network,
        user=side.chair,
        role="representative",
        municipality=side.seats[1],
        order=2,
    )
    task(side, owner=None)
    task(side, owner=1)
    assert sent("action_assigned") == [("action_assigned", side.other_representative.email)]


def test_two_days_before_then_the_day_after_then_weekly(side: Side) -> None:
    task(side)
    owner, spokesperson = side.representative.email, side.spokesperson.email
    told = {}
    for day in days(date(2026, 12, 1), 28):
        before = len(sent())
        chase(side, day), chase(side, day, 15)
        told[day.day] = sent()[before:]
    assert {day: mails for day, mails in told.items() if mails} == {
        8: [("action_due", owner)],
        11: [("action_overdue", owner)],
        18: sorted([("action_overdue", owner), ("action_overdue", spokesperson)]),
        25: sorted([("action_overdue", owner), ("action_overdue", spokesperson)]),
    }


def test_nobody_is_asked_at_night(side: Side) -> None:
    task(side)
    assert [chase(side, date(2026, 12, 8), hour) for hour in (0, 7, 8, 9)] == [0, 0, 1, 0]


def test_one_mail_for_everything_of_the_day(side: Side) -> None:
    """Seat 0 has two that are overdue and one that is soon due; the spokesperson hears of two zone items of the second week."""
    for title, due in (("A", DUE), ("B", DUE - timedelta(days=7)), ("C", DUE + timedelta(days=2))):
        task(side, title, due_on=due)
    task(side, "D", owner=1, due_on=DUE - timedelta(days=7))
    task(side, "E", owner=4, due_on=DUE - timedelta(days=7))
    assert chase(side, DUE + timedelta(days=1)) == 4
    mails = {mail.address: mail for mail in OutgoingEmail.objects.filter(kind__startswith="action_overdue")}
    own, zone = mails[side.representative.email], mails[side.spokesperson.email]
    assert (titles(own, "overdue"), titles(own, "due"), titles(own, "zone")) == (["B", "A"], ["C"], [])
    assert (titles(zone, "overdue"), titles(zone, "due"), titles(zone, "zone")) == ([], [], ["B", "D"])
    assert set(mails) == {
        user.email for user in (side.representative, side.other_representative, side.representatives[4], side.spokesperson)
    }
    shown = letter(own)
    links = [path for _label, path in [shown.button, *shown.links] if path]  # type: ignore[misc]
    assert links == [f"/go/action/{row['id']}" for group in ("overdue", "due") for row in own.context[group]]


def test_what_is_done_or_dropped_is_asked_for_no_more(side: Side) -> None:
    done, dropped = task(side, "Done"), task(side, "Dropped", owner=1)
    services.progress(actor=side.actor(CHAIR), action_item=done, action="finish")
    services.progress(actor=side.actor(CHAIR), action_item=dropped, action="drop", text="No need")
    assert [chase(side, day) for day in days(DUE, 20)] == [0] * 20
    services.progress(actor=side.actor(CHAIR), action_item=done, action="reopen")
    assert chase(side, DUE + timedelta(days=21)) == 2


def test_another_due_date_begins_anew(side: Side) -> None:
    row = task(side)
    assert chase(side, date(2026, 12, 8)) == 1
    services.edit(actor=side.actor(CHAIR), action_item=row, values={"due_on": DUE + timedelta(days=20)})
    assert [chase(side, day) for day in days(DUE, 18)] == [0] * 18
    assert chase(side, DUE + timedelta(days=18)) == 1


def test_after_a_pause_the_latest_is_said_and_no_more(side: Side) -> None:
    task(side)
    assert chase(side, DUE + timedelta(days=20)) == 2
    assert [chase(side, DUE + timedelta(days=n)) for n in (21, 22, 23)] == [0, 2, 0]


def test_not_on_the_day_it_was_given(side: Side) -> None:
    task(side, due_on=factories.NOW.date())
    task(side, "Tomorrow", owner=1, due_on=factories.NOW.date() + timedelta(days=1))
    assert chase(side, factories.NOW.date(), 12) == 0
    assert chase(side, factories.NOW.date() + timedelta(days=1)) == 2
    assert sent() == sorted(
        [("action_overdue", side.representative.email), ("action_due", side.other_representative.email)], key=lambda m: m[1]
    )


def test_who_was_reminded_today_is_asked_tomorrow(side: Side) -> None:
    task(side)
    with clock.at(datetime.combine(date(2026, 12, 8), time(7), side.network.zone)):
        coming = Meeting.objects.filter(series=side.series, starts_at__gt=clock.now()).order_by("starts_at")[0]
        reminders.remind(actor=side.actor(COORDINATOR), meeting=coming)
    assert chase(side, date(2026, 12, 8)) == 0
    assert chase(side, date(2026, 12, 9)) == 0  # the meeting's own reminder is still to come that day
    assert chase(side, date(2026, 12, 10)) == 1


def test_a_reminder_later_in_the_day_goes_first(side: Side) -> None:
    """The meeting of 17 December reminds on the 13th and the 16th at ten in the morning; a digest at eight would take its place."""
    task(side, due_on=date(2026, 12, 15))
    asked = []
    for day in days(date(2026, 12, 12), 5):
        for hour in (8, 10, 12):
            with clock.at(datetime.combine(day, time(hour), side.network.zone)):
                asked += [(day.day, hour, "r")] if reminders.remind_the_silent() else []
                asked += [(day.day, hour, "a")] if chasing.chase_action_items() else []
    assert asked == [(13, 10, "r"), (14, 8, "a"), (16, 10, "r")]
    assert chase(side, date(2026, 12, 17)) == 1  # overdue since the 16th, when the day's mail was the reminder


def test_the_offices_own_are_the_coordinators(side: Side) -> None:
    task(side, owner=None)
    assert chase(side, DUE + timedelta(days=1)) == 1
    assert sent() == [("action_overdue", side.coordinator.email)]


def test_nobody_represents_the_owner(side: Side) -> None:
    task(side)
    end_membership(actor=system_actor(side.network.pk), membership=Membership.objects.get(user=side.representative))
    assert chase(side, DUE + timedelta(days=1)) == 0
    assert chase(side, DUE + timedelta(days=8)) == 1
    assert sent() == [("action_overdue", side.spokesperson.email)]


def test_what_has_merged_is_asked_of_its_successor(side: Side) -> None:
    task(side)
    Municipality.objects.filter(pk=side.seats[0].pk).update(merged_into=side.seats[5], valid_until=DUE)
    assert chase(side, DUE) == 1
    assert chase(side, DUE + timedelta(days=1)) == 1
    assert [mail for _kind, mail in sent()] == [side.representative.email, side.representatives[5].email]


def test_six_workers_ask_once(transactional_db: None, now: None) -> None:
    side = factories.make_side("home")
    task(side)
    with clock.at(datetime.combine(DUE + timedelta(days=1), time(9), side.network.zone)):
        found: list[Any] = side_by_side([chasing.chase_action_items] * 6, threads=6)
    assert sorted(found, key=str) == [0] * 5 + [1], found


def test_two_networks_by_their_own_clocks(home: Side, away: Side) -> None:
    task(home), task(away)
    type(away.network).objects.filter(pk=away.network.pk).update(time_zone="America/New_York")
    assert chase(home, date(2026, 12, 8)) == 1
    assert sent() == [("action_due", home.representative.email)]
    assert chase(home, date(2026, 12, 8), 15) == 1
