"""What is often asked for at this terminal: a count of each service, and of no person.

Kept in one small file, so that the order survives a restart. A `private` service is never counted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path

import structlog

from config.service import Service

MOST = 8  # that are offered
_FULL = 10_000  # then all counts are halved: what was asked for years ago makes room
_log = structlog.get_logger("kiosk.frequent")


class Frequent:
    """The counts. On the core's loop; `save` on any thread."""

    def __init__(self, path: Path | None = None) -> None:
        """Without a path nothing is kept. A file that cannot be read is as good as none."""
        self._path = path
        self._counts = _read(path) if path is not None else {}

    def add(self, service: Service) -> None:
        """Somebody was served."""
        if service.private:
            return
        self._counts[service.id] = self._counts.get(service.id, 0) + 1
        if sum(self._counts.values()) > _FULL:
            self._counts = {id: count // 2 for id, count in self._counts.items() if count > 1}

    def first(self, offered: Collection[Service]) -> tuple[Service, ...]:
        """Of those offered, the ones asked for most, the most frequent first."""
        asked = [one for one in offered if self._counts.get(one.id) and not one.private]
        return tuple(sorted(asked, key=lambda one: (-self._counts[one.id], one.id))[:MOST])

    def save(self) -> None:
        """Writes the file whole. A disk that cannot take it costs an order of services, and nothing else."""
        if self._path is None:
            return
        new = self._path.with_suffix(".new")
        try:
            new.write_text(json.dumps(self._counts), encoding="ascii")
            os.replace(new, self._path)
        except OSError as error:
            _log.warning("not kept", error=type(error).__name__)


def _read(path: Path) -> dict[str, int]:
    try:
        told = json.loads(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {str(id): count for id, count in told.items() if isinstance(count, int) and count > 0}
