"""How many acts of technicians each terminal told in the day that is running."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table."""
    op.create_table(
        "technician_days",
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("since", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("acts", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("terminal"),
    )
