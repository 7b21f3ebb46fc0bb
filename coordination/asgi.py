"""HTTP and websockets in one process (uvicorn --lifespan on --ws api.realtime.protocol:Protocol coordination.asgi:application)."""

import asyncio
import os
import warnings
from contextlib import suppress
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings")
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")  # Django reads such a file in a thread: fine
pages = get_asgi_application()

from api.realtime.consumer import Receive, Scope  # noqa: E402 - models can be imported once Django is set up
from api.realtime.hub import Hub  # noqa: E402
from api.realtime.rooms import Send  # noqa: E402
from api.realtime.routing import Sockets  # noqa: E402
from coordination.limits import bounded  # noqa: E402
from meetings.events import listeners  # noqa: E402

hub = Hub()
sockets = Sockets(hub)
http = bounded(pages)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application: hands each connection to who speaks its protocol."""
    handlers: dict[str, Any] = {"http": http, "websocket": sockets, "lifespan": lifespan}
    await handlers[scope["type"]](scope, receive, send)


async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """The hub lives as long as the server, and hears of every event that this process writes."""
    await receive()
    await hub.start()
    listeners.register(hub.notify)
    await send({"type": "lifespan.startup.complete"})
    with suppress(asyncio.CancelledError):  # a second Ctrl-C does not wait for the first
        await receive()
    listeners.unregister(hub.notify)
    await hub.stop()
    await send({"type": "lifespan.shutdown.complete"})
