"""One terminal's messages end in the same rows, whatever the order and however many ingests take them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from hall.data import desk_tables, tables
from hall.intake import filing, numbers
from hall.intake.letters import Arrival, open_letter
from mqtt import messages as m
from tests.hall.fleet import Speaker

BEGAN = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
_count = itertools.count()


def report(number: int, connection: int, paper: str, *faults: str, session: bool = False) -> m.Health:
    """Health of a terminal with one printer."""
    printer = m.DeviceHealth("a4", "a4_printer", "online", supplies={"paper": paper}, faults=list(faults))
    return m.Health([printer], session=session, connection=connection, number=number)


DAY: list[tuple[int, m.Data]] = [  # boot, what is said; a minute apart
    (1, m.TerminalState(True, 1, "0.1", connection=1)),
    (1, report(1, 1, "full", session=True)),
    (1, m.CaseFiled("s", "SB01", "key", "unknown")),
    (1, m.FaultRaised("a4_paper_out", "a4")),
    (1, report(2, 1, "out", "a4_paper_out")),
    (1, m.TerminalState(False, 1, connection=1)),
    (1, m.TerminalState(True, 1, "0.1", connection=2)),
    (1, m.CaseFiled("s", "SB01", "key", "accepted", "no-1")),
    (1, m.FaultCleared("a4_paper_out", "a4")),
    (1, report(3, 2, "full")),
    (1, m.TerminalState(False, 1, connection=2)),
    (2, m.TerminalState(True, 2, "0.2", connection=1)),
    (2, m.FaultRaised("a4_jam", "a4")),
    (2, report(1, 1, "low", "a4_jam", session=True)),
    (2, m.FaultRaised("a4_cover_open", "a4")),
    (2, m.FaultCleared("a4_cover_open", "a4")),
    (2, m.CommandState("command", "running")),
    (2, m.CommandState("command", "done")),
]


def spoken(engine: Engine, path: str) -> list[Arrival]:
    """What the terminal at `path` sends on that day."""
    speakers = {boot: Speaker(engine, path, boot) for boot in (1, 2)}
    return [
        Arrival(0, *speakers[boot].letter(said, BEGAN + timedelta(minutes=minute)), 1000 + minute)
        for minute, (boot, said) in enumerate(DAY)
    ]


def file(engine: Engine, arrivals: list[Arrival]) -> None:
    """One batch of one ingest."""
    with engine.connect() as tx:
        letters = [open_letter(one) for one in arrivals]
        filing.file_away(tx, letters)
        tx.commit()
    assert {letter.code for letter in letters} <= {"", "stored"}


def known(engine: Engine, path: str) -> dict[str, object]:
    """What the hall knows of the terminal, without names that differ between two of them."""
    t, d, f, c = tables.terminals, tables.devices, tables.faults, tables.cases
    with engine.connect() as tx:
        row = dict(tx.execute(select(t).where(t.c.path == path)).one()._mapping)
        devices = tx.execute(select(d.c.name, d.c.supplies, d.c.faults).where(d.c.terminal == path)).all()
        faults = tx.execute(select(f.c.device, f.c.code).where(f.c.terminal == path, f.c.open)).all()
        cases = tx.execute(select(c.c.key, c.c.state, c.c.case_no).where(c.c.terminal == path)).all()
        s, n = tables.streams.c, tables.messages.c
        streams = tx.execute(
            select(s.stream, s.boot, s.contiguous, s.highest)
            .where(s.terminal == path)
            .order_by(s.stream, s.boot)
        ).all()
        stored = len(tx.execute(select(n.id).where(n.terminal == path)).all())
        commands = tx.execute(
            select(desk_tables.commands.c.state).where(desk_tables.commands.c.terminal == path)
        ).all()
    del row["path"], row["kiosk"], row["head"], row["head_id"]  # by the id, which is another each time
    return {"row": row, "devices": devices, "faults": sorted(faults), "cases": cases} | {
        "streams": streams,
        "stored": stored,
        "commands": commands,
    }


def give(engine: Engine, path: str) -> None:
    """The command that the terminal speaks of."""
    with engine.connect() as tx:
        row = {"id": "command", "terminal": path, "name": "restart", "arguments": "{}", "state": "given"}
        tx.execute(desk_tables.commands.delete().where(desk_tables.commands.c.id == "command"))
        tx.execute(desk_tables.commands.insert(), row)
        tx.commit()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(len(DAY))),
    cuts=st.lists(st.integers(1, 6), min_size=len(DAY), max_size=len(DAY)),
    again=st.lists(st.integers(0, len(DAY) - 1), max_size=4),
)
def test_any_order_and_any_split_ends_in_the_same_rows(
    engine: Engine, order: list[int], cuts: list[int], again: list[int]
) -> None:
    plain, mixed = f"a/h/plain{(turn := next(_count))}", f"a/h/mixed{turn}"
    give(engine, plain)
    for arrival in spoken(engine, plain):
        file(engine, [arrival])
    expected = known(engine, plain)
    give(engine, mixed)
    arrivals = spoken(engine, mixed)
    said = [arrivals[place] for place in [*order, *again]]
    for cut in cuts:
        if batch := said[:cut]:
            file(engine, batch)
        said = said[cut:]
    got = known(engine, mixed)
    assert got == expected
    assert got["faults"] == [("a4", "a4_jam")] and got["row"]["software"] == "0.2"  # type: ignore[index]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_late_death_never_closes_what_a_younger_birth_has_opened(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    speaker.say(m.TerminalState(True, 1, connection=2))
    speaker.say(m.TerminalState(False, 1, connection=1))
    with engine.connect() as tx:
        assert tx.scalar(select(tables.terminals.c.online))
    speaker.say(m.TerminalState(False, 1, connection=2))
    speaker.say(report(9, 2, "full"))  # made before the line broke, and late
    with engine.connect() as tx:
        assert not tx.scalar(select(tables.terminals.c.online))


def test_a_repeated_message_that_was_deleted_since_is_acknowledged_and_not_filed_again(
    engine: Engine,
) -> None:
    speaker = Speaker(engine, "a/h/k")
    old = Arrival(0, *speaker.letter(m.CaseFiled("s", "SB01", "key", "accepted"), BEGAN), 1000)
    file(engine, [old])
    edge = int((BEGAN + timedelta(days=1)).timestamp() * 1000)
    with engine.connect() as tx:
        tx.execute(tables.messages.delete())
        tx.execute(tables.cases.delete())
        numbers.move_edge(tx, edge)
        tx.commit()
    file(engine, [old])
    late = Arrival(0, *speaker.letter(m.CaseFiled("s", "SB01", "late", "accepted"), BEGAN), 1000)
    file(engine, [late])  # as old, but its number was never settled
    with engine.connect() as tx:
        assert tx.scalars(select(tables.cases.c.key)).all() == ["late"]
