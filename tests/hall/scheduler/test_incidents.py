"""From the moment that something needs somebody until it is over: one row, whatever comes in what order."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from hall.data import reading, store
from hall.data.desk_tables import incidents as table
from hall.data.desk_tables import machines
from hall.scheduler import incidents
from hall.settings import DeskSettings, HallSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker, health

SETTINGS = HallSettings(data=Path(), area="a", hall="h", desk=DeskSettings(silent_seconds=3600))
START = datetime.now(UTC).replace(microsecond=0)
JAM = health({"a4_printer": {"availability": "fault", "faults": ["a4_jam"]}})


class Clock:
    """The hall's time: it goes on, and at each look the incidents are evaluated."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now = START

    def after(self, seconds: float) -> None:
        """So many seconds later somebody looks."""
        self.now += timedelta(seconds=seconds)
        incidents.evaluate(self.engine, SETTINGS, self.ms)

    @property
    def ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    def say(self, speaker: Speaker, *bodies: m.Data) -> None:
        speaker.say(*bodies, at=self.now)

    def shown(self) -> list[tuple[str, str]]:
        """Where and what, as the first page shows it."""
        with self.engine.connect() as tx:
            rows = incidents.shown(tx, SETTINGS, self.ms, None)
        return [(row["terminal"] or row["hall"], row["code"]) for row in rows]

    def rows(self) -> list[reading.Row]:
        """Everything that was ever opened, the oldest first."""
        with self.engine.connect() as tx:
            return [dict(row._mapping) for row in tx.execute(select(table).order_by(table.c.n))]


def birth(boot: int, connection: int = 1) -> m.TerminalState:
    return m.TerminalState(True, boot, connection=connection)


def death(boot: int, connection: int = 1) -> m.TerminalState:
    return m.TerminalState(False, boot, connection=connection)


def test_a_jam_is_one_incident_from_its_first_report_until_it_is_removed(engine: Engine) -> None:
    clock, speaker = Clock(engine), Speaker(engine, "a/h/k")
    clock.say(speaker, birth(1), JAM)
    for _ in range(3):
        clock.after(60)
        clock.say(speaker, JAM)
    assert clock.shown() == [("a/h/k", "a4_jam")]
    clock.say(speaker, health())
    clock.after(1)
    (row,) = clock.rows()
    assert clock.shown() == [] and not row["open"]
    assert (row["since"], row["cleared"]) == (int(START.timestamp() * 1000), clock.ms)


def test_what_comes_back_within_a_minute_is_the_same_incident_and_later_another(engine: Engine) -> None:
    clock, speaker = Clock(engine), Speaker(engine, "a/h/k")
    clock.say(speaker, birth(1))
    for _ in range(4):
        clock.say(speaker, JAM)
        clock.after(5)
        clock.say(speaker, health())
        clock.after(20)
    assert len(clock.rows()) == 1 and clock.shown() == []
    clock.after(90)
    clock.say(speaker, JAM)
    clock.after(1)
    assert [row["open"] for row in clock.rows()] == [False, True]


def test_ten_terminals_in_the_dark_are_one_incident_from_the_first_to_the_last(engine: Engine) -> None:
    clock = Clock(engine)
    speakers = [Speaker(engine, f"a/dark/k{n}") for n in range(10)]
    for speaker in speakers:
        clock.say(speaker, birth(1), JAM if speaker.path.endswith("k3") else health())
    clock.after(600)
    cut = clock.ms
    for speaker in speakers:  # their wills come one after another
        clock.say(speaker, death(1))
        clock.after(3)
    assert clock.shown() == [("a/dark", "hall_dark")]
    dark = [row for row in clock.rows() if row["code"] != "a4_jam"]
    assert [row["code"] for row in dark] == ["hall_dark"] and dark[0]["since"] == cut
    clock.after(1800)
    for speaker in speakers[:9]:  # and so they come back
        clock.say(speaker, birth(2), JAM if speaker.path.endswith("k3") else health())
        clock.after(7)
    assert ("a/dark", "hall_dark") in clock.shown() and len(clock.shown()) == 2, "the last may still come"
    clock.after(200)
    assert clock.shown() == [("a/dark/k9", "off"), ("a/dark/k3", "a4_jam")]
    clock.say(speakers[9], birth(2), health())
    clock.after(1)
    assert clock.shown() == [("a/dark/k3", "a4_jam")]
    jam = [row for row in clock.rows() if row["code"] == "a4_jam"]
    assert len(jam) == 1 and jam[0]["since"] == int(START.timestamp() * 1000), "it was only out of sight"


