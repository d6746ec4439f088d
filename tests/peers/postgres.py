"""A PostgreSQL of our own for a test: a cluster as our child on a free port, with data that outlives kill -9.

It will not run as root, so then it runs as an unprivileged user in a folder that is theirs. The fixture
`cluster` is one for the whole run; `database` is the URL of a migrated store that a test has for itself.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.peers.broker import free_port

START_SECONDS = 60.0
TEMPLATE = "hall_template"
_USERS = ("postgres", "nobody")
_INITDB = (
    "--username=hall",
    "--auth-host=scram-sha-256",
    "--auth-local=trust",
    "--no-sync",
    "--encoding=UTF8",
    "--locale=C",
)
_CONFIGURATION = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
max_connections = 100
shared_buffers = 64MB
fsync = {fsync}
full_page_writes = {fsync}
logging_collector = off
"""


_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_EMPTY = """
DO $$ DECLARE one record; found boolean; BEGIN
  SET LOCAL lock_timeout = '5s';
  DELETE FROM meta WHERE key <> 'generation';
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
      AND tablename NOT IN ('meta', 'alembic_version') LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', one.tablename) INTO found;
    IF found THEN EXECUTE format('DELETE FROM %I', one.tablename); END IF;
  END LOOP;
  FOR one IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE %I RESTART', one.sequencename);
  END LOOP;
END $$
"""


class Cluster:
    """A running server. `kill` is kill -9 of all of it; `start` again uses the same port and data."""

    def __init__(self, folder: Path, *, fsync: bool = True) -> None:
        self.host, self.port = "127.0.0.1", free_port()
        self.password = secrets.token_hex(8)
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0
        self._forms: dict[str, list[str]] = {}  # by database: its tables when it was new
        self._clean: list[str] = []
        self._initialise(fsync)

    def url(self, database: str = "postgres", *, password: bool = True) -> str:
        """What `HallSettings.database` is to be."""
        secret = f":{self.password}" if password else ""
        return f"postgresql+psycopg://hall{secret}@{self.host}:{self.port}/{database}"

    def start(self) -> None:
        """Start it and wait until it answers. RuntimeError with its log when it does not."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_unprivileged(), _program("postgres"), "-D", str(self.folder / "data")],
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(psycopg.OperationalError):
                self.connect().close()
                return
            time.sleep(0.02)
        self.kill()
        raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])

    def kill(self) -> None:
        """kill -9 to the server and each of its workers, and wait until all are gone: while one is left, its
        shared memory keeps the next server from starting."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait(60)
        self._process = None
        deadline = time.monotonic() + START_SECONDS
        while workers := self._workers():
            assert time.monotonic() < deadline, f"workers of the server do not end: {workers}"
            for worker in workers:
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            time.sleep(0.01)

    def _workers(self) -> list[int]:
        """Who still works in the folder of the data, as every process of the server does."""
        found, data = [], str((self.folder / "data").resolve())
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has just ended, or is somebody else's
                if os.readlink(process / "cwd") == data:
                    found.append(int(process.name))
        return found

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A plain connection, outside of any transaction. The caller closes it."""
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user="hall",
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=10,
        )

    def create(self, template: str = "template1") -> str:
        """A new database; its name."""
        self._made += 1
        name = f"hall_{self._made}"
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def lend(self) -> str:
        """A database that is an empty store; its name."""
        name = self._clean.pop() if self._clean else self.create(TEMPLATE)
        with self.connect(name) as connection:
            self._forms[name] = _tables(connection)
        return name

    def take_back(self, name: str) -> None:
        """Empty it for the next; one that is still used, or has other tables now, is left as it is."""
        with suppress(psycopg.Error), self.connect(name) as connection:
            if connection.execute(_OTHERS).fetchone() == (0,) and _tables(connection) == self._forms[name]:
                connection.execute(_EMPTY)
                self._clean.append(name)

    def _initialise(self, fsync: bool) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        for path in (self.folder, secret):
            _give(path)
        subprocess.run(
            [
                *_unprivileged(),
                _program("initdb"),
                f"--pgdata={self.folder / 'data'}",
                f"--pwfile={secret}",
                *_INITDB,
            ],
            check=True,
            capture_output=True,
            timeout=120,
            cwd=self.folder,
        )
        values = {"port": self.port, "folder": self.folder, "fsync": "on" if fsync else "off"}
        with (self.folder / "data" / "postgresql.conf").open("a") as file:
            file.write(_CONFIGURATION.format(**values))


@contextmanager
def postgres(*, fsync: bool = True) -> Iterator[Cluster]:
    """A cluster for as long as the block runs. Its data is in a folder of its own, which then goes."""
    folder = Path(tempfile.mkdtemp(prefix="hall-pg-"))
    running = None
    try:
        running = Cluster(folder, fsync=fsync)
        running.start()
        yield running
    finally:
        if running is not None:
            running.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One cluster for the whole run, with the hall's tables in a template."""
    from hall.data import store  # only who asks for a store waits for it
    from hall.settings import HallSettings

    with postgres() as running:
        with running.connect() as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        with tempfile.TemporaryDirectory() as folder:
            settings = HallSettings(data=Path(folder), area="a", hall="h", database=running.url(TEMPLATE))
            store.migrate(settings)
        yield running


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """The URL of an empty store of the newest form, for one test alone. Emptied it is the next one's: a new
    one is written whole to the disk."""
    name = cluster.lend()
    yield cluster.url(name)
    cluster.take_back(name)


def _tables(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [row[0] for row in rows]


def _program(name: str) -> str:
    """A program of the server. RuntimeError where there is none."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / name).exists():
            return str(place / name)
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed: run `make setup`")
    return found


def _unprivileged() -> list[str]:
    """Words before a command that make it run as somebody who is not root."""
    if os.geteuid() != 0:
        return []
    user = _user()
    setpriv = shutil.which("setpriv") or "setpriv"
    return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _user() -> pwd.struct_passwd:
    for name in _USERS:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("there is no unprivileged user here")


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        user = _user()
        os.chown(path, user.pw_uid, user.pw_gid)
