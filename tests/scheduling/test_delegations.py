"""Delegations: who may make somebody a delegate, what it gives, on which days, and how it ends."""

from datetime import date, timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.access import Actor, Permission, can
from meetings.agenda import services as agenda
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound
from meetings.events.models import Event
from meetings.live import services as live
from meetings.network import services as network
from meetings.network.models import Membership, User
from meetings.network.selectors import actor_for, place_of, system_actor
from meetings.notifications.models import MailState, OutgoingEmail
from meetings.scheduling import delegations, seats, services
from meetings.scheduling.models import Delegation, DelegationState, Response
from tests import factories
from tests.factories import COORDINATOR, NOW, Side

ADDRESS = "elia.delegate@example.org"
MEETING_DAY = NOW + timedelta(days=6)
WHO = {"name": "Elia Delegate", "email": ADDRESS, "office": "councillor"}


def titular(side: Side) -> Actor:
    return side.actor(side.representative)


def deputy(side: Side, order: int = 2) -> User:
    return factories.add_member(
        side.network, f"Dina Deputy {order}", "representative", municipality=side.seats[0], office="deputy_mayor", order=order
    )


def named(side: Side, actor: Actor | None = None, **values: Any) -> Delegation:
    where = {} if "valid_from" in values else {"meeting": side.meeting}
    return delegations.name_delegate(actor=actor or titular(side), municipality=side.seats[0], **{**WHO, **where, **values})


def has_part(side: Side) -> bool:
    """Whether the delegate exists for the network at all."""
    user = User.objects.filter(email=ADDRESS).first()
    if user is None:
        return False
    try:
        actor_for(user, side.network)
    except NotFound:
        return False
    return True


def represents(side: Side) -> bool:
    return has_part(side) and side.seats[0].pk in actor_for(User.objects.get(email=ADDRESS), side.network).seats


def days_of(side: Side, role: str = "representative") -> list[tuple[date | None, date | None]]:
    """The days that delegation gives the person, without those that were taken back before they began."""
    rows = Membership.objects.filter(user__email=ADDRESS, network=side.network, role=role, by_delegation=True).order_by("valid_from")
    return [(row.valid_from, row.valid_until) for row in rows if row.valid_from and row.valid_until and row.valid_until >= row.valid_from]


def mails(kind: str) -> list[str]:
    return sorted(OutgoingEmail.objects.filter(kind=kind).exclude(state=MailState.DROPPED).values_list("address", flat=True))


# --- who may ---


def test_the_titulars_word_stands_at_once(side: Side) -> None:
    row = named(side)

    assert (row.state, row.confirmed_by) == (DelegationState.CONFIRMED, side.representative)
    assert row.user is not None and row.user.email == ADDRESS
    assert mails("delegation_confirmed") == [ADDRESS]
    assert mails("delegation_named") == []


def test_what_a_substitute_says_is_announced_and_gives_nothing(side: Side) -> None:
    row = named(side, side.actor(deputy(side)))

    assert (row.state, row.user) == (DelegationState.ANNOUNCED, None)
    assert not User.objects.filter(email=ADDRESS).exists()
    assert mails("delegation_named") == [side.representative.email]
    assert mails("delegation_confirmed") == []


def test_the_office_announces_unless_it_says_that_it_confirms(side: Side) -> None:
    office = side.actor(COORDINATOR)

    assert named(side, office).state == DelegationState.ANNOUNCED
    assert named(side, office, email="other@example.org", confirm=True).state == DelegationState.CONFIRMED


def test_a_substitute_who_says_confirm_is_not_believed(side: Side) -> None:
    assert named(side, side.actor(deputy(side)), confirm=True).state == DelegationState.ANNOUNCED


@pytest.mark.parametrize("who", ["observer", "other_representative", "spokesperson", "chair", "auditor"])
def test_nobody_else_names_confirms_or_revokes(side: Side, who: str) -> None:
    row = named(side, side.actor(deputy(side)))
    actor = side.actor(getattr(side, who))

    for act in (lambda: named(side, actor), lambda: delegations.confirm(actor=actor, delegation=row)):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(NotAllowed):
        delegations.revoke(actor=actor, delegation=row)


