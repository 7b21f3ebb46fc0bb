"""A line as a mountain village has it: `with slow_line(address) as slow`, then visit `slow`. 400 kbit/s each way, 400 ms there and back.

It is a proxy, not the browser's own throttling: that one forgets the service worker. A new connection costs its round trip too.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

RATE = 50_000
"""Bytes in a second."""
ONE_WAY = 0.2
"""Seconds."""
PIECE = 1460


class Way:
    """One direction of the line, which all connections share."""

    def __init__(self) -> None:
        self._free_at = 0.0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, data = await pieces.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not data:
                    break
                writer.write(data)
                await writer.drain()
            with suppress(OSError):
                writer.close()

        delivering = asyncio.create_task(deliver())
        with suppress(OSError):
            while data := await reader.read(PIECE):
                self._free_at = max(self._free_at, loop.time()) + len(data) / RATE
                pieces.put_nowait((self._free_at + ONE_WAY, data))
        pieces.put_nowait((loop.time() + ONE_WAY, b""))
        with suppress(OSError):
            await delivering


async def _serve(host: str, port: int, ready: "asyncio.Future[int]") -> None:
    there, back = Way(), Way()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.sleep(2 * ONE_WAY)
            server_reader, server_writer = await asyncio.open_connection(host, port)
            await asyncio.gather(there.carry(reader, server_writer), back.carry(server_reader, writer))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    ready.set_result(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


@contextmanager
def slow_line(address: str) -> Iterator[str]:
    """The address at which the server is met through the slow line."""
    url, loop = urlsplit(address), asyncio.new_event_loop()
    ready: asyncio.Future[int] = loop.create_future()
    known = threading.Event()
    ready.add_done_callback(lambda _ready: known.set())

    async def end() -> None:
        ending = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(serving)
        loop.run_until_complete(end())
        loop.close()

    serving = loop.create_task(_serve(str(url.hostname), url.port or 80, ready))
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    known.wait(10)
    yield f"http://127.0.0.1:{ready.result()}"
    loop.call_soon_threadsafe(serving.cancel)
    thread.join(10)
