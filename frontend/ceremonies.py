"""What passes between a device with passkeys and the session (WebAuthn): allauth's steps, safe against any answer whatever."""

import json
from collections.abc import Callable
from struct import error as StructError
from typing import Any, TypeVar

from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from meetings.errors import Invalid
from meetings.network.models import User

T = TypeVar("T")
NO_ANSWER = (ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, StructError)
"""What reading an answer that no device has made ends in."""
LARGEST_KEPT = 20_000
"""Characters: what a device says of a new key has a tenth of that."""
LARGEST_NUMBER = 65_536
"""Beyond any algorithm's: a number where bytes are looked for is taken for how many of them to make."""


def options_to_add(user: User) -> dict[str, Any]:
    """What the browser asks the device for: a key that signs in by itself, and only after the device has asked for finger, face or PIN."""
    return auth.begin_registration(user, True)  # type: ignore[no-any-return]


def added(credential: Any) -> dict[str, Any]:
    """The device's answer to that, checked. Raises Invalid."""

    def check() -> dict[str, Any]:
        _refuse_numbers(credential)
        auth.parse_registration_response(credential)
        if not auth.complete_registration(credential).is_user_verified():
            raise ValueError("the device did not ask who it is")
        return _kept(credential)

    return _checked(check)


def options_to_sign_in() -> dict[str, Any]:
    return auth.begin_authentication(None)  # type: ignore[no-any-return]


def signed_in_with(credential: Any) -> Any:
    """The kept passkey that the device has answered with. Raises Invalid."""

    def check() -> Any:
        _refuse_numbers(credential)
        auth.parse_authentication_response(credential)
        return auth.complete_authentication(auth.extract_user_from_response(credential), credential)

    return _checked(check)


def _checked(check: Callable[[], T]) -> T:
    try:
        return check()
    except NO_ANSWER as error:
        raise Invalid("passkey", _("This passkey could not be used. Try again, or sign in with a code.")) from error


def _kept(credential: Any) -> dict[str, Any]:
    """What allauth reads of it again, and nothing that was sent beside. Raises ValueError when that is more than a device says."""
    answer = {
        name: credential["response"][name]
        for name in ("clientDataJSON", "attestationObject", "transports")
        if name in credential["response"]
    }
    names = ("id", "rawId", "type", "clientExtensionResults", "authenticatorAttachment")
    kept = {**{name: credential[name] for name in names if name in credential}, "response": answer}
    if len(json.dumps(kept)) > LARGEST_KEPT or "\\u0000" in json.dumps(kept):
        raise ValueError("no device says so much")
    return kept


def _refuse_numbers(value: Any) -> None:
    """Raises ValueError for one so large that it would take the memory of the server."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            _refuse_numbers(part)
    elif isinstance(value, int | float) and not abs(value) < LARGEST_NUMBER:
        raise ValueError("no device answers with such a number")
