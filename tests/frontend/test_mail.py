"""The pages of mail: what coordinators decide about it, what a person wants to get, unsubscribing by a link, and the demo's mailbox."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from pytest_django import Settings

from meetings import clock
from meetings.events.models import Event
from meetings.network.models import User
from meetings.notifications.delivery import deliver_due
from meetings.notifications.letters import KINDS, Kind, Letter
from meetings.notifications.models import MailState, OutgoingEmail, Unsubscription
from meetings.notifications.services import Recipient, notify
from meetings.notifications.unsubscribing import SALT, refused_by, token_for
from tests import factories
from tests.factories import Side
from tests.frontend.pages import post, queries, url
from tests.hostile import MARKUP, TYPED
from tests.notifications.mails import mail

Browser = Callable[[User | None], Client]


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two kinds that may be refused, one that may not; their letters say what is in the context."""

    def write(context: Any) -> Letter:
        return Letter(subject=context.get("title", "Subject"), paragraphs=[context.get("text", "Text")], button=("Open", "/go/home"))

    for name in [name for name, kind in KINDS.items() if kind.label]:
        monkeypatch.delitem(KINDS, name)
    monkeypatch.setitem(KINDS, "plain", Kind("plain", write))
    monkeypatch.setitem(KINDS, "news", Kind("news", write, label="News & more"))
    monkeypatch.setitem(KINDS, "reminder", Kind("reminder", write, label="Reminders"))


def state_of(row: OutgoingEmail) -> str:
    return OutgoingEmail.objects.get(pk=row.pk).state


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# --- what coordinators see and decide ---


def test_an_empty_outbox_says_what_fills_it(side: Side, browser_of: Browser) -> None:
    page = browser_of(side.coordinator).get(url(side.network, "mail")).content.decode()
    assert "No mail yet" in page
    assert "invite people" in page


def test_the_list_counts_filters_and_never_shows_what_a_mail_says(side: Side, browser_of: Browser) -> None:
    for state in MailState.values:
        mail(side, state, address=f"{state}@example.org", context={"title": f"About {state}", "text": "The body itself"})
    mail(None, "sent", kind="sign_in_code", address="elsewhere@example.org", context={"code": "ABCD", "minutes": 15})
    browser = browser_of(side.coordinator)
    whole = browser.get(url(side.network, "mail")).content.decode()
    assert all(f"About {state}" in whole and f"{state}@example.org" in whole for state in MailState.values)
    assert "All mail 6" in text_of(whole)
    assert "The body itself" not in whole
    assert "elsewhere@example.org" not in whole
    some = browser.get(url(side.network, "mail"), {"state": "undeliverable"}).content.decode()
    assert "About undeliverable" in some
    assert "About sent" not in some
    OutgoingEmail.objects.filter(state="queued").delete()
    assert "No mail is in this state" in browser.get(url(side.network, "mail"), {"state": "queued"}).content.decode()


@pytest.mark.parametrize("state", TYPED)
def test_a_filter_that_makes_no_sense_shows_all(side: Side, browser_of: Browser, state: str) -> None:
    mail(side, "sent", context={"title": "About it"})
    answer = browser_of(side.coordinator).get(url(side.network, "mail"), {"state": state[:500], "page": state[:500]})
    assert answer.status_code == 200
    assert "About it" in answer.content.decode()


def test_hostile_text_is_shown_as_text(side: Side, browser_of: Browser) -> None:
    mail(side, "undeliverable", name=MARKUP, error=f"refused: 550 {MARKUP}", context={"title": MARKUP})
    page = browser_of(side.coordinator).get(url(side.network, "mail")).content.decode()
    assert MARKUP not in page
    assert page.count("&lt;script&gt;") >= 3


def test_a_mail_that_cannot_be_written_is_listed_all_the_same(side: Side, browser_of: Browser) -> None:
    mail(side, "undeliverable", kind="kind_of_yesterday", error="unwritten: KeyError")
    page = browser_of(side.coordinator).get(url(side.network, "mail")).content.decode()
    assert "kind of yesterday" in page
    assert "could not be written (KeyError)" in page


