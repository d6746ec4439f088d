"""What `main.py hall backup`, `hall restore` and `hall ask-again` do and say."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from hall.data import store
from hall.data.backup import BackupError, Manifest, backup
from hall.data.restore import restore
from hall.settings import HallSettings


def make(settings: HallSettings, file: Path) -> int:
    """Copy the store to `file`; returns the exit code."""
    return _told("copied", lambda: backup(settings, file))


def put_back(settings: HallSettings, file: Path, *, replace: bool) -> int:
    """Restore the store from `file`; returns the exit code."""
    return _told("restored", lambda: restore(settings, file, replace=replace))


def ask_again(settings: HallSettings) -> int:
    """Begin a new life of the store as it stands; returns the exit code. Ingests may run meanwhile.

    For a store that lost its last commits in a way that nobody told us of: the terminals hear within half a
    minute that it is another one, and send what lies above what it has.
    """
    engine = store.open_store(settings)
    try:
        with engine.begin() as tx:
            generation = store.renew_generation(tx)
    except SQLAlchemyError as error:
        print(f"the database does not answer ({type(error).__name__}): look at it first", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    print(f"generation {generation}: each terminal sends again what this store lacks")
    return 0


def _told(what: str, act: Callable[[], Manifest]) -> int:
    try:
        manifest = act()
    except (BackupError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except SQLAlchemyError as error:
        print(f"the database does not answer ({type(error).__name__}): look at it first", file=sys.stderr)
        return 1
    size = manifest.size / 1e6
    print(f"{what}: {manifest.kind}, {size:.1f} MB, made {manifest.made}, SHA-256 {manifest.sha256}")
    return 0
