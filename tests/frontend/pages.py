"""What page tests share: addresses, posting a form as a browser does, input that has broken forms elsewhere."""

import re
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meetings.network.models import Network

HOSTILE = (
    "",
    "a\0b",
    "x" * 200_000,
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u202eevil\u2066\u200f",
    "00000000-0000-0000-0000-000000000000",
    "not-a-uuid",
    "-1",
    "99999999999999999999999999",
    "1e309",
    "{{ 7|add:7 }}{% now 'Y' %}",
    "=HYPERLINK(1)\r\nSet-Cookie: x=1",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
)
MARKUP = HOSTILE[3]
SPRAYED = HOSTILE if connection.vendor == "sqlite" else tuple(HOSTILE[n] for n in (1, 2, 8, 9, 12))
"""What every field of the large forms is given: on PostgreSQL only what that database would refuse where a check is missing."""


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


def queries(client: Client, address: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(
        connection,
    ) as taken:
        response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return len(taken)
