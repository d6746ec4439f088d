"""The other half of the hall's store: people and what they decided, machines and their certificates, errands.

Instants are milliseconds since 1970, UTC; 0 means not yet. `hall/data/tables.py` has what the terminals said.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hall.data.tables import metadata

_Count = BigInteger().with_variant(Integer, "sqlite")


def _n() -> Column[int]:
    return Column("n", _Count, primary_key=True, autoincrement=True)


def _text(name: str, length: int = 200) -> Column[str]:
    return Column(name, String(length), nullable=False, server_default="")


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


def _terminal(primary_key: bool = False) -> Column[str]:
    return Column("terminal", String(128), nullable=False, primary_key=primary_key)


# ── who may ─────────────────────────────────────────────────────────────────
accounts = Table(
    "accounts",
    metadata,
    Column("name", String(64), primary_key=True),
    _text("password", 200),  # argon2id, with its salt and costs
    Column("disabled", Boolean, nullable=False),
    _number("made"),
    _number("changed"),  # the password; logins of before are over
)

grants = Table(  # what an account may: `watch` or `command` in an area, `*` in all
    "grants",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("area", String(36), primary_key=True),
    _text("role", 16),
)

logins = Table(  # of browsers (kind `session`) and programs (`token`); only a digest of the secret is kept
    "logins",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    _text("kind", 16),
    _text("csrf", 64),
    _text("label", 80),  # what a token is for
    _number("made"),
    _number("seen"),
    _number("expires"),
    Index(None, "account"),
)

login_waits = Table(  # who failed to log in, and how long they wait now; many desks keep one count
    "login_waits",
    metadata,
    Column("key", String(80), primary_key=True),  # digest of a name, or an address
    _number("failures"),
    _number("until"),
)

audit = Table(  # never changed, never deleted before its time
    "audit",
    metadata,
    _n(),
    _number("at"),
    _text("actor", 80),  # an account, or `cli:USER` of the server itself, or `system`
    _text("act", 40),  # login, login_failed, command, acknowledge, configure, account …
    _text("area", 36),
    _text("subject", 128),  # the terminal, the account …
    _text("reference", 64),  # id of the command, serial of the certificate …
    _text("outcome", 40),
    _text("detail", 500),
    Index(None, "at"),
    Index(None, "subject"),
)

technician_days = Table(  # acts that a terminal told in the day that is running (intake/technician_flood.py)
    "technician_days",
    metadata,
    _terminal(primary_key=True),
    _number("since"),
    _number("acts"),  # also those that are not kept
)

# ── what needs somebody ─────────────────────────────────────────────────────
incidents = Table(  # one row from *since* to *cleared* of a matter (hall/scheduler/attention.py)
    "incidents",
    metadata,
    _n(),
    _text("hall", 80),  # area/hall
    _text("terminal", 128),  # empty: the whole hall
    _text("device", 64),
    _text("code", 64),
    _number("since"),
    _number("cleared"),
    _text("acknowledged_by", 64),
    _number("acknowledged"),
    _text("note", 500),
    Column("open", Boolean, nullable=False),
    UniqueConstraint("hall", "terminal", "device", "code", "since"),
    Index(None, "open"),
    Index(None, "cleared"),
)

rating_tickets = Table(  # a bad rating: somebody looks after it, calls back, and closes it
    "rating_tickets",
    metadata,
    _n(),
    _terminal(),
    _text("session", 64),
    _text("service", 32),
    _text("case_no", 64),
    _number("number"),  # of the rating: 1 first, 2 follow-up
    _number("stars"),
    Column("codes", Text, nullable=False),  # JSON
    _number("opened"),  # the terminal's clock, as the rating's own
    _text("taken_by", 64),
    _number("taken"),
    _text("call", 16),  # how the call-back went: reached, unreached, nobody (an anonymous visit)
    _text("called_by", 64),
    _number("called"),
    _text("closed_by", 64),
    _number("closed"),
    _text("note", 500),  # what came of it; of no person
    UniqueConstraint("terminal", "session", "service", "case_no", "number"),
    Index(None, "closed"),
)

# ── commands and configuration ──────────────────────────────────────────────
commands = Table(
    "commands",
    metadata,
    _n(),
    Column("id", String(64), nullable=False),
    _terminal(),
    _text("name", 40),
    Column("arguments", Text, nullable=False),  # JSON
    _text("actor", 80),
    _text("key", 80),  # the giver's own, so that what is asked twice is given once; else the id
    _number("given"),
    _number("deadline"),
    _text("state", 16),  # given, accepted, running, done, failed, expired, cancelled
    _text("code", 64),
    _text("detail", 200),
    _number("parts"),
    _number("changed"),  # when the state last changed
    _number("sent"),  # when it was last handed to the broker
    _number("times"),
    _number("due"),  # when it is to be sent (again); 0: no more
    _number("boot"),  # with `seq`: of the youngest word of the terminal
    _number("seq"),
    UniqueConstraint("id"),
    UniqueConstraint("actor", "key"),
    Index(None, "terminal"),
    Index(None, "due"),
)

command_parts = Table(
    "command_parts",
    metadata,
    Column("command", String(64), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

configurations = Table(
    "configurations",
    metadata,
    _terminal(primary_key=True),
    _number("version"),
    Column("desired", Text, nullable=False),  # JSON
    _text("actor", 80),
    _number("at"),
    _number("published"),  # the version that the broker has
    _number("reported_version"),
    Column("reported", Text, nullable=False),
    Column("refused", Text, nullable=False),
    _number("reported_at"),
    _number("reported_boot"),
)

# ── machines ────────────────────────────────────────────────────────────────
machines = Table(  # every terminal that was ever enrolled
    "machines",
    metadata,
    _terminal(primary_key=True),
    _text("state", 16),  # enrolled, revoked, moved, retired
    _number("enrolled"),
    _number("changed"),
)

certificates = Table(
    "certificates",
    metadata,
    Column("serial", String(64), primary_key=True),  # hex
    _text("name", 128),  # the common name: a terminal's path, or a process of the hall
    _number("issued"),
    _number("expires"),
    _number("revoked"),
    _text("reason", 40),
    _text("key", 64),  # SHA-256 of the public key, hex: who asks twice for one key gets one certificate
    _number("replaced"),  # when its successor was issued
    Column("pem", Text, nullable=False),
    Index(None, "name"),
    Index(None, "key"),
)

signing_requests = Table(  # what an external authority is to sign, until its certificate is imported
    "signing_requests",
    metadata,
    Column("key", String(64), primary_key=True),
    _terminal(),
    Column("request", Text, nullable=False),  # PEM
    _number("made"),
    _text("replaces", 64),  # the serial of the certificate that asked for its successor
)

enrol_tokens = Table(
    "enrol_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    _terminal(),
    _text("actor", 80),
    _number("made"),
    _number("expires"),
    _number("used"),
    _text("key", 64),  # of whom it was used by: the same key may fetch its certificate once more
    _text("moved_from", 128),  # the place that its terminal leaves by using it
)

# ── the catalogue ───────────────────────────────────────────────────────────
catalogue_releases = Table(  # what terminals may fetch, signed elsewhere
    "catalogue_releases",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # only rises
    _text("digest", 64),  # SHA-256 of the archive, hex
    Column("archive", LargeBinary, nullable=False),
    Column("places", Text, nullable=False),  # JSON: AREA/HALL/KIOSK or AREA/HALL; empty: everywhere
    _number("services"),
    _number("published"),
    _text("actor", 80),
)

# ── errands ─────────────────────────────────────────────────────────────────
uplink = Table(  # what the city's platform is to be told
    "uplink",
    metadata,
    _n(),
    _text("kind", 16),  # case, rating
    _text("key", 200),  # idempotency key: what it is about
    Column("body", Text, nullable=False),  # JSON, with the platform's own field names
    _text("state", 16),  # waiting, sent, refused
    _number("at"),
    _number("attempts"),
    _number("due"),
    _number("answered"),
    _text("code", 64),
    UniqueConstraint("kind", "key"),
    Index(None, "state", "due"),
)

leases = Table(  # who does the scheduler's work now, so that two schedulers do not both
    "leases",
    metadata,
    Column("name", String(40), primary_key=True),
    _text("holder", 64),
    _number("until"),
)
