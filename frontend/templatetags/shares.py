"""Template filters of exact shares."""

from fractions import Fraction

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def percent(share: Fraction) -> str:
    """A share in words, with one decimal: 38,8 % as the language writes it."""
    return f"{number_format(in_percent(share), 1, use_l10n=True)}\u00a0%"


@register.filter
def in_percent(share: Fraction) -> float:
    """A share as a plain number; the whole only when it is the whole, nothing only when it is nothing."""
    rounded = round(float(share) * 100, 1)
    if share < 1:
        rounded = min(rounded, 99.9)
    return max(rounded, 0.1) if share else 0.0
