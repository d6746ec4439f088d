"""Two ingests at the same terminals at the same instant, in one process, on a store that has many writers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import OperationalError

from hall.data import notes, reading, store, tables
from hall.intake import filing, host_state
from hall.intake.ingest import Ingest
from hall.intake.letters import Arrival, open_letter
from hall.settings import HallSettings
from mqtt import messages as m
from tests.hall.conftest import wait_for
from tests.hall.fleet import Speaker

PATHS = [f"a/h/k{number}" for number in range(12)]


@pytest.fixture
def settings(database: str, tmp_path: Path) -> HallSettings:
    """A store on PostgreSQL."""
    return HallSettings(data=tmp_path, area="a", hall="h", database=database)


@pytest.fixture
def engine(settings: HallSettings) -> Iterator[Engine]:
    """For looking."""
    opened = store.open_store(settings)
    yield opened
    opened.dispose()


def test_two_file_the_numbers_of_the_same_terminals_and_none_is_missing(
    settings: HallSettings, engine: Engine
) -> None:
    speakers = [Speaker(engine, path) for path in PATHS]
    arrivals = [
        Arrival(0, *speaker.letter(m.SessionStarted(f"s{number}")), 1000)
        for number in range(40)
        for speaker in speakers
    ]
    start, broken = threading.Barrier(2), []

    def work(own: list[Arrival]) -> None:
        opened = store.open_store(settings)
        ingest = Ingest(settings, opened)
        try:
            start.wait(60)
            for begin in range(0, len(own), 30):
                ingest.take(own[begin : begin + 30])
        except Exception as error:
            broken.append(error)
        finally:
            opened.dispose()

    both = [threading.Thread(target=work, args=(arrivals[turn::2],)) for turn in (0, 1)]
    for one in both:
        one.start()
    for one in both:
        one.join(120)
    assert not broken
    with engine.connect() as tx:
        assert host_state.settled(tx, PATHS) == {path: {"evt": (1, 40)} for path in PATHS}
        assert tx.scalar(select(func.count()).select_from(tables.messages)) == len(arrivals)


def test_who_loses_a_race_tries_again_and_refuses_nothing(settings: HallSettings, engine: Engine) -> None:
    """A deadlock with somebody who locks in the other order: one of the two is told to give way."""
    speakers = [Speaker(engine, path) for path in (PATHS[0], PATHS[1], PATHS[-1])]
    for speaker in speakers:
        speaker.say(m.TerminalState(True, 1))
    first, middle, last = (speaker.path for speaker in speakers)
    lock = text("SELECT 1 FROM terminals WHERE path = :path FOR UPDATE")
    ended = threading.Event()
    ingest = Ingest(settings, engine)

    def take() -> None:
        ingest.take([Arrival(0, *one.letter(m.SessionStarted("s")), 1000) for one in speakers])
        ended.set()

    def meddle(tx: Connection) -> None:
        tx.execute(lock, {"path": first})
        tx.rollback()

    with engine.connect() as gate, engine.connect() as tx:
        tx.execute(text("SET LOCAL deadlock_timeout = '60s'"))  # so that the ingest finds it
        tx.execute(lock, {"path": last})
        gate.execute(lock, {"path": middle})
        taking = threading.Thread(target=take)
        taking.start()
        wait_for(lambda: waiting(engine) == 1, "the ingest to have the first and want the middle one")
        meddler = threading.Thread(target=meddle, args=(tx,))
        meddler.start()
        wait_for(lambda: waiting(engine) == 2, "the meddler to have the last and want the first one")
        gate.rollback()
        meddler.join(60)
        taking.join(60)
    assert ended.is_set()
    with engine.connect() as tx:
        assert reading.page(tx, tables.refused, 0, 10) == []
        assert len(reading.page(tx, tables.messages, 0, 10)) == 3
    assert ingest.meters.registry.get_sample_value("kt_hall_ingest_batches_again_total")


def waiting(engine: Engine) -> int:
    """How many wait for somebody else's transaction."""
    with engine.connect() as tx:
        count = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
        return int(tx.scalar(text(count)) or 0)