@pytest.mark.parametrize("role", ["observer", "spokesperson", "chair", "auditor"])
def test_it_is_for_coordinators_alone(side: Side, browser_of: Browser, role: str) -> None:
    row = mail(side, "uncertain")
    browser = browser_of(side.people[role])
    for path in ("mail", f"mail/{row.pk}/settle", f"mail/{row.pk}/send-again", "mail/uncertain/settle", "mail/uncertain/send-again"):
        assert browser.get(url(side.network, path)).status_code == 403
    for path in (f"mail/{row.pk}/settle", f"mail/{row.pk}/send-again", "mail/uncertain/settle", "mail/uncertain/send-again"):
        assert post(browser, url(side.network, path)).status_code == 403
    assert state_of(row) == "uncertain"


def test_another_networks_mail_does_not_exist(home: Side, away: Side, browser_of: Browser) -> None:
    row = mail(away, "uncertain")
    browser = browser_of(home.coordinator)
    for act in ("settle", "send-again"):
        assert post(browser, url(home.network, "mail", row.pk, act)).status_code == 404
        assert post(browser, url(away.network, "mail", row.pk, act)).status_code == 404
    assert state_of(row) == "uncertain"


def test_sign_in_mail_is_no_networks(side: Side, browser_of: Browser) -> None:
    row = mail(None, "uncertain", kind="sign_in_code", context={"code": "ABCD", "minutes": 15})
    assert post(browser_of(side.coordinator), url(side.network, "mail", row.pk, "send-again")).status_code == 404


@pytest.mark.parametrize("state", ["uncertain", "undeliverable"])
def test_sending_again_is_asked_in_words_recorded_and_done(side: Side, browser_of: Browser, state: str) -> None:
    row, browser = mail(side, state, attempts=30, error="refused: 550 no"), browser_of(side.coordinator)
    asked = browser.get(url(side.network, "mail", row.pk, "send-again")).content.decode()
    assert row.address in asked
    assert ("it arrives twice" in asked) is (state == "uncertain")
    assert state_of(row) == state
    assert post(browser, url(side.network, "mail", row.pk, "send-again")).status_code == 303
    again = OutgoingEmail.objects.get(pk=row.pk)
    assert (again.state, again.attempts, again.error, again.handed_at) == ("queued", 0, "", None)
    event = Event.objects.get(type="outgoing_email.sent_again")
    assert (event.audience, row.address in event.payload) == ("audit", False)
    assert deliver_due() == 1
    assert state_of(row) == "sent"


@pytest.mark.parametrize(("state", "after"), [("uncertain", "sent"), ("undeliverable", "dropped")])
def test_letting_it_be(side: Side, browser_of: Browser, state: str, after: str) -> None:
    row, browser = mail(side, state), browser_of(side.coordinator)
    assert browser.get(url(side.network, "mail", row.pk, "settle")).status_code == 200
    assert post(browser, url(side.network, "mail", row.pk, "settle")).status_code == 303
    assert state_of(row) == after
    assert Event.objects.filter(type="outgoing_email.settled").count() == 1
    assert deliver_due() == 0


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "dropped"])
@pytest.mark.parametrize("act", ["send-again", "settle"])
def test_nothing_is_decided_twice(side: Side, browser_of: Browser, state: str, act: str) -> None:
    row = mail(side, state)
    assert post(browser_of(side.coordinator), url(side.network, "mail", row.pk, act)).status_code == 409
    assert state_of(row) == state


def test_all_uncertain_ones_at_once(side: Side, browser_of: Browser) -> None:
    browser, rows, other = browser_of(side.coordinator), [mail(side, "uncertain") for _n in range(3)], mail(side, "undeliverable")
    assert "3 mails are uncertain" in browser.get(url(side.network, "mail")).content.decode()
    assert "these 3 mails" in browser.get(url(side.network, "mail/uncertain/send-again")).content.decode()
    assert post(browser, url(side.network, "mail/uncertain/send-again")).status_code == 303
    assert {state_of(row) for row in rows} == {"queued"}
    OutgoingEmail.objects.filter(pk__in=[row.pk for row in rows]).update(state="uncertain")
    assert post(browser, url(side.network, "mail/uncertain/settle")).status_code == 303
    assert {state_of(row) for row in rows} == {"sent"}
    assert state_of(other) == "undeliverable"
    assert Event.objects.filter(type__startswith="outgoing_email.").count() == 6


