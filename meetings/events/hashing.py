"""The hash chain: pure functions, so that any other program can recompute a log."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder


def canonical(payload: Mapping[str, Any]) -> str:
    """The payload as the one JSON text that is stored, hashed and sent: sorted keys, no spaces."""
    return json.dumps(payload, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def new_salt() -> str:
    return secrets.token_hex(16)


def payload_digest(salt: str, payload: str) -> str:
    """H(salt + payload). Without the salt a guessed payload cannot be confirmed, so a redacted one is gone."""
    return hashlib.sha256((salt + payload).encode()).hexdigest()


def chain(*, previous: str, sequence: int, type: str, actor_id: UUID | None, at: datetime, audience: str, digest: str) -> str:
    """The hash of an event, which seals it and all before it."""
    parts = [previous, str(sequence), type, str(actor_id or ""), at.isoformat(), audience, digest]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
