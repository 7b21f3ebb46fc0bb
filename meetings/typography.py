"""How signs and dates are set in the language in force: what no translation settles, since data stands on either side."""

import re
from datetime import date
from typing import Final

from django.utils import dateformat
from django.utils.translation import get_language

NO_BREAK: Final = "\u00a0"
_FIRSTS: Final = {"fr": "1er", "it": "1º"}
_FIRST_OF_MONTH = re.compile(r"\b1 (?=[^\W\d])")


def mark(sign: str) -> str:
    """A colon, semicolon, question or exclamation mark after data; French sets a no-break space before it."""
    return NO_BREAK + sign if _language() == "fr" else sign


def pair(label: str, text: str) -> str:
    """A label and what it says: “Reason: illness”."""
    return f"{label}{mark(':')} {text}"


def date_in_words(value: date, form: str) -> str:
    """A date with its month in words (`form` as Django's), as the language writes it.

    Capitals are for English alone; Italian and French have an ordinal for the first of a month; French ends a shortened month in a stop.
    """
    language = _language()
    text = str(dateformat.format(value, form.replace("M", "N") if language == "fr" else form))
    if language == "en":
        return text
    first = _FIRSTS.get(language)
    return _FIRST_OF_MONTH.sub(f"{first} ", text.lower()) if first and value.day == 1 else text.lower()


def _language() -> str:
    return (get_language() or "en").partition("-")[0]