def test_the_dashboard_says_when_something_has_not_arrived(side: Side, browser_of: Browser) -> None:
    mail(side, "sent")
    words = "may not have"
    assert words not in browser_of(side.coordinator).get(url(side.network)).content.decode()
    mail(side, "uncertain")
    assert words in browser_of(side.coordinator).get(url(side.network)).content.decode()
    assert words not in browser_of(side.chair).get(url(side.network)).content.decode()


@pytest.mark.one_database
def test_the_list_asks_as_often_at_312_mails_as_at_10(side: Side, browser_of: Browser) -> None:
    browser, counted = browser_of(side.coordinator), []
    for more in (10, 302):
        for _n in range(more):
            mail(side, "uncertain")
        queries(browser, url(side.network, "mail"))
        counted.append(queries(browser, url(side.network, "mail")))
    assert counted[0] == counted[1] <= 12


# --- what a person wants ---


def test_the_profile_offers_what_may_be_refused(side: Side, browser_of: Browser) -> None:
    browser = browser_of(side.representative)
    page = browser.get("/en/me/").content.decode()
    assert "News &amp; more" in page
    assert page.count('name="wanted"') == 2
    assert post(browser, "/en/me/mail/", wanted=["news"])["Location"] == "/en/me/mail/"
    assert refused_by(side.representative.pk) == {"reminder"}
    assert post(browser, "/en/me/mail/").status_code == 303
    assert refused_by(side.representative.pk) == {"news", "reminder"}
    post(browser, "/en/me/mail/", wanted=["news", "reminder"])
    assert refused_by(side.representative.pk) == set()
    assert refused_by(side.chair.pk) == set()


@pytest.mark.parametrize("wanted", ["plain", "sign_in_code", *TYPED[:6]])
def test_what_must_be_sent_cannot_be_chosen(side: Side, browser_of: Browser, wanted: str) -> None:
    answer = post(browser_of(side.representative), "/en/me/mail/", wanted=[wanted])
    assert answer.status_code == 422
    assert refused_by(side.representative.pk) == set()


