"""A copy of the hall's store in one file, made while everything runs, and beside it what it is.

SQLite by its own online backup: one snapshot, and whoever writes meanwhile goes on. PostgreSQL by pg_dump in
its custom format. `FILE.manifest` holds kind, form, size and SHA-256, so that a copy which was cut off, or
is of another kind of store, is refused before it replaces anything (`hall/data/restore.py`).

A copy holds all that the store holds: who can read it can read that. Both files are for their owner only.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import URL, Engine, make_url, text

from hall.data import store
from hall.settings import HallSettings

LONGEST_SECONDS = 6 * 3600.0  # that a foreign program may take
_SQLITE_SECONDS = 60.0
# Whoever holds a table that long makes the program fail, not wait for ever.
_QUIET = {"PGCONNECT_TIMEOUT": "30", "PGOPTIONS": "-c client_min_messages=warning -c lock_timeout=60s"}


class BackupError(Exception):
    """No copy was made, or none restored; the text says why and what to do. The store is as it was."""


class Manifest(msgspec.Struct, frozen=True):
    """What a copy is."""

    kind: str  # sqlite, postgresql
    revision: str  # the form of its tables
    size: int  # bytes
    sha256: str
    made: str  # RFC 3339


def backup(settings: HallSettings, file: Path) -> Manifest:
    """Copy the store to `file`, replacing an older copy only when the new one is whole on the disk.

    BackupError; OSError when the file cannot be written.
    """
    url = make_url(settings.database_url)
    kind = url.get_backend_name()
    engine = store.open_store(settings, read_only=True)
    try:
        revision = _revision(engine)
    finally:
        engine.dispose()
    with _new(file) as new:
        if kind == "sqlite":
            _copy_sqlite(Path(str(url.database)), new)
        else:
            _dump(url, new)
        with new.open("rb+") as whole:
            os.fsync(whole.fileno())
        now = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(kind, revision, new.stat().st_size, digest(new), now)
        # Between the two renames the manifest is of the new copy and the file the old: that is refused.
        with _new(manifest_of(file)) as beside:
            with beside.open("wb") as words:
                words.write(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
                words.flush()
                os.fsync(words.fileno())
            beside.replace(manifest_of(file))
        new.replace(file)
    sync_folder(file.parent)
    return manifest


def manifest_of(file: Path) -> Path:
    """Where it is said what the copy in `file` is."""
    return file.with_name(file.name + ".manifest")


def digest(file: Path) -> str:
    """SHA-256 in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """What was renamed in it stays so."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def run(program: str, *arguments: str, url: URL) -> None:
    """Run a program of PostgreSQL's on the database at `url`. BackupError with what it said."""
    words = [find(program), *arguments, f"--dbname={without_password(url)}"]
    try:
        done = subprocess.run(
            words,
            env=environment(url),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise BackupError(f"{program} did not end within {LONGEST_SECONDS / 3600:.0f} hours") from None
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.decode(errors='replace').strip()[-500:]}")


def find(program: str) -> str:
    """Where a program of PostgreSQL's client is, the newest. BackupError when it is not installed."""
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=_version)
    found = str(newest[-1]) if newest else shutil.which(program)
    if found is None:
        raise BackupError(f"{program} is not installed: install postgresql-client of the server's version")
    return found


def without_password(url: URL) -> str:
    """The URL as the programs take it, without the password: command lines can be read by everybody."""
    plain = url.set(drivername="postgresql").difference_update_query(["password"])._replace(password=None)
    return plain.render_as_string(hide_password=False)


def environment(url: URL) -> dict[str, str]:
    """The environment for a program on `url`, with its password."""
    secret = url.password or url.query.get("password") or ""
    return {**os.environ, **({"PGPASSWORD": str(secret)} if secret else {}), **_QUIET}


def _version(place: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in place.parts[-3].split(".") if part.isdigit())


def _revision(engine: Engine) -> str:
    """The form of the tables. BackupError when there are none."""
    with engine.connect() as tx:
        if not engine.dialect.has_table(tx, "alembic_version"):
            raise BackupError("there is no store yet: run `main.py hall migrate` first")
        return str(tx.scalar(text("SELECT version_num FROM alembic_version")))


def _copy_sqlite(source: Path, target: Path) -> None:
    """One snapshot, in one step: in several, each word that an ingest writes would begin it anew."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=_SQLITE_SECONDS)) as here,
        closing(sqlite3.connect(target, timeout=_SQLITE_SECONDS)) as there,
    ):
        here.backup(there, pages=-1)
        there.execute("PRAGMA journal_mode = DELETE")  # one file, whole by itself


def _dump(url: URL, target: Path) -> None:
    run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}", url=url)


@contextmanager
def _new(file: Path) -> Iterator[Path]:
    """An empty file beside `file` that only its owner may read; it goes unless it was renamed."""
    new = file.with_name(f".{file.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield new
    finally:
        for left in (new, new.with_name(new.name + "-journal")):
            left.unlink(missing_ok=True)
