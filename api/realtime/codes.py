"""Why a socket is closed: the codes that clients rely on."""

PROTOCOL = 4400
TICKET = 4401
ACCESS_ENDED = 4403
NO_SUCH_MEETING = 4404
TRY_AGAIN = 1013
RESTART = 1012


class Refused(Exception):
    """The socket may not join; `code` says why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
