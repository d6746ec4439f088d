"""A hall's store of an earlier release is taken over with all its rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from hall.data import tables
from hall.data.store import migrate, open_store, upgrade
from hall.settings import HallSettings

FIRST = "0001"
PRINT = (
    "INSERT INTO prints (terminal, job, document, state)"
    " VALUES ('330100/demo/K001', 'job', 'certificate', 'confirmed')"
)
ROW = (
    "INSERT INTO devices (terminal, name, kind, availability, media, supplies, faults)"
    " VALUES ('330100/demo/K001', 'printer', 'a4_printer', 'online', 'none', '{}', '[]')"
)
MESSAGE = (
    "INSERT INTO messages (id, terminal, stream, boot, seq, type, digest, head, at, received, body)"
    " VALUES ('{0}', '330100/demo/K001', 'tx', 3, {1}, 'hall.case.filed', 'd', 'h', 1, 1, '{{}}')"
)
IDS = ("01930000-0000-7000-8000-000000000001", "ffff0000-0000-7000-8000-000000000002")  # 2024, and absurd
TERMINAL = (
    "INSERT INTO terminals (path, area, hall, kiosk, boot, online, screen_age, session)"
    " VALUES ('330100/demo/K001', '330100', 'demo', 'K001', 3, true, 0.1, false)"
)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_given_the_first_releases_store_then_its_rows_stay_and_every_column_is_there(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = ""
    if kind == "postgresql":
        cluster = request.getfixturevalue("cluster")
        database = cluster.url(cluster.create())
    settings = HallSettings(data=tmp_path, area="330100", hall="demo", database=database)
    engine = open_store(settings)
    with engine.connect() as connection:
        upgrade(connection, FIRST)
        for number, id in enumerate(IDS, 1):
            connection.execute(text(MESSAGE.format(id, number)))
        connection.execute(text(TERMINAL))
        connection.execute(text(ROW))
        connection.execute(text(PRINT))
        connection.commit()
    engine.dispose()

    migrate(settings)
    engine = open_store(settings, read_only=True)
    with engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            there = {column["name"] for column in inspect(connection).get_columns(table.name)}
            assert there == {column.name for column in table.c}, table.name
        row = connection.execute(tables.devices.select()).one()
        assert (row.name, row.counts, row.runs_out, row.levels) == ("printer", "{}", "{}", "{}")
        printed = connection.execute(tables.prints.select()).one()
        assert (printed.state, printed._mapping["copy"], printed.decided_by) == ("confirmed", 1, "")
        stored = connection.execute(tables.messages.select().order_by(tables.messages.c.n)).all()
        assert [(row.n, row.id, row.seq) for row in stored] == [(1, IDS[0], 1), (2, IDS[1], 2)]
        terminal = connection.execute(tables.terminals.select()).one()
        assert (terminal.boot, terminal.birth_boot) == (3, 3), "its birth was heard before"
    engine.dispose()
