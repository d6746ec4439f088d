"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first tables."""
    op.create_table(
        "cases",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=64), server_default="", nullable=False),
        sa.Column("service", sa.String(length=32), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), server_default="", nullable=False),
        sa.Column("case_no", sa.String(length=64), server_default="", nullable=False),
        sa.Column("code", sa.String(length=64), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("boot", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("terminal", "key", name=op.f("uq_cases_terminal_key")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_session"), ["session"], unique=False)

    op.create_table(
        "changes",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("what", sa.String(length=16), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_table(
        "devices",
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("kind", sa.String(length=64), server_default="", nullable=False),
        sa.Column("availability", sa.String(length=32), server_default="", nullable=False),
        sa.Column("media", sa.String(length=32), server_default="", nullable=False),
        sa.Column("supplies", sa.Text(), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("detail", sa.String(length=500), server_default="", nullable=False),
        sa.Column("since", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("terminal", "name"),
    )
    op.create_table(
        "faults",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("device", sa.String(length=64), server_default="", nullable=False),
        sa.Column("code", sa.String(length=64), server_default="", nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cleared", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("boot", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("terminal", "device", "code", name=op.f("uq_faults_terminal_device_code")),
    )
    with op.batch_alter_table("faults", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_faults_open"), ["open"], unique=False)

    op.create_table(
        "messages",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("stream", sa.String(length=8), nullable=False),
        sa.Column("boot", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("head", sa.String(length=128), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("id", name=op.f("uq_messages_id")),
        sa.UniqueConstraint(
            "terminal", "stream", "boot", "seq", name=op.f("uq_messages_terminal_stream_boot_seq")
        ),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "prints",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=64), server_default="", nullable=False),
        sa.Column("service", sa.String(length=32), server_default="", nullable=False),
        sa.Column("document", sa.String(length=32), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), server_default="", nullable=False),
        sa.Column("device", sa.String(length=64), server_default="", nullable=False),
        sa.Column("number", sa.String(length=80), server_default="", nullable=False),
        sa.Column("code", sa.String(length=64), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("boot", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("terminal", "job", name=op.f("uq_prints_terminal_job")),
    )
    with op.batch_alter_table("prints", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prints_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_prints_session"), ["session"], unique=False)

    op.create_table(
        "ratings",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("session", sa.String(length=64), server_default="", nullable=False),
        sa.Column("service", sa.String(length=32), server_default="", nullable=False),
        sa.Column("case_no", sa.String(length=64), server_default="", nullable=False),
        sa.Column("number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("stars", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint(
            "terminal",
            "session",
            "service",
            "case_no",
            "number",
            name=op.f("uq_ratings_terminal_session_service_case_no_number"),
        ),
    )
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ratings_at"), ["at"], unique=False)

    op.create_table(
        "refused",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("topic", sa.String(length=250), server_default="", nullable=False),
        sa.Column("id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("code", sa.String(length=32), server_default="", nullable=False),
        sa.Column("detail", sa.String(length=250), server_default="", nullable=False),
        sa.Column("stream", sa.String(length=8), server_default="", nullable=False),
        sa.Column("boot", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("digest", sa.String(length=64), server_default="", nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("times", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("received", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("topic", "digest", "code", name=op.f("uq_refused_topic_digest_code")),
    )
    with op.batch_alter_table("refused", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_refused_terminal_stream_boot_seq"),
            ["terminal", "stream", "boot", "seq"],
            unique=False,
        )

    op.create_table(
        "sessions",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("session", sa.String(length=64), server_default="", nullable=False),
        sa.Column("started", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ended", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("outcome", sa.String(length=32), server_default="", nullable=False),
        sa.Column("service", sa.String(length=32), server_default="", nullable=False),
        sa.Column("seconds", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("terminal", "session", name=op.f("uq_sessions_terminal_session")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_started"), ["started"], unique=False)

    op.create_table(
        "streams",
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("stream", sa.String(length=8), nullable=False),
        sa.Column("boot", sa.BigInteger(), nullable=False),
        sa.Column("contiguous", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("highest", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("terminal", "stream", "boot"),
    )
    op.create_table(
        "terminals",
        sa.Column("path", sa.String(length=128), nullable=False),
        sa.Column("area", sa.String(length=36), nullable=False),
        sa.Column("hall", sa.String(length=36), nullable=False),
        sa.Column("kiosk", sa.String(length=36), nullable=False),
        sa.Column("boot", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("software", sa.String(length=200), server_default="", nullable=False),
        sa.Column("catalogue", sa.String(length=200), server_default="", nullable=False),
        sa.Column("health_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("health_boot", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("health_clock", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("screen_age", sa.Float(), nullable=False),
        sa.Column("session", sa.Boolean(), nullable=False),
        sa.Column("outbox", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("uptime", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("head", sa.String(length=128), server_default="", nullable=False),
        sa.Column("head_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("seen", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("path"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("terminals")
    op.drop_table("streams")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_started"))

    op.drop_table("sessions")
    with op.batch_alter_table("refused", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refused_terminal_stream_boot_seq"))

    op.drop_table("refused")
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ratings_at"))

    op.drop_table("ratings")
    with op.batch_alter_table("prints", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_prints_session"))
        batch_op.drop_index(batch_op.f("ix_prints_at"))

    op.drop_table("prints")
    op.drop_table("meta")
    op.drop_table("messages")
    with op.batch_alter_table("faults", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_faults_open"))

    op.drop_table("faults")
    op.drop_table("devices")
    op.drop_table("changes")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_session"))
        batch_op.drop_index(batch_op.f("ix_cases_at"))

    op.drop_table("cases")
