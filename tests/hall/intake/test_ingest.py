"""The ingest between a real broker and a real store, killed where it hurts."""

from __future__ import annotations

import random
import uuid
from pathlib import Path

from sqlalchemy import select

from hall.data import reading, tables
from hall.intake.line import Line
from hall.settings import BrokerSettings
from mqtt import messages as m
from tests.hall.conftest import Hall, Terminal, wait_for
from tests.hall.fleet import Speaker, health


def cases(hall: Hall) -> list[reading.Row]:
    """The hall's submissions."""
    with hall.engine.connect() as tx:
        return reading.page(tx, tables.cases, 0, 10_000)


def refusals(hall: Hall) -> dict[str, str]:
    """Code by message id, of all that was refused."""
    with hall.engine.connect() as tx:
        return {row["id"]: row["code"] for row in reading.page(tx, tables.refused, 0, 100)}


def filed(number: int) -> m.CaseFiled:
    """The submission with this number."""
    return m.CaseFiled(f"session{number}", "SB01", f"key{number}", "accepted", f"case{number}")


def test_twice_in_any_order_with_two_kills_leaves_each_row_once_and_every_message_acked(
    hall: Hall, terminal: Terminal
) -> None:
    speaker = Speaker(hall.engine, terminal.path)
    letters = [speaker.letter(filed(number)) for number in range(500)]
    twice = letters * 2
    random.Random(11).shuffle(twice)
    for begin, end in ((0, 300), (300, 650)):
        hall.start()
        terminal.publish_many(twice[begin:end])
        wait_for(lambda: cases(hall), "a first row")
        hall.kill()
    hall.start()
    terminal.publish_many(twice[650:])
    ids = {m.decode(payload).id for _, payload in letters}
    # An ack may be lost with the ingest that would have sent it: then the terminal sends again.
    wait_for(lambda: len(cases(hall)) == 500, "500 rows")
    terminal.publish_many([one for one in letters if m.decode(one[1]).id not in terminal.acks])
    wait_for(lambda: set(terminal.acks) == ids, "an ack for every message")
    assert {code for codes in terminal.acks.values() for code in codes} == {"stored"}
    assert sorted(row["key"] for row in cases(hall)) == sorted(f"key{number}" for number in range(500))
    with hall.engine.connect() as tx:
        stored = reading.page(tx, tables.messages, 0, 10_000)
    assert sorted(row["seq"] for row in stored) == list(range(1, 501))


def test_killed_between_commit_and_puback_the_broker_brings_it_again_and_it_is_one_row(
    hall: Hall, terminal: Terminal
) -> None:
    speaker = Speaker(hall.engine, terminal.path)
    topic, payload = speaker.letter(filed(1))
    hall.start("ingest.Ingest.acknowledge = lambda *_: os.kill(os.getpid(), signal.SIGKILL)")
    terminal.publish(topic, payload)
    assert hall.wait_dead() == -9
    assert [row["key"] for row in cases(hall)] == ["key1"], "it was committed before the kill"
    assert not terminal.acks, "and nothing was acknowledged"
    hall.start()
    wait_for(lambda: terminal.acks, "the broker to bring it again, and its ack")
    assert list(terminal.acks.values()) == [["stored"]]
    assert [row["key"] for row in cases(hall)] == ["key1"]


def test_killed_before_the_commit_nothing_was_acknowledged_and_nothing_is_lost(
    hall: Hall, terminal: Terminal
) -> None:
    speaker = Speaker(hall.engine, terminal.path)
    hall.start(
        "from sqlalchemy import Engine, event\n"
        "filing = ingest.filing.file_away\n"
        "def late(tx, letters):\n"
        "    filing(tx, letters)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "ingest.filing.file_away = late"
    )
    terminal.publish(*speaker.letter(filed(1)))
    assert hall.wait_dead() == -9
    assert not cases(hall) and not terminal.acks
    hall.start()
    wait_for(lambda: terminal.acks, "the ack")
    assert [row["key"] for row in cases(hall)] == ["key1"]


def test_what_cannot_be_taken_is_refused_with_its_reason_and_the_next_is_stored(
    hall: Hall, terminal: Terminal
) -> None:
    speaker = Speaker(hall.engine, terminal.path)
    hall.start()
    topic, good = speaker.letter(filed(1))
    other = good.replace(b'"key1"', b'"key9"')
    _, cut = speaker.letter(filed(2))
    large = speaker.letter(filed(9))[1].replace(b'"key9"', b'"' + b"k" * 70_000 + b'"')
    _, foreign = Speaker(hall.engine, "a/h/other").letter(filed(3))
    _, unheard = speaker.letter(filed(4))
    _, wide = speaker.letter(m.SessionEnded("s", "completed", seconds=2**70))
    _, taken = Speaker(hall.engine, terminal.path).letter(filed(5))  # its own count begins at 1 again
    wrong = {
        "conflict": (topic, other),
        "malformed": (topic, cut[:-30]),
        "too_large": (topic, large),
        "wrong_source": (topic, foreign),
        "unknown_type": (topic, unheard.replace(b"hall.case.filed", b"hall.case.sung")),
        "wrong_stream": (topic.replace("/tx", "/evt"), good.replace(b'","type', b'0","type')),
        "unstorable": (topic.replace("/tx", "/evt"), wide),
        "seq_taken": (topic, taken),
    }
    terminal.publish(topic, good)
    for each in wrong.values():
        terminal.publish(*each)
    last = speaker.letter(filed(6))
    terminal.publish(*last)
    wait_for(lambda: m.decode(last[1]).id in terminal.acks, "the message after them")
    first = m.decode(good).id
    assert terminal.acks[first] == ["stored", "conflict"]
    told = {codes[-1] for codes in terminal.acks.values()}
    assert told == set(wrong) | {"stored"}
    assert sorted(refusals(hall).values()) == sorted(wrong)
    assert [row["key"] for row in cases(hall)] == ["key1", "key6"]


