"""The pages of delegations and days away: naming, confirming in words, taking back; what each reader finds there."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from meetings.network.models import User
from meetings.scheduling import delegations
from meetings.scheduling.models import Delegation, DelegationState, OutOfOffice
from tests import factories
from tests.factories import COORDINATOR, Side
from tests.frontend.pages import post, url
from tests.hostile import TYPED

Browser = Callable[[User | None], Client]
FORM = {"name": "Elia Delegate", "email": "elia@example.org", "office": "clerk", "valid_from": "2026-12-01", "valid_until": "2026-12-09"}


def announced(side: Side, **where: object) -> Delegation:
    days = where or {"valid_from": date(2026, 12, 1), "valid_until": date(2026, 12, 9)}
    who = {"name": "Elia Delegate", "email": "elia@example.org"}
    return delegations.name_delegate(actor=side.actor(COORDINATOR), municipality=side.seats[0], **who, **days)  # type: ignore[arg-type]


def text(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return page.content.decode()


def test_a_representative_names_somebody_for_some_days(side: Side, browser_of: Browser) -> None:
    mine = browser_of(side.representative)
    form = text(mine, url(side.network, "delegations", "new"))
    assert 'name="confirm"' not in form
    done = post(mine, url(side.network, "delegations", "new"), municipality=str(side.seats[0].pk), **FORM)

    row = Delegation.objects.get()
    assert done.status_code == 303 and done["Location"] == url(side.network, "delegations", row.pk)
    assert row.state == DelegationState.CONFIRMED
    assert "this person represents the municipality" in text(mine, done["Location"])


def test_the_meetings_page_leads_there_with_the_meeting_chosen(side: Side, browser_of: Browser) -> None:
    mine, meeting = browser_of(side.representative), side.meeting
    page = text(mine, url(side.network, "meetings", meeting.pk))
    link = f"{url(side.network, 'delegations', 'new')}?municipality={side.seats[0].pk}&amp;meeting={meeting.pk}"
    assert link in page

    form = text(mine, link.replace("&amp;", "&"))
    assert f'<option value="{meeting.pk}" selected>' in form
    post(mine, url(side.network, "delegations", "new"), municipality=str(side.seats[0].pk), meeting=str(meeting.pk), **FORM)
    assert Delegation.objects.get().meeting == meeting
    assert "Elia Delegate as delegate" in text(mine, url(side.network, "meetings", meeting.pk))


def test_what_waits_is_found_and_confirmed_in_words(side: Side, browser_of: Browser) -> None:
    row = announced(side)
    for who in (side.representative, side.coordinator):
        client = browser_of(who)
        assert "One delegate waits to be confirmed" in text(client, url(side.network))
        assert "To confirm" in text(client, url(side.network, "delegations"))
    mine = browser_of(side.representative)
    words = text(mine, url(side.network, "delegations", row.pk, "confirm"))
    assert "Elia Delegate (elia@example.org) then represents Town 001 home" in words and "1 December 2026" in words
    assert post(mine, url(side.network, "delegations", row.pk, "confirm")).status_code == 303

    row.refresh_from_db()
    assert row.state == DelegationState.CONFIRMED
    assert "waits to be confirmed" not in text(mine, url(side.network))


def test_one_named_through_a_link_is_confirmed_with_a_warning(side: Side, browser_of: Browser) -> None:
    row = announced(side)
    Delegation.objects.filter(pk=row.pk).update(through_link=True)

    assert "confirm only whom you know" in text(browser_of(side.representative), url(side.network, "delegations", row.pk, "confirm"))


def test_a_substitute_sees_it_and_cannot_confirm(side: Side, browser_of: Browser) -> None:
    row = announced(side)
    deputy = factories.add_member(side.network, "Dina Deputy", "representative", municipality=side.seats[0], order=2)
    client = browser_of(deputy)

    page = text(client, url(side.network, "delegations", row.pk))
    assert url(side.network, "delegations", row.pk, "confirm") not in page
    assert client.get(url(side.network, "delegations", row.pk, "confirm")).status_code == 403


def test_the_delegate_finds_it_by_the_mailed_link(side: Side, browser_of: Browser) -> None:
    row = delegations.name_delegate(
        actor=side.actor(side.representative), municipality=side.seats[0], name="Elia", email="elia@example.org", meeting=side.meeting
    )
    User.objects.filter(pk=row.user_id).update(language="en")
    client = browser_of(row.user)
    there = client.get(f"/go/delegation/{row.pk}", follow=True)

    assert there.status_code == 200 and "Confirmed" in there.content.decode()
    assert url(side.network, "delegations", row.pk, "revoke") not in there.content.decode()


def test_taking_it_back_says_what_ends(side: Side, browser_of: Browser) -> None:
    row, mine = announced(side), browser_of(side.representative)
    assert "no longer represents Town 001 home" in text(mine, url(side.network, "delegations", row.pk, "revoke"))
    post(mine, url(side.network, "delegations", row.pk, "revoke"))

    row.refresh_from_db()
    assert row.state == DelegationState.REVOKED
    assert post(mine, url(side.network, "delegations", row.pk, "confirm")).status_code == 409


@pytest.mark.parametrize("field", ["municipality", "meeting", "valid_from", "valid_until", "name", "email", "office"])
def test_hostile_input_comes_back_or_is_harmless(side: Side, browser_of: Browser, field: str) -> None:
    client = browser_of(side.coordinator)
    for value in TYPED:
        sent = post(client, url(side.network, "delegations", "new"), **{"municipality": str(side.seats[0].pk), **FORM, field: value})
        assert sent.status_code in (303, 400, 409, 413, 422)
        assert b"<script>alert" not in client.get(url(side.network, "delegations")).content


def test_days_away_are_recorded_and_taken_back(side: Side, browser_of: Browser) -> None:
    mine = browser_of(side.representative)
    assert "Nobody is away" in text(mine, url(side.network, "absences"))
    assert post(mine, url(side.network, "absences"), valid_from="2026-12-01", valid_until="2026-12-09", note="on leave").status_code == 303
    row = OutOfOffice.objects.get()
    assert "on leave" in text(mine, url(side.network, "absences"))
    assert "on leave" in text(browser_of(side.coordinator), url(side.network, "absences"))
    assert "on leave" not in text(browser_of(side.other_representative), url(side.network, "absences"))

    assert post(mine, url(side.network, "absences", row.pk, "withdraw")).status_code == 303
    assert "Nobody is away" in text(mine, url(side.network, "absences"))


def test_wrong_days_come_back_in_the_form(side: Side, browser_of: Browser) -> None:
    sent = post(browser_of(side.representative), url(side.network, "absences"), valid_from="2026-12-09", valid_until="2026-12-01")

    assert sent.status_code == 422 and "The last day is before the first." in sent.content.decode()
