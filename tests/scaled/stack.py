"""The scaled-out form, started as docs/operating.md says: its commands, docs/nginx.conf, and only the ports and folders another."""

import asyncio
import getpass
import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.scaled.client import Person

ROOT = Path(__file__).resolve().parents[2]
PYTHON = (sys.executable,)
NAMES = {"gunicorn": "gunicorn", "--port 8002": "uvicorn 1", "--port 8003": "uvicorn 2", "run_worker": "worker"}
SEATS = 12
ESTABLISHED = "01"
QUICKLY = {"gunicorn": signal.SIGQUIT, "redis": signal.SIGKILL, "uvicorn 1": signal.SIGKILL, "uvicorn 2": signal.SIGKILL}
"""How each is ended when nothing is asked of it any more; the others by SIGTERM."""


@dataclass(frozen=True)
class Seed:
    """What tests/scaled/seed.py has put there: ids, and sessions of people who are signed in."""

    network: str
    meeting: str
    items: list[str]
    staff: list[str]
    members: list[str]
    address_of_chair: str


class Stack:
    """All of it in `folder`, on a database of its own beside `database_url`'s. `start()` and `stop()` it once."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.ports = dict(zip(("http", "https", "gunicorn", "uvicorn 1", "uvicorn 2", "redis"), free_ports(6), strict=True))
        self.address = f"https://localhost:{self.ports['https']}"
        self.server = database_url
        self.database = f"scaled_{os.getpid()}"
        self.environment = self._environment()
        self.commands = self._commands()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.tls = _certificate(folder)
        self.seed = Seed("", "", [], [], [], "")
        self._people: list[Person] = []

    # Starting and stopping

    def start(self, seats: int = SEATS) -> None:
        (self.folder / "nginx.conf").write_text(self._nginx_conf())
        self.sql(f'CREATE DATABASE "{self.database}"')
        self._run(*PYTHON, "manage.py", "migrate", "--verbosity", "0")
        for name in ("redis", "gunicorn", "uvicorn 1", "uvicorn 2", "nginx"):
            self.begin(name)
        self.seed = Seed(**json.loads(self._run(*PYTHON, "-m", "tests.scaled.seed", str(seats))))
        self.begin("worker")
        self.wait_until_ready()

    def stop(self) -> None:
        for name, process in self.running.items():
            process.send_signal(QUICKLY.get(name, signal.SIGTERM))
        for name in list(self.running):
            self._reap(name)
        self.sql(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')

    def begin(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(self.commands[name], cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        self.running[name].kill()
        self._reap(name)

    def end(self, name: str) -> int:
        """Asks it to stop and waits; its exit code."""
        self.running[name].terminate()
        return self._reap(name)

    def _reap(self, name: str) -> int:
        process = self.running.pop(name)
        try:
            return process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def wait_until_ready(self, seconds: float = 120) -> None:
        """Until everything answers through nginx: the pages, and each uvicorn."""
        addresses = [self.address, *(f"http://127.0.0.1:{self.ports[name]}" for name in ("uvicorn 1", "uvicorn 2"))]
        for address in addresses:
            self._wait_for(f"{address}/readyz", seconds)

    def _wait_for(self, url: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        answer = ""
        while time.monotonic() < deadline and all(process.poll() is None for process in self.running.values()):
            with suppress(httpx.TransportError):
                found = httpx.get(url, verify=self.tls, trust_env=False, timeout=5, headers={"Host": "localhost"} if "127." in url else {})
                if found.status_code == 200:
                    return
                answer = found.text
            time.sleep(0.1)
        raise AssertionError(f"{url} is not ready: {answer}\n{self.logs()}")

    def workers_of(self, name: str) -> list[int]:
        """The process ids of its children."""
        tasks = Path(f"/proc/{self.running[name].pid}/task").glob("*/children")
        return [int(child) for task in tasks for child in task.read_text().split()]

    def lines_to(self, name: str) -> int:
        """How many connections it holds."""
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(fields[1].endswith(f":{self.ports[name]:04X}") and fields[3] == ESTABLISHED for fields in lines)

    def kill_a_worker(self, place: int = 0) -> None:
        """One of gunicorn's, of which there are several."""
        os.kill(self.workers_of("gunicorn")[place], signal.SIGKILL)

    def logs(self) -> str:
        return "\n".join(f"── {file.name}\n{file.read_text(errors='replace')[-3000:]}" for file in sorted(self.folder.glob("*.log")))

    # Its people

    def staff(self, number: int = 0) -> Person:
        return self._at_the_door(Person(self.address, self.seed.staff[number], self.tls, staff=True))

    def member(self, number: int = 0) -> Person:
        return self.somebody(self.seed.members[number])

    def somebody(self, session: str = "") -> Person:
        """Signed in by that session; without one, not at all."""
        return self._at_the_door(Person(self.address, session, self.tls))

    def _at_the_door(self, person: Person) -> Person:
        self._people.append(person)
        return person

    def run(self, session: Callable[[], Awaitable[None]]) -> None:
        """Runs what people do; they leave when it is over."""

        async def main() -> None:
            try:
                await session()
            except Exception as error:
                error.add_note(self.logs())
                raise
            finally:
                await asyncio.gather(*(person.close() for person in self._people))
                self._people.clear()

        asyncio.run(main())

    def mails(self) -> list[str]:
        """What the worker has sent."""
        return [file.read_text() for file in sorted((self.folder / "var" / "mail").glob("*"))]

    # Its database

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Runs a statement on the server, beside the stack's own database."""
        with psycopg.connect(_at(self.server, "postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def holding_the_log(self) -> Iterator[Callable[[], None]]:
        """Every write on the meeting waits until the block calls what it is given."""
        with psycopg.connect(_at(self.server, self.database)) as connection:
            connection.execute("SELECT 1 FROM meetings_eventstream WHERE meeting_id = %s FOR UPDATE", [self.seed.meeting])
            yield connection.rollback

    async def somebody_waits_for_the_log(self) -> None:
        waiting = f"SELECT 1 FROM pg_stat_activity WHERE datname = '{self.database}' AND wait_event_type = 'Lock'"  # noqa: S608
        async with asyncio.timeout(20):
            while not self.sql(waiting):  # noqa: ASYNC110 - only the database knows
                await asyncio.sleep(0.05)

    def restart_database(self, seconds: float) -> None:
        """What a restart of PostgreSQL looks like from here: every connection is cut, and for a while none is accepted."""
        self.sql(f'ALTER DATABASE "{self.database}" ALLOW_CONNECTIONS false')
        try:
            self.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.database}'")  # noqa: S608 - our own name
            time.sleep(seconds)
        finally:
            self.sql(f'ALTER DATABASE "{self.database}" ALLOW_CONNECTIONS true')

    # How it is configured

    def _environment(self) -> dict[str, str]:
        ours = {
            "BASE_URL": self.address,
            "DATABASE_URL": _at(self.server, self.database),
            "REDIS_URL": f"redis://127.0.0.1:{self.ports['redis']}/0",
            "SECRET_KEY_FILE": str(self.folder / "secret_key"),
            "VAR_DIR": str(self.folder / "var"),
            "TRUSTED_PROXY_COUNT": "1",
        }
        documented = set(re.findall(r"(?m)^([A-Z_]+)=", _chapter()))
        assert documented == set(ours), "docs/operating.md names other variables"
        (self.folder / "secret_key").write_text("a key that only this test has, " * 2)
        inherited = {
            name: value for name, value in os.environ.items() if name not in {"DEMO", "PORT", "MEDIA_ROOT", "SECRET_KEY", "EMAIL_URL"}
        }
        return {**inherited, **ours, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": ""}

    def _commands(self) -> dict[str, list[str]]:
        """The services of docs/operating.md by name, and the servers around them."""
        ports = {"127.0.0.1:8001": f"127.0.0.1:{self.ports['gunicorn']}"}
        ports |= {f"--port {number}": f"--port {self.ports[name]}" for number, name in ((8002, "uvicorn 1"), (8003, "uvicorn 2"))}
        found = {}
        for line in re.findall(r"(?m)^\.venv/bin/(.+)$", _chapter()):
            name = next((name for sign, name in NAMES.items() if sign in line), None)
            if name:
                found[name] = [
                    str(ROOT / ".venv" / "bin" / part) if n == 0 else part for n, part in enumerate(shlex.split(replaced(line, ports)))
                ]
        assert set(found) == set(NAMES.values()), found
        redis = [program("redis-server"), "--port", str(self.ports["redis"]), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        nginx = [
            program("nginx"),
            "-p",
            str(self.folder),
            "-c",
            str(self.folder / "nginx.conf"),
            "-e",
            str(self.folder / "nginx-early.log"),
        ]
        return {**found, "redis": [*redis, "--dir", str(self.folder)], "nginx": [*nginx, "-g", "daemon off;"]}

    def _nginx_conf(self) -> str:
        temporary = (f"    {kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return replaced(
            (ROOT / "docs" / "nginx.conf").read_text(),
            {
                "user www-data;": f"user {getpass.getuser()};",
                "/run/nginx.pid": str(self.folder / "nginx.pid"),
                "/var/log/nginx": str(self.folder),
                "http {\n": "\n".join(["http {", *temporary, ""]),
                "listen 80": f"listen 127.0.0.1:{self.ports['http']}",
                "listen 443": f"listen 127.0.0.1:{self.ports['https']}",
                "server_name raccordo.example.org": "server_name localhost",
                "/etc/letsencrypt/live/raccordo.example.org": str(self.folder),
                "127.0.0.1:8001": f"127.0.0.1:{self.ports['gunicorn']}",
                "127.0.0.1:8002": f"127.0.0.1:{self.ports['uvicorn 1']}",
                "127.0.0.1:8003": f"127.0.0.1:{self.ports['uvicorn 2']}",
                "/srv/raccordo": str(ROOT),
            },
        )

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


def program(name: str) -> str:
    """The path of a server that Debian installs, or nothing."""
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") or ""


def replaced(text: str, by: dict[str, str]) -> str:
    """The text with each of these replaced."""
    for old, new in by.items():
        text = text.replace(old, new)
    return text


def _chapter() -> str:
    """What docs/operating.md says of the scaled-out form."""
    text = (ROOT / "docs" / "operating.md").read_text()
    return text.partition("\n## Scaled out")[2].partition("\n## ")[0]


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    held = [socket.create_server(("127.0.0.1", 0)) for _n in range(count)]
    try:
        return [listener.getsockname()[1] for listener in held]
    finally:
        for listener in held:
            listener.close()


def _certificate(folder: Path) -> ssl.SSLContext:
    """Writes a certificate for this machine where nginx looks for it; gives what trusts it alone."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    signed = builder.not_valid_after(now + timedelta(days=2)).add_extension(names, critical=False).sign(key, hashes.SHA256())
    chain = signed.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "fullchain.pem").write_bytes(chain)
    (folder / "privkey.pem").write_bytes(private)
    return ssl.create_default_context(cadata=chain.decode())