def test_with_nothing_to_refuse_the_page_says_so(side: Side, browser_of: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("news", "reminder"):
        monkeypatch.delitem(KINDS, name)
    browser = browser_of(side.representative)
    assert "There is nothing to choose" in browser.get("/en/me/mail/").content.decode()
    assert browser.get("/en/me/").status_code == 200


# --- the link in the mail ---


def link(user: User, kind: str = "news") -> str:
    return f"/unsubscribe/{token_for(user.pk, kind)}"


def test_reading_the_link_changes_nothing(side: Side) -> None:
    """Mail scanners follow every link."""
    scanner = Client()
    for _time in range(250):
        assert scanner.get(link(side.representative)).status_code == 200
        assert scanner.head(link(side.representative)).status_code == 200
    assert not Unsubscription.objects.exists()


def test_one_click_of_the_mail_program_is_enough(side: Side) -> None:
    """RFC 8058: a POST without cookies, without our page, without a redirect."""
    program = Client(enforce_csrf_checks=True)
    for _time in range(2):
        answer = program.post(link(side.representative), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert refused_by(side.representative.pk) == {"news"}
    assert Unsubscription.objects.count() == 1
    assert "sessionid" not in program.cookies


def test_it_can_be_undone_on_the_same_page(side: Side) -> None:
    browser = Client()
    assert "no longer get" in browser.post(link(side.representative)).content.decode()
    assert "Get them again" in browser.get(link(side.representative)).content.decode()
    assert "get these mails again" in browser.post(link(side.representative), {"undo": "1"}).content.decode()
    assert refused_by(side.representative.pk) == set()


def test_the_link_in_the_mail_works_until_the_end(side: Side, mailoutbox: list[Any]) -> None:
    user = side.representative
    reader = Recipient(address=user.email, name=user.name, language="en", user_id=user.pk)
    notify("news", [reader], key="1", network_id=side.network.pk)
    deliver_due()
    address = mailoutbox[0].extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
    with clock.at(factories.NOW + timedelta(days=3000)):
        assert Client().post(address).status_code == 200
    assert notify("news", [reader], key="2", network_id=side.network.pk) == 0
    assert notify("reminder", [reader], key="2", network_id=side.network.pk) == 1


def test_its_page_is_in_the_persons_language_and_names_nobody(side: Side) -> None:
    User.objects.filter(pk=side.representative.pk).update(language="it")
    page = Client(headers={"Accept-Language": "en"}).get(link(side.representative)).content.decode()
    assert '<html lang="it">' in page
    assert side.representative.email not in page
    assert side.representative.name not in page


def test_a_token_is_good_for_its_person_and_kind_alone(side: Side) -> None:
    own = token_for(side.representative.pk, "news")
    other = signing.Signer(salt="elsewhere").sign_object([side.representative.pk.hex, "news"])
    bad = [own[:-1], own + "x", own.swapcase(), "x", "a:b:c", other, token_for(side.representative.pk, "plain"), "%00", "é"]
    bad += [signing.Signer(salt=SALT).sign_object(value) for value in ("x", [1, 2], {}, ["x", "news"], [side.chair.pk.hex])]
    for token in bad:
        for answer in (Client().get(f"/unsubscribe/{token}"), Client().post(f"/unsubscribe/{token}")):
            assert answer.status_code == 404, token
    assert not Unsubscription.objects.exists()


def test_a_person_who_is_no_longer_there_is_no_error(side: Side) -> None:
    gone = factories.make_user("Gone Person")
    address = link(gone)
    gone.delete()
    assert Client().get(address).status_code == 404
    assert Client().post(address).status_code == 404


# --- the demo's mailbox ---


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.DEMO = True


def test_the_demo_shows_everybodys_mail_as_it_is_sent(side: Side, demo: None, browser_of: Browser) -> None:
    client = browser_of(None)
    assert "No mail yet" in client.get("/dev/mail/").content.decode()
    waiting = mail(side, context={"title": "Still waiting", "text": "Read me"})
    code = mail(None, kind="sign_in_code", context={"code": "ABCD-EFGH", "minutes": 15})
    deliver_due()
    page = client.get("/dev/mail/").content.decode()
    assert "Still waiting" in page
    assert "Your code for Raccordo" in page
    assert "ABCD-EFGH" in client.get(f"/dev/mail/{code.pk}/").content.decode()
    one = client.get(f"/dev/mail/{waiting.pk}/").content.decode()
    assert "Read me" in one
    assert '<a href="http://127.0.0.1:8000/go/home"' in one


def test_a_mails_own_page_runs_nothing(side: Side, demo: None, client: Client) -> None:
    row = mail(side, context={"title": MARKUP, "text": MARKUP})
    answer = client.get(f"/dev/mail/{row.pk}/html")
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert MARKUP not in answer.content.decode()
    assert MARKUP not in client.get(f"/dev/mail/{row.pk}/").content.decode()


def test_a_mail_that_cannot_be_written_is_shown_as_such(demo: None, db: None, now: None, browser_of: Browser) -> None:
    client = browser_of(None)
    row = mail(kind="kind_of_yesterday")
    assert "cannot be written" in client.get(f"/dev/mail/{row.pk}/").content.decode()
    assert client.get(f"/dev/mail/{row.pk}/html").status_code == 404


def test_outside_the_demo_there_is_no_such_page(side: Side, browser_of: Browser) -> None:
    row = mail(side)
    for path in ("/dev/mail/", f"/dev/mail/{row.pk}/", f"/dev/mail/{row.pk}/html"):
        assert browser_of(side.coordinator).get(path, follow=True).status_code == 404
    assert "/dev/mail/" not in Client().get("/en/accounts/login/code/").content.decode()


def test_the_demos_sign_in_page_leads_there(side: Side, demo: None, client: Client) -> None:
    assert 'href="/dev/mail/"' in client.get("/en/accounts/login/code/").content.decode()
