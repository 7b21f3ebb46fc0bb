"""What becomes of a mail: sent, waiting again, undeliverable, uncertain; leases and their end, by a clock that is set."""

import logging
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail as django_mail
from pytest_django import Settings

from meetings import clock
from meetings.notifications import delivery
from meetings.notifications.delivery import claim, deliver_due, forget_old_mail, reap
from meetings.notifications.letters import KINDS, Kind, Letter
from meetings.notifications.models import MailState, OutgoingEmail
from meetings.notifications.services import Recipient, notify
from meetings.notifications.unsubscribing import refuse, want
from tests.factories import NOW, Side
from tests.notifications.mails import mail
from tests.notifications.smtp import CUT, CUT_AFTER, Inbox, running

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def _fails(context: Any) -> Letter:
    return Letter(subject=context["missing"], paragraphs=[])


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(context: Any) -> Letter:
        return Letter(subject="Subject", paragraphs=["Text"])

    monkeypatch.setitem(KINDS, "plain", Kind("plain", write))
    monkeypatch.setitem(KINDS, "failing", Kind("failing", _fails))
    monkeypatch.setitem(KINDS, "refusable", Kind("refusable", write, label="News"))
    monkeypatch.setitem(KINDS, "secret", Kind("secret", write, secrets=("code",)))
    monkeypatch.setitem(KINDS, "urgent", Kind("urgent", write, urgent=True))


@pytest.fixture
def inbox(settings: Settings) -> Iterator[Inbox]:
    found = Inbox()
    with running(found) as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield found


def fresh(row: OutgoingEmail) -> OutgoingEmail:
    return OutgoingEmail.objects.get(pk=row.pk)


@contextmanager
def later(by: timedelta) -> Iterator[None]:
    with clock.at(clock.now() + by):
        yield


# --- sent ---


def test_it_is_sent_once_over_one_connection(db: None, now: None, inbox: Inbox) -> None:
    sent = [mail() for _n in range(5)]
    assert (deliver_due(), deliver_due()) == (5, 0)
    assert sorted(inbox.ids) == sorted(str(row.pk) for row in sent)
    assert inbox.sessions == 1
    row = fresh(sent[0])
    assert (row.state, row.attempts, row.sent_at, row.handed_at, row.error) == ("sent", 1, NOW, NOW, "")


def test_its_headers(side: Side, inbox: Inbox) -> None:
    side.network.base_url, side.network.sender_address = "https://riunioni.example.org", "ufficio@example.org"
    side.network.save()
    user = side.representative
    notify(
        "refusable",
        [Recipient(address=user.email, name="Ada “Neri”, sindaca", language="it", user_id=user.pk)],
        key="1",
        network_id=side.network.pk,
    )
    deliver_due()
    [row] = OutgoingEmail.objects.all()
    message: Any = message_from_bytes(inbox.mails[0], policy=policy.default)
    assert message["Message-ID"] == f"<{row.pk}@riunioni.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    assert message["From"].addresses[0].addr_spec == "ufficio@example.org"
    assert message["From"].addresses[0].display_name == "Network home"
    assert message["To"].addresses[0].display_name == "Ada “Neri”, sindaca"
    assert message["List-Id"] == "<refusable.home.riunioni.example.org>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<https://riunioni\.example\.org/unsubscribe/[\w.:-]+>", message["List-Unsubscribe"].strip())
    assert message["List-Unsubscribe"].strip(" <>") in message.get_body(("plain",)).get_content()


def test_what_cannot_be_refused_has_no_such_header(side: Side, inbox: Inbox) -> None:
    mail(side)
    deliver_due()
    message: Any = message_from_bytes(inbox.mails[0], policy=policy.default)
    assert not [name for name in message if name.startswith("List-")]
    assert message["From"].addresses[0].addr_spec == "raccordo@127.0.0.1"


