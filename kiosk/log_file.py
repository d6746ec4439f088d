"""The terminal's log on its own disk: one JSON object a line, bounded, for the hall to ask for.

What is logged stays on the standard output too, where systemd's journal takes it. Of an error the file has
its type and place, never its text or a stack of values: both may hold what a citizen typed.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
import sys
import time
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog

from config.commands import MOST_BYTES
from config.spoken import LogLines

FOLDER, FILE = "logs", "terminal.log"
FILE_BYTES, OLDER_FILES = 2 * 1024 * 1024, 4
_OWN = ("kiosk", "screens", "drivers", "mqtt")  # rooms whose every word is kept; of others, warnings
_VALUES = re.compile(r"[(<\n]")  # where asyncio begins to spell arguments and exceptions out


@contextmanager
def kept(data: Path) -> Iterator[None]:
    """Meanwhile all that is logged is written to `data/logs` as well. Before and after: as it was."""
    folder = data / FOLDER
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    handler = _Handler(folder / FILE, maxBytes=FILE_BYTES, backupCount=OLDER_FILES, encoding="utf-8")
    before = structlog.get_config()
    lines = LogLines("stdout")
    structlog.configure(
        processors=[_also_into(handler), *before["processors"]],
        logger_factory=lambda *_: lines,
    )
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        structlog.configure(**before)
        handler.close()


def packed(data: Path, hours: float, now: float, most: int = MOST_BYTES) -> bytes:
    """The lines of the last `hours` before `now` (seconds since 1970), gzipped; the oldest are left out
    until it is no more than `most` bytes."""
    lines = list(_lines(data / FOLDER, _stamp(now - hours * 3600)))
    while True:
        pack = gzip.compress("".join(lines).encode(), mtime=int(now))
        if len(pack) <= most or not lines:
            return pack
        lines = lines[len(lines) // 4 + 1 :]


def last(data: Path, hours: float, now: float, most: int) -> list[str]:
    """The newest lines of the last `hours`, at most so many, oldest first."""
    return list(deque(_lines(data / FOLDER, _stamp(now - hours * 3600)), maxlen=most))


def _lines(folder: Path, since: str) -> Iterator[str]:
    """The lines since then, oldest first. A file that is turned over meanwhile, or does not read, costs at
    most its lines."""
    names = [f"{FILE}.{number}" for number in range(OLDER_FILES, 0, -1)]
    for name in (*names, FILE):
        try:
            text = (folder / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for line in text.splitlines(keepends=True):
            if line.startswith('{"time": "') and line[10 : 10 + len(since)] >= since:
                yield line


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Handler(RotatingFileHandler):
    """Writes records of the standard library in the same form; a disk that fails stops nobody."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        if record.levelno < logging.WARNING and record.name.partition(".")[0] not in _OWN:
            return
        told: dict[str, Any] = {"level": record.levelname.lower(), "event": record.msg, "logger": record.name}
        if record.args:
            told["event"] = _event(record)
        if record.name.partition(".")[0] == "asyncio":
            told["event"] = _VALUES.split(str(told["event"]), maxsplit=1)[0]
        if record.exc_info and record.exc_info[1] is not None:
            told |= _error(record.exc_info[1])
        self.write(told)

    def write(self, told: dict[str, Any]) -> None:
        """Adds a line with the time at its beginning."""
        line = json.dumps({"time": _stamp(time.time()), **told}, ensure_ascii=False, default=_type_of)
        super().emit(logging.LogRecord("", logging.INFO, "", 0, line, None, None))

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk is told by health; the line is lost."""


def _event(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)


def _also_into(handler: _Handler) -> Any:
    def write(logger: Any, method: str, said: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = {"level": method, **said}
        error = told.pop("exc_info", None)
        if error:
            error = error if isinstance(error, BaseException) else _current()
            told |= _error(error) if error is not None else {}
        handler.write(told)
        return said

    return write


def _current() -> BaseException | None:
    return sys.exc_info()[1]


def _error(error: BaseException) -> dict[str, str]:
    return {"error": type(error).__name__, "where": place_of(error)}


def place_of(error: BaseException) -> str:
    """File and line of the deepest frame; never its text, which may be personal."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _type_of(value: object) -> str:
    """What is no JSON is not spelled out: nobody knows what it would say of whom."""
    return type(value).__name__
