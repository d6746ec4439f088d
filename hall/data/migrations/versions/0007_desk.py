"""People and what they decide, machines and their certificates, errands; and whose word is the younger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Accounts, incidents, commands, machines, uplink; connection and number of state and health."""
    op.create_table(
        "accounts",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password", sa.String(length=200), server_default="", nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("made", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "audit",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("actor", sa.String(length=80), server_default="", nullable=False),
        sa.Column("act", sa.String(length=40), server_default="", nullable=False),
        sa.Column("area", sa.String(length=36), server_default="", nullable=False),
        sa.Column("subject", sa.String(length=128), server_default="", nullable=False),
        sa.Column("reference", sa.String(length=64), server_default="", nullable=False),
        sa.Column("outcome", sa.String(length=40), server_default="", nullable=False),
        sa.Column("detail", sa.String(length=500), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_subject"), ["subject"], unique=False)

    op.create_table(
        "certificates",
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), server_default="", nullable=False),
        sa.Column("issued", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("revoked", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.String(length=40), server_default="", nullable=False),
        sa.Column("key", sa.String(length=64), server_default="", nullable=False),
        sa.Column("replaced", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial"),
    )
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificates_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificates_key"), ["key"], unique=False)

    op.create_table(
        "signing_requests",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("replaces", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "command_parts",
        sa.Column("command", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("command", "number"),
    )
    op.create_table(
        "commands",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), server_default="", nullable=False),
        sa.Column("key", sa.String(length=80), server_default="", nullable=False),
        sa.Column("given", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("deadline", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=16), server_default="", nullable=False),
        sa.Column("code", sa.String(length=64), server_default="", nullable=False),
        sa.Column("detail", sa.String(length=200), server_default="", nullable=False),
        sa.Column("parts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("times", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("boot", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("id", name=op.f("uq_commands_id")),
        sa.UniqueConstraint("actor", "key", name=op.f("uq_commands_actor_key")),
    )
    with op.batch_alter_table("commands", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commands_due"), ["due"], unique=False)
        batch_op.create_index(batch_op.f("ix_commands_terminal"), ["terminal"], unique=False)

    op.create_table(
        "configurations",
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("desired", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("published", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reported_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reported", sa.Text(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reported_boot", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("terminal"),
    )
    op.create_table(
        "enrol_tokens",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("actor", sa.String(length=80), server_default="", nullable=False),
        sa.Column("made", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("used", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("key", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "grants",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=16), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("account", "area"),
    )
    op.create_table(
        "incidents",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("hall", sa.String(length=80), server_default="", nullable=False),
        sa.Column("terminal", sa.String(length=128), server_default="", nullable=False),
        sa.Column("device", sa.String(length=64), server_default="", nullable=False),
        sa.Column("code", sa.String(length=64), server_default="", nullable=False),
        sa.Column("since", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cleared", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("acknowledged_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint(
            "hall",
            "terminal",
            "device",
            "code",
            "since",
            name=op.f("uq_incidents_hall_terminal_device_code_since"),
        ),
    )
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incidents_cleared"), ["cleared"], unique=False)
        batch_op.create_index(batch_op.f("ix_incidents_open"), ["open"], unique=False)

    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=64), server_default="", nullable=False),
        sa.Column("until", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "logins",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), server_default="", nullable=False),
        sa.Column("csrf", sa.String(length=64), server_default="", nullable=False),
        sa.Column("label", sa.String(length=80), server_default="", nullable=False),
        sa.Column("made", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_logins_account"), ["account"], unique=False)

    op.create_table(
        "login_waits",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("until", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "machines",
        sa.Column("terminal", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="", nullable=False),
        sa.Column("enrolled", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("terminal"),
    )
    op.create_table(
        "uplink",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("kind", sa.String(length=16), server_default="", nullable=False),
        sa.Column("key", sa.String(length=200), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("answered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("code", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_uplink_kind_key")),
    )
    with op.batch_alter_table("uplink", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_uplink_state_due"), ["state", "due"], unique=False)

    with op.batch_alter_table("terminals", schema=None) as batch_op:
        batch_op.add_column(sa.Column("connection", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("health_number", sa.BigInteger(), server_default="0", nullable=False))
    for table in ("cases", "ratings"):
        op.add_column(table, sa.Column("uplinked", sa.BigInteger(), server_default="0", nullable=False))
        op.execute(sa.table(table, sa.column("uplinked")).update().values(uplinked=2))  # of before it
        new = sa.text("uplinked = 0")
        op.create_index(f"ix_{table}_uplinked", table, ["n"], sqlite_where=new, postgresql_where=new)
