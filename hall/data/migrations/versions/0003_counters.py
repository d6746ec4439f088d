"""What a device has done and used up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns of JSON text: totals, and by supply when it will have run out."""
    for name in ("counts", "runs_out"):
        op.add_column("devices", sa.Column(name, sa.Text(), server_default="{}", nullable=False))
