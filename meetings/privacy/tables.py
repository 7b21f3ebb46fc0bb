"""Every table by the texts that it holds."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models

from meetings.backup.contents import Table

APPS = ("meetings", "account")
TEXTS = (models.CharField, models.TextField, models.JSONField)


def tables() -> Iterator[Table]:
    """The tables that hold what people have entered."""
    yield from (model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in APPS)


def texts_of(model: Table) -> list[str]:
    """The columns in which somebody may have written anything."""
    return [field.name for field in model._meta.concrete_fields if isinstance(field, TEXTS) and not field.choices]


def is_json(model: Table, column: str) -> bool:
    return isinstance(model._meta.get_field(column), models.JSONField)
