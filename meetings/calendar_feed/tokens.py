"""Secret addresses of calendar feeds: shown once, stored only as a digest."""

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Mapping

PREFIX = "rcf_"  # lets secret scanners and log filters recognise one
ENTROPY_BYTES = 32  # 256 bits

_ANYWHERE = re.compile(rf"({PREFIX})[A-Za-z0-9_%-]+|(/(?:reply|unsubscribe|invitation|address)/)[^\s/?\"']+")
_TOKEN = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


def new_token() -> str:
    """A fresh token of 256 random bits, safe in a URL."""
    return PREFIX + secrets.token_urlsafe(ENTROPY_BYTES)


def is_well_formed(token: str) -> bool:
    """Whether this can be a token at all; anything else needs no look into the database."""
    return _TOKEN.fullmatch(token) is not None


def digest(token: str) -> str:
    """SHA-256 in hexadecimal, 64 characters: what is stored and looked up.

    A plain hash is enough for 256 random bits, and looking the digest up in an index tells a timing observer nothing
    useful: which digest a guess has cannot be chosen.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def matches(token: str, stored_digest: str) -> bool:
    """Whether the token has this digest, in a time that does not depend on how much of it agrees."""
    return hmac.compare_digest(digest(token), stored_digest)


def hidden(text: str) -> str:
    """The text with every token, whole or cut, replaced by its prefix and an ellipsis; those of reply links too."""
    return _ANYWHERE.sub(r"\1\2…", text)


class HideTokens(logging.Filter):
    """Keeps tokens out of the logs, where addresses of requests would carry them. For handlers."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _without_tokens(record.msg)
        if isinstance(record.args, Mapping):
            record.args = {name: _without_tokens(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(map(_without_tokens, record.args))
        return True


def _without_tokens(value: object) -> object:
    return hidden(value) if isinstance(value, str) else value
