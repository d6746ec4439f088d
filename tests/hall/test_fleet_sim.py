"""The simulated fleet: at a real hall it ends well, without one it says so, elsewhere it does not begin."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update

import main
from hall.data import tables
from hall.fleet import check, simulate
from hall.fleet.figures import Figures, Spans, total
from hall.fleet.mailbox import Mailbox
from hall.fleet.plan import Plan
from mqtt.topics import TerminalPath
from tests.hall.conftest import Hall

HOUSE = Path(__file__).parents[2]
BUSY = 40_000.0  # messages of a terminal in a day: one every two seconds


def plan(hall: Hall, **other: object) -> Plan:
    """Thirty terminals for three seconds, and as long as the hall needs to answer."""
    some = Plan("127.0.0.1", hall.broker.port, 0, 30, 3.0, boot=5, health_seconds=2.0, patience=60.0)
    return dataclasses.replace(some, transactions_per_day=BUSY, **other)  # type: ignore[arg-type]


def differences(hall: Hall, outcome: simulate.Outcome) -> list[str]:
    """What the store lacks, or has too much of."""
    with hall.engine.connect() as tx:
        return list(check.differences(tx, 5, outcome.numbers))


def test_given_a_hall_when_all_lines_break_at_once_then_all_come_back_and_each_message_is_stored_once(
    hall: Hall,
) -> None:
    hall.start()
    outcome = simulate.run(plan(hall, storm_after=2.5))  # when each has come, on a busy machine too
    seen = outcome.figures
    assert outcome.complete
    assert (seen.terminals, seen.online, seen.greeted) == (30, 30, 30)
    assert seen.connections == 60 and seen.back.number == 30
    assert seen.made == seen.acked > 0 and not seen.unacked and not seen.refused
    assert differences(hall, outcome) == []
    with hall.engine.begin() as tx:  # and a store that is not so is found out
        tx.execute(
            delete(tables.messages).where(tables.messages.c.seq == 1, tables.messages.c.stream == "tx")
        )
        tx.execute(update(tables.cases).values(boot=4))
    found = differences(hall, outcome)
    assert any("sim/h0000/" in line and " tx: said 1 to" in line for line in found)
    assert any(line.startswith("cases: said") for line in found)


def test_given_no_ingest_then_what_nobody_acknowledged_is_counted_and_the_command_fails(hall: Hall) -> None:
    outcome = simulate.run(plan(hall, patience=0.5))
    assert outcome.figures.unacked == outcome.figures.made > 0
    assert outcome.figures.greeted == 0 and outcome.figures.puback.number > 0
    assert "unacknowledged" in simulate.summary(outcome)


def test_given_a_hall_that_comes_late_then_the_fleet_has_sent_again_and_all_is_acknowledged(
    hall: Hall,
) -> None:
    late = threading.Timer(2.0, hall.start)
    late.start()
    try:
        outcome = simulate.run(plan(hall))
    finally:
        late.join()
    assert outcome.figures.acked == outcome.figures.made > 0
    assert outcome.figures.sent > outcome.figures.made, "what came before the ingest had to come again"
    assert differences(hall, outcome) == []


def test_given_ctrl_c_then_it_ends_in_order_with_its_summary(hall: Hall) -> None:
    hall.start()
    command = [sys.executable, "main.py", "hall", "fleet-sim", "--terminals", "5", "--minutes", "5"]
    command += ["--broker", f"127.0.0.1:{hall.broker.port}"]
    running = subprocess.Popen(
        command, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert running.stderr is not None
    while "online 5/5" not in (line := running.stderr.readline()):
        assert line, "it ended before all were online"
    os.killpg(running.pid, signal.SIGINT)
    told, _ = running.communicate(timeout=60)
    assert running.returncode == 0, told
    assert "terminals                     5; online at the end 5" in told


@pytest.mark.parametrize("where", ["192.0.2.7:1883", "hall.example:1883"])
def test_given_a_broker_elsewhere_then_nothing_is_sent_before_somebody_says_that_it_is_theirs(
    where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["hall", "fleet-sim", "--terminals", "5", "--broker", where]) == 2
    assert "--yes-this-is-our-test-hall" in capsys.readouterr().err


def test_a_hall_of_another_generation_is_given_again_what_it_lacks_and_no_more() -> None:
    mailbox = Mailbox(TerminalPath("a", "h", "k"), 5)
    for _ in range(10):
        mailbox.write()
    for id in list(mailbox.waiting):
        mailbox.settle(id, keep=True)
    assert mailbox.numbers == {"evt": 4, "tx": 6}
    assert mailbox.reopen_above({"tx": (5, 4)}) == 6
    assert sorted((p.stream, p.seq) for p in mailbox.waiting.values()) == [
        *(("evt", number) for number in range(1, 5)),
        ("tx", 5),
        ("tx", 6),
    ]


def test_more_than_one_process_can_hold_is_shared_among_several_with_addresses_of_their_own() -> None:
    parts = simulate.shares(Plan("127.0.0.1", 1883, 7, 25_000, 1.0, boot=1, connects_per_second=100))
    assert sum(part.terminals for part in parts) == 25_000
    assert [part.first for part in parts] == [7, *(7 + parts[0].terminals * n for n in range(1, len(parts)))]
    assert len({part.source for part in parts}) == len(parts) > 1
    assert sum(part.connects_per_second for part in parts) == pytest.approx(100)
    (away,) = simulate.shares(Plan("192.0.2.7", 1883, 0, 10, 1.0, boot=1))
    assert away.source == ""


@given(st.lists(st.floats(0.0002, 300), min_size=1), st.sampled_from([0.5, 0.99, 1.0]))
def test_a_share_of_the_spans_lies_within_what_is_said_and_that_is_hardly_too_much(
    seconds: list[float], share: float
) -> None:
    spans = Spans()
    for one in seconds:
        spans.note(one)
    exact = sorted(seconds)[max(0, -(-int(share * len(seconds) * 100) // 100) - 1)]
    assert spans.number == len(seconds)
    assert spans.within(share) >= exact * 0.999
    if share == 1.0:
        assert spans.within(share) <= max(seconds) * 1.06


def test_the_figures_of_all_processes_are_added_up() -> None:
    one, other = Figures(made=3, acked=1), Figures(made=4, refused=1)
    one.ack.note(0.5)
    other.ack.note(0.5)
    both = total([one, other])
    assert (both.made, both.unacked, both.ack.number) == (7, 5, 2)
