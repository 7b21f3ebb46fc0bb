"""Many hands at once: what people do side by side, each on a database connection of its own."""

import contextvars
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def side_by_side(acts: Sequence[Callable[[], T]], threads: int = 16) -> list[T | Exception]:
    """What each act returned or raised, in their order. All threads begin together, with the caller's clock."""
    found: list[T | Exception] = [AssertionError("never done")] * len(acts)
    threads = min(threads, len(acts))
    gate = threading.Barrier(threads)

    def work(first: int) -> None:
        gate.wait(timeout=30)
        try:
            for place in range(first, len(acts), threads):
                try:
                    found[place] = acts[place]()
                except Exception as error:  # noqa: BLE001 - the test judges it
                    found[place] = error
        finally:
            connections.close_all()

    workers = [threading.Thread(target=contextvars.copy_context().run, args=(work, n)) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=100)
    assert not any(worker.is_alive() for worker in workers)
    return found