def test_another_networks_delegations_do_not_exist(home: Side, away: Side) -> None:
    row = named(home)

    for act in (delegations.confirm, delegations.revoke):
        with pytest.raises(NotFound):
            act(actor=away.actor(COORDINATOR), delegation=row)
    with pytest.raises(NotFound):
        named(home, away.actor(COORDINATOR))
    with pytest.raises(NotFound):
        seats.visible_delegation(away.actor(COORDINATOR), row)


def test_a_substitute_may_not_confirm_what_they_announced_but_may_take_it_back(side: Side) -> None:
    second = side.actor(deputy(side))
    row = named(side, second)

    with pytest.raises(NotAllowed):
        delegations.confirm(actor=second, delegation=row)
    delegations.revoke(actor=second, delegation=row)
    row.refresh_from_db()
    assert row.state == DelegationState.REVOKED


def test_a_substitute_may_not_revoke_what_the_titular_confirmed(side: Side) -> None:
    second = side.actor(deputy(side))
    row = delegations.confirm(actor=titular(side), delegation=named(side, second))

    with pytest.raises(NotAllowed):
        delegations.revoke(actor=second, delegation=row)


@pytest.mark.parametrize("who", ["representative", "coordinator"])
def test_the_titular_and_the_coordinators_confirm(side: Side, who: str) -> None:
    row = named(side, side.actor(deputy(side)))
    actor = side.actor(getattr(side, who))

    assert seats.delegation_abilities(actor, row) == ["confirm", "revoke"]
    assert [one.pk for one in seats.waiting(actor, side.network)] == [row.pk]
    delegations.confirm(actor=actor, delegation=row)

    assert seats.waiting(actor, side.network) == []
    assert mails("delegation_confirmed") == [ADDRESS]
    assert mails("delegation_named") == []  # what waited to ask is no longer to be asked


def test_a_delegate_is_no_titular(side: Side) -> None:
    named(side, valid_from=date(2026, 11, 20), valid_until=date(2026, 12, 31))
    delegate = actor_for(User.objects.get(email=ADDRESS), side.network)
    other = named(side, delegate, email="third@example.org")

    assert other.state == DelegationState.ANNOUNCED
    with pytest.raises(NotAllowed):
        delegations.confirm(actor=delegate, delegation=other)


# --- what it gives, and when ---


def test_for_a_meeting_it_gives_that_day_and_a_view_until_then(side: Side) -> None:
    named(side)

    assert days_of(side) == [(date(2026, 11, 26), date(2026, 11, 26))]
    assert days_of(side, "observer") == [(date(2026, 11, 20), date(2026, 11, 25))]
    assert has_part(side) and not represents(side)
    with clock.at(MEETING_DAY):
        assert represents(side)
        assert can(actor_for(User.objects.get(email=ADDRESS), side.network), Permission.TAKE_PART, place_of(side.seats[0]))
    with clock.at(MEETING_DAY + timedelta(days=1)):
        assert not has_part(side)


def test_for_a_period_it_gives_its_days_and_no_view_before(side: Side) -> None:
    named(side, valid_from=date(2026, 11, 24), valid_until=date(2026, 12, 8))

    assert days_of(side) == [(date(2026, 11, 24), date(2026, 12, 8))]
    assert not has_part(side)


def test_who_represents_the_seat_already_gets_no_second_membership(side: Side) -> None:
    second = deputy(side)
    before = Membership.objects.count()
    row = named(side, email=second.email)

    assert row.state == DelegationState.CONFIRMED
    assert Membership.objects.count() == before
    assert seats.acting_for(side.meeting)[side.seats[0].pk].user == second


def test_who_has_another_part_needs_no_view(side: Side) -> None:
    named(side, email=side.observer.email)

    assert Membership.objects.filter(user=side.observer, by_delegation=True).count() == 1


