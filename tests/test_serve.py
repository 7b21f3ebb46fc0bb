"""`manage.py serve` and `manage.py run_worker` as processes, the way `make run` and an operator start them."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MANAGE = (sys.executable, str(ROOT / "manage.py"))


def environment(var: Path, **more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "BASE_URL", "PORT", "DEMO"}}
    return {**inherited, "VAR_DIR": str(var), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "", **more}


class Serving:
    """A server that was started; its output as it comes."""

    def __init__(self, var: Path, *arguments: str, **more: str) -> None:
        command = (*MANAGE, "serve", "--port", "0", *arguments)
        self.process = subprocess.Popen(command, env=environment(var, **more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.lines.extend(iter(self.process.stdout.readline, ""))

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_for(self, pattern: str, seconds: float = 60) -> str:
        """The first group of `pattern` once it has been printed."""
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, self.output)):
            assert time.monotonic() < deadline and self.process.poll() is None, self.output
            time.sleep(0.05)
        return found[1]

    def address(self) -> str:
        address = self.wait_for(r"Raccordo: (http://127\.0\.0\.1:\d+)/")
        deadline = time.monotonic() + 20
        while not answers(f"{address}/healthz"):
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)
        return address

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        code = self.process.wait(20)
        self.close()
        return code

    def close(self) -> None:
        """Kills it if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reading.join(5)
        if self.process.stdout:
            self.process.stdout.close()


def answers(url: str) -> str:
    """The body of a 200, else nothing."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
            return str(response.read().decode())
    except OSError:
        return ""


def children_of(pid: int) -> list[int]:
    return [int(child) for thread in Path(f"/proc/{pid}/task").glob("*/children") for child in thread.read_text().split()]


def cpu_seconds(pid: int) -> float:
    """What a process has worked so far: on a busy machine the clock on the wall says little."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def lives(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def started() -> Iterator[list[Serving]]:
    """Whatever a test starts ends with it."""
    running: list[Serving] = []
    yield running
    for serving in running:
        serving.close()


def test_an_empty_installation_says_how_to_go_on_and_ends_cleanly(tmp_path: Path, started: list[Serving]) -> None:
    serving = Serving(tmp_path, DEMO="0")
    started.append(serving)
    address = serving.address()
    assert "manage.py create_network" in serving.output
    assert '"status": "ok"' in answers(f"{address}/healthz")
    assert answers(f"{address}/readyz") == '{"status": "ok", "database": "ok", "migrations": "ok"}'
    assert "<svg" in answers(f"{address}/static/images/raccordo.svg")
    deadline = time.monotonic() + 20
    while not (worker := children_of(serving.process.pid)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert b"run_worker" in Path(f"/proc/{worker[0]}/cmdline").read_bytes()
    assert serving.end() == 0
    assert not any(map(lives, worker))
    assert "Traceback" not in serving.output

    again = Serving(tmp_path, "--no-worker", DEMO="0")
    started.append(again)
    again.address()
    assert cpu_seconds(again.process.pid) < 4
    assert "Setting up" not in again.output
    again.process.send_signal(signal.SIGTERM)
    again.process.send_signal(signal.SIGINT)
    assert again.end() == 0
    assert "Traceback" not in again.output


def test_the_worker_does_not_outlive_a_server_that_is_killed(tmp_path: Path, started: list[Serving]) -> None:
    serving = Serving(tmp_path, DEMO="0")
    started.append(serving)
    serving.address()
    deadline = time.monotonic() + 20
    while not (worker := children_of(serving.process.pid)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    serving.process.kill()
    while lives(worker[0]):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.timeout(300)
def test_a_fresh_demo_says_who_to_sign_in_as(tmp_path: Path, started: list[Serving]) -> None:
    serving = Serving(tmp_path, "--no-worker", "--weeks", "1", DEMO="1")
    started.append(serving)
    serving.wait_for(r"(?m)^  (\S+@\S+) +", 240)
    address = serving.address()
    people = re.findall(r"(?m)^  (\S+@\S+) +(.+)$", serving.output)
    assert len(people) >= 4
    assert len(serving.lines) < 30
    assert answers(f"{address}/readyz")
    assert serving.end() == 0


def refusal(tmp_path: Path, *arguments: str, **more: str) -> str:
    """The one line that a start is refused with."""
    done = subprocess.run((*MANAGE, "serve", *arguments), env=environment(tmp_path, **more), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.strip().splitlines()
    return line


def test_a_port_in_use_gives_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port}: Address already in use" in refusal(tmp_path, "--port", str(port))


def test_the_demo_listens_on_loopback_alone(tmp_path: Path) -> None:
    assert "this machine only" in refusal(tmp_path, "--host", "0.0.0.0", DEMO="1")  # noqa: S104 - that is the point


def test_a_database_that_does_not_answer_gives_one_line(tmp_path: Path) -> None:
    line = refusal(tmp_path, "--port", "0", DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert "the database does not answer" in line


def test_the_worker_stops_on_sigterm(tmp_path: Path) -> None:
    env = environment(tmp_path)
    subprocess.run((*MANAGE, "migrate", "--verbosity", "0"), env=env, check=True)
    once = subprocess.run((*MANAGE, "run_worker", "--once"), env=env, capture_output=True, text=True)
    assert (once.returncode, once.stderr) == (0, "")
    worker = subprocess.Popen((*MANAGE, "run_worker"), env=env, stderr=subprocess.PIPE, text=True)
    time.sleep(3)
    worker.terminate()
    _out, errors = worker.communicate(timeout=10)
    assert (worker.returncode, errors) == (0, "")


def test_a_round_that_fails_says_so(tmp_path: Path) -> None:
    done = subprocess.run((*MANAGE, "run_worker", "--once"), env=environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 1
    assert "A step failed" in done.stderr
