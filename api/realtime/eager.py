"""Starting a coroutine at once, with a task only for one that has to wait.

A frame goes to some hundred sockets, of which all but a few can take it immediately: a task for each would cost more than the sending.
Python 3.12 has this as `asyncio.eager_task_factory`.
"""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any

_waiting: set[asyncio.Task[None]] = set()


def start(coroutine: Coroutine[Any, Any, None]) -> None:
    """Runs `coroutine` up to its first real wait; what is left of it goes on as a task. It must handle its own errors."""
    try:
        waits_for = coroutine.send(None)
    except StopIteration:
        return
    task = asyncio.get_running_loop().create_task(_finish(_Rest(coroutine, waits_for)))
    _waiting.add(task)
    task.add_done_callback(_waiting.discard)


class _Rest:
    """What is left of a coroutine that has yielded once: awaiting it is what `yield from` would have been."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self.coroutine, self.waits_for = coroutine, waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        while True:
            try:
                try:
                    answer = yield self.waits_for
                except BaseException as error:  # noqa: BLE001 - a cancellation too belongs to the coroutine
                    self.waits_for = self.coroutine.throw(error)
                else:
                    self.waits_for = self.coroutine.send(answer)
            except StopIteration:
                return


async def _finish(rest: _Rest) -> None:
    await rest
