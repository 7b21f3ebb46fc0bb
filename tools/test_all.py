"""Every check of Raccordo, in one run: `make test`.

Quick single-core checks run side by side and are shown when they fail; then pytest runs in full view, on SQLite with the browser, and on
PostgreSQL with the scaled-out form. What the machine lacks is left out loudly; with CI=true that is a failure.

Environment: TEST_DATABASE_URL, TEST_REDIS_URL (local defaults), CHROMIUM (path), CI, INSTALL=1 (may install Chromium, nginx and
redis-server with apt-get).
"""

import getpass
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
CORES = os.cpu_count() or 2
CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
MAY_INSTALL = CI or os.environ.get("INSTALL") == "1"
PYTEST_NO_TESTS = 5
SERVERS = ("nginx", "redis-server")
SERVERS_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Step:
    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    name: str
    seconds: float
    verdict: str  # "ok", "FAILED" or "left out"
    remark: str = ""


def tool(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(BIN / name), *arguments)


def quick_steps() -> list[Step]:
    """The checks that need one core each; the slowest first."""
    scratch = f"sqlite:///{ROOT / 'build' / 'check.sqlite3'}"
    production = {
        "DEMO": "0",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "BASE_URL": "https://raccordo.example",
        "ALLOWED_HOSTS": "raccordo.example",
        "DATABASE_URL": scratch,
    }
    front_end = ROOT / "frontend"
    return [
        Step("types (mypy)", tool("mypy", "--strict", "meetings", "api", "frontend", "coordination")),
        Step("lint (ruff)", tool("ruff", "check", ".")),
        Step("layout (ruff format)", tool("ruff", "format", "--check", ".")),
        Step("import order", tool("lint-imports")),
        Step("migrations complete", tool("python", "manage.py", "makemigrations", "--check", "--dry-run"), env={"DATABASE_URL": scratch}),
        Step("deployment check", tool("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"), env=production),
        Step("front-end types (tsc)", tool("node", "node_modules/typescript/bin/tsc", "--noEmit"), folder=front_end),
        Step("front-end tests (vitest)", tool("node", "node_modules/vitest/vitest.mjs", "run"), folder=front_end),
    ]


