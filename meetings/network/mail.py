"""What coordinators decide about the network's mail that has not arrived, or of which nobody knows whether it has."""

from django.db import transaction

from meetings.access import Actor, require
from meetings.errors import found
from meetings.events.services import record
from meetings.events.types import OutgoingEmailSentAgain, OutgoingEmailSettled
from meetings.network.models import Network
from meetings.notifications.models import ACTIONS, MailState, OutgoingEmail
from meetings.notifications.selectors import as_recorded
from meetings.notifications.services import requeue
from meetings.notifications.services import settle as settle_row


@transaction.atomic
def send_again(*, actor: Actor, email: OutgoingEmail) -> OutgoingEmail:
    """One more attempt at an undeliverable or uncertain mail. Raises Conflict `wrong_state`, NotAllowed, NotFound."""
    return _send_again(actor, _locked(email))


@transaction.atomic
def settle(*, actor: Actor, email: OutgoingEmail) -> OutgoingEmail:
    """An uncertain mail counts as sent, an undeliverable one as not sent. Raises Conflict `wrong_state`, NotAllowed, NotFound."""
    return _settle(actor, _locked(email))


@transaction.atomic
def send_all_again(*, actor: Actor, network: Network) -> int:
    """`send_again` for all of the network's uncertain mails; how many."""
    return len([_send_again(actor, row) for row in _uncertain(actor, network)])


@transaction.atomic
def settle_all(*, actor: Actor, network: Network) -> int:
    """`settle` for all of the network's uncertain mails; how many."""
    return len([_settle(actor, row) for row in _uncertain(actor, network)])


def _send_again(actor: Actor, row: OutgoingEmail) -> OutgoingEmail:
    _require(actor, row, "send_again")
    requeue(row)
    record(actor, OutgoingEmailSentAgain(as_recorded(row)))
    return row


def _settle(actor: Actor, row: OutgoingEmail) -> OutgoingEmail:
    _require(actor, row, "settle")
    settle_row(row)
    record(actor, OutgoingEmailSettled(as_recorded(row)))
    return row


def _require(actor: Actor, row: OutgoingEmail, action: str) -> None:
    network_id = found(row.network_id)
    require(actor, ACTIONS[action], network_id=network_id)


def _locked(email: OutgoingEmail) -> OutgoingEmail:
    rows = OutgoingEmail.objects.select_for_update(of=("self",), no_key=True).select_related("network")
    return found(rows.filter(pk=email.pk).first())


def _uncertain(actor: Actor, network: Network) -> list[OutgoingEmail]:
    require(actor, ACTIONS["settle"], network_id=network.pk)
    rows = OutgoingEmail.objects.select_for_update(of=("self",), no_key=True).filter(network=network, state=MailState.UNCERTAIN)
    return list(rows.order_by("created_at", "id"))
