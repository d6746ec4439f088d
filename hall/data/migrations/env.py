"""Alembic's entry: runs the steps of `versions/` on the connection that `hall/data/store.py` hands over."""

from __future__ import annotations

from alembic import context

from hall.data import (
    desk_tables,  # noqa: F401 (its tables belong to the same metadata)
    tables,
)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=tables.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
