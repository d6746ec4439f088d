"""What a stored message takes on the disk, with its row of business and all indexes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
from sqlalchemy import Engine, text

from hall.data import store
from hall.fleet.mailbox import Mailbox
from hall.intake import filing
from hall.intake.letters import Arrival, open_letter
from hall.settings import HallSettings
from mqtt.topics import ROOT, TerminalPath
from tests.bench.table import Row
from tests.peers.postgres import postgres

TERMINALS = 100
BATCH = 500


def run(quick: bool) -> list[Row]:
    """Bytes of a message: a fifth of a visit, with what it adds to the tables of business."""
    count = 5_000 if quick else 50_000
    with tempfile.TemporaryDirectory() as folder, postgres() as cluster:
        settings = HallSettings(data=Path(folder) / "lite", area="a", hall="h")
        lite = _grown(settings, count, _size_of_sqlite)
        url = cluster.url(cluster.create())
        settings = HallSettings(data=Path(folder) / "pg", area="a", hall="h", database=url)
        large = _grown(settings, count, _size_of_postgres)
    return [
        Row("store: a message in SQLite", lite / count, "bytes"),
        Row("store: a message in PostgreSQL", large / count, "bytes"),
    ]


def _grown(settings: HallSettings, count: int, size: Callable[[Engine], int]) -> int:
    store.migrate(settings)
    engine = store.open_store(settings)
    try:
        before = size(engine)
        boxes = [Mailbox(TerminalPath("a", f"h{n // 20}", f"S{n:06d}"), 1) for n in range(TERMINALS)]
        arrivals: list[Arrival] = []
        for number in range(count):
            box = boxes[number % TERMINALS]
            box.write()
            (parcel,) = box.waiting.values()
            box.waiting.clear()
            topic = f"{ROOT}/{box.path}/{parcel.stream}"
            arrivals.append(Arrival(0, topic, parcel.payload, 1_795_000_000_000 + number))
        for first in range(0, count, BATCH):
            letters = [open_letter(one) for one in arrivals[first : first + BATCH]]
            with engine.connect() as tx:
                filing.file_away(tx, letters)
                tx.commit()
            bad = [msgspec.structs.asdict(one) for one in letters if one.code != "stored"]
            if bad:
                raise RuntimeError(f"not stored: {bad[0]['code']}")
        return size(engine) - before
    finally:
        engine.dispose()


def _size_of_sqlite(engine: Engine) -> int:
    with engine.connect() as tx:
        pages, page, free = (
            int(tx.execute(text(f"PRAGMA {name}")).scalar_one())
            for name in ("page_count", "page_size", "freelist_count")
        )
        return (pages - free) * page


def _size_of_postgres(engine: Engine) -> int:
    with engine.connect() as tx:
        return int(tx.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
