"""Asks the machine to copy a finished support bundle onto the stick that is plugged in (kiosk-stick.service).

The terminal has neither the right nor a driver to write to a stick: it lays bundle and wish into a folder,
and root's `usr/local/lib/kiosk/stick` answers there.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

FOUND = {
    "done": "",
    "missing": "stick_missing",
    "several": "stick_several",
    "unreadable": "stick_unreadable",
    "full": "stick_full",
    "failed": "stick_failed",
}
WISH_BYTES = 8
TAKEN_SECONDS = 15.0  # systemd takes a wish at once; a machine without that unit never does
_LOOK_SECONDS = 0.1


async def copy_to_stick(folder: Path, bundle: Path, seconds: float = 180.0) -> str:
    """No code when the bundle is on the stick and was read back from it; else one of config/faults.toml.

    `folder`: the one that kiosk-stick.path watches. What is laid there is gone again when this returns, also
    when it is cancelled; the bundle itself stays.
    """
    wish = secrets.token_hex(WISH_BYTES)
    laid = folder / f"{wish}{bundle.suffix}"
    try:
        digest = await asyncio.to_thread(_lay, folder, bundle, laid)
        _ask(folder, wish, bundle.name, laid.name, digest)
        return await _answered(folder, wish, seconds)
    except OSError:
        return "stick_failed"
    finally:
        for left in (laid, folder / "wish", folder / "wish.draft", folder / "answer"):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def _lay(folder: Path, bundle: Path, laid: Path) -> str:
    """A copy for root to read, and its SHA-256. What a terminal that was killed here has left goes first."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob(f"{'[0-9a-f]' * 2 * WISH_BYTES}{bundle.suffix}"):
        left.unlink()
    shutil.copyfile(bundle, laid)
    with laid.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _ask(folder: Path, wish: str, name: str, laid: str, digest: str) -> None:
    draft = folder / "wish.draft"
    draft.write_text(json.dumps({"wish": wish, "name": name, "laid": laid, "sha256": digest}), "ascii")
    draft.replace(folder / "wish")  # whole, or not there


async def _answered(folder: Path, wish: str, seconds: float) -> str:
    if not await _until(lambda: not (folder / "wish").exists(), min(TAKEN_SECONDS, seconds)):
        return "stick_unavailable"
    if not await _until(lambda: _found(folder, wish) is not None, seconds):
        return "stick_failed"
    return _found(folder, wish) or ""


async def _until(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether it holds within that time; another program changes the folder, so it is looked at."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        await asyncio.sleep(_LOOK_SECONDS)
    return holds()


def _found(folder: Path, wish: str) -> str | None:
    """The code in the answer to this wish; None while there is none."""
    try:
        said: Any = json.loads((folder / "answer").read_text("ascii"))
        return FOUND.get(said["found"], "stick_failed") if said["wish"] == wish else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