def test_the_membership_comes_after_the_others_in_order(side: Side) -> None:
    deputy(side, order=4)
    named(side)

    assert Membership.objects.get(user__email=ADDRESS, role="representative").order == 5


def test_the_office_may_give_a_delegate_a_lasting_seat(side: Side) -> None:
    named(side)
    user = User.objects.get(email=ADDRESS)
    network.add_membership(
        actor=side.actor(COORDINATOR), network=side.network, user=user, role="representative", municipality=side.seats[0]
    )
    delegations.revoke(actor=titular(side), delegation=Delegation.objects.get())

    assert represents(side)
    assert days_of(side) == []


def test_the_delegate_takes_part_and_the_minutes_say_so(side: Side) -> None:
    row = named(side)
    meeting = factories.agenda_published(side)
    with clock.at(MEETING_DAY):
        meeting = live.open_session(actor=side.actor("chair"), meeting=meeting)
        delegate = actor_for(User.objects.get(email=ADDRESS), side.network)
        there = live.join(actor=delegate, meeting=meeting, municipality=side.seats[0])
        with pytest.raises(Conflict) as refused:  # one presence a seat
            live.join(actor=titular(side), meeting=meeting, municipality=side.seats[0])

    assert (there.person, there.office) == (row.name, "councillor")
    assert refused.value.code == "seat_taken" and row.name in str(refused.value)


def test_a_caller_by_phone_is_taken_for_the_delegate(side: Side) -> None:
    named(side)
    meeting = factories.agenda_published(side)
    with clock.at(MEETING_DAY):
        meeting = live.open_session(actor=side.actor("chair"), meeting=meeting)
        there = live.join(actor=side.actor(COORDINATOR), meeting=meeting, municipality=side.seats[0], source="phone")

    assert there.person == "Elia Delegate"


# --- how it ends, and what moves it ---


def test_revoking_ends_every_right_and_tells_the_delegate_who_was_told(side: Side) -> None:
    row = named(side)
    OutgoingEmail.objects.update(state=MailState.SENT)
    delegations.revoke(actor=titular(side), delegation=row)

    assert not has_part(side)
    with clock.at(MEETING_DAY):
        assert not has_part(side)
    assert mails("delegation_revoked") == [ADDRESS]


def test_a_mail_that_still_waits_is_taken_back_instead(side: Side) -> None:
    delegations.revoke(actor=titular(side), delegation=named(side))

    assert mails("delegation_confirmed") == mails("delegation_revoked") == []


def test_revoking_takes_back_the_answer_that_named_them(side: Side) -> None:
    row = named(side)
    assert Response.objects.get(meeting=side.meeting).answer == "substitute"
    delegations.revoke(actor=titular(side), delegation=row)

    assert not Response.objects.filter(meeting=side.meeting).exists()
    answered = services.respond(actor=titular(side), meeting=side.meeting, municipality=side.seats[0], answer="attending")
    assert Response.objects.get(meeting=side.meeting) == answered


def test_a_revoked_or_ended_one_stays_so(side: Side) -> None:
    row = named(side)
    delegations.revoke(actor=titular(side), delegation=row)

    for act in (delegations.confirm, delegations.revoke):
        with pytest.raises(Conflict) as refused:
            act(actor=titular(side), delegation=row)
        assert refused.value.code == "wrong_state"


def test_confirming_twice_changes_nothing(side: Side) -> None:
    row = named(side)
    events = Event.objects.count()
    delegations.confirm(actor=titular(side), delegation=row)

    assert Event.objects.count() == events


def test_naming_somebody_else_for_the_meeting_replaces_the_first(side: Side) -> None:
    named(side)
    named(side, name="Ada Other", email="ada.other@example.org")

    assert not has_part(side)
    assert Delegation.objects.filter(state=DelegationState.CONFIRMED).get().name == "Ada Other"
    assert Response.objects.get(meeting=side.meeting).substitute_name == "Ada Other"


def test_a_person_is_not_named_twice_for_the_same_days(side: Side) -> None:
    named(side, valid_from=date(2026, 11, 24), valid_until=date(2026, 12, 8))

    with pytest.raises(Conflict) as refused:
        named(side, valid_from=date(2026, 12, 8), valid_until=date(2026, 12, 9))
    assert refused.value.code == "already_named"