def test_a_terminal_that_was_off_before_its_hall_went_dark_keeps_who_has_it(engine: Engine) -> None:
    clock = Clock(engine)
    one, other = Speaker(engine, "a/dark/k1"), Speaker(engine, "a/dark/k2")
    clock.say(one, birth(1), health())
    clock.say(other, birth(1), health())
    clock.say(one, death(1))
    clock.after(3600)
    with engine.begin() as tx:
        assert incidents.acknowledge(tx, clock.rows()[0]["n"], "li", "a spare part comes on Monday", clock.ms)
    clock.say(other, death(1))
    clock.after(1)
    assert clock.shown() == [("a/dark", "hall_dark")]
    clock.say(other, birth(2), health())
    clock.after(1)
    clock.after(300)
    assert clock.shown() == [("a/dark/k1", "off")]
    assert clock.rows()[0]["acknowledged_by"] == "li"


def test_a_terminal_that_was_taken_away_needs_nobody(engine: Engine) -> None:
    clock = Clock(engine)
    one, other = Speaker(engine, "a/h/k1"), Speaker(engine, "a/h/k2")
    clock.say(one, birth(1), health())
    clock.say(other, birth(1), health())
    clock.say(one, death(1))
    clock.after(60)
    assert clock.shown() == [("a/h/k1", "off")]
    with engine.begin() as tx:
        tx.execute(machines.insert().values(terminal="a/h/k1", state="retired"))
    clock.after(1)
    assert clock.shown() == []
    clock.say(other, death(1))
    clock.after(1)
    assert clock.shown() == [("a/h/k2", "off")], "it makes no hall of one"


def test_only_what_is_open_can_be_acknowledged(engine: Engine) -> None:
    clock, speaker = Clock(engine), Speaker(engine, "a/h/k")
    clock.say(speaker, birth(1), JAM)
    clock.after(1)
    (row,) = clock.rows()
    with engine.begin() as tx:
        assert incidents.acknowledge(tx, row["n"], "li", "x" * 900, clock.ms)
        assert not incidents.acknowledge(tx, row["n"] + 1, "li", "", clock.ms)
    clock.say(speaker, health())
    clock.after(1)
    with engine.begin() as tx:
        assert not incidents.acknowledge(tx, row["n"], "wang", "", clock.ms)
        (over,) = incidents.cleared(tx, clock.ms - 86_400_000, frozenset({"a"}))
        assert incidents.cleared(tx, 0, frozenset({"b"})) == []
    assert over["acknowledged_by"] == "li" and len(over["note"]) == 500


def test_while_nobody_evaluates_the_page_is_told_so_and_shows_what_is_stored_now(engine: Engine) -> None:
    clock, speaker = Clock(engine), Speaker(engine, "a/h/k")
    clock.say(speaker, birth(1), JAM)
    clock.after(1)
    clock.now += timedelta(minutes=10)
    clock.say(speaker, health(), death(1))
    with engine.connect() as tx:
        assert incidents.stale(tx, clock.ms) and incidents.evaluated(tx) < clock.ms - 600_000 + 1
    assert clock.shown() == [("a/h/k", "off")]
    clock.after(0)
    with engine.connect() as tx:
        assert not incidents.stale(tx, clock.ms)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty store, to be copied."""
    folder = tmp_path_factory.mktemp("empty")
    store.migrate(HallSettings(data=folder, area="a", hall="h"))
    return folder


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.sampled_from([0, 1, 30, 400])), max_size=25))
def test_an_alarm_that_races_its_recovery_always_clears(
    empty: Path, told: list[tuple[int, bool, int]]
) -> None:
    """Whatever was seen on the way: in the end what is open is what is so."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(empty, folder, dirs_exist_ok=True)
        engine = store.open_store(HallSettings(data=Path(folder), area="a", hall="h"))
        try:
            clock = Clock(engine)
            speakers = [Speaker(engine, f"a/h/k{n}") for n in range(3)]
            connections = [1, 1, 1]
            for number, online, seconds in told:
                connections[number] += online
                state = birth(1, connections[number]) if online else death(1, connections[number])
                clock.say(speakers[number], state)
                clock.after(seconds)
            clock.after(1000)
            off = [s.path for s in speakers if (s.path, "off") in clock.shown()]
            with engine.connect() as tx:
                now = {row["path"]: row["online"] for row in reading.terminals(tx)}
            dark = len(now) > 1 and not any(now.values())
            assert off == [] if dark else off == [path for path in sorted(now) if not now[path]]
            assert (("a/h", "hall_dark") in clock.shown()) == dark
        finally:
            engine.dispose()
