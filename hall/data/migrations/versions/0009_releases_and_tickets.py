"""Releases of the catalogue that terminals fetch, and tickets of bad ratings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), server_default="", nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "catalogue_releases",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("digest", 64),
        sa.Column("archive", sa.LargeBinary(), nullable=False),
        sa.Column("places", sa.Text(), nullable=False),
        _number("services"),
        _number("published"),
        _text("actor", 80),
        sa.PrimaryKeyConstraint("number"),
    )
    key = ("terminal", "session", "service", "case_no", "number")
    op.create_table(
        "rating_tickets",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        _text("session", 64),
        _text("service", 32),
        _text("case_no", 64),
        _number("number"),
        _number("stars"),
        sa.Column("codes", sa.Text(), nullable=False),
        _number("opened"),
        _text("taken_by", 64),
        _number("taken"),
        _text("call", 16),
        _text("called_by", 64),
        _number("called"),
        _text("closed_by", 64),
        _number("closed"),
        _text("note", 500),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint(*key, name=f"uq_rating_tickets_{'_'.join(key)}"),
    )
    op.create_index("ix_rating_tickets_closed", "rating_tickets", ["closed"])
