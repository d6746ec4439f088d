"""Several ingests, and rows that go when they are old: births, what devices were, messages by month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NUMBERS = ("birth_boot", "birth_connection", "health_connection")
_KEY = ["terminal", "stream", "boot", "seq"]
_COLUMNS = "n, id, terminal, stream, boot, seq, type, digest, head, at, received, body"
_PARTED = """
CREATE TABLE messages (
    n BIGINT NOT NULL DEFAULT nextval('messages_n_seq'),
    id VARCHAR(64) COLLATE "C" NOT NULL,
    terminal VARCHAR(128) NOT NULL,
    stream VARCHAR(8) NOT NULL,
    boot BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    type VARCHAR(64) NOT NULL,
    digest VARCHAR(64) NOT NULL,
    head VARCHAR(128) NOT NULL,
    at BIGINT NOT NULL,
    received BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (n, id),
    CONSTRAINT uq_messages_id UNIQUE (id)
) PARTITION BY RANGE (id)
"""


def upgrade() -> None:
    """Columns of birth and health, history of devices, messages in partitions."""
    for name in _NUMBERS:
        op.add_column("terminals", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    op.execute("UPDATE terminals SET birth_boot = boot")
    op.create_table(
        "device_history",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("device", sa.String(length=64), server_default="", nullable=False),
        sa.Column("availability", sa.String(length=32), server_default="", nullable=False),
        sa.Column("media", sa.String(length=32), server_default="", nullable=False),
        sa.Column("supplies", sa.Text(), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("ix_device_history_at", "device_history", ["at"])
    op.create_index("ix_device_history_terminal_device_at", "device_history", ["terminal", "device", "at"])
    if op.get_bind().dialect.name == "postgresql":
        _part()
        return
    with op.batch_alter_table("messages") as batch:
        batch.drop_constraint("uq_messages_terminal_stream_boot_seq", type_="unique")
    op.create_index("ix_messages_number", "messages", _KEY)


def _part() -> None:
    """Put the rows of before into the default partition; `hall/data/partitions.py` makes the others."""
    op.execute("ALTER TABLE messages RENAME TO messages_before")
    op.execute("ALTER SEQUENCE messages_n_seq OWNED BY NONE")
    for name in ("messages_pkey", "uq_messages_id", "uq_messages_terminal_stream_boot_seq"):
        op.execute(f"ALTER TABLE messages_before DROP CONSTRAINT {name}")
    op.execute(_PARTED)
    op.execute("ALTER SEQUENCE messages_n_seq OWNED BY messages.n")
    op.create_index("ix_messages_number", "messages", _KEY)
    op.execute("CREATE TABLE messages_default PARTITION OF messages DEFAULT")
    op.execute(f"INSERT INTO messages ({_COLUMNS}) SELECT {_COLUMNS} FROM messages_before")  # noqa: S608 (names)
    op.execute("DROP TABLE messages_before")


def downgrade() -> None:
    """Undo it. Each number is held to be there once again, so there must be none twice."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER SEQUENCE messages_n_seq OWNED BY NONE")
        op.execute("CREATE TABLE messages_after (LIKE messages INCLUDING DEFAULTS)")
        op.execute("INSERT INTO messages_after SELECT * FROM messages")
        op.execute("DROP TABLE messages")
        op.execute("ALTER TABLE messages_after RENAME TO messages")
        op.execute("ALTER SEQUENCE messages_n_seq OWNED BY messages.n")
        op.create_primary_key("messages_pkey", "messages", ["n"])
        op.create_unique_constraint("uq_messages_id", "messages", ["id"])
    else:
        op.drop_index("ix_messages_number", "messages")
    with op.batch_alter_table("messages") as batch:
        batch.create_unique_constraint("uq_messages_terminal_stream_boot_seq", _KEY)
    op.drop_table("device_history")
    for name in _NUMBERS:
        op.drop_column("terminals", name)
