"""A hall's store of an earlier release is taken over with all its rows."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from hall import tables
from hall.settings import HallSettings
from hall.store import MIGRATIONS, migrate, open_store

FIRST = "0001"
PRINT = (
    "INSERT INTO prints (terminal, job, document, state)"
    " VALUES ('330100/demo/K001', 'job', 'certificate', 'confirmed')"
)
ROW = (
    "INSERT INTO devices (terminal, name, kind, availability, media, supplies, faults)"
    " VALUES ('330100/demo/K001', 'printer', 'a4_printer', 'online', 'none', '{}', '[]')"
)


def test_given_the_first_releases_store_then_its_rows_stay_and_every_column_is_there(tmp_path: Path) -> None:
    settings = HallSettings(data=tmp_path, area="330100", hall="demo")
    engine = open_store(settings)
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, FIRST)
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
    engine.dispose()
