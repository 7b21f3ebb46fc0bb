"""Kinds of field that several nouns share. What a text may hold and how long it is, the services say."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class Thing(serializers.Serializer[Any]):
    """Any object: what the caller may do with it now, beside its own fields."""

    abilities = serializers.ListField(child=serializers.CharField())


def text(**options: Any) -> serializers.CharField:
    """Free text, which may be empty."""
    return serializers.CharField(**{"allow_blank": True, "trim_whitespace": False, **options})


def optional_text() -> serializers.CharField:
    """Free text in a body, which may be left out or empty."""
    return text(required=False)


def one_of(values: Iterable[str], **options: Any) -> serializers.ChoiceField:
    """One of the words; without their labels, which depend on the reader's language."""
    return serializers.ChoiceField([str(value) for value in values], **options)


def whole(most: int = 32_767, least: int = 0, **options: Any) -> serializers.IntegerField:
    """A whole number that its column can hold."""
    return serializers.IntegerField(min_value=least, max_value=most, **options)


def count() -> serializers.IntegerField:
    """A whole number in an answer."""
    return serializers.IntegerField()


def reference(**options: Any) -> serializers.UUIDField:
    """Another object's id."""
    return serializers.UUIDField(format="hex_verbose", **options)


class Day(serializers.DateField):
    """A date that calendars can count with."""

    default_error_messages = {"out_of_range": _("Give a year from 1900 to 2999.")}

    def to_internal_value(self, value: Any) -> date:
        found = super().to_internal_value(value)
        if not 1900 <= found.year <= 2999:
            self.fail("out_of_range")
        return found


class TimeZone(serializers.CharField):
    """An IANA zone, such as Europe/Rome."""

    default_error_messages = {"no_zone": _("This is no time zone; an example: Europe/Rome.")}

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        try:
            return ZoneInfo(name).key
        except (KeyError, ValueError, OSError):
            self.fail("no_zone")


class TwoKey(serializers.Serializer[Any]):
    """A count in both keys."""

    municipalities = serializers.IntegerField()
    population = serializers.IntegerField()