def test_overlapping_delegations_keep_what_is_left_when_one_goes(side: Side) -> None:
    period = named(side, valid_from=date(2026, 11, 25), valid_until=date(2026, 11, 27))
    meeting = named(side)
    assert days_of(side) == [(date(2026, 11, 25), date(2026, 11, 27))]

    delegations.revoke(actor=titular(side), delegation=period)
    assert days_of(side) == [(date(2026, 11, 26), date(2026, 11, 26))]
    delegations.revoke(actor=titular(side), delegation=meeting)
    assert days_of(side) == []


def test_a_cancelled_meeting_ends_it_and_a_restored_one_brings_it_back(side: Side) -> None:
    named(side)
    office = side.actor(COORDINATOR)

    agenda.cancel_meeting(actor=office, meeting=side.meeting, reason="No hall")
    assert days_of(side) == [] and not has_part(side)
    agenda.restore_meeting(actor=office, meeting=side.meeting)
    assert days_of(side) == [(date(2026, 11, 26), date(2026, 11, 26))]
    assert has_part(side)


def test_it_ends_by_itself_when_its_days_are_past(side: Side) -> None:
    confirmed, announced = (
        named(side),
        named(side, side.actor(deputy(side)), email="x@example.org", valid_from=NOW.date(), valid_until=NOW.date()),
    )
    with clock.at(MEETING_DAY + timedelta(days=3)):
        assert delegations.end_delegations() == 2
        assert delegations.end_delegations() == 0

    for row in (confirmed, announced):
        row.refresh_from_db()
        assert row.state == DelegationState.ENDED


def test_when_the_office_ends_the_membership_the_delegation_is_revoked_and_nothing_brings_it_back(side: Side) -> None:
    row = named(side, valid_from=date(2026, 11, 20), valid_until=date(2026, 12, 31))
    network.end_membership(actor=side.actor(COORDINATOR), membership=Membership.objects.get(user__email=ADDRESS))

    assert delegations.end_delegations() == 1
    row.refresh_from_db()
    assert row.state == DelegationState.REVOKED
    assert not has_part(side)


def test_a_municipality_that_ends_ends_what_it_gave(side: Side) -> None:
    network.change_municipality(actor=side.actor(COORDINATOR), municipality=side.seats[0], values={"valid_until": date(2026, 11, 30)})
    side.seats[0].refresh_from_db()
    named(side, valid_from=date(2026, 11, 24), valid_until=date(2026, 12, 8))

    assert days_of(side) == [(date(2026, 11, 24), date(2026, 11, 30))]


