"""The reply link: one person, one seat, one meeting; it answers, shows nobody else's data, and makes nobody a delegate."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from meetings import clock
from meetings.agenda import services as agenda
from meetings.calendar_feed.tokens import hidden
from meetings.events.models import Event, IdempotencyKey
from meetings.live import services as live
from meetings.network import services as network
from meetings.network.models import Membership, User
from meetings.notifications.models import OutgoingEmail
from meetings.scheduling import delegations, reply_links, services
from meetings.scheduling.models import Delegation, DelegationState, Meeting, Response
from tests import factories
from tests.factories import COORDINATOR, Side

SUBSTITUTE = {"answer": "substitute", "substitute_name": "Elia Forwarded", "substitute_email": "elia@example.org"}


def membership(side: Side) -> Membership:
    return Membership.objects.get(user=side.representative, network=side.network)


def path(side: Side, meeting: Meeting | None = None) -> str:
    return reply_links.reply_path(membership(side), meeting or side.meeting)


@pytest.fixture
def anybody() -> Client:
    """A browser without a cookie that checks CSRF as in earnest."""
    return Client(enforce_csrf_checks=True, headers={"Accept-Language": "it"})


def counts() -> list[int]:
    return [model.objects.count() for model in (Event, Delegation, Membership, User, OutgoingEmail, IdempotencyKey)] + [
        Response.every.count()
    ]


def given_answer(side: Side) -> Response | None:
    return Response.objects.filter(meeting=side.meeting, municipality=side.seats[0]).first()


# --- the token ---


def test_a_token_names_two_ids_and_carries_256_bits_of_proof(side: Side) -> None:
    token = path(side).removeprefix("/reply/")
    _ids, signature = token.split(".")

    assert re.fullmatch(r"[A-Za-z0-9_.-]+", token) and len(token) == 87
    assert len(signature) == 43  # of 256 bits in base64
    assert reply_links.read_token(token) == (membership(side).pk, side.meeting.pk)


def test_ids_from_a_context_make_the_same_link(side: Side) -> None:
    assert reply_links.reply_path(str(membership(side).pk), str(side.meeting.pk)) == path(side)


@pytest.mark.one_database
@given(text=st.text(max_size=200))
def test_nothing_else_is_a_token(text: str) -> None:
    assert reply_links.read_token(text) is None


def test_a_signature_under_another_salt_is_none_of_ours(side: Side) -> None:
    ids = path(side).removeprefix("/reply/").split(".")[0]
    assert reply_links.read_token(signing.Signer(salt="other", sep=".").sign(ids)) is None


@pytest.mark.parametrize("place", [0, 20, 42, 44, 60, 85])
def test_a_changed_token_opens_nothing(side: Side, anybody: Client, place: int) -> None:
    link = path(side)
    at = len("/reply/") + place
    changed = link[:at] + ("A" if link[at] != "A" else "B") + link[at + 1 :]

    assert anybody.get(changed).status_code == 404


# --- what it shows ---


def test_it_shows_the_meeting_the_seat_and_three_choices_without_an_account(side: Side, anybody: Client) -> None:
    page = anybody.get(path(side))
    text = page.content.decode()

    assert page.status_code == 200
    assert "Town 001 home" in text and "Weekly coordination" in text and "Thursday 26 November 2026, 10:00 (Europe/Rome)" in text
    assert [text.count(f'value="{choice}"') for choice in ("attending", "substitute", "regrets")] == [1, 1, 1]
    assert "<script" not in text.replace('<script type="module" src=', "") or "nonce" in text


@pytest.mark.parametrize("choice", ["attending", "substitute", "regrets"])
def test_the_button_of_the_mail_has_chosen_beforehand(side: Side, anybody: Client, choice: str) -> None:
    page = anybody.get(f"{path(side)}?answer={choice}")
    assert page.context["form"]["answer"].value() == choice
    assert re.search(rf'value="{choice}"[^>]* checked', page.content.decode())
    assert f'href="?answer={choice}&amp;language=en"' in page.content.decode()  # another language forgets it not
    assert given_answer(side) is None  # looking says nothing


def test_the_button_of_an_old_mail_opens_the_answer_given_before(side: Side, anybody: Client) -> None:
    services.respond(actor=side.actor(side.representative), meeting=side.meeting, municipality=side.seats[0], answer="attending")
    chosen, plain, nonsense = (anybody.get(path(side) + query) for query in ("?answer=regrets", "", "?answer=perhaps"))

    assert chosen.context["form"]["answer"].value() == "regrets"
    assert '<details class="card mt-3" open>' in chosen.content.decode()
    assert "<details open" not in plain.content.decode().replace(' class="card mt-3"', "")
    assert nonsense.context["form"]["answer"].value() == plain.context["form"]["answer"].value() == "attending"


def test_it_sets_no_cookie_and_goes_nowhere_else(side: Side, anybody: Client) -> None:
    for page in (anybody.get(path(side)), anybody.post(path(side), {"answer": "attending"}), anybody.get("/reply/nonsense")):
        assert not page.cookies
        assert page["Referrer-Policy"] == "no-referrer"
        assert page["Cache-Control"] == "private, no-store"
        assert page["X-Robots-Tag"] == "noindex, nofollow"


def test_it_speaks_the_persons_language_and_can_be_switched(side: Side, anybody: Client) -> None:
    assert 'lang="en"' in anybody.get(path(side)).content.decode()
    assert '<html lang="it"' in anybody.get(path(side) + "?language=it").content.decode()
    assert '<html lang="en"' in anybody.get(path(side) + "?language=xx").content.decode()
    User.objects.filter(pk=side.representative.pk).update(language="it")
    page = anybody.get(path(side))
    assert '<html lang="it"' in page.content.decode()
    assert page["Content-Language"] == "it"


def test_what_others_said_and_secrets_of_ones_own_are_not_shown(side: Side, anybody: Client) -> None:
    services.respond(
        actor=side.actor(side.representative), meeting=side.meeting, municipality=side.seats[0], answer="regrets", reason="a secret illness"
    )
    text = anybody.get(path(side)).content.decode()
    assert "secret illness" not in text
    services.respond(
        actor=side.actor(side.representative),
        meeting=side.meeting,
        municipality=side.seats[0],
        answer="substitute",
        substitute={"name": "Elia Known", "email": "hidden@example.org"},
    )
    text = anybody.get(path(side)).content.decode()
    assert "Elia Known" in text and "hidden@example.org" not in text
    assert side.representative.email not in text
    assert "Town 002" not in text and side.other_representative.name not in text and side.meeting.join_url not in text


# --- what it does ---


def test_an_answer_is_recorded_and_shown_with_a_way_to_change_it(side: Side, anybody: Client) -> None:
    done = anybody.post(path(side), {"answer": "regrets", "reason": "Flu"})
    assert done.status_code == 303
    receipt = anybody.get(done["Location"]).content.decode()

    answer = given_answer(side)
    assert answer is not None
    assert (answer.answer, answer.reason, answer.source, answer.answered_by) == ("regrets", "Flu", "mailed_link", side.representative)
    assert "The answer is recorded." in receipt and "Change the answer" in receipt
    anybody.post(path(side), {"answer": "attending"})
    answer = given_answer(side)
    assert answer is not None and (answer.answer, answer.reason) == ("attending", "")


def test_sent_twice_it_is_recorded_once(side: Side, anybody: Client) -> None:
    for _again in range(2):
        assert anybody.post(path(side), {"answer": "attending", "idempotency_key": "one"}).status_code == 303

    assert Event.objects.filter(type="response.given").count() == 1


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"answer": "perhaps"},
        {"answer": "substitute"},
        {"answer": "regrets", "reason": "x" * 501},
        {**SUBSTITUTE, "substitute_email": "no"},
    ],
)
def test_wrong_input_comes_back_in_the_form(side: Side, anybody: Client, typed: dict[str, str]) -> None:
    before = counts()
    page = anybody.post(path(side), typed)

    assert page.status_code == 422
    assert "error-summary" in page.content.decode()
    assert counts() == before


def test_saying_the_same_again_keeps_what_the_page_does_not_show(side: Side, anybody: Client) -> None:
    mine = side.actor(side.representative)
    who = {"name": "Elia Known", "email": "elia@example.org", "office": "clerk"}
    services.respond(actor=mine, meeting=side.meeting, municipality=side.seats[0], answer="substitute", substitute=who)
    anybody.post(path(side), {"answer": "substitute", "substitute_name": "Elia Known", "substitute_office": "clerk"})

    answer = given_answer(side)
    assert answer is not None and answer.substitute_email == "elia@example.org"
    assert Delegation.objects.get().state == DelegationState.CONFIRMED


def test_a_forwarded_mail_makes_nobody_a_delegate(side: Side, anybody: Client) -> None:
    """Whoever has the link may name whom they like: the person is announced, has no account, and the titular is asked."""
    assert anybody.post(path(side), SUBSTITUTE).status_code == 303

    row = Delegation.objects.get()
    assert (row.state, row.through_link, row.user) == (DelegationState.ANNOUNCED, True, None)
    assert not User.objects.filter(email="elia@example.org").exists()
    assert not Membership.objects.filter(by_delegation=True).exists()
    assert list(OutgoingEmail.objects.values_list("kind", "address")) == [("delegation_named", side.representative.email)]
    assert "must be confirmed" in anybody.get(path(side)).content.decode()


def test_somebody_known_who_is_named_through_a_link_gets_no_right_either(side: Side, anybody: Client) -> None:
    anybody.post(path(side), {**SUBSTITUTE, "substitute_email": side.observer.email})

    with clock.at(side.meeting.starts_at):
        assert side.actor(side.observer).seats == frozenset()


def test_a_link_gives_this_seat_alone_to_who_holds_more(side: Side, anybody: Client) -> None:
    network.add_membership(
        actor=side.actor(COORDINATOR), network=side.network, user=side.representative, role="coordinator", valid_from=date(2026, 1, 1)
    )
    link = reply_links.reply_path(Membership.objects.get(user=side.representative, role="representative"), side.meeting)
    anybody.post(link, SUBSTITUTE)

    assert Delegation.objects.get().state == DelegationState.ANNOUNCED


def test_what_the_titular_confirmed_is_not_reworded_through_a_link(side: Side, anybody: Client) -> None:
    who = {"name": "Elia Known", "email": "elia@example.org"}
    mine = side.actor(side.representative)
    services.respond(actor=mine, meeting=side.meeting, municipality=side.seats[0], answer="substitute", substitute=who)
    anybody.post(path(side), {**SUBSTITUTE, "substitute_name": "Somebody Else"})

    row = Delegation.objects.get()
    assert (row.state, row.name) == (DelegationState.CONFIRMED, "Elia Known")


# --- when it ends ---


def gone(page: Any) -> bool:
    return page.status_code == 404 and "This link is not valid" in page.content.decode()


def test_every_dead_link_is_the_same_page(side: Side) -> None:
    browser = Client(headers={"Accept-Language": "en"})
    link = path(side)
    unknown = browser.get("/reply/nonsense").content
    Membership.objects.filter(user=side.representative).update(valid_until=date(2026, 11, 19))
    assert gone(browser.get(link)) and browser.get(link).content == unknown
    assert gone(browser.post(link, {"answer": "attending"}))


def test_it_ends_with_the_membership_and_before_the_day_it_no_longer_covers(side: Side) -> None:
    browser, link = Client(headers={"Accept-Language": "en"}), path(side)
    network.end_membership(actor=side.actor(COORDINATOR), membership=membership(side), last_day=date(2026, 11, 25))

    assert gone(browser.get(link))
    assert given_answer(side) is None


def test_it_ends_when_the_person_is_disabled(side: Side) -> None:
    browser, link = Client(headers={"Accept-Language": "en"}), path(side)
    User.objects.filter(pk=side.representative.pk).update(is_active=False)

    assert gone(browser.get(link))


def test_a_membership_that_begins_anew_has_another_link(side: Side) -> None:
    browser, link = Client(headers={"Accept-Language": "en"}), path(side)
    office = side.actor(COORDINATOR)
    network.end_membership(actor=office, membership=membership(side))
    again = network.add_membership(
        actor=office, network=side.network, user=side.representative, role="representative", municipality=side.seats[0]
    )

    assert gone(browser.get(link))
    assert browser.get(reply_links.reply_path(again, side.meeting)).status_code == 200


def test_an_observers_membership_has_none(side: Side) -> None:
    browser = Client(headers={"Accept-Language": "en"})
    assert gone(browser.get(reply_links.reply_path(Membership.objects.get(user=side.observer), side.meeting)))


def test_another_networks_meeting_cannot_be_named(home: Side, away: Side) -> None:
    browser = Client(headers={"Accept-Language": "en"})
    assert gone(browser.get(reply_links.reply_path(membership(home), away.meeting)))


@pytest.mark.parametrize("opened", [True, False])
def test_once_the_meeting_has_begun_it_says_so(side: Side, anybody: Client, opened: bool) -> None:
    meeting = factories.agenda_published(side)
    with clock.at(side.meeting.starts_at - timedelta(minutes=5 if opened else 0)):
        if opened:
            live.open_session(actor=side.actor("chair"), meeting=meeting)
        page, refused = anybody.get(path(side)), anybody.post(path(side), {"answer": "attending"})

    assert page.status_code == 200 and "This meeting has begun" in page.content.decode()
    assert 'name="answer"' not in page.content.decode()
    assert refused.status_code == 409 and given_answer(side) is None


def test_after_the_meeting_it_is_gone(side: Side, anybody: Client) -> None:
    link = path(side)
    with clock.at(side.meeting.starts_at + timedelta(days=1)):
        assert anybody.get(link).status_code == 404
    factories.closed(side)
    assert anybody.get(link).status_code == 404


def test_a_cancelled_meeting_says_so(side: Side, anybody: Client) -> None:
    agenda.cancel_meeting(actor=side.actor(COORDINATOR), meeting=side.meeting, reason="No hall")
    page = anybody.get(path(side))

    assert page.status_code == 200 and "was cancelled" in page.content.decode()
    assert anybody.post(path(side), {"answer": "attending"}).status_code == 409


def test_a_delegate_of_that_day_has_a_link_that_ends_with_the_delegation(side: Side, anybody: Client) -> None:
    row = delegations.name_delegate(
        actor=side.actor(side.representative), municipality=side.seats[0], name="Elia", email="elia@example.org", meeting=side.meeting
    )
    link = reply_links.reply_path(Membership.objects.get(user=row.user, role="representative"), side.meeting)
    assert anybody.get(link).status_code == 200
    delegations.revoke(actor=side.actor(side.representative), delegation=row)
    assert anybody.get(link).status_code == 404


# --- scanners, and those who try ---


@pytest.mark.one_database
def test_500_get_and_head_requests_change_nothing(side: Side, anybody: Client) -> None:
    anybody.post(path(side), SUBSTITUTE)
    links = [path(side), path(side) + "?recorded=1&language=it", path(side, side.meetings[1]), "/reply/nonsense"]
    links += [f"/go/delegation/{Delegation.objects.get().pk}", f"/go/meeting/{side.meeting.pk}"]
    before = counts()
    for n in range(500):
        response = (anybody.head if n % 2 else anybody.get)(links[n % len(links)])
        assert response.status_code in (200, 302, 404)

    assert counts() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(side: Side, anybody: Client, method: str) -> None:
    assert getattr(anybody, method)(path(side)).status_code == 405


def test_answering_without_end_is_slowed_down(side: Side, anybody: Client) -> None:
    statuses = [anybody.post(path(side), {"answer": "attending"}).status_code for _n in range(32)]

    assert statuses == [303] * 30 + [429] * 2
    assert anybody.post(path(side, side.meetings[1]), {"answer": "attending"}).status_code == 303
    assert anybody.post(path(side), {"answer": "attending"})["Retry-After"] == "3600"


def test_the_log_never_shows_a_link(side: Side) -> None:
    assert hidden(f"Not Found: {path(side)}?language=it") == "Not Found: /reply/…?language=it"
