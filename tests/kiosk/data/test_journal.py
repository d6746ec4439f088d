"""The journal: whoever changes what happened is found out."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.data import journal
from kiosk.data.journal import HallRow, Report
from kiosk.data.store import FILE, Store, Transaction
from kiosk.data.vault import KeyDestroyed, Vault
from mqtt import messages, outbox
from mqtt.messages import CaseFiled, Health, SessionEnded, SessionStarted
from mqtt.topics import TerminalPath

PATH = TerminalPath("330100", "demo", "K001")


class Desk:
    """A store with its vault, and the three entries of one visit in it."""

    def __init__(self, folder: Path) -> None:
        self.store, self.vault = Store(folder), Vault(folder)

    def append(self, session: str, type: str, body: dict[str, Any], message: messages.Data | None) -> str:
        work = lambda tx: journal.append(tx, self.vault, session, type, body, message, PATH)  # noqa: E731
        return self.store.write_sync(work).id

    def visit(self, session: str = "s1") -> None:
        self.append(session, "session.started", {}, SessionStarted(session))
        self.append(session, "card.read", {"name": "欧阳示例", "number": "11010519491231002X"}, None)
        self.append(session, "case.filed", {}, CaseFiled(session, "SB01", f"key-{session}", "accepted"))
        self.append(session, "session.ended", {}, SessionEnded(session, "completed"))

    def verify(self) -> Report:
        with self.store.read() as read:
            return journal.verify(read)

    def tamper(self, sql: str, parameters: tuple[object, ...] = ()) -> None:
        """What somebody with the disk in hand would do."""
        self.store.close()
        with closing(sqlite3.connect(self.store.folder / FILE)) as connection:
            connection.execute(sql, parameters)
            connection.commit()
        self.store = Store(self.store.folder)

    def hall_rows(self) -> list[HallRow]:
        """What an honest hall holds: derived from the payloads, as the hall does it."""
        with self.store.read() as read:
            rows = read.execute("SELECT id, stream, payload FROM outbox").fetchall()
            payloads = [(stream, self.vault.open_message(read, id, sealed)) for id, stream, sealed in rows]
        found = []
        for stream, payload in payloads:
            said = messages.decode(payload)
            digest = hashlib.sha256(payload).hexdigest()
            found.append(HallRow(said.id, stream, said.boot, said.seq, digest, said.head))
        return found

    def acknowledge_all(self) -> None:
        def work(tx: Transaction) -> None:
            for row in outbox.due(tx, 1e12, 100):
                assert outbox.acked(tx, row.id, 1.0)

        self.store.write_sync(work)

    def compare(self, rows: list[HallRow]) -> set[str]:
        with self.store.read() as read:
            return {problem.what for problem in journal.compare(read, rows).problems}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path)
    opened.visit()
    yield opened
    opened.store.close()


def test_given_a_visit_then_entry_and_message_are_one(desk: Desk) -> None:
    with desk.store.read() as read:
        entries = list(journal.entries(read))
        due = {
            row.id: messages.decode(desk.vault.open_message(read, row.id, row.payload))
            for row in outbox.due(read, 1e12, 10)
        }
        assert journal.body(read, desk.vault, entries[1])["name"] == "欧阳示例"
    assert [entry.n for entry in entries] == [1, 2, 3, 4]
    assert [(entry.stream, entry.boot, entry.seq) for entry in entries] == [
        ("evt", 1, 1), ("", 0, 0), ("tx", 1, 1), ("evt", 1, 2),
    ]  # fmt: skip
    assert set(due) == {entry.id for entry in entries if entry.stream}
    for entry in entries:
        if entry.stream:
            said = due[entry.id]
            assert (said.head, said.boot, said.seq) == (entry.chain.hex(), entry.boot, entry.seq)
            assert said.source == "kt/1/330100/demo/K001"
    assert desk.verify() == Report(4, entries[3].chain.hex(), ())


def test_given_a_transaction_that_fails_then_neither_entry_nor_message_nor_number_is_used(desk: Desk) -> None:
    def work(tx: Transaction) -> None:
        journal.append(tx, desk.vault, "s2", "session.started", {}, SessionStarted("s2"), PATH)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        desk.store.write_sync(work)
    desk.append("s3", "session.started", {}, SessionStarted("s3"))
    with desk.store.read() as read:
        last = list(journal.entries(read))[-1]
        assert outbox.depth(read) == 4
    assert (last.n, last.stream, last.seq) == (5, "evt", 3)
    assert desk.verify().sound


def test_given_a_terminal_that_starts_again_then_each_stream_is_numbered_anew_and_the_chain_goes_on(
    desk: Desk,
) -> None:
    desk.store.close()
    desk.store = Store(desk.store.folder)
    desk.append("s2", "card.read", {}, None)
    for _ in range(2):
        desk.append("s2", "case.filed", {}, CaseFiled("s2", "SB01", "key-s2", "accepted"))
    desk.append("s2", "session.ended", {}, SessionEnded("s2", "completed"))
    with desk.store.read() as read:
        later = list(journal.entries(read, after=4))
    assert [(entry.stream, entry.boot, entry.seq) for entry in later] == [
        ("", 0, 0), ("tx", 2, 1), ("tx", 2, 2), ("evt", 2, 1),
    ]  # fmt: skip
    assert desk.verify().sound


def test_given_the_files_on_the_disk_then_nobody_is_named_in_them(desk: Desk) -> None:
    desk.append("planted-control", "planted", {}, SessionStarted("planted-control"))
    everything = b"".join(file.read_bytes() for file in desk.store.folder.iterdir())
    assert b"planted-control" in everything  # the journal says in clear whose session an entry is of
    assert b"hall.session.started" not in everything  # what waits for the hall lies sealed
    assert b"11010519491231002X" not in everything
    assert "欧阳示例".encode() not in everything


def test_given_a_destroyed_key_then_the_chain_still_verifies_and_the_body_is_gone(desk: Desk) -> None:
    desk.store.write_sync(lambda tx: desk.vault.destroy(tx, "s1"))
    assert desk.verify().sound
    with desk.store.read() as read:
        with pytest.raises(KeyDestroyed):
            journal.body(read, desk.vault, next(journal.entries(read)))


def test_given_what_the_terminal_itself_does_then_it_is_sealed_under_a_key_of_the_day(desk: Desk) -> None:
    desk.append("", "fault.raised", {"code": "receipt_paper_out"}, None)
    with desk.store.read() as read:
        entry = list(journal.entries(read))[-1]
        assert entry.session == f"terminal-{entry.time[:10]}"
        assert journal.body(read, desk.vault, entry) == {"code": "receipt_paper_out"}


def test_given_a_message_that_is_not_reliable_or_has_no_path_then_nothing_is_written(desk: Desk) -> None:
    with pytest.raises(KeyError):
        desk.append("s1", "health", {}, Health(devices=[]))
    with pytest.raises(ValueError, match="path"):
        desk.store.write_sync(
            lambda tx: journal.append(tx, desk.vault, "s1", "session.started", {}, SessionStarted("s1"))
        )
    assert desk.verify().entries == 4


TAMPERINGS = {
    "session": ("UPDATE journal SET session = 's9' WHERE n = 2", "chain", 2),
    "type": ("UPDATE journal SET type = 'card.refused' WHERE n = 2", "chain", 2),
    "time": ("UPDATE journal SET time = '2020-01-01T00:00:00.000Z' WHERE n = 2", "chain", 2),
    "id": ("UPDATE journal SET id = 'another' WHERE n = 2", "chain", 2),
    "number": ("UPDATE journal SET seq = 7 WHERE n = 3", "seq", 3),
    "sealed body": ("UPDATE journal SET sealed = randomblob(60) WHERE n = 2", "body", 2),
    "digest": ("UPDATE journal SET digest = randomblob(32) WHERE n = 2", "chain", 2),
    "chain": ("UPDATE journal SET chain = randomblob(32) WHERE n = 2", "chain", 2),
    "deleted row": ("DELETE FROM journal WHERE n = 2", "missing", 2),
    "deleted end": ("DELETE FROM journal WHERE n = 4", "tail", 4),
    "deleted beginning": ("DELETE FROM journal WHERE n = 1", "missing", 1),
    "everything": ("DELETE FROM journal", "tail", 1),
    "added row": (
        "INSERT INTO journal SELECT 5, 'new', session, type, time, sealed, digest, chain, '', 0, 0, message"
        " FROM journal WHERE n = 2",
        "chain",
        5,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERINGS)
def test_given_somebody_changes_the_disk_then_verify_names_the_place(desk: Desk, what: str) -> None:
    sql, problem, n = TAMPERINGS[what]
    desk.tamper(sql)
    assert (problem, n) in {(found.what, found.n) for found in desk.verify().problems}


def test_given_two_entries_whose_places_are_exchanged_then_verify_names_both(desk: Desk) -> None:
    desk.tamper("UPDATE journal SET n = CASE n WHEN 2 THEN -3 ELSE -2 END WHERE n IN (2, 3)")
    desk.tamper("UPDATE journal SET n = -n WHERE n < 0")
    assert {2, 3} <= {problem.n for problem in desk.verify().problems if problem.what == "chain"}


def test_given_an_honest_hall_then_journal_and_hall_agree(desk: Desk) -> None:
    rows = desk.hall_rows()
    assert desk.compare(rows) == set()
    assert desk.compare([]) == set()  # all of it still waits in the outbox
    desk.acknowledge_all()
    assert desk.compare(rows) == set()


def test_given_a_hall_that_holds_something_else_then_each_difference_is_named(desk: Desk) -> None:
    rows = desk.hall_rows()
    desk.acknowledge_all()
    assert desk.compare(rows[1:]) == {"hall_missing"}
    assert desk.compare([*rows, rows[0]]) == {"hall_twice"}
    assert desk.compare([replace(rows[0], digest="00" * 32), *rows[1:]]) == {"hall_differs"}
    assert desk.compare([replace(rows[0], seq=9), *rows[1:]]) == {"hall_differs"}
    assert desk.compare([*rows, replace(rows[0], id="another")]) == {"hall_extra"}


def test_given_a_disk_rewritten_as_a_whole_then_only_the_hall_can_tell_and_it_does(desk: Desk) -> None:
    rows = desk.hall_rows()
    desk.acknowledge_all()
    forged, before = [], journal.START
    with desk.store.read() as read:
        for entry in journal.entries(read):
            changed = entry._replace(type="card.refused") if entry.n == 2 else entry
            before = journal._link_of(changed, before)
            forged.append((changed.type, before, entry.n))
    for row in forged:
        desk.tamper("UPDATE journal SET type = ?, chain = ? WHERE n = ?", row)
    desk.tamper("UPDATE journal_head SET chain = ?", (before,))
    assert desk.verify().sound
    assert desk.compare(rows) == {"hall_head"}


def test_given_a_refused_message_then_the_hall_need_not_have_it(desk: Desk) -> None:
    rows = desk.hall_rows()
    gone = next(row for row in rows if row.stream == "tx")
    assert desk.store.write_sync(lambda tx: outbox.refused(tx, gone.id, "malformed", 1.0))
    desk.acknowledge_all()
    assert desk.compare([row for row in rows if row != gone]) == set()


STEP = st.tuples(st.sampled_from(["s1", "s2", ""]), st.booleans(), st.dictionaries(st.text(), st.text()))
CHANGES = (
    "id = id || 'x'",
    "session = ''",
    "type = upper(type)",
    "time = replace(time, 'T', ' ')",
    "stream = stream || 'tx'",
    "boot = boot + 1",
    "seq = seq + 1",
    "sealed = CAST(substr(sealed, 2) AS BLOB)",
    "digest = sealed",
    "chain = zeroblob(32)",
    "n = n + 100",
)


@settings(max_examples=20)
@given(st.lists(STEP, min_size=1, max_size=6), st.sampled_from(CHANGES), st.data())
def test_whatever_happened_the_chain_holds_until_any_one_cell_is_changed(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, bool, dict[str, str]]],
    change: str,
    data: st.DataObject,
) -> None:
    desk = Desk(tmp_path_factory.mktemp("journal"))
    try:
        for session, told, body in steps:
            desk.append(session, "step", body, SessionStarted(session) if told else None)
        assert desk.verify().sound
        n = data.draw(st.integers(1, len(steps)))
        with closing(sqlite3.connect(desk.store.folder / FILE)) as connection:
            connection.execute(f"UPDATE journal SET {change} WHERE n = ?", (n,))
            connection.commit()
        assert n in {problem.n for problem in desk.verify().problems}
    finally:
        desk.store.close()


def test_given_a_row_that_no_program_of_ours_wrote_then_verify_says_so_and_does_not_fall(desk: Desk) -> None:
    desk.tamper("UPDATE journal SET type = CAST(x'fffe' AS TEXT) WHERE n = 3")
    assert desk.verify().problems[-1].what == "unreadable"


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_an_entry_says_its_time_in_utc_to_the_millisecond(moment: datetime) -> None:
    said = journal._stamp(moment.timestamp())
    assert len(said) == 24
    assert abs(datetime.fromisoformat(said) - moment) <= timedelta(milliseconds=1)


def test_an_entry_that_says_one_thing_in_two_ways_has_two_links() -> None:
    assert journal._link(b"", b"", "ab", "c") != journal._link(b"", b"", "a", "bc")
    assert journal._link(b"", b"", 1, "") != journal._link(b"", b"", "1", "")