def test_an_open_page_misses_no_note_whoever_leaves_it(engine: Engine) -> None:
    """The desk notes a command while the scheduler notes an incident: the later number is seen later."""
    with engine.connect() as desk, engine.connect() as scheduler, engine.connect() as page:
        notes.leave(desk, [("a/h/k1", "commands")])

        def leave() -> None:
            notes.leave(scheduler, [("a/h/k2", "incidents")])
            scheduler.commit()

        other = threading.Thread(target=leave)
        other.start()
        waited = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not page.scalar(waited) and other.is_alive():
            page.rollback()
        page.rollback()
        assert reading.changes(page, 0) == []
        page.rollback()
        desk.commit()
        other.join(60)
        assert [row["terminal"] for row in reading.changes(page, 0)] == ["a/h/k1", "a/h/k2"]


def test_of_one_terminal_no_row_is_seen_after_one_with_a_higher_number(
    settings: HallSettings, engine: Engine
) -> None:
    """What a journal is compared with by pages: the second ingest waits before it takes numbers of rows."""
    speaker = Speaker(engine, PATHS[0])
    speaker.say(m.TerminalState(True, 1))
    first, second = (open_letter(Arrival(0, *speaker.letter(m.SessionStarted(s)), 1000)) for s in "ab")
    committed: list[str] = []

    def later() -> None:
        with engine.connect() as tx:
            filing.file_away(tx, [second])
            committed.append("second")
            tx.commit()

    with engine.connect() as tx:
        filing.file_away(tx, [first])
        other = threading.Thread(target=later)
        other.start()
        with engine.connect() as watch:
            while not watch.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                watch.rollback()
        assert not committed
        tx.commit()
    other.join(60)
    with engine.connect() as tx:
        assert [row["seq"] for row in reading.page(tx, tables.messages, 0, 10)] == [1, 2]


def test_who_is_halted_while_it_holds_a_terminal_does_not_hold_up_the_others_for_ever(
    settings: HallSettings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker = Speaker(engine, PATHS[0])
    speaker.say(m.TerminalState(True, 1))
    monkeypatch.setattr(store, "IDLE_MS", 500)
    halted = store.open_store(settings)
    ended = threading.Event()

    def work() -> None:
        Ingest(settings, engine).take([Arrival(0, *speaker.letter(m.SessionStarted("s")), 1000)])
        ended.set()

    with halted.connect() as tx:
        tx.execute(text("SELECT 1 FROM terminals WHERE path = :path FOR UPDATE"), {"path": PATHS[0]})
        other = threading.Thread(target=work, daemon=True)
        other.start()
        assert ended.wait(60), "and then nothing more is heard of it: it is stopped, or its machine hangs"
        other.join(30)
        tx.invalidate()
    halted.dispose()
    with engine.connect() as tx:
        assert len(reading.page(tx, tables.messages, 0, 10)) == 1


def test_a_store_that_is_gone_is_no_race(settings: HallSettings) -> None:
    gone = store.open_store(settings.model_copy(update={"database": settings.database + "x"}))
    with pytest.raises(OperationalError) as raised, gone.connect():
        pass
    assert not store.lost_race(raised.value)
    gone.dispose()


def test_the_same_number_for_two_contents_is_refused_whoever_takes_them(engine: Engine) -> None:
    one, other = Speaker(engine, "a/h/k"), Speaker(engine, "a/h/k")
    codes = []
    for speaker in (one, other):
        letter = open_letter(Arrival(0, *speaker.letter(m.SessionStarted("s")), 1000))
        with engine.connect() as tx:
            filing.file_away(tx, [letter])
            tx.commit()
        codes.append(letter.code)
    assert codes == ["stored", "seq_taken"]


@pytest.mark.parametrize(
    "wrong",
    [m.SessionStarted("s\0"), m.SessionStarted("s" * 200), m.SessionEnded("s", "completed", seconds=2**70)],
    ids=["zero", "long", "large"],
)
def test_what_no_table_can_hold_is_refused_alone(
    settings: HallSettings, engine: Engine, wrong: m.Data
) -> None:
    speaker = Speaker(engine, "a/h/k")
    bodies = (m.SessionStarted("before"), wrong, m.SessionStarted("after"))
    Ingest(settings, engine)._take_all([Arrival(0, *speaker.letter(body), 1000) for body in bodies])
    with engine.connect() as tx:
        assert [row["code"] for row in reading.page(tx, tables.refused, 0, 10)] == ["unstorable"]
        assert len(reading.page(tx, tables.messages, 0, 10)) == 2
        assert host_state.settled(tx, ["a/h/k"])["a/h/k"] == {"evt": (1, 3)}, "a refusal settles its number"
