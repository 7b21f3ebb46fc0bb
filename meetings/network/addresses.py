"""E-mail addresses as identities: one spelling each, and none that merely looks like another."""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from meetings import validation

LONGEST = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets


def canonical(address: str) -> str | None:
    """The one spelling in which an address is stored and looked up: plain ASCII in lower case; None for anything else.

    Letters outside ASCII are refused, not folded: an “ı” that becomes an “i” would be somebody else's address.
    """
    address = address.strip()
    if not address.isascii() or len(address) > LONGEST or any(unicodedata.category(c) == "Cc" for c in address):
        return None
    try:
        validate_email(address)
    except ValidationError:
        return None
    return address.lower()


def checked(address: str, field: str = "email") -> str:
    """The canonical address. Raises Invalid."""
    found = canonical(address)
    if found is None:
        raise validation.invalid(field, _("“%(address)s” is not an e-mail address.") % {"address": address[:80]})
    return found
