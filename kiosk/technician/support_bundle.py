"""A support bundle: one tar.gz of what whoever helps from afar asks first, with nothing personal in it.

What it says is gathered by `kiosk/technician/support_facts.py`; the logs are the terminal's own, which hold
of an error its type and place. A part that cannot be read says so in its place: a bundle is wanted when
something is broken. The file is there whole or not at all, and only its owner may read it.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from config.settings import Settings
from kiosk import log_file
from kiosk.readiness.finding import Finding
from kiosk.technician import support_facts

KEEP = 3  # bundles in a folder
LOG_HOURS = 14 * 24.0
LOG_BYTES = 3 << 20  # of logs, packed: the oldest lines are left out
_BEGIN, _END = "support-", ".tar.gz"


class BundleExists(Exception):
    """Something stands already where the bundle was to be written."""


def make(settings: Settings, folder: Path, findings: Iterable[Finding] = ()) -> Path:
    """A new bundle in `folder` (made when missing), its path. Older ones than the last KEEP are deleted.

    `findings` are those of a readiness report, if one was just made. Blocks for seconds: not for the loop.
    OSError when the folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = settings.identity
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    made = folder / f"{_BEGIN}{told.area}-{told.hall}-{told.kiosk}-{stamp}{_END}"
    _write(made, settings, findings)
    clean(folder)
    return made


def write(settings: Settings, file: Path, findings: Iterable[Finding] = ()) -> Path:
    """A bundle as `file`. BundleExists; OSError when it cannot be written."""
    if file.exists():
        raise BundleExists(str(file))
    _write(file, settings, findings)
    return file


def clean(folder: Path, keep: int = KEEP) -> int:
    """Deletes all bundles of `folder` but the youngest, and what a killed one left; returns how many."""
    made = sorted(folder.glob(f"{_BEGIN}*{_END}"), key=lambda one: (one.stat().st_mtime, one.name))
    gone = [*made[: len(made) - keep], *folder.glob(f".{_BEGIN}*{_END}.part")]
    for one in gone:
        one.unlink(missing_ok=True)
    return len(gone)


def _write(file: Path, settings: Settings, findings: Iterable[Finding]) -> None:
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz") as pack:
                for name, content in _contents(settings, findings):
                    _add(pack, f"{file.name.removesuffix(_END)}/{name}", content)
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def _contents(settings: Settings, findings: Iterable[Finding]) -> Iterator[tuple[str, bytes]]:
    """Each file of the bundle, by name."""
    parts: dict[str, Callable[[], Any]] = {
        "versions": support_facts.versions,
        "settings": partial(support_facts.settings_told, settings),
        "readiness": partial(support_facts.readiness, findings),
        "machine": partial(support_facts.machine, settings),
        "devices": partial(support_facts.devices, settings),
        "counters": partial(support_facts.counters, settings),
        "link": partial(support_facts.link, settings),
        "journal": partial(support_facts.journal_told, settings),
        "certificate": partial(support_facts.certificate, settings),
        "usb": support_facts.usb,
        "screen": support_facts.screen,
        "units": support_facts.units,
    }
    for name, part in parts.items():
        told = _told(part)
        if isinstance(told, str):
            yield f"{name}.txt", told.encode()
        else:
            yield f"{name}.json", json.dumps(told, indent=1, ensure_ascii=False).encode()
    yield "terminal.log", gzip.decompress(log_file.packed(settings.data, LOG_HOURS, time.time(), LOG_BYTES))


def _told(part: Callable[[], Any]) -> Any:
    try:
        return part()
    except Exception as error:  # whatever is broken is why somebody asks for a bundle
        return support_facts.failed(error)


def _add(pack: tarfile.TarFile, name: str, content: bytes) -> None:
    """A file without an owner's name."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
    pack.addfile(entry, io.BytesIO(content))
