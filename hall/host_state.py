"""What the hall says of itself, retained: that it is there, and how far it has every terminal's numbers.

After a restored backup the generation is another one, and each terminal sends again what lies above the
(boot, seq) named here. Too low a number costs a repetition, which is filed once; so gaps count as missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from hall import store, tables
from hall.settings import HallSettings
from mqtt import messages
from mqtt.topics import ROOT, TerminalPath


def source(path: str) -> str:
    """The CloudEvents source of the hall that a terminal at `path` belongs to."""
    area, hall, _ = path.split("/")
    return f"{ROOT}/{area}/{hall}/$srv"


def will(settings: HallSettings) -> tuple[str, bytes]:
    """Topic and payload that the broker publishes when the ingest is gone without a word."""
    return _message(settings.area, settings.hall, messages.HostState(online=False))


def states(settings: HallSettings, tx: Connection, *, online: bool) -> Iterator[tuple[str, bytes]]:
    """Topic and payload for our own hall and every other that has terminals in the store."""
    generation = store.generation(tx)
    known = tx.execute(select(tables.terminals.c.area, tables.terminals.c.hall).distinct())
    for area, hall in sorted({(settings.area, settings.hall)} | {(row.area, row.hall) for row in known}):
        yield _message(area, hall, messages.HostState(online, generation))


def settled(tx: Connection) -> dict[str, tuple[int, int]]:
    """By "area/hall/kiosk stream" the (boot, seq) up to which nothing is missing."""
    s = tables.streams.c
    found: dict[str, tuple[int, int]] = {}
    held_up: set[str] = set()
    for row in tx.execute(select(tables.streams).order_by(s.terminal, s.stream, s.boot)):
        key = f"{row.terminal} {row.stream}"
        if key not in held_up:
            found[key] = (row.boot, row.contiguous)
        if row.contiguous < row.highest:
            held_up.add(key)
    return found


def _message(area: str, hall: str, state: messages.HostState) -> tuple[str, bytes]:
    now = datetime.now(UTC)
    topic = TerminalPath(area, hall, "-").host_state
    identity = f"host-{area}-{hall}-{now.timestamp():.6f}"
    envelope = messages.Envelope(
        identity, "hall.host.state", topic.removesuffix("/state"), now.isoformat(), state
    )
    return topic, messages.encode(envelope)
