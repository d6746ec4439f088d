"""The outbox: nothing lost, nothing doubled, whatever is cut off in between."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mqtt import outbox

NOW = 1_000_000.0
DAY = 86400.0


def opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox'").fetchone():
        for statement in f"{outbox.TABLES};{outbox.LATE_HEALTH}".split(";"):
            connection.execute(statement)
    return connection


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = opened(tmp_path / "outbox.sqlite")
    yield connection
    connection.close()


def add(tx: outbox.Executes, stream: str = "tx", boot: int = 1, now: float = NOW) -> str:
    (last,) = tx.execute(
        "SELECT max(seq) FROM (SELECT stream, boot, seq FROM outbox UNION SELECT stream, boot, seq FROM"
        " outbox_kept UNION SELECT stream, boot, seq FROM dead_letters) WHERE stream = ? AND boot = ?",
        (stream, boot),
    ).fetchone()
    seq = (last or 0) + 1
    id = f"{stream}-{boot}-{seq}"  # sorts by time within a stream, as the real ones do (below ten)
    outbox.add(tx, id.encode(), id, stream, boot, seq, now)
    return id


def due(tx: outbox.Executes, now: float = NOW, limit: int = 100) -> list[str]:
    return [row.id for row in outbox.due(tx, now, limit)]


def test_given_all_kinds_then_transactions_go_first_results_next_then_events_and_each_in_its_order(
    tx: sqlite3.Connection,
) -> None:
    for stream in ("evt", "tx", "res", "evt", "tx"):
        add(tx, stream)
    add(tx, "tx", boot=2)
    assert due(tx) == ["tx-1-1", "tx-1-2", "tx-2-1", "res-1-1", "evt-1-1", "evt-1-2"]
    assert due(tx, limit=2) == ["tx-1-1", "tx-1-2"]
    flying = {"tx-1-1", "evt-1-1"}
    assert [row.id for row in outbox.due(tx, NOW, 2, flying)] == ["tx-1-2", "tx-2-1"]


def test_given_a_message_without_an_answer_then_it_waits_longer_each_time_up_to_the_longest(
    tx: sqlite3.Connection,
) -> None:
    id, now, waits = add(tx), NOW, []
    for _ in range(12):
        outbox.sent(tx, [id], now)
        assert due(tx, now) == []
        later = outbox.next_due(tx)
        assert later is not None
        waits.append(later - now)
        now = later
        assert due(tx, now) == [id]
    assert 0.75 * outbox.FIRST_WAIT <= waits[0] <= 1.25 * outbox.FIRST_WAIT
    assert waits[3] > waits[0]
    assert all(0.75 * outbox.LONGEST_WAIT <= wait <= 1.25 * outbox.LONGEST_WAIT for wait in waits[-4:])
    outbox.hurry(tx, NOW)
    assert due(tx, NOW) == [id]


def test_given_a_clock_that_is_set_back_a_year_then_what_waits_is_sent_all_the_same(
    tx: sqlite3.Connection,
) -> None:
    id = add(tx)
    outbox.sent(tx, [id], NOW)
    assert due(tx, NOW - 365 * DAY) == [id]


def test_given_an_ack_then_the_row_is_kept_for_its_days_and_then_purged(tx: sqlite3.Connection) -> None:
    id = add(tx)
    assert outbox.acked(tx, id, NOW)
    assert not outbox.acked(tx, id, NOW + 5)  # it came twice
    assert not outbox.acked(tx, "never seen", NOW)
    assert (outbox.depth(tx), due(tx, NOW + DAY), outbox.next_due(tx)) == (0, [], None)
    assert outbox.purge(tx, NOW + 29 * DAY, 30) == 0
    assert outbox.purge(tx, NOW + 31 * DAY, 30) == 1
    assert outbox.reopen_above(tx, "tx", 0, 0, NOW) == 0


def test_given_a_clock_that_jumps_a_year_ahead_then_a_days_worth_goes_and_not_all(
    tx: sqlite3.Connection,
) -> None:
    for day in range(10):
        outbox.add(tx, b"m", f"id{day}", "tx", 1, day + 1, NOW)
        outbox.acked(tx, f"id{day}", NOW + day * DAY)
    assert outbox.purge(tx, NOW + 365 * DAY, 30) == 1
    assert outbox.purge(tx, NOW + 10 * DAY, 30) == 0


def test_given_a_message_that_waits_for_years_then_it_is_never_purged(tx: sqlite3.Connection) -> None:
    id = add(tx)
    assert outbox.purge(tx, NOW + 3650 * DAY, 30) == 0
    assert due(tx) == [id]


def test_given_a_final_refusal_then_the_message_lies_with_the_dead_and_the_next_one_goes_on(
    tx: sqlite3.Connection,
) -> None:
    first, second = add(tx), add(tx)
    assert outbox.refused(tx, first, "malformed", NOW)
    assert not outbox.refused(tx, first, "malformed", NOW)
    assert outbox.dead(tx) == [(first, "malformed")]
    assert due(tx) == [second]
    outbox.acked(tx, second, NOW)
    assert not outbox.refused(tx, second, "malformed", NOW)  # a refusal after the ack changes nothing
    assert outbox.reopen_above(tx, "tx", 0, 0, NOW) == 1


def test_given_a_restored_hall_then_it_gets_again_all_that_its_backup_cannot_have(
    tx: sqlite3.Connection,
) -> None:
    ids = [add(tx, boot=1) for _ in range(3)] + [add(tx, boot=2) for _ in range(3)] + [add(tx, "evt", boot=2)]
    straggler = ids[2]  # the last of boot 1, acknowledged after the first of boot 2
    for at, id in enumerate([*ids[:2], ids[3], straggler, *ids[4:]]):
        assert outbox.acked(tx, id, NOW + at)
    assert outbox.reopen_above(tx, "tx", 2, 1, NOW) == 4  # 2-1 itself too, which costs nothing
    assert due(tx) == [straggler, "tx-2-1", "tx-2-2", "tx-2-3"]


def test_given_a_message_that_waits_already_then_it_is_not_put_there_again(tx: sqlite3.Connection) -> None:
    outbox.add(tx, b"one", "id", "tx", 1, 1, NOW)
    with pytest.raises(sqlite3.IntegrityError):
        outbox.add(tx, b"two", "id", "tx", 1, 2, NOW)
    assert [row.payload for row in outbox.due(tx, NOW, 10)] == [b"one"]


def test_given_late_health_then_the_oldest_goes_first_both_to_the_hall_and_for_want_of_room(
    tx: sqlite3.Connection,
) -> None:
    waiting = add(tx)
    for n in range(5):
        outbox.keep_health(tx, f"h-{n}", bytes(100), NOW + n)
    assert outbox.size(tx) == (len(waiting), 500)
    assert [row.id for row in outbox.late_health(tx, 2, {"h-0"})] == ["h-1", "h-2"]
    outbox.health_arrived(tx, ["h-1"])
    assert outbox.drop_health(tx, 150) == 2
    assert [(row.id, row.stream) for row in outbox.late_health(tx, 9)] == [
        ("h-3", "health"),
        ("h-4", "health"),
    ]
    assert outbox.drop_health(tx, 1_000_000) == 2
    assert due(tx) == [waiting]  # whatever is wanted: only health gives way


class Life(RuleBasedStateMachine):
    """An outbox and a hall, with messages, acks and power lost at will."""

    @initialize()
    def start(self) -> None:
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "outbox.sqlite"
        self.tx = opened(self.path)
        self.boot, self.now = 1, NOW
        self.added: list[str] = []
        self.hall: dict[str, int] = {}  # id → how often it came in
        self.dead: set[str] = set()
        self.reports: list[str] = []  # late health, oldest first
        self.made = 0

    def teardown(self) -> None:
        if hasattr(self, "tx"):
            self.tx.close()
            self.folder.cleanup()

    @rule(stream=st.sampled_from(["tx", "res", "evt"]), commits=st.booleans())
    def something_happens(self, stream: str, commits: bool) -> None:
        self.tx.execute("BEGIN")
        id = add(self.tx, stream, self.boot, self.now)
        self.tx.execute("COMMIT" if commits else "ROLLBACK")
        if commits:
            self.added.append(id)

    @rule(
        limit=st.integers(1, 4),
        arrives=st.booleans(),
        answer=st.sampled_from(["ack", "lost", "refuse"]),
        power=st.booleans(),
    )
    def a_turn_of_sending(self, limit: int, arrives: bool, answer: str, power: bool) -> None:
        turn = outbox.due(self.tx, self.now, limit)
        ranks = [["tx", "res", "evt"].index(row.stream) for row in turn]
        assert ranks == sorted(ranks)
        for row in turn:
            assert row.payload == row.id.encode()
            if not power:
                outbox.sent(self.tx, [row.id], self.now)  # else: power lost before it was noted
            if not arrives:
                continue
            if answer == "refuse" and row.id not in self.hall:
                assert outbox.refused(self.tx, row.id, "malformed", self.now)
                self.dead.add(row.id)
                continue
            self.hall[row.id] = self.hall.get(row.id, 0) + 1
            if answer == "ack":
                assert outbox.acked(self.tx, row.id, self.now)

    @rule(size=st.integers(1, 50))
    def an_hour_without_a_line(self, size: int) -> None:
        self.made += 1
        self.reports.append(f"h-{self.made:06}")
        outbox.keep_health(self.tx, self.reports[-1], bytes(size), self.now)

    @precondition(lambda self: self.reports)
    @rule(limit=st.integers(1, 4))
    def late_health_is_told(self, limit: int) -> None:
        told = [row.id for row in outbox.late_health(self.tx, limit)]
        assert told == self.reports[: len(told)]
        outbox.health_arrived(self.tx, told)
        del self.reports[: len(told)]

    @rule(limit=st.integers(0, 200))
    def room_is_made(self, limit: int) -> None:
        messages, health = outbox.size(self.tx)
        del self.reports[: outbox.drop_health(self.tx, messages + health - limit)]
        assert outbox.size(self.tx)[0] == messages
        assert not self.reports or sum(outbox.size(self.tx)) <= limit

    @rule(seconds=st.floats(1, 1000))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def the_terminal_starts_again(self) -> None:
        self.tx.close()
        self.tx = opened(self.path)
        self.boot += 1

    @precondition(lambda self: self.hall)
    @rule()
    def the_hall_is_restored_from_nothing(self) -> None:
        self.hall.clear()
        for stream in ("tx", "res", "evt"):
            outbox.reopen_above(self.tx, stream, 0, 0, self.now)

    @invariant()
    def each_message_waits_or_is_at_the_hall_or_is_dead(self) -> None:
        if not hasattr(self, "tx"):
            return
        waiting = {id for (id,) in self.tx.execute("SELECT id FROM outbox")}
        assert waiting | set(self.hall) | self.dead == set(self.added)
        assert self.dead == {id for id, _ in outbox.dead(self.tx)}
        assert not self.dead & set(self.hall)
        assert outbox.depth(self.tx) == len(waiting)

    @invariant()
    def late_health_is_what_was_not_told_and_not_given_up(self) -> None:
        if hasattr(self, "tx"):
            assert [row.id for row in outbox.late_health(self.tx, 1000)] == self.reports

    @invariant()
    def nothing_that_waits_is_forgotten(self) -> None:
        if hasattr(self, "tx"):
            later = due(self.tx, self.now + 2 * outbox.LONGEST_WAIT, limit=1000)
            assert len(later) == len(set(later)) == outbox.depth(self.tx)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=30, stateful_step_count=20)
