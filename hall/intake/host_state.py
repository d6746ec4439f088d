"""What the hall says of itself: retained, that it is there; to each terminal that is born, how far it has
its numbers.

After a restored backup the generation is another one; each terminal then says its birth again and sends
what lies above the numbers in the answer. Too low a number costs a repetition, which is filed once; so
gaps count as missing.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from hall.data import store, tables
from hall.settings import HallSettings
from mqtt import messages
from mqtt.topics import ROOT, TerminalPath, parse


def source(path: str) -> str:
    """The CloudEvents source of the hall that a terminal at `path` belongs to."""
    area, hall, _ = path.split("/")
    return f"{ROOT}/{area}/{hall}/$srv"


def will(settings: HallSettings) -> tuple[str, bytes]:
    """Topic and payload that the broker publishes when the ingest is gone without a word."""
    return _message(settings.area, settings.hall, messages.HostState(online=False))


def states(settings: HallSettings, tx: Connection, *, online: bool) -> Iterator[tuple[str, bytes]]:
    """Topic and payload for our own hall and every other of our areas that has terminals in the store."""
    generation = store.generation(tx)
    known = tx.execute(select(tables.terminals.c.area, tables.terminals.c.hall).distinct())
    ours = {(row.area, row.hall) for row in known if row.area in (settings.broker.areas or {row.area})}
    for area, hall in sorted({(settings.area, settings.hall)} | ours):
        yield _message(area, hall, messages.HostState(online, generation))


def contradiction(tx: Connection, topic: str, payload: bytes) -> tuple[str, bytes] | None:
    """Topic and payload of *we are there*, if this says that the hall is gone: another ingest may have
    ended, whose will or goodbye it is."""
    try:
        said = messages.decode(payload).data
        path, leaf = parse(topic)
    except (messages.MessageError, ValueError):
        return None
    if leaf != "state" or path.kiosk != "$srv" or not isinstance(said, messages.HostState) or said.online:
        return None
    return _message(path.area, path.hall, messages.HostState(online=True, generation=store.generation(tx)))


def settled(tx: Connection, paths: Collection[str]) -> dict[str, dict[str, tuple[int, int]]]:
    """By terminal and stream the (boot, seq) up to which nothing is missing; nothing of a stream unheard."""
    s = tables.streams.c
    found: dict[str, dict[str, tuple[int, int]]] = {path: {} for path in paths}
    held_up: set[tuple[str, str]] = set()
    query = select(s.terminal, s.stream, s.boot, s.contiguous, s.highest).where(s.terminal.in_(paths))
    for path, stream, boot, contiguous, highest in tx.execute(query.order_by(s.terminal, s.stream, s.boot)):
        if (path, stream) not in held_up:
            found[path][stream] = (boot, contiguous)
        if contiguous < highest:
            held_up.add((path, stream))
    return found


def by_boot(tx: Connection, paths: Collection[str]) -> dict[str, dict[str, list[tuple[int, int]]]]:
    """By terminal and stream the last boots that were heard of, each with the number up to which nothing is
    missing."""
    s = tables.streams.c
    found: dict[str, dict[str, list[tuple[int, int]]]] = {path: {} for path in paths}
    query = select(s.terminal, s.stream, s.boot, s.contiguous).where(s.terminal.in_(paths))
    for path, stream, boot, contiguous in tx.execute(query.order_by(s.boot.desc())):
        boots = found[path].setdefault(stream, [])
        if len(boots) < messages.STORED_BOOTS:
            boots.append((boot, contiguous))
    return found


def answers(tx: Connection, paths: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Topic and payload of the answer to the births of these terminals."""
    if not paths:
        return
    generation, boots = store.generation(tx), by_boot(tx, paths)
    for path, streams in settled(tx, paths).items():
        yield letter(path, "ack", messages.Stored(generation, streams, boots[path]))


def letter(path: str, leaf: str, data: messages.Data) -> tuple[str, bytes]:
    """Topic and payload of a word of the hall to the terminal at `path`. For these ids need not sort."""
    name = messages.NAMES[type(data)]
    envelope = messages.Envelope(secrets.token_hex(16), name, source(path), messages.now(), data)
    return f"{ROOT}/{path}/{leaf}", messages.encode(envelope)


def _message(area: str, hall: str, state: messages.HostState) -> tuple[str, bytes]:
    now = datetime.now(UTC)
    topic = TerminalPath(area, hall, "-").host_state
    identity = f"host-{area}-{hall}-{now.timestamp():.6f}"
    envelope = messages.Envelope(
        identity, "hall.host.state", topic.removesuffix("/state"), now.isoformat(), state
    )
    return topic, messages.encode(envelope)
