"""Copies of a document, who decided, and the prints that nobody knows the end of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Earlier prints were first copies that nobody had to decide on."""
    op.add_column("prints", sa.Column("copy", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("prints", sa.Column("decided_by", sa.String(length=16), server_default="", nullable=False))
    unknown = sa.text("state = 'unknown'")
    op.create_index("ix_prints_unknown", "prints", ["state"], sqlite_where=unknown, postgresql_where=unknown)
