"""Records: whatever reaches outside is noted before its first byte, and never goes where it cannot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from kiosk.data import records
from kiosk.data.records import Kind, RecordError, State
from kiosk.data.schema import STEPS
from kiosk.data.store import Store, Transaction
from kiosk.data.vault import Vault

STATES: tuple[State, ...] = get_args(State)
KINDS: tuple[Kind, ...] = get_args(Kind)
ENDS = {"accepted", "refused", "confirmed", "failed", "settled", "refunded"}
BEGINNING = {("intended", "sent"), ("intended", "failed"), ("sent", "unknown")}
ALLOWED = {
    "submission": BEGINNING
    | {("sent", "accepted"), ("sent", "refused"), ("unknown", "accepted"), ("unknown", "refused")}
    | {("unknown", "sent"), ("unknown", "failed")},
    "print": BEGINNING
    | {("sent", "confirmed"), ("sent", "failed"), ("unknown", "confirmed"), ("unknown", "failed")},
    "payment": BEGINNING
    | {("sent", "paid"), ("sent", "refused"), ("unknown", "paid"), ("unknown", "refused")}
    | {("unknown", "refunded"), ("paid", "refunded"), ("paid", "settled")},
}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.close()


def test_given_a_submission_cut_off_after_its_first_byte_then_it_is_found_open_at_the_next_start(
    tmp_path: Path,
) -> None:
    kept, vault = Store(tmp_path), Vault(tmp_path)
    record = kept.write_sync(
        lambda tx: records.intend(tx, vault, "submission", "key-1", "s1", "SB01", {"from": "2025-01"})
    )
    kept.write_sync(lambda tx: records.advance(tx, vault, record.id, "sent"))
    kept.close()
    again = Store(tmp_path)
    with again.read() as read:
        (found,) = records.open_records(read)
        assert (found.key, found.state, found.service) == ("key-1", "sent", "SB01")
        assert records.detail_of(read, Vault(tmp_path), found) == {"from": "2025-01"}
    done = {"case_no": "330100-2026-000123"}
    again.write_sync(lambda tx: records.advance(tx, vault, record.id, "accepted", done))
    with again.read() as read:
        assert records.open_records(read) == []
        assert records.detail_of(read, vault, records.get(read, record.id)) == done
    again.close()


def test_given_a_key_that_was_used_then_it_cannot_be_used_again(kept: Store) -> None:
    vault = Vault(kept.folder)
    kept.write_sync(lambda tx: records.intend(tx, vault, "print", "job-1", "s1", "SB01", {}))
    with pytest.raises(sqlite3.IntegrityError):
        kept.write_sync(lambda tx: records.intend(tx, vault, "print", "job-1", "s2", "SB01", {}))


def test_given_a_print_whose_end_is_unknown_then_it_is_never_sent_again(kept: Store) -> None:
    vault = Vault(kept.folder)
    record = kept.write_sync(lambda tx: records.intend(tx, vault, "print", "job-1", "s1", "SB01", {}))
    kept.write_sync(lambda tx: records.advance(tx, vault, record.id, "sent"))
    kept.write_sync(lambda tx: records.advance(tx, vault, record.id, "unknown"))
    with pytest.raises(RecordError, match="from unknown to sent"):
        kept.write_sync(lambda tx: records.advance(tx, vault, record.id, "sent"))
    with pytest.raises(RecordError, match="no record"):
        kept.write_sync(lambda tx: records.advance(tx, vault, "nobody", "sent"))


class Life(RuleBasedStateMachine):
    """Records taken through random steps, beside a plain model of what is allowed."""

    made = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        for statement in ";".join(STEPS).split(";"):
            self.connection.execute(statement)
        self.tx = Transaction(self.connection, boot=1)
        self.folder = TemporaryDirectory()
        self.vault = Vault(Path(self.folder.name))
        self.model: dict[str, tuple[Kind, State]] = {}

    @rule(target=made, kind=st.sampled_from(KINDS))
    def intend(self, kind: Kind) -> str:
        key = f"key-{len(self.model)}"
        record = records.intend(self.tx, self.vault, kind, key, "s", "SB01", {"k": key})
        self.model[record.id] = (kind, "intended")
        return record.id

    @rule(id=made, state=st.sampled_from(STATES))
    def advance(self, id: str, state: State) -> None:
        kind, now = self.model[id]
        if (now, state) in ALLOWED[kind]:
            assert records.advance(self.tx, self.vault, id, state).state == state
            self.model[id] = (kind, state)
        else:
            with pytest.raises(RecordError):
                records.advance(self.tx, self.vault, id, state)

    @invariant()
    def open_records_are_those_whose_end_is_not_known(self) -> None:
        found = {record.id: record.state for record in records.open_records(self.connection)}
        assert found == {id: state for id, (_, state) in self.model.items() if state not in ENDS}
        plan = self.connection.execute(
            "EXPLAIN QUERY PLAN SELECT id FROM records WHERE state IN ('intended', 'sent', 'unknown', 'paid')"
        ).fetchall()
        assert "records_open" in str(plan), "asked every few seconds: it must not read every record there is"

    def teardown(self) -> None:
        self.connection.close()
        self.folder.cleanup()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=20)


def test_a_number_with_slashes_of_its_own_is_one_document_and_no_other_is_taken_for_it(kept: Store) -> None:
    """Some platforms number so; `A/2026/1` may be a print of `A/2026`, and `A` is another certificate."""
    vault = Vault(kept.folder)
    keys = ("A/2026/1", "A/1", "A/2027/1", "A/2026/2", "A/2")

    def print_all(tx: Transaction) -> None:
        for key in keys:
            records.intend(tx, vault, "print", key, "s1", "SB01", {})

    kept.write_sync(print_all)
    with kept.read() as read:
        for name, own in (("A", ["A/1", "A/2"]), ("A/2026", ["A/2026/1", "A/2026/2"])):
            assert [one.key for one in records.attempts(read, f"{name}/1")] == own
            assert records.document_name(f"{name}/2") == name
    assert records.document_name("of an older store") == "of an older store"
