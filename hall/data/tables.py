"""The tables of the hall's store. Instants are milliseconds since 1970, UTC; bodies are JSON text.

`n` counts the rows of a table as they came: what the API pages by. Every business row can be derived
again from `messages`, which is the record of what the terminals said.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)
_UNKNOWN = text("state = 'unknown'")
_NOT_UPLINKED = text("uplinked = 0")
_Count = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts by itself only what it calls INTEGER


def _n() -> Column[int]:
    return Column("n", _Count, primary_key=True, autoincrement=True)


def _terminal() -> Column[str]:
    return Column("terminal", String(128), nullable=False)


def _text(name: str, length: int = 200) -> Column[str]:
    return Column(name, String(length), nullable=False, server_default="")


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


terminals = Table(
    "terminals",
    metadata,
    Column("path", String(128), primary_key=True),  # area/hall/kiosk
    Column("area", String(36), nullable=False),
    Column("hall", String(36), nullable=False),
    Column("kiosk", String(36), nullable=False),
    _number("boot"),
    _number("connection"),  # with `boot`: of the youngest birth or death; the order is theirs, not of arrival
    _number("birth_boot"),  # with `birth_connection`: the youngest birth that was heard
    _number("birth_connection"),
    Column("online", Boolean, nullable=False),
    _number("since"),  # when it came online or went off
    _text("software"),
    _text("catalogue"),
    _number("health_at"),  # when the last health came in; 0 never
    _number("health_boot"),  # with `health_clock`: when it was made, by the terminal's own clock
    _number("health_clock"),
    _number("health_number"),  # counts the reports of a boot
    _number("health_connection"),
    Column("screen_age", Float, nullable=False),
    Column("session", Boolean, nullable=False),
    _number("outbox"),
    _number("uptime"),
    _text("head", 128),  # head of the terminal's journal, as its youngest message says
    _text("head_id", 64),
    _number("seen"),  # when anything last came in
)

devices = Table(
    "devices",
    metadata,
    Column("terminal", String(128), primary_key=True),
    Column("name", String(64), primary_key=True),
    _number("position"),  # the terminal's own order
    _text("kind", 64),
    _text("availability", 32),
    _text("media", 32),
    Column("supplies", Text, nullable=False),
    Column("faults", Text, nullable=False),
    _text("detail", 500),
    _number("since"),  # when any axis last changed
    Column("counts", Text, nullable=False, server_default="{}"),
    Column("runs_out", Text, nullable=False, server_default="{}"),
    Column("levels", Text, nullable=False, server_default="{}"),
)

device_history = Table(  # a row for each change of an axis of a device
    "device_history",
    metadata,
    _n(),
    _terminal(),
    _text("device", 64),
    _text("availability", 32),
    _text("media", 32),
    Column("supplies", Text, nullable=False),
    Column("faults", Text, nullable=False),
    _number("at"),  # when the hall heard it
    Index(None, "terminal", "device", "at"),
    Index(None, "at"),
)

messages = Table(  # on PostgreSQL in partitions by month of the id (`hall/data/partitions.py`)
    "messages",
    metadata,
    _n(),
    Column("id", String(64).with_variant(String(64, collation="C"), "postgresql"), nullable=False),
    _terminal(),
    Column("stream", String(8), nullable=False),
    Column("boot", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("type", String(64), nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the payload as it came
    Column("head", String(128), nullable=False),
    Column("at", BigInteger, nullable=False),  # the terminal's clock
    Column("received", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("id"),
    # Each number once: `intake/filing.py` holds it, under the terminal's lock; a partition knows only itself.
    Index("ix_messages_number", "terminal", "stream", "boot", "seq"),
)

streams = Table(
    "streams",
    metadata,
    Column("terminal", String(128), primary_key=True),
    Column("stream", String(8), primary_key=True),
    Column("boot", BigInteger, primary_key=True),
    _number("contiguous"),  # every number up to here has been settled
    _number("highest"),
)

cases = Table(
    "cases",
    metadata,
    _n(),
    _terminal(),
    Column("key", String(64), nullable=False),
    _text("session", 64),
    _text("service", 32),
    _text("state", 16),
    _text("case_no", 64),
    _text("code", 64),
    _number("at"),
    _number("boot"),
    _number("seq"),
    _number("uplinked"),  # 0: the uplink has not looked at it, or not since it changed
    UniqueConstraint("terminal", "key"),
    Index(None, "session"),
    Index(None, "at"),
    Index("ix_cases_uplinked", "n", sqlite_where=_NOT_UPLINKED, postgresql_where=_NOT_UPLINKED),
)

prints = Table(
    "prints",
    metadata,
    _n(),
    _terminal(),
    Column("job", String(64), nullable=False),
    _text("session", 64),
    _text("service", 32),
    _text("document", 32),
    _text("state", 16),
    _text("device", 64),
    _text("number", 80),
    _text("code", 64),
    _text("sheet", 64),
    Column("copy", BigInteger, nullable=False, server_default="1"),
    _text("decided_by", 16),
    _number("at"),
    _number("boot"),
    _number("seq"),
    UniqueConstraint("terminal", "job"),
    Index(None, "session"),
    Index(None, "at"),
    # The desk asks at each page for the few that are not settled, among all that ever were.
    Index("ix_prints_unknown", "state", sqlite_where=_UNKNOWN, postgresql_where=_UNKNOWN),
)

payments = Table(
    "payments",
    metadata,
    _n(),
    _terminal(),
    Column("key", String(64), nullable=False),
    _text("session", 64),
    _text("service", 32),
    _text("state", 16),
    _number("fen"),
    _text("order_no", 64),
    _text("code", 64),
    _number("at"),
    _number("boot"),
    _number("seq"),
    UniqueConstraint("terminal", "key"),
    Index(None, "session"),
    Index(None, "at"),
)

ratings = Table(
    "ratings",
    metadata,
    _n(),
    _terminal(),
    _text("session", 64),
    _text("service", 32),
    _text("case_no", 64),
    _number("number"),
    _number("stars"),
    Column("codes", Text, nullable=False),
    _number("at"),
    _number("uplinked"),
    UniqueConstraint("terminal", "session", "service", "case_no", "number"),  # one visit, one rating
    Index(None, "at"),
    Index("ix_ratings_uplinked", "n", sqlite_where=_NOT_UPLINKED, postgresql_where=_NOT_UPLINKED),
)

sessions = Table(
    "sessions",
    metadata,
    _n(),
    _terminal(),
    _text("session", 64),
    _number("started"),
    _number("ended"),
    _text("outcome", 32),
    _text("service", 32),
    _number("seconds"),
    UniqueConstraint("terminal", "session"),
    Index(None, "started"),
)

technician_acts = Table(  # what technicians did at the terminals' own screens
    "technician_acts",
    metadata,
    _n(),
    _terminal(),
    _text("actor", 64),  # a number, never a name
    _text("act", 40),
    _text("subject", 128),  # a device, a supply as `device:part`, a setting
    _text("outcome", 64),  # empty: done; else a code of config/faults.toml
    _text("detail"),
    _number("at"),
    _number("boot"),
    _number("seq"),
    UniqueConstraint("terminal", "boot", "seq"),
    Index(None, "at"),
)

readiness = Table(  # the youngest readiness report of each terminal
    "readiness",
    metadata,
    _n(),
    _terminal(),
    _text("by", 64),  # a technician's number, `hall`, or `install`
    _number("not_ready"),  # parts
    Column("found", Text, nullable=False),  # JSON: a list of parts
    _number("at"),
    _number("boot"),
    _number("seq"),
    UniqueConstraint("terminal"),
)

faults = Table(
    "faults",
    metadata,
    _n(),
    _terminal(),
    _text("device", 64),  # empty: the terminal itself
    _text("code", 64),
    Column("open", Boolean, nullable=False),
    _number("since"),  # when it was raised
    _number("cleared"),
    _number("boot"),  # with `at`: the youngest evidence for or against it, by the terminal's clock
    _number("at"),
    UniqueConstraint("terminal", "device", "code"),
    Index(None, "open"),
)

refused = Table(
    "refused",
    metadata,
    _n(),
    _terminal(),
    _text("topic", 250),
    _text("id", 64),
    _text("code", 32),
    _text("detail", 250),
    _text("stream", 8),
    _number("boot"),
    _number("seq"),
    _text("digest", 64),
    _number("size"),  # bytes
    _number("times"),
    _number("received"),  # the last time
    UniqueConstraint("topic", "digest", "code"),
    Index(None, "terminal", "stream", "boot", "seq"),
)

meta = Table(
    "meta", metadata, Column("key", String(32), primary_key=True), Column("value", Text, nullable=False)
)

changes = Table("changes", metadata, _n(), _terminal(), _text("what", 16))