def test_a_line_that_is_only_a_dot_ends_nothing(db: None, now: None, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "dots", Kind("dots", lambda context: Letter(subject="x", paragraphs=["one\n.\n..two\nthree"])))
    mail(kind="dots")
    deliver_due()
    message: Any = message_from_bytes(inbox.mails[0], policy=policy.default)
    assert "one\n.\n..two\nthree" in message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_urgent_mail_goes_first_and_the_rest_as_it_fell_due(db: None, now: None) -> None:
    second, first = mail(not_before=NOW - MINUTE), mail(not_before=NOW - HOUR)
    urgent, not_yet = mail(kind="urgent"), mail(not_before=NOW + MINUTE)
    assert [row.pk for row in claim()] == [urgent.pk, first.pk, second.pk]
    assert fresh(not_yet).state == "queued"


def test_secrets_are_blanked_once_it_is_sent(db: None, now: None, settings: Settings) -> None:
    row = mail(kind="secret", context={"code": "1234", "other": "kept"})
    deliver_due()
    assert fresh(row).context == {"code": "", "other": "kept"}
    settings.DEMO = True
    row = mail(kind="secret", context={"code": "1234"})
    deliver_due()
    assert fresh(row).context == {"code": "1234"}


def test_three_days_without_a_worker_only_delay_it(db: None, now: None, inbox: Inbox) -> None:
    rows = [mail(), mail(kind="urgent"), mail(state="sending", lease="gone", leased_until=NOW + MINUTE)]
    with later(3 * DAY):
        assert deliver_due() == 3
        assert {fresh(row).state for row in rows} == {"sent"}
        assert all(fresh(row).sent_at == NOW + 3 * DAY for row in rows)
    assert len(inbox.ids) == len(set(inbox.ids)) == 3


# --- leases ---


def test_a_lease_is_nobody_elses_until_it_runs_out(db: None, now: None) -> None:
    row = mail()
    assert [taken.pk for taken in claim()] == [row.pk]
    with later(delivery.LEASE):
        assert (claim(), reap()) == ([], 0)
    with later(delivery.LEASE + timedelta(seconds=1)):
        assert reap() == 1
        assert [taken.pk for taken in claim()] == [row.pk]


def test_what_was_handed_over_when_its_worker_died_is_uncertain_and_never_repeated(db: None, now: None, inbox: Inbox) -> None:
    row = mail(state="sending", lease="gone", leased_until=NOW, handed_at=NOW, attempts=1)
    with later(MINUTE):
        assert reap() == 1
        assert (deliver_due(), inbox.ids) == (0, [])
    assert (fresh(row).state, fresh(row).error) == ("uncertain", "interrupted")


def test_a_worker_that_was_away_too_long_sends_nothing_of_what_others_took_over(db: None, now: None, inbox: Inbox) -> None:
    row = mail()
    [stale] = claim()
    with later(2 * delivery.LEASE):
        assert deliver_due() == 1
        assert delivery._deliver([stale], lambda: True) == (0, True)
    assert inbox.ids == [str(row.pk)]


def test_a_worker_that_was_slow_but_not_dead_settles_what_became_uncertain(db: None, now: None, inbox: Inbox) -> None:
    row = mail()

    def answer(command: str, envelope: Any) -> None:
        if command == "DATA":
            OutgoingEmail.objects.filter(pk=row.pk).update(state="uncertain", error="interrupted")

    [mine] = claim()
    with patch.object(delivery.Server, "hand_over", autospec=True, side_effect=lambda server, parcel: answer("DATA", None)):
        assert delivery._deliver([mine], lambda: True) == (1, True)
    assert (fresh(row).state, fresh(row).error) == ("sent", "")


def test_who_is_told_to_stop_gives_back_what_was_not_begun(db: None, now: None, inbox: Inbox) -> None:
    rows, asked = [mail() for _n in range(4)], iter([True, True, True, False, False])
    assert deliver_due(lambda: next(asked)) == 2
    assert sorted(fresh(row).state for row in rows) == ["queued", "queued", "sent", "sent"]
    assert deliver_due() == 2


# --- refused ---


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_refused_for_now_it_is_tried_again_with_growing_pauses(db: None, inbox: Inbox, command: str) -> None:
    inbox.answer = lambda asked, envelope: "451 later" if asked == command else None
    with clock.at(NOW):
        row = mail()
    pauses, at = [], NOW
    for _attempt in range(11):
        with clock.at(at):
            assert deliver_due() == 0
        found = fresh(row)
        assert (found.state, found.error, found.handed_at) == ("queued", "refused: 451 later", None)
        pauses.append(found.not_before - at)
        with clock.at(found.not_before - timedelta(seconds=1)):
            assert claim() == []
        at = found.not_before
    assert pauses[:4] == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
    assert pauses[-1] == 4 * HOUR
    inbox.answer = lambda asked, envelope: None
    with clock.at(at):
        assert deliver_due() == 1
    assert inbox.ids == [str(row.pk)]