# --- what is refused ---


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "elía@example.org"}, "email"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"valid_from": date(2026, 11, 19), "valid_until": date(2026, 11, 30)}, "valid_from"),
        ({"valid_from": date(2026, 11, 30), "valid_until": date(2026, 11, 29)}, "valid_until"),
        ({"valid_from": date(2026, 11, 30), "valid_until": date(2028, 11, 29)}, "valid_until"),
        ({"valid_from": None, "valid_until": None}, "valid_from"),
    ],
)
def test_bad_input_is_refused_by_field(side: Side, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        named(side, **values)
    assert field in refused.value.errors


def test_the_titular_cannot_be_their_own_delegate(side: Side) -> None:
    with pytest.raises(Invalid):
        named(side, email=side.representative.email)


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_a_meeting_that_is_not_to_be_held_takes_no_delegate(side: Side, state: str) -> None:
    type(side.meeting).objects.filter(pk=side.meeting.pk).update(state=state)
    with pytest.raises(Conflict):
        named(side)


def test_what_is_past_is_not_confirmed(side: Side) -> None:
    row = named(side, side.actor(deputy(side)))
    with clock.at(MEETING_DAY + timedelta(days=1)), pytest.raises(Conflict):
        delegations.confirm(actor=titular(side), delegation=row)


# --- answers name substitutes ---


def answer(side: Side, actor: Actor | None = None, **values: Any) -> Response:
    who = {"name": "Elia Delegate", "email": ADDRESS, "office": "Consigliere"}
    defaults = {"answer": "substitute", "substitute": who}
    return services.respond(actor=actor or titular(side), meeting=side.meeting, municipality=side.seats[0], **{**defaults, **values})


def test_the_titulars_answer_makes_a_delegate_for_that_meeting(side: Side) -> None:
    answer(side)

    assert Delegation.objects.get().state == DelegationState.CONFIRMED
    assert days_of(side) == [(date(2026, 11, 26), date(2026, 11, 26))]
    assert Membership.objects.get(user__email=ADDRESS, role="representative").office == "councillor"


def test_without_an_address_the_answer_names_somebody_and_makes_nobody_a_delegate(side: Side) -> None:
    answer(side, substitute={"name": "Elia Delegate"})

    assert not Delegation.objects.exists()


@pytest.mark.parametrize("who", ["deputy", "coordinator"])
def test_anybody_elses_answer_announces(side: Side, who: str) -> None:
    answer(side, side.actor(COORDINATOR if who == "coordinator" else deputy(side)))

    assert Delegation.objects.get().state == DelegationState.ANNOUNCED
    assert not has_part(side)
    assert mails("delegation_named") == [side.representative.email]


@pytest.mark.parametrize("then", ["attending", "regrets"])
def test_another_answer_takes_the_delegation_back(side: Side, then: str) -> None:
    answer(side)
    answer(side, answer=then)

    assert Delegation.objects.get().state == DelegationState.REVOKED
    assert not has_part(side)
    assert Response.objects.get(meeting=side.meeting).answer == then


def test_the_titular_confirms_by_giving_the_same_answer(side: Side) -> None:
    answer(side, side.actor(deputy(side)))
    answer(side)

    assert Delegation.objects.get().state == DelegationState.CONFIRMED


# --- who acts ---


def test_the_first_in_order_acts_where_nobody_is_named(side: Side) -> None:
    deputy(side)
    acting = seats.acting_for(side.meeting)

    assert {seat: row.user for seat, row in acting.items()} == {
        seat.pk: person for seat, person in zip(side.seats, side.representatives, strict=True)
    }


def test_one_for_the_meeting_goes_before_one_for_the_period(side: Side) -> None:
    named(side, email="period@example.org", valid_from=date(2026, 11, 20), valid_until=date(2026, 12, 31))
    assert seats.acting_for(side.meeting)[side.seats[0].pk].user.email == "period@example.org"
    named(side)
    assert seats.acting_for(side.meeting)[side.seats[0].pk].user.email == ADDRESS
    assert seats.acting_for(factories.fresh(side.meetings[1]))[side.seats[0].pk].user.email == "period@example.org"


def test_who_acts_is_found_in_a_few_queries(side: Side, django_assert_max_num_queries: Any) -> None:
    named(side)
    with django_assert_max_num_queries(3):
        assert len(seats.acting_for(side.meeting)) == 10


def test_events_hold_no_secret_and_tell_the_staff_alone(side: Side) -> None:
    named(side)
    rows = Event.objects.filter(type__startswith="delegation.")

    assert [row.type for row in rows.order_by("sequence")] == ["delegation.named", "delegation.confirmed"]
    assert {row.audience for row in rows} == {"staff"}


def test_a_seat_named_twice_at_once_has_one_delegate(side: Side) -> None:
    """The database says so, whatever a service forgets."""
    row = named(side)
    row.pk, row._state.adding = None, True
    twin = Delegation(
        **{name: getattr(row, name) for name in ("network", "municipality", "meeting", "valid_from", "valid_until", "name", "email")}
    )
    twin.named_at = NOW
    with pytest.raises(Exception, match=r"(?i)one_delegate|unique"):
        twin.save()


def test_the_system_is_no_titular(side: Side) -> None:
    assert not seats.is_titular(system_actor(side.network.pk), side.seats[0], NOW.date())
