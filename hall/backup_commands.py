"""What `main.py hall backup` and `main.py hall restore` do and say."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from hall.backup import BackupError, Manifest, backup
from hall.restore import restore
from hall.settings import HallSettings


def make(settings: HallSettings, file: Path) -> int:
    """Copy the store to `file`; returns the exit code."""
    return _told("copied", lambda: backup(settings, file))


def put_back(settings: HallSettings, file: Path, *, replace: bool) -> int:
    """Restore the store from `file`; returns the exit code."""
    return _told("restored", lambda: restore(settings, file, replace=replace))


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