def test_after_thirty_attempts_it_is_undeliverable(db: None, inbox: Inbox) -> None:
    inbox.answer = lambda asked, envelope: "451 later"
    at = NOW
    with clock.at(at):
        row = mail()
    for _attempt in range(delivery.MOST_ATTEMPTS):
        with clock.at(at):
            deliver_due()
        at = fresh(row).not_before
    assert (fresh(row).state, fresh(row).error) == ("undeliverable", "refused: 451 later")
    assert at - NOW > 3 * DAY


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
@pytest.mark.parametrize("reply", ["550 no such user", "554 spam"])
def test_refused_for_good_it_is_undeliverable_and_stops_no_other(db: None, now: None, inbox: Inbox, command: str, reply: str) -> None:
    bad, good = mail(address="bad@example.org"), mail()
    inbox.answer = lambda asked, envelope: reply if asked == command and envelope.rcpt_tos[0] == "bad@example.org" else None
    assert deliver_due() == 1
    assert (fresh(bad).state, fresh(bad).error, fresh(good).state) == ("undeliverable", f"refused: {reply}", "sent")
    with later(DAY):
        assert deliver_due() == 0


def test_a_server_that_breaks_off_before_the_text_has_certainly_not_got_it(db: None, now: None, inbox: Inbox) -> None:
    cut, other = mail(address="cut@example.org", not_before=NOW - MINUTE), mail()
    inbox.answer = lambda asked, envelope: CUT if asked == "RCPT" and envelope.rcpt_tos[0] == "cut@example.org" else None
    assert deliver_due() == 1
    assert (fresh(cut).state, fresh(other).state, inbox.sessions) == ("queued", "sent", 2)


@pytest.mark.parametrize(("how", "arrived"), [(CUT, False), (CUT_AFTER, True)])
def test_a_server_that_breaks_off_after_the_text_leaves_it_uncertain(db: None, now: None, inbox: Inbox, how: str, arrived: bool) -> None:
    cut, other = mail(address="cut@example.org", not_before=NOW - MINUTE), mail()
    inbox.answer = lambda asked, envelope: how if asked == "DATA" and envelope.rcpt_tos[0] == "cut@example.org" else None
    assert deliver_due() == 1
    assert (fresh(cut).state, fresh(other).state) == ("uncertain", "sent")
    assert fresh(cut).error.startswith("lost: ")
    assert (str(cut.pk) in inbox.ids) is arrived
    with later(DAY):
        assert (reap(), deliver_due()) == (0, 0)


def test_a_server_that_says_it_closes_is_asked_again_later(db: None, now: None, inbox: Inbox) -> None:
    rows = [mail() for _n in range(2)]
    replies = iter(["421 closing", None, None, None, None])
    inbox.answer = lambda asked, envelope: next(replies)
    assert deliver_due() == 1
    assert sorted(fresh(row).state for row in rows) == ["queued", "sent"]


