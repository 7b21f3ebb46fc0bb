"""A redis-server of a test's own, to be killed and frozen."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import redis


class OwnRedis:
    """On a free port of this machine, without a file of its own."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)("there is no redis-server: what happens without it is not tested")
        self._program, self._folder = program, folder
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = found.getsockname()[1]
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self.answers():
            assert time.monotonic() < deadline and self._process.poll() is None
            time.sleep(0.02)

    def answers(self) -> bool:
        try:
            with redis.Redis(port=self.port, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def hang_up(self) -> None:
        """Closes every connection of a subscriber."""
        with redis.Redis(port=self.port) as client:
            client.client_kill_filter(_type="pubsub")

    def close(self) -> None:
        if self._process.poll() is None:
            self.thaw()
            self.kill()
