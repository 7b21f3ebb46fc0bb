"""The embedded form, `manage.py serve` on SQLite, as a process that can be killed and started again."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.scaled.client import Person
from tests.scaled.stack import ROOT, Seed, free_ports


class Embedded:
    """One installation in `folder`, always at the same port."""

    def __init__(self, folder: Path, seats: int) -> None:
        self.folder = folder
        [self.port] = free_ports(1)
        self.address = f"http://127.0.0.1:{self.port}"
        names = {"DATABASE_URL", "REDIS_URL", "MEDIA_ROOT", "SECRET_KEY", "EMAIL_URL"}
        inherited = {name: value for name, value in os.environ.items() if name not in names}
        ours = {"VAR_DIR": str(folder / "var"), "BASE_URL": self.address, "DEMO": "0", "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": ""}
        self.environment = {**inherited, **ours}
        self._run("manage.py", "migrate", "--verbosity", "0")
        self.seed = Seed(**json.loads(self._run("-m", "tests.scaled.seed", str(seats))))
        self.begin()

    def _run(self, *arguments: str) -> str:
        done = subprocess.run((sys.executable, *arguments), cwd=ROOT, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def begin(self) -> None:
        command = (sys.executable, "manage.py", "serve", "--port", str(self.port), "--no-worker")
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(60)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.address}/readyz", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError((self.folder / "serve.log").read_text())

    def staff(self, number: int = 0) -> Person:
        return Person(self.address, self.seed.staff[number], staff=True)

    def member(self, number: int = 0) -> Person:
        return Person(self.address, self.seed.members[number])