def test_without_a_server_everything_waits_and_nothing_is_lost(db: None, now: None, settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", taken.getsockname()[1]
        rows = [mail() for _n in range(3)] + [mail(kind="urgent")]
        assert deliver_due() == 0
    found = [fresh(row) for row in rows]
    assert {row.state for row in found} == {"queued"}
    assert all(row.error.startswith("unreachable: ConnectionRefusedError") for row in found)
    assert found[0].not_before == NOW + MINUTE
    assert found[-1].not_before == NOW + timedelta(seconds=5)


def test_a_letter_that_fails_stops_no_other_and_is_logged(db: None, now: None, inbox: Inbox, caplog: pytest.LogCaptureFixture) -> None:
    bad, unknown, good = mail(kind="failing"), mail(kind="kind_of_yesterday"), mail()
    with caplog.at_level(logging.ERROR):
        assert deliver_due() == 1
    assert (fresh(bad).state, fresh(bad).error) == ("undeliverable", "unwritten: KeyError")
    assert (fresh(unknown).state, fresh(good).state) == ("undeliverable", "sent")
    assert str(bad.pk) in caplog.text


def test_an_address_with_a_line_break_adds_no_header(db: None, now: None, inbox: Inbox) -> None:
    bad = mail(address="ada@example.org\r\nBcc: evil@example.org", name="Ada\r\nBcc: evil@example.org")
    good = mail(name="Ada\r\nBcc: evil@example.org")
    assert deliver_due() == 1
    assert (fresh(bad).state, fresh(good).state) == ("undeliverable", "sent")
    [content] = inbox.mails
    assert message_from_bytes(content)["Bcc"] is None


# --- no longer to be sent ---


def test_who_unsubscribes_while_it_waits_gets_none_and_who_undoes_it_does(side: Side, inbox: Inbox) -> None:
    users = side.representatives[:3]
    rows = [mail(side, kind="refusable", user=user) for user in users]
    for user in users[:2]:
        refuse(user.pk, KINDS["refusable"])
    want(users[1].pk, KINDS["refusable"])
    assert deliver_due() == 2
    assert [(fresh(row).state, fresh(row).error) for row in rows] == [("dropped", "unsubscribed"), ("sent", ""), ("sent", "")]


def test_who_has_no_access_any_more_gets_none(side: Side, inbox: Inbox) -> None:
    side.representative.is_active = False
    side.representative.save()
    row = mail(side, user=side.representative)
    assert deliver_due() == 0
    assert (fresh(row).state, fresh(row).error) == ("dropped", "no_access")


def test_a_rehearsal_of_the_past_reaches_nobody(db: None, now: None, inbox: Inbox) -> None:
    rows, later_on = [mail(not_before=NOW - HOUR), mail(kind="failing")], mail(not_before=NOW + HOUR)
    assert delivery.count_as_sent() == 2
    assert (deliver_due(), inbox.ids) == (0, [])
    assert [(fresh(row).state, fresh(row).sent_at) for row in rows] == [("sent", NOW - HOUR), ("sent", NOW)]
    assert fresh(later_on).state == "queued"


def test_what_waits_in_a_restored_backup_is_the_coordinators_to_decide(side: Side, inbox: Inbox) -> None:
    rows = [mail(side), mail(side, "sending", lease="x", leased_until=NOW), mail(side, "sent"), mail(kind="secret", context={"code": "1"})]
    assert delivery.hold_back() == 3
    assert [fresh(row).state for row in rows] == ["uncertain", "uncertain", "sent", "dropped"]
    assert fresh(rows[3]).context == {}
    with later(DAY):
        assert (deliver_due(), inbox.ids) == (0, [])


# --- forgotten ---


def test_after_ninety_days_it_is_only_known_that_there_was_a_mail(side: Side) -> None:
    old, waiting = NOW - 91 * DAY, mail(side, created_at=NOW - 91 * DAY)
    states = {state: mail(side, state, created_at=old, user=side.chair, context={"a": 1}) for state in MailState.values[2:]}
    young = mail(side, "sent", created_at=NOW - 89 * DAY, context={"a": 1})
    chased = [mail(side, "sent", created_at=old, chase_day=NOW.date(), address=f"{n}@example.org") for n in range(2)]
    assert forget_old_mail() == len(states) + len(chased)
    assert forget_old_mail() == 0
    for state, row in states.items():
        found = fresh(row)
        assert (found.address, found.name, found.user, found.context, found.error) == ("", "", None, {}, "")
        assert found.state == ("sent" if state == "sent" else "dropped")
    assert (fresh(young).context, bool(fresh(waiting).address)) == ({"a": 1}, True)


def test_files_instead_of_a_server(db: None, now: None, settings: Settings, tmp_path: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", str(tmp_path)
    mail()
    assert deliver_due() == 1
    [file] = tmp_path.iterdir()
    assert "Auto-Submitted: auto-generated" in file.read_text()
    with patch("django.core.mail.backends.filebased.EmailBackend.write_message", side_effect=OSError("disk full")):
        row = mail()
        assert deliver_due() == 0
    assert (fresh(row).state, fresh(row).error) == ("queued", "refused: OSError: disk full")
    assert django_mail.outbox == []
