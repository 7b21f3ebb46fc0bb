"""The one address that takes websockets; any other is no meeting's."""

import re
from uuid import UUID

from api.realtime.consumer import Receive, Scope, watch
from api.realtime.hub import Hub
from api.realtime.rooms import Send

PATH = re.compile(r"/ws/v1/meetings/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/")


class Sockets:
    """ASGI application for websockets, over one hub."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = PATH.fullmatch(scope["path"])
        await watch(self.hub, UUID(found[1]) if found else None, scope, receive, send)
