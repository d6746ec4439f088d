"""What technicians did at the terminals, the youngest readiness report of each, and terminals that move."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _n() -> sa.Column[int]:
    count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("n", count, autoincrement=True, nullable=False)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), server_default="", nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def upgrade() -> None:
    """Two tables, and a column."""
    op.add_column("enrol_tokens", _text("moved_from", 128))
    op.create_table(
        "technician_acts",
        _n(),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        _text("actor", 64),
        _text("act", 40),
        _text("subject", 128),
        _text("outcome", 64),
        _text("detail", 200),
        _number("at"),
        _number("boot"),
        _number("seq"),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("terminal", "boot", "seq", name="uq_technician_acts_terminal_boot_seq"),
    )
    op.create_index("ix_technician_acts_at", "technician_acts", ["at"])
    op.create_table(
        "readiness",
        _n(),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        _text("by", 64),
        _number("not_ready"),
        sa.Column("found", sa.Text(), nullable=False),
        _number("at"),
        _number("boot"),
        _number("seq"),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("terminal", name="uq_readiness_terminal"),
    )
