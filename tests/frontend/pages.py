"""What page tests share: addresses, posting a form as a browser does."""

import re
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meetings.network.models import Network
from tests.hostile import REFUSED, TYPED

SPRAYED = TYPED if connection.vendor == "sqlite" else REFUSED
"""What every field of the large forms is given."""


def url(network: Network, *parts: object, language: str = "en") -> str:
    """`url(network, "meetings", id)` → /en/<slug>/meetings/<id>/."""
    return "/".join(["", language, network.slug, *map(str, parts), ""])


def post(client: Client, address: str, **fields: Any) -> Any:
    """The form as a browser sends it, with a key of its own."""
    return client.post(address, {"idempotency_key": str(uuid4()), **fields})


def hidden(html: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no hidden field {name}"
    return found[1]


def queries(client: Client, address: str, *, kept: bool = False) -> int:
    """How many queries a page takes of which nothing is kept, or as much as is (`kept`)."""
    if not kept:
        cache.clear()
    with CaptureQueriesContext(connection) as taken:
        response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return len(taken)