def run_quietly(step: Step) -> Outcome:
    """Run one step and show its output only when it fails."""
    started = time.monotonic()
    done = subprocess.run(
        step.command,
        cwd=step.folder,
        env={**os.environ, **step.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"\n── {step.name} failed: {' '.join(step.command)}\n{done.stdout}", flush=True)
    return Outcome(step.name, time.monotonic() - started, "FAILED" if done.returncode else "ok")


def run_pytest(name: str, *arguments: str, env: Mapping[str, str]) -> Outcome:
    """Run pytest in full view; a selection without a single test counts as left out."""
    print(f"\n── {name}", flush=True)
    started = time.monotonic()
    code = subprocess.run(tool("pytest", "-q", "-ra", *arguments), cwd=ROOT, env=dict(env), check=False).returncode
    seconds = time.monotonic() - started
    if code == PYTEST_NO_TESTS:
        return Outcome(name, seconds, "left out", "there is no such test")
    return Outcome(name, seconds, "FAILED" if code else "ok")


def find_postgresql() -> str | None:
    """The URL of a server on which this user may create databases, or None."""
    candidates = [f"postgres://{user}@127.0.0.1:5432/{name}" for user in (getpass.getuser(), "postgres") for name in ("test", "postgres")]
    given = os.environ.get("TEST_DATABASE_URL")
    return next((url for url in ([given] if given else candidates) if may_create_databases(url)), None)


def may_create_databases(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    except psycopg.Error:
        return False
    return bool(row and row[0])


def find_redis() -> str | None:
    url = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=3) as connection:
            connection.ping()
    except redis.RedisError:
        return None
    return url


def chromium_candidates() -> Iterator[str]:
    yield os.environ.get("CHROMIUM", "")
    yield from (shutil.which(name) or "" for name in CHROMIUM_NAMES)
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def installed_chromium() -> str | None:
    return next((path for path in chromium_candidates() if path and Path(path).is_file()), None)


def find_chromium() -> str | None:
    """Chromium's path, where there is a choice the one without windows, which works a third less; installs it when there is none and it
    may: one of Debian's packages as root, or Playwright's own."""
    found = installed_chromium()
    for package in CHROMIUM_NAMES[:2]:
        if not found:
            install(package)
            found = installed_chromium()
    if not found:
        subprocess.run(tool("playwright", "install", "chromium"), check=False)
        found = installed_chromium()
    return found


def install(package: str) -> None:
    """Debian's package, where this may be done."""
    if MAY_INSTALL and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(("apt-get", "update", "-qq"), env=quiet, check=False)
        subprocess.run(("apt-get", "install", "-y", "-qq", "--no-install-recommends", package), env=quiet, check=False)


def lacking_servers() -> list[str]:
    """Which programs of the scaled-out form there are none of. One that is installed here does not keep running as a service."""
    for name in (name for name in SERVERS if not shutil.which(name, path=SERVERS_PATH)):
        install(name)
        if shutil.which("systemctl"):
            subprocess.run(("systemctl", "disable", "--now", name), stderr=subprocess.DEVNULL, check=False)
    return [name for name in SERVERS if not shutil.which(name, path=SERVERS_PATH)]


def pytest_outcomes() -> Iterator[Outcome]:
    """pytest on each database; what no database can change, the browser's path included, runs on SQLite alone, and services on
    PostgreSQL alone where there is one (tests/conftest.py)."""
    postgresql, redis_url = find_postgresql(), find_redis()
    # without bytecode every process, and there are dozens, compiles all of it anew
    base = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "DEMO", "PYTHONDONTWRITEBYTECODE"}
    }
    if redis_url:
        base["TEST_REDIS_URL"] = redis_url
    else:
        yield Outcome("Redis", 0, "left out", "no server at TEST_REDIS_URL")
    chromium = find_chromium()
    if chromium:
        base["CHROMIUM"] = chromium
    else:
        yield Outcome("browser tests", 0, "left out", "no Chromium: install it, set CHROMIUM, or allow it with INSTALL=1")
    lacking = lacking_servers()
    if lacking:
        yield Outcome("scaled-out form", 0, "left out", f"no {', no '.join(lacking)}: install it, or allow it with INSTALL=1")
    marks = " and ".join([*(() if chromium else ("not browser",)), *(("not scaled",) if lacking else ())])
    # one more than cores: a test that waits, for a browser or a server, leaves its core to another
    parallel = ("-n", str(CORES + 1), "--dist", "worksteal", *(("-m", marks) if marks else ()))
    yield run_pytest("pytest on SQLite", *parallel, env={**base, "TESTED_BESIDE": "postgresql"} if postgresql else base)
    if postgresql:
        yield run_pytest("pytest on PostgreSQL", *parallel, env={**base, "DATABASE_URL": postgresql})
    else:
        yield Outcome("pytest on PostgreSQL", 0, "left out", "no server at TEST_DATABASE_URL where databases may be created")


def report(outcomes: list[Outcome]) -> int:
    """Print the table and give the exit code."""
    print(f"\n{'step':<28}{'seconds':>8}  result")
    for outcome in outcomes:
        print(f"{outcome.name:<28}{outcome.seconds:>8.1f}  {outcome.verdict}{': ' if outcome.remark else ''}{outcome.remark}")
    failed = [outcome.name for outcome in outcomes if outcome.verdict == "FAILED"]
    left_out = [outcome.name for outcome in outcomes if outcome.verdict == "left out"]
    if left_out:
        print(f"\n!! LEFT OUT: {', '.join(left_out)}" + (" (a failure, because CI=true)" if CI else ""))
    print(f"\n{'FAILED: ' + ', '.join(failed) if failed else 'Everything that ran is ok.'}", flush=True)
    return 1 if failed or (left_out and CI) else 0


def main() -> int:
    started = time.monotonic()
    (ROOT / "build").mkdir(exist_ok=True)
    with ThreadPoolExecutor(CORES) as pool:
        outcomes = list(pool.map(run_quietly, quick_steps()))
    outcomes.extend(pytest_outcomes())
    outcomes.append(Outcome("in all", time.monotonic() - started, ""))
    return report(outcomes)


if __name__ == "__main__":
    sys.exit(main())