def test_noise_on_the_tree_stops_nothing(hall: Hall, terminal: Terminal) -> None:
    hall.start()
    for payload in (b"", b"\x00\xff", b"[]", b"null", b'{"id": 1}', b"{" * 5000):
        for leaf in ("state", "health", "evt", "tx"):
            terminal.publish(f"kt/1/{terminal.path}/{leaf}", payload)
    last = Speaker(hall.engine, terminal.path).letter(filed(1))
    terminal.publish(*last)
    wait_for(lambda: terminal.acks, "the message after the noise")
    assert [row["key"] for row in cases(hall)] == ["key1"]


def test_the_broker_killed_and_started_again_the_ingest_comes_back_by_itself(hall: Hall) -> None:
    hall.start()
    hall.broker.kill()
    hall.broker.start()
    terminal = Terminal(hall.broker)
    try:
        speaker = Speaker(hall.engine, terminal.path)
        letter = speaker.letter(filed(1))

        def answered() -> bool:
            if not terminal.acks:  # as a terminal does, again and again until it is acknowledged
                terminal.publish(*letter)
            return bool(terminal.acks)

        wait_for(answered, "an ack from the ingest after the broker's restart")
    finally:
        terminal.close()
    assert [row["key"] for row in cases(hall)] == ["key1"]


def test_the_hall_says_retained_that_it_is_there_how_far_it_has_come_and_that_it_has_gone(
    hall: Hall, terminal: Terminal
) -> None:
    speaker = Speaker(hall.engine, terminal.path, boot=4)
    for number in range(3):
        terminal.publish(*speaker.letter(filed(number)))
    hall.start()
    listen(hall, online=True)
    for number in range(3, 6):
        terminal.publish(*speaker.letter(filed(number)))
    wait_for(lambda: len(cases(hall)) == 3, "three rows: what came before the first start is the terminal's")
    speaker.letter(filed(6))  # never sent: a gap
    terminal.publish(*speaker.letter(filed(7)))
    wait_for(lambda: len(cases(hall)) == 4, "the one after the gap")
    assert hall.end() == 0
    goodbye = listen(hall, online=False)
    hall.start()
    state = listen(hall, online=True)
    assert state.generation == goodbye.generation != ""
    terminal.publish(*speaker.letter(m.TerminalState(True, 4)), retain=True)
    wait_for(lambda: len(terminal.told) == 2, "the answer to its birth")
    gap = {"tx": (4, 0)}  # numbers 1 to 3 never came: nothing is without a gap
    assert terminal.told == [m.BirthAsked(), m.Stored(state.generation, gap, {"tx": [(4, 0)]})], (
        "before, nobody had heard of it"
    )


def listen(hall: Hall, *, online: bool) -> m.HostState:
    """The hall's retained word, by clients that come fresh, once it says that it is there, or gone."""
    found: list[m.HostState] = []

    def said() -> bool:
        will = ("kt/1/none", b"")
        line = Line(BrokerSettings(port=hall.broker.port, client_id=f"listener-{uuid.uuid4()}"), 10, will)
        line.subscribe(["kt/1/a/h/$srv/state"])
        (heard,) = line.receive(1, patience=60.0)
        line.goodbye()
        state = m.decode(heard.payload).data
        assert isinstance(state, m.HostState) and heard.retain
        found.append(state)
        return state.online == online

    wait_for(said, "its word")
    return found[-1]


def test_nothing_of_what_a_session_holds_is_in_the_log(
    hall: Hall, terminal: Terminal, tmp_path: Path
) -> None:
    """The refused content stays with the terminal: neither the store nor the log has it."""
    hall.start()
    _, payload = Speaker(hall.engine, terminal.path).letter(filed(1))
    planted = payload.replace(b'"accepted"', '"张三丰110101"'.encode())
    terminal.publish(f"kt/1/{terminal.path}/tx", planted)
    wait_for(lambda: refusals(hall), "its refusal")
    hall.kill()
    for file in (tmp_path / "hall").rglob("*"):
        if file.is_file():
            assert "张三丰".encode() not in file.read_bytes(), file
    with hall.engine.connect() as tx:
        (row,) = tx.execute(select(tables.refused)).all()
    assert row.code == "malformed" and row.size == len(planted)


def test_health_and_state_reach_the_store_over_the_broker(hall: Hall, terminal: Terminal) -> None:
    speaker = Speaker(hall.engine, terminal.path, boot=2)
    hall.start()
    terminal.publish(*speaker.letter(m.TerminalState(True, 2, "0.1.0")), retain=True)
    terminal.publish(*speaker.letter(health()))

    def row() -> reading.Row:
        with hall.engine.connect() as tx:
            return next(iter(reading.terminals(tx)), {})

    wait_for(lambda: row().get("health_at"), "its health")
    assert row()["online"] and row()["boot"] == 2
    with hall.engine.connect() as tx:
        assert len(reading.devices(tx)) == 6
