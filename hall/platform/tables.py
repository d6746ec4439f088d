"""The tables of the platform's own database: cases, documents, withdrawn keys, counters.

A column that is added or changed here wants a version and its upgrade in `store.py`.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()

cases = Table(
    "cases",
    metadata,
    Column("key", String, primary_key=True),  # the terminal's Idempotency-Key
    Column("digest", String, nullable=False),  # SHA-256 of the submission: same key, same body?
    Column("case_no", String, nullable=False, unique=True),
    Column("service", String, nullable=False),
    Column("terminal", String, nullable=False),
    Column("citizen", String, index=True),  # identity number; NULL for a service without a card
    Column("means", String, nullable=False),
    Column("staff", String, nullable=False, server_default=""),  # who looked at the person
    Column("agent", String, nullable=False, server_default=""),  # identity number of who acted for him
    Column("agent_mode", String, nullable=False, server_default=""),  # assist, errand, proxy
    Column("authorisation", String, nullable=False, server_default=""),  # under which
    Column("submission", String, nullable=False),  # JSON as received
    Column("result", String, nullable=False),  # JSON of CaseResult
    Column("timeline", String, nullable=False),  # JSON list of TimelineEvent
    Column("accepted_at", DateTime, nullable=False),  # UTC
)

documents = Table(
    "documents",
    metadata,
    Column("document", String, primary_key=True),  # unguessable handle
    Column("number", String, nullable=False, unique=True),
    Column("code", String, nullable=False, unique=True),  # the short verification code on the paper
    Column("case_no", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("template", String, nullable=False, server_default="sb01"),  # which certificate it is
    Column("holder", String, nullable=False),  # masked: all that the public's page shows
    Column("sha256", String, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("issued_on", String, nullable=False),  # YYYY-MM-DD
    Column("valid_until", String, nullable=False),  # YYYY-MM-DD
    Column("time_stamped", Boolean, nullable=False, server_default="0"),
    Column("revoked_at", DateTime),
    Column("revoked_why", String, nullable=False, server_default=""),  # for the office; never shown in public
    Column("pdf", LargeBinary, nullable=False),
)

# Ratings (好差评): one for each case or visit, and one follow-up (追评). They name no person.
ratings = Table(
    "ratings",
    metadata,
    Column("case_no", String, primary_key=True),  # or the session, where nothing was filed
    Column("number", Integer, primary_key=True),  # 1 first, 2 follow-up
    Column("stars", Integer, nullable=False),  # 1–5, 5 best
    Column("codes", String, nullable=False),  # reasons, JSON list
    Column("text", String, nullable=False),
    Column("channel", String, nullable=False),  # terminal, or receipt: by its code, on a phone
    Column("given_at", DateTime, nullable=False),  # UTC
)

# Pages that citizens brought. One that no case has taken is thrown away after a day.
materials = Table(
    "materials",
    metadata,
    Column("material", String, primary_key=True),  # unguessable handle
    Column("subject", String),  # the handle under which it was left; NULL for a service without a card
    Column("case_key", String, index=True),  # of the case that took it
    Column("stored_at", DateTime, nullable=False),  # UTC
    Column("jpeg", LargeBinary, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("day", String, primary_key=True),
    Column("window", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("taken_at", DateTime, nullable=False),
    Column("priority", Boolean, nullable=False, server_default="0"),
)

# Places at an office by appointment. The key is what makes the last one go to one person only.
appointments = Table(
    "appointments",
    metadata,
    Column("office", String, primary_key=True),
    Column("day", String, primary_key=True),  # YYYY-MM-DD
    Column("slot", String, primary_key=True),  # HH:MM
    Column("number", Integer, primary_key=True),  # from 1 on
    Column("case_no", String, nullable=False, index=True),
    Column("taken_at", DateTime, nullable=False),  # UTC
)

# Originals that wait in a terminal's locker for staff.
lockers = Table(
    "lockers",
    metadata,
    Column("case_no", String, primary_key=True),
    Column("terminal", String, nullable=False, index=True),
    Column("compartment", Integer, nullable=False),
    Column("code", String, nullable=False),  # who has it may fetch them
    Column("until", DateTime, nullable=False),  # UTC
)

orders = Table(
    "orders",
    metadata,
    Column("key", String, primary_key=True),  # the terminal's Idempotency-Key
    Column("digest", String, nullable=False),  # SHA-256 of the request: same key, same body?
    Column("order_no", String, nullable=False, unique=True),
    Column("code", String, nullable=False, unique=True),  # unguessable: who has it may pay
    Column("service", String, nullable=False),
    Column("terminal", String, nullable=False),
    Column("fen", Integer, nullable=False),
    Column("state", String, nullable=False),  # open, paid, refused, expired, closed, refunded
    Column("case_key", String, unique=True),  # the accepted case that it paid for
    Column("opened_at", DateTime, nullable=False),  # UTC, as all times here
    Column("expires_at", DateTime, nullable=False),
    Column("paid_at", DateTime),
    Column("refunded_at", DateTime),
)

# Whose case an order may pay for (its key, his identity number).
payers = Table("payers", metadata, Column("key", String, primary_key=True), Column("citizen", String))

# Codes of apps that were shown once, until none of them could be good any more.
app_codes = Table(
    "app_codes",
    metadata,
    Column("id", String, primary_key=True),
    Column("used_at", DateTime, nullable=False),  # UTC
)

# Who may act for whom (帮办, 代办, 委托). Both by their identity number.
authorisations = Table(
    "authorisations",
    metadata,
    Column("number", String, primary_key=True),
    Column("principal", String, nullable=False, index=True),
    Column("agent", String, nullable=False, index=True),
    Column("mode", String, nullable=False),
    Column("services", String, nullable=False),  # JSON list
    Column("until", String, nullable=False),  # YYYY-MM-DD, the last day
    Column("signature", String, nullable=False),  # an SVG path; empty for one that was made at a window
    Column("made_at", DateTime, nullable=False),  # UTC
    Column("withdrawn_at", DateTime),
)

# Accepted cases that lack papers (容缺): which, and by when.
deficits = Table(
    "deficits",
    metadata,
    Column("case_no", String, primary_key=True),
    Column("citizen", String, nullable=False, index=True),
    Column("materials", String, nullable=False),  # JSON list of keys that are still missing
    Column("until", String, nullable=False),  # YYYY-MM-DD, the last day
    Column("state", String, nullable=False, index=True),  # open, complete, lapsed
)

# Papers brought later. The pages are materials, taken under the key.
supplements = Table(
    "supplements",
    metadata,
    Column("key", String, primary_key=True),  # the terminal's Idempotency-Key
    Column("digest", String, nullable=False),  # SHA-256 of the body: same key, same body?
    Column("case_no", String, nullable=False, index=True),
    Column("terminal", String, nullable=False),
    Column("result", String, nullable=False),  # JSON of CaseResult
    Column("brought_at", DateTime, nullable=False),  # UTC
)

# What goes on at the phone, or at a terminal: codes that are good once. `form` names people's answers.
handovers = Table(
    "handovers",
    metadata,
    Column("code", String, primary_key=True),
    Column("side", String, nullable=False),  # where it was begun: terminal, phone
    Column("citizen", String),  # identity number; NULL for a service without a card
    Column("service", String, nullable=False),
    Column("form", String, nullable=False),  # JSON of values
    Column("case_no", String, nullable=False),  # filed already; empty: only begun
    Column("expires_at", DateTime, nullable=False),  # UTC
)

# What citizens say is wrong in what an office holds of them, for somebody to look after.
corrections = Table(
    "corrections",
    metadata,
    Column("key", String, primary_key=True),  # the terminal's Idempotency-Key
    Column("digest", String, nullable=False),  # SHA-256 of the body: same key, same body?
    Column("number", String, nullable=False, unique=True),
    Column("citizen", String, nullable=False, index=True),
    Column("service", String, nullable=False),
    Column("field", String, nullable=False),
    Column("remark", String, nullable=False),
    Column("until", String, nullable=False),  # YYYY-MM-DD: by when it is answered
    Column("filed_at", DateTime, nullable=False),  # UTC
)

# Codes by which a phone sends pages; the pages themselves are materials. Thrown away when their time is over.
uploads = Table(
    "uploads",
    metadata,
    Column("code", String, primary_key=True),  # unguessable: who has it may send
    Column("subject", String),  # the handle that asked for it
    Column("service", String, nullable=False),
    Column("material", String, nullable=False),
    Column("handles", String, nullable=False),  # JSON list of the pages that have come
    Column("expires_at", DateTime, nullable=False),  # UTC
)

# Cases that a department with a system of its own decides (受办分离), on their way there and back.
handed_over = Table(
    "handed_over",
    metadata,
    Column("case_no", String, primary_key=True),  # the key under which it is handed over, too
    Column("department", String, nullable=False),
    Column("body", String, nullable=False),  # JSON of HandedOver
    Column("state", String, nullable=False),  # intended, sent, unknown, accepted; granted, refused
    Column("reference", String, nullable=False),  # the department's own number
    Column("tries", Integer, nullable=False),  # in vain, since the last that went well
    Column("told", Integer, nullable=False),  # events of its progress that stand in ours
    Column("due", DateTime, nullable=False, index=True),  # UTC: when it is tried or asked for
    Column("at", DateTime, nullable=False),  # UTC
)

# Keys of cases and orders that never arrived, closed for good.
withdrawn = Table("withdrawn", metadata, Column("key", String, primary_key=True))

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Integer, nullable=False),
)
