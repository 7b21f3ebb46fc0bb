"""A thin client for `/api/v1/`: JSON in and out, versions and keys as arguments."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client

ROOT = "/api/v1/"
_UNSET: Any = object()


class Api:
    """`path` is relative to the interface's root."""

    def __init__(self, client: Client, headers: Mapping[str, str] | None = None) -> None:
        self.client, self.headers = client, dict(headers or {})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(self.url(path), query, headers=self.headers)

    def send(
        self,
        method: str,
        path: str,
        body: Any = _UNSET,
        *,
        version: int | str | None = None,
        key: str = "",
        raw: bytes | None = None,
        **more: Any,
    ) -> Any:
        """Any method with a JSON body (none when left out), `If-Match: version` and `Idempotency-Key: key`."""
        headers = dict(self.headers)
        if version is not None:
            headers["If-Match"] = str(version)
        if key:
            headers["Idempotency-Key"] = key
        data = raw if raw is not None else json.dumps({} if body is _UNSET else body, cls=DjangoJSONEncoder).encode()
        options = {"content_type": "application/json", **more, "headers": {**headers, **more.get("headers", {})}}
        return self.client.generic(method, self.url(path), data, **options)

    def post(self, path: str, body: Any = _UNSET, **more: Any) -> Any:
        return self.send("POST", path, body, **more)

    def put(self, path: str, body: Any = _UNSET, **more: Any) -> Any:
        return self.send("PUT", path, body, **more)

    def patch(self, path: str, body: Any = _UNSET, **more: Any) -> Any:
        return self.send("PATCH", path, body, **more)

    def delete(self, path: str, **more: Any) -> Any:
        return self.send("DELETE", path, **more)

    def url(self, path: str) -> str:
        return path if path.startswith("/") else ROOT + path
