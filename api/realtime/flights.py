"""One read for all who want the same at once."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    """Work under way by its name. Who gives up waiting does not end it: whoever comes back finds it further on, or done."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[T]] = {}

    async def join(self, name: Hashable, begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Waits for the work of that name, begun now unless it is under way. Raises what it raises."""
        task = self._tasks.get(name)
        if task is None or task.done():  # one that is done answers at once, and a loop around it would never let it be cleared away
            task = self._tasks[name] = asyncio.get_running_loop().create_task(begin())
            task.add_done_callback(lambda done: self._landed(name, done))
        return await asyncio.shield(task)

    def _landed(self, name: Hashable, task: asyncio.Task[T]) -> None:
        if self._tasks.get(name) is task:
            del self._tasks[name]
        if not task.cancelled():
            task.exception()  # those who waited were told; asyncio need not say that nobody was

    async def end(self) -> None:
        """Ends what is under way."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
