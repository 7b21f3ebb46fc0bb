"""A stage on which everything that people can type is hostile: each text of each row, as long as its field takes."""

import json
from collections.abc import Callable
from typing import Any

from django.db import models

from meetings.events import triggers
from meetings.privacy.tables import tables, texts_of
from tests.hostile import BREAKER, LINK, SCRIPT_LINK, SHORT_BREAKER, word
from tests.stage import Stage, staged

Write = Callable[[int], str]
"""A text of at most so many letters."""

PROGRAM = """
    about base_url before_cancelling content_digest content_type digest file_digest fingerprint hash head holiday_country
    holiday_subdivision istat_code key kind language lease local_start password patron_day payload_digest previous_hash roll_checksum
    salt sha256 slug threshold_municipalities threshold_population time_zone token_digest type
"""
KEPT = set(PROGRAM.split())
"""Columns that a program writes, or that are chosen from a list; every other one is somebody's text."""
KEPT_MODELS = {"IdempotencyKey", "EmailConfirmation", "Vote", "Ballot", "Unsubscription", "EventStream"}
TYPED = "introduction label motive name note person proposed question reason substitute_name text title"
TYPED_KEYS = set(TYPED.split())
"""In JSON: under which keys there is what somebody has typed."""
WHOLE = 10_000


def markup(length: int) -> str:
    """Whatever is not escaped becomes an element of its own, or runs."""
    short = BREAKER if length >= len(BREAKER) else SHORT_BREAKER
    long = f"{BREAKER} {LINK} {SCRIPT_LINK}\n\n{BREAKER}"
    return (long if length >= len(long) else short)[:length]


def wide(length: int) -> str:
    """The same, and it pushes a page apart."""
    begin = f"{BREAKER}{LINK}"
    return begin + word(length - len(begin)) if length > 2 * len(begin) else word(length)


def hostile_stage(write: Write) -> Stage:
    """A stage with the texts overwritten. Needs an empty database."""
    stage = staged()
    triggers.remove()
    try:
        for model in tables():
            _overwrite(model, write)
    finally:
        triggers.install()
    return stage


def _overwrite(model: Any, write: Write) -> None:
    columns = [name for name in texts_of(model) if name not in KEPT] if model.__name__ not in KEPT_MODELS else []
    for number, row in enumerate(model.objects.order_by("pk") if columns else ()):
        values = {name: _value(model._meta.get_field(name), getattr(row, name), write, number) for name in columns}
        model.objects.filter(pk=row.pk).update(**values)


def _value(field: Any, old: Any, write: Write, number: int) -> Any:
    """As long as the field takes, valid for it, and no other row has the same."""
    length = field.max_length or WHOLE
    match field:
        case models.EmailField():
            return f"{'w' * 50}{number}@{'w' * 60}.{'w' * 60}.example" if old else old
        case models.URLField():
            return f"https://meet.example.org/{'w' * (length - 30)}{number}"
        case models.JSONField():
            return _json(old, write)
        case _ if field.name == "payload":
            return json.dumps(_json(json.loads(old), write)) if old else old
        case _ if field.name == "video_room":
            return "w" * length
        case _ if length <= len(str(number)) + 4:
            return old
    return write(length - 4) + str(number)


def _json(value: Any, write: Write) -> Any:
    match value:
        case dict():
            return {
                key: write(150) if key in TYPED_KEYS and isinstance(inner, str) else _json(inner, write) for key, inner in value.items()
            }
        case list():
            return [_json(inner, write) for inner in value]
    return value
