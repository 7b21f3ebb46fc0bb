"""One stack for all tests of a run; each test finds it whole and leaves it whole."""

import os
from collections.abc import Iterator

import pytest

from tests.scaled.stack import Stack, program

NEEDED = ("nginx", "redis-server")


@pytest.fixture(scope="session")
def started_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if missing := [name for name in NEEDED if not program(name)]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    stack = Stack(tmp_path_factory.mktemp("stack"), os.environ["DATABASE_URL"])
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def stack(started_stack: Stack) -> Stack:
    started_stack.wait_until_ready()
    return started_stack
