"""The hall's store from a copy (`hall/data/backup.py`), whole or not at all.

The restored store has a new generation. Each terminal that hears of it says its birth again, is told how far
the copy has its numbers, and sends again what is missing: so a copy may be a day old.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, inspect, literal, make_url, select, table, text

from hall.data import backup, store
from hall.data.backup import BackupError, Manifest
from hall.settings import HallSettings

REPLACED = ".replaced"  # what stood there before stays beside, until the next restore
_UNTOLD = ("alembic_version", "meta", "leases")  # rows that every store has, or that say nothing
LEAVING_SECONDS = 5.0  # a server lists who has just been ended until it has noticed
_USED = "the store is in use: end ingest, scheduler and desk first"
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_CLEAR = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE 'DROP TABLE IF EXISTS public.' || quote_ident(one.tablename) || ' CASCADE';
  END LOOP;
  FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
    EXECUTE 'DROP SEQUENCE IF EXISTS public.' || quote_ident(one.sequencename) || ' CASCADE';
  END LOOP;
END $$;
"""


def restore(settings: HallSettings, file: Path, *, replace: bool = False) -> Manifest:
    """Put the copy in `file` in the store's place, bring it to this version's form and renew its generation.

    BackupError when the copy is not whole or not of this kind of store, when somebody uses the store, or
    when it has rows and `replace` is not given. Then nothing was changed.
    """
    url = make_url(settings.database_url)
    manifest = _checked(file, url.get_backend_name())
    settings.data.mkdir(parents=True, exist_ok=True)
    with store.turn(settings):  # whoever starts now waits
        if url.get_backend_name() == "sqlite":
            _restore_sqlite(settings, Path(str(url.database)), file, replace)
        else:
            _restore_postgresql(settings, url, file, replace)
    store.migrate(settings)
    return manifest


def _checked(file: Path, kind: str) -> Manifest:
    """The manifest of a whole copy. BackupError."""
    beside = backup.manifest_of(file)
    try:
        manifest = msgspec.json.decode(beside.read_bytes(), type=Manifest)
        size = file.stat().st_size
    except FileNotFoundError as missing:
        raise BackupError(f"there is no {missing.filename}: a copy is a file and its .manifest") from None
    except msgspec.DecodeError:
        raise BackupError(f"{beside} is not a manifest of `hall backup`") from None
    if manifest.kind != kind:
        raise BackupError(f"this is a copy of a {manifest.kind} store, and the settings name a {kind} one")
    if size != manifest.size or backup.digest(file) != manifest.sha256:
        raise BackupError(
            f"{file} is not what its manifest says: it was cut off or changed. Take another copy"
        )
    known = ScriptDirectory(str(store.MIGRATIONS)).walk_revisions()
    if manifest.revision not in {one.revision for one in known}:
        raise BackupError("this copy is of a newer release: install that one first")
    return manifest


def _restore_sqlite(settings: HallSettings, place: Path, file: Path, replace: bool) -> None:
    if place.exists():
        _refuse_filled(settings, replace)
        _refuse_used(place)
    new = place.with_name(place.name + ".new")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        shutil.copyfile(file, new)
        with closing(sqlite3.connect(new)) as copy:
            if copy.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise BackupError(f"{file} is damaged inside. Take another copy")
            copy.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (secrets.token_hex(8),))
            copy.commit()
        with new.open("rb+") as whole:
            os.fsync(whole.fileno())
        if place.exists():
            before = place.with_name(place.name + REPLACED)
            before.unlink(missing_ok=True)
            os.link(place, before)
        new.replace(place)
        backup.sync_folder(place.parent)
    finally:
        new.unlink(missing_ok=True)


def _refuse_used(place: Path) -> None:
    """Only who is alone can leave the write-ahead log, and its rest must not be read with another file."""
    with closing(sqlite3.connect(place, timeout=1.0)) as alone:
        try:
            (mode,) = alone.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError:
            mode = "wal"
    if mode != "delete":
        raise BackupError(_USED)


def _restore_postgresql(settings: HallSettings, url: URL, file: Path, replace: bool) -> None:
    """All in one transaction, the old tables' end, too: it is restored, or it was never touched."""
    _refuse_filled(settings, replace)
    generation = secrets.token_hex(8)
    renewed = f"UPDATE public.meta SET value = '{generation}' WHERE key = 'generation';\n"  # noqa: S608 (hex)
    words = [backup.find("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    words += ["--file=-", f"--dbname={backup.without_password(url)}"]
    given = [backup.find("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(file)]
    with (
        subprocess.Popen(given, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as reading,
        subprocess.Popen(
            words,
            env=backup.environment(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as writing,
    ):
        assert reading.stdout and writing.stdin and writing.stderr
        try:
            writing.stdin.write(_CLEAR.encode())
            shutil.copyfileobj(reading.stdout, writing.stdin)
            if reading.wait(backup.LONGEST_SECONDS):
                writing.kill()  # before its commit
                raise BackupError(f"pg_restore cannot read {file}")
            writing.stdin.write(renewed.encode())
            writing.stdin.close()
        except BrokenPipeError:
            reading.kill()
        said = writing.stderr.read().decode(errors="replace").strip()
        if writing.wait(backup.LONGEST_SECONDS):
            raise BackupError(f"psql: {said[-500:]}")


def _refuse_filled(settings: HallSettings, replace: bool) -> None:
    """BackupError when the store has rows and may not be replaced, or when somebody else is connected."""
    engine = store.open_store(settings)
    try:
        with engine.connect() as tx:
            if others := _others(tx):
                raise BackupError(f"{_USED} ({others} connected)")
            if not replace and (filled := next(_filled(engine, tx), "")):
                raise BackupError(f"the store has rows, in {filled}: --replace puts the copy in its place")
    finally:
        engine.dispose()


def _others(tx: Connection) -> int:
    """Who else is connected, as far as the database tells. Who is just leaving is waited for."""
    if tx.dialect.name != "postgresql":
        return 0
    until = time.monotonic() + LEAVING_SECONDS
    while (others := int(tx.scalar(_OTHERS) or 0)) and time.monotonic() < until:
        tx.rollback()  # in one transaction the list stays as it was
        time.sleep(0.05)
    return others


def _filled(engine: Engine, tx: Connection) -> Iterator[str]:
    """The tables that have rows."""
    for name in sorted(inspect(engine).get_table_names()):
        if name not in _UNTOLD and tx.execute(select(literal(1)).select_from(table(name)).limit(1)).first():
            yield name
