"""The pre-printed number of the blank that a document was printed on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column, empty for paper without numbers."""
    op.add_column("prints", sa.Column("sheet", sa.String(length=64), server_default="", nullable=False))
