"""Memory, disk, store and journal. Only a file of a moment is written, and where no folder is, none made."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from config.settings import Settings
from config.words import Words, joined, words
from kiosk.data import journal
from kiosk.data.store import FILE, StoreError, read_only
from kiosk.doctor.parts import part
from kiosk.readiness.finding import Finding

DISK_LEAST = 500  # MB
MEMORY_LEAST = 200  # MB
MEMINFO = Path("/proc/meminfo")
STORE_SECONDS = 10.0  # for its check; what is not looked at by then is not looked at
_STEPS = 100_000  # of SQLite's machine between two looks at the clock


def examine(settings: Settings, meminfo: Path = MEMINFO) -> Iterator[Finding]:
    """Each of them; the store and its journal as a running terminal has them."""
    yield _memory(meminfo)
    yield _disk(settings)
    yield _store(settings)
    yield _journal(settings)


def _memory(meminfo: Path) -> Finding:
    try:
        rows = dict(line.split(":", 1) for line in meminfo.read_text("ascii").splitlines())
        free, whole = (int(rows[name].split()[0]) >> 10 for name in ("MemAvailable", "MemTotal"))
    except (OSError, ValueError, KeyError):
        return part("memory", words("doctor.not_told"), least=MEMORY_LEAST)
    code = "memory_low" if free < MEMORY_LEAST else ""
    return part("memory", _room(free, whole), code, least=MEMORY_LEAST)


def _disk(settings: Settings) -> Finding:
    folder = settings.data
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    free = usage.free >> 20
    said, code = [_room(free, usage.total >> 20)], "terminal_disk_full" if free < DISK_LEAST else ""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        said.append(words("doctor.not_writable", folder=folder, why=error.strerror))
        code = "disk_unwritable"
    return part("disk", joined(said), code, least=DISK_LEAST)


def _room(free: int, whole: int) -> Words:
    """Of megabytes."""
    return words("doctor.room", free=_size(free), whole=_size(whole))


def _size(megabytes: int) -> str:
    return f"{megabytes / 1024:.1f} GB" if megabytes >= 1024 else f"{megabytes} MB"


def _store(settings: Settings) -> Finding:
    try:
        with read_only(settings.data) as read:
            problems = _checked(read)
    except StoreError as error:
        return _no_store("store", settings, error)
    except sqlite3.Error as error:
        return part("store", words("doctor.store_unreadable", why=error), "terminal_store_failed")
    if problems:
        return part("store", words("doctor.store_damaged", why=problems), "terminal_store_failed")
    return part("store", words("doctor.store_sound"))


def _checked(read: sqlite3.Connection) -> str:
    """What SQLite's own quick check finds; empty when it is sound as far as it looked."""
    end = time.monotonic() + STORE_SECONDS
    read.set_progress_handler(lambda: int(time.monotonic() > end), _STEPS)
    try:
        found = [str(row[0]) for row in read.execute("PRAGMA quick_check(3)")]
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return ""
    finally:
        read.set_progress_handler(None, 0)
    return "" if found == ["ok"] else "; ".join(found)


def _journal(settings: Settings) -> Finding:
    try:
        with read_only(settings.data) as read:
            found = journal.verify(read)
    except StoreError as error:
        return _no_store("journal", settings, error)
    except sqlite3.Error as error:
        return part("journal", words("doctor.store_unreadable", why=error), "terminal_store_failed")
    said = words("doctor.journal_checked", entries=found.entries, problems=len(found.problems))
    return part("journal", said, "" if found.sound else "terminal_journal_broken")


def _no_store(name: str, settings: Settings, error: StoreError) -> Finding:
    if not (settings.data / FILE).exists():
        return part(name, words("doctor.no_store"))
    return part(name, words("doctor.store_unreadable", why=error.__cause__ or error.code), error.code)
