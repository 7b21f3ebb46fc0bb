"""Why a socket is closed: the codes that clients rely on, and what is said beside them."""

import json
import random

PROTOCOL = 4400
TICKET = 4401
ACCESS_ENDED = 4403
NO_SUCH_MEETING = 4404
SILENT = 4408
"""No heartbeat for two and a half beats: the line is dead, or the client is none of ours."""
TRY_AGAIN = 1013
RESTART = 1012

EARLIEST, LATEST = 0.5, 5.0
"""Seconds: a restart takes about as long, and several hundred clients should not come back in one instant."""


class Refused(Exception):
    """The socket may not join; `code` says why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def reason(code: int) -> str:
    """For whoever is to come back later, when: `{"retry_after": seconds}`, different for each. Else nothing."""
    if code not in (TRY_AGAIN, RESTART):
        return ""
    return json.dumps({"retry_after": round(random.uniform(EARLIEST, LATEST), 2)})  # noqa: S311 - spreads retries, keeps no secret
