"""What all tests share: a fixed clock, a world to act in, a client that speaks to the site, and no way out to the internet.

`DATABASE_URL` decides the database. Every test process has one of its own, so runs side by side do not meet.
"""

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, TransactionTestCase, override_settings
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from meetings import clock
from meetings.access import Actor
from meetings.events import triggers
from meetings.network.models import Network, User
from meetings.network.selectors import actor_for
from tests import factories
from tests.api.client import Api
from tests.catalogues import compile_into
from tests.remembered import remembered

BACKEND = "frontend.backends.Backend"
hypothesis_settings.register_profile("raccordo", deadline=None)  # a busy machine is no finding
hypothesis_settings.load_profile("raccordo")
ANY_STATIC = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The run on PostgreSQL leaves out what touches no database, what is marked to say the same on any, and what comes out: pages, in a
    browser too, REST, documents and calendars. SQLite's run has all but the scaled-out form; where PostgreSQL is asked beside it
    (`TESTED_BESIDE`, by tools/test_all.py), it leaves the services to that, which the pages and REST call on SQLite too. Every kind of
    write (tests/test_events.py), votes, races, mail, search, backups, hostile and generated input are asked on both.
    """
    sqlite = django_settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
    left_out = [item for item in items if (_is_left_to_postgresql(item) if sqlite else _says_the_same_there(item))]
    config.hook.pytest_deselected(items=left_out)
    kept = set(items) - set(left_out)
    items[:] = [item for item in items if item in kept]


def _is_scaled(item: pytest.Item) -> bool:
    return item.get_closest_marker("scaled") is not None


BESIDE = os.environ.get("TESTED_BESIDE") == "postgresql"
INSIDE = (
    *("action_items", "agenda", "announcements", "live", "minutes", "network", "news", "privacy", "realtime", "reporting", "scenarios"),
    "scheduling",
)


def _is_left_to_postgresql(item: pytest.Item) -> bool:
    return _is_scaled(item) or (BESIDE and item.path.parent.name in INSIDE and not _says_the_same_there(item))


def _says_the_same_there(item: pytest.Item) -> bool:
    apart = item.get_closest_marker("one_database") is not None or not _uses_database(item) or _comes_out(item)
    return apart and not _is_scaled(item)


OUTSIDE = ("api", "frontend", "browser", "documents", "calendar_feed")
ON_BOTH = ("hostile", "fuzz", "concurrency", "idempotency", "pages.py", "isolation")
"""Of these folders too: what a database may take otherwise."""


def _comes_out(item: pytest.Item) -> bool:
    in_api = item.path.parent.name == "api"
    return item.path.parent.name in OUTSIDE and not any(name in item.path.name for name in (ON_BOTH if in_api else ON_BOTH[:1]))


def _uses_database(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    return bool(names & {"db", "transactional_db", "django_db_serialized_rollback"}) or item.get_closest_marker("django_db") is not None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A database to each process, which nobody misses after a power cut: it need not wait for the disk."""
    database = django_settings.DATABASES["default"]
    sqlite = database["ENGINE"] == "django.db.backends.sqlite3"
    options = database.setdefault("OPTIONS", {})
    if sqlite:
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    else:
        options["options"] = "-c synchronous_commit=off"
    name = str(tmp_path_factory.mktemp("database") / "test.sqlite3") if sqlite else f"test_raccordo_{os.getpid()}"
    database.setdefault("TEST", {})["NAME"] = name


@pytest.fixture(scope="session", autouse=True)
def _test_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files go to a temporary folder; pages need no static files, which every new client would look through, nor styles in them."""
    media, static = (str(tmp_path_factory.mktemp(name)) for name in ("media", "static"))
    with override_settings(MEDIA_ROOT=media, STATIC_ROOT=static, STORAGES=ANY_STATIC, CRITICAL_CSS=Path(static) / "critical.json"):
        yield


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):  # a UNIX socket
        return True
    host = str(address[0])
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """A test that reaches for another machine fails."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    yield
    patch.undo()


def _guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if not _is_local(address):
            raise RuntimeError(f"A test wants to connect to {address}; only this machine is allowed.")
        return connect(self, address)

    return guarded


@pytest.fixture(scope="session", autouse=True)
def _flush_despite_triggers() -> Iterator[None]:
    """Tests in real transactions empty the tables afterwards, which the log's triggers rightly refuse.

    Deleting the few rows there are is much faster than Django's flush, which truncates every table and makes its permissions anew.
    """
    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(self: TransactionTestCase) -> None:
        triggers.remove()
        try:
            _delete_all_rows()
        finally:
            triggers.install()

    def only_outermost(self: TransactionTestCase) -> None:
        (flush if connection.in_atomic_block else teardown)(self)

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", only_outermost)
    yield
    patch.undo()


def _delete_all_rows() -> None:
    """Foreign keys are checked at the end of the transaction, so the order of the tables does not matter."""
    migrated = {"django_migrations", "django_content_type", "auth_permission"}
    with transaction.atomic(), connection.cursor() as cursor:
        for table in sorted({*connection.introspection.django_table_names(only_existing=True)} - migrated):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names of our own tables


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """What a test reads is in English unless it chooses another language, whether the catalogues are compiled or not."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Throttles count in the cache."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def now() -> Iterator[None]:
    """The clock stands at `factories.NOW`; move it within a test by `with clock.at(…)`."""
    with clock.at(factories.NOW):
        yield


@pytest.fixture
def world(db: None, now: None) -> factories.World:
    """Two networks; see `factories.World`."""
    return remembered("world", factories.make_world)


@pytest.fixture
def side(db: None, now: None) -> factories.Side:
    """One network alone, where a second one would prove nothing."""
    return remembered("side", lambda: factories.make_side("home"))


@pytest.fixture
def few_and_many(db: None, now: None) -> tuple[factories.Side, factories.Side]:
    """A network of ten municipalities and one of 312, to count queries with."""
    return remembered("few_and_many", lambda: (factories.make_side("small"), factories.make_side("large", seats=312)))


@pytest.fixture
def home(world: factories.World) -> factories.Side:
    return world.home


@pytest.fixture
def away(world: factories.World) -> factories.Side:
    return world.away


@pytest.fixture
def actor() -> Callable[[User, Network], Actor]:
    return lambda user, network: actor_for(user, network)


@pytest.fixture
def browser_of() -> Callable[[User | None], Client]:
    """A test client that is signed in as the person (None: not signed in)."""

    def make(user: User | None) -> Client:
        client = Client(headers={"Accept-Language": "en"})
        if user is not None:
            client.force_login(user, backend=BACKEND)
        return client

    return make


@pytest.fixture
def api(browser_of: Callable[[User | None], Client]) -> Callable[[User | None], Api]:
    """The REST interface as the person sees it: `api(user).get("networks/")`."""
    return lambda user: Api(browser_of(user))


@pytest.fixture
def media_root() -> Path:
    return Path(django_settings.MEDIA_ROOT)


@pytest.fixture
def compiled(tmp_path: Path, settings: Any) -> None:
    """The catalogues as their sources stand, whether `make build` has compiled them or not."""
    compile_into(tmp_path)
    settings.LOCALE_PATHS = [str(tmp_path)]
    translation.activate("en")  # another path makes Django forget which language is in force
