"""Mails that tell a person of a new way into their own account, so that nobody opens one unseen."""

from collections.abc import Mapping
from typing import Any

from meetings.network.models import User
from meetings.notifications.services import Recipient, notify


def tell(kind: str, user: User, *, key: str, context: Mapping[str, Any]) -> None:
    """Into the outbox, in the transaction of the change. It belongs to no network and cannot be refused."""
    recipient = Recipient(address=user.email, name=user.name, language=user.language, user_id=user.pk)
    notify(kind, [recipient], key=key, network_id=None, context=context)
