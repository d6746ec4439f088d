"""How the terminal ended last, for who shows a page in its place: a code of config/faults.toml, no more.

While it runs the note says that it crashed, which is so unless it takes the note back or writes another.
"""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from config.faults import faults
from kiosk import private_file
from kiosk.data.store import StoreError
from kiosk.data.vault import VaultError

FILE = "last_end.json"
CRASHED, FULL, STORE = "terminal_crashed", "terminal_disk_full", "terminal_store_failed"
LEAST = 1 << 20  # bytes free below which a disk is full, whatever was noted


def note(data: Path, code: str) -> None:
    """Notes it, whole or not at all. A disk that does not take it is told otherwise; nothing is raised."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    with contextlib.suppress(OSError):
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        private_file.write(data / FILE, json.dumps({"code": code, "at": at}).encode())


def forget(data: Path) -> None:
    """It ended as it should."""
    with contextlib.suppress(OSError):
        (data / FILE).unlink(missing_ok=True)


def read(data: Path) -> str:
    """The code; empty when nothing is known, or what is noted is none of ours."""
    code = ""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        code = str(json.loads((data / FILE).read_text("utf-8")).get("code", ""))
    if code in ("", CRASHED) and full(data):
        return FULL
    return code if code in faults() else ""


def cause(error: Exception) -> str:
    """The code of what keeps a terminal from starting; empty for a program error."""
    if isinstance(error, StoreError | VaultError):
        return error.code
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return FULL
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENOTDIR, errno.EEXIST):
            return STORE
    return ""


def full(data: Path) -> bool:
    """Whether nothing more can be written there. SQLite calls that an input/output error."""
    try:
        return shutil.disk_usage(data).free < LEAST
    except OSError:
        return False
