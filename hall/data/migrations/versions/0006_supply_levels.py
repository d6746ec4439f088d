"""How much is left of a device's supplies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column of JSON text: percent by supply, and by tray or colour."""
    op.add_column("devices", sa.Column("levels", sa.Text(), server_default="{}", nullable=False))
