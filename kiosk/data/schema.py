"""The tables of the terminal's store, as steps that are only ever added to.

`PRAGMA user_version` says how many steps a store has taken. A step that was released is never edited.
"""

from __future__ import annotations

from mqtt import outbox

_FIRST = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE session_keys (
    session TEXT PRIMARY KEY, wrapped BLOB NOT NULL, created REAL NOT NULL
) WITHOUT ROWID, STRICT;
CREATE TABLE journal (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL, session TEXT NOT NULL, type TEXT NOT NULL,
    time TEXT NOT NULL, sealed BLOB NOT NULL, digest BLOB NOT NULL, chain BLOB NOT NULL,
    stream TEXT NOT NULL, boot INTEGER NOT NULL, seq INTEGER NOT NULL, message BLOB NOT NULL
) STRICT;
CREATE TABLE journal_head (
    one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL, chain BLOB NOT NULL,
    boot INTEGER NOT NULL, tx INTEGER NOT NULL, evt INTEGER NOT NULL
) STRICT;
INSERT INTO journal_head VALUES (1, 0, zeroblob(32), 0, 0, 0);
CREATE TABLE records (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL UNIQUE, session TEXT NOT NULL,
    service TEXT NOT NULL, state TEXT NOT NULL, detail BLOB NOT NULL, updated REAL NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX records_open ON records (state) WHERE state IN ('intended', 'sent', 'unknown');
"""

_PAYMENTS = """
DROP INDEX records_open;
CREATE INDEX records_open ON records (state) WHERE state IN ('intended', 'sent', 'unknown', 'paid')
"""

# One row for each blank that was ever loaded, numbered or not, in the order of the tray (stock.py).
_STOCK = """
CREATE TABLE sheets (
    device TEXT NOT NULL, n INTEGER NOT NULL, number TEXT NOT NULL, state TEXT NOT NULL,
    record TEXT NOT NULL, updated REAL NOT NULL, PRIMARY KEY (device, n)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX sheets_number ON sheets (number) WHERE number <> '';
CREATE INDEX sheets_record ON sheets (record) WHERE record <> '';
CREATE INDEX sheets_state ON sheets (device, state, n)
"""

_COUNTERS = """
CREATE TABLE counters (
    device TEXT NOT NULL, name TEXT NOT NULL, day TEXT NOT NULL, amount INTEGER NOT NULL,
    PRIMARY KEY (device, name, day)
) WITHOUT ROWID, STRICT;
CREATE TABLE supplies (
    device TEXT NOT NULL, supply TEXT NOT NULL, level TEXT NOT NULL, totals TEXT NOT NULL,
    PRIMARY KEY (device, supply)
) WITHOUT ROWID, STRICT
"""

# What a print was is not personal: it is known after the session's key is gone. Older rows keep it sealed.
# One row in sealed_copies for each document that may be printed again (kiosk/data/sealed_copies.py).
_PRINTS = """
ALTER TABLE records ADD COLUMN document TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN copy INTEGER NOT NULL DEFAULT 1;
ALTER TABLE records ADD COLUMN decided_by TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN begun INTEGER NOT NULL DEFAULT 1;
CREATE TABLE sealed_copies (
    record TEXT PRIMARY KEY, session TEXT NOT NULL, made REAL NOT NULL, sealed BLOB NOT NULL
) WITHOUT ROWID, STRICT
"""

_RESULTS = "ALTER TABLE journal_head ADD COLUMN res INTEGER NOT NULL DEFAULT 0"

# One row for each command of the hall (kiosk/remote/commands.py). `machine` names the computer's own start.
_COMMANDS = """
CREATE TABLE commands (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, arguments TEXT NOT NULL, deadline REAL NOT NULL,
    given REAL NOT NULL, state TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL,
    parts INTEGER NOT NULL, runs INTEGER NOT NULL, boot INTEGER NOT NULL, machine TEXT NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX commands_open ON commands (state) WHERE state IN ('accepted', 'running')
"""

STEPS = (
    _FIRST + outbox.TABLES,
    _PAYMENTS,
    _STOCK,
    _COUNTERS,
    _PRINTS,
    _RESULTS,
    _COMMANDS,
    outbox.LATE_HEALTH,
)
