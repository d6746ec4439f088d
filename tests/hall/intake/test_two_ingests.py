"""Two ingests share one store: nothing is lost or filed twice, and one that dies does not speak for both."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from hall.data import store, tables
from hall.intake import host_state
from hall.settings import HallSettings
from mqtt import messages as m
from tests.hall.conftest import Terminal, wait_for
from tests.hall.fleet import Speaker
from tests.hall.intake.test_ingest import filed
from tests.peers.broker import Broker, broker
from tests.peers.postgres import postgres

CODE = """
import sys
from pathlib import Path
from hall import serve, settings
serve.run_ingest(settings.load(Path(sys.argv[1])))
"""


class Pair:
    """A broker, a store, and ingests by name that share the load."""

    def __init__(self, folder: Path, peer: Broker, database: str) -> None:
        self.folder, self.broker, self.database = folder, peer, database
        self.settings = HallSettings(data=folder / "hall", area="a", hall="h", database=database)
        store.migrate(self.settings)
        self.engine: Engine = store.open_store(self.settings)
        self._children: dict[str, subprocess.Popen[str]] = {}

    def start(self, name: str, more: str = 'share = "hall"') -> None:
        """An ingest of that client id, ready."""
        file = self.folder / f"{name}.toml"
        file.write_text(
            f'data = "{self.settings.data}"\narea = "a"\nhall = "h"\ndatabase = "{self.database}"\n'
            f'[broker]\nport = {self.broker.port}\nclient_id = "{name}"\n{more}\n'
        )
        child = subprocess.Popen(
            [sys.executable, "-c", CODE, str(file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._children[name] = child
        assert child.stdout is not None and child.stdout.readline() == "ingest ready\n"

    def end(self, name: str, number: int) -> None:
        """With this signal."""
        child = self._children.pop(name)
        child.send_signal(number)
        child.wait(60)
        assert child.stdout is not None
        child.stdout.close()

    def close(self) -> None:
        """Everything gone."""
        for name in list(self._children):
            self.end(name, signal.SIGKILL)
        self.engine.dispose()

    def count(self, name: str) -> int:
        """Rows of a table."""
        with self.engine.connect() as tx:
            return tx.scalar(select(func.count()).select_from(tables.metadata.tables[name])) or 0


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    """Nobody started yet; on each kind of store."""
    database = "" if request.param == "sqlite" else request.getfixturevalue("database")
    with broker(tmp_path / "broker") as peer:
        made = Pair(tmp_path, peer, database)
        try:
            yield made
        finally:
            made.close()


def test_one_of_two_is_killed_and_every_message_is_stored_once_and_acknowledged(pair: Pair) -> None:
    pair.start("one")
    pair.start("two")
    terminals = [Terminal(pair.broker, f"a/h/k{number}") for number in range(4)]
    try:
        speakers = [Speaker(pair.engine, terminal.path) for terminal in terminals]
        letters = [[speaker.letter(filed(number)) for number in range(100)] for speaker in speakers]
        for terminal, speaker in zip(terminals, speakers, strict=True):
            terminal.publish(*speaker.letter(m.TerminalState(True, 1)), retain=True)
        for terminal, those in zip(terminals, letters, strict=True):
            terminal.publish_many(random.Random(5).sample(those[:60], 60))
        wait_for(lambda: pair.count("messages") > 40, "the first rows")
        pair.end("one", signal.SIGKILL)
        for terminal, those in zip(terminals, letters, strict=True):
            terminal.publish_many(those[60:])

        def all_acked() -> bool:
            left = False
            time.sleep(0.3)
            for terminal, those in zip(terminals, letters, strict=True):
                open_ones = [one for one in those if m.decode(one[1]).id not in terminal.acks]
                terminal.publish_many(open_ones)  # as a terminal does until it is acknowledged
                left = left or bool(open_ones)
            return not left

        wait_for(all_acked, "an ack for every message")
        codes = {code for terminal in terminals for those in terminal.acks.values() for code in those}
        assert codes == {"stored"}
        assert pair.count("messages") == pair.count("cases") == 400
        with pair.engine.connect() as tx:
            settled = host_state.settled(tx, [terminal.path for terminal in terminals])
        assert settled == {terminal.path: {"tx": (1, 100)} for terminal in terminals}
    finally:
        for terminal in terminals:
            terminal.close()


@pytest.mark.parametrize("pair", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_while_one_ingest_lives_the_hall_is_there(pair: Pair, how: int) -> None:
    pair.start("one", 'areas = ["x"]')
    pair.start("two", 'areas = ["a"]')
    terminal = Terminal(pair.broker, "a/h/k")
    heard: list[bool] = []
    try:
        terminal.listen("kt/1/a/h/$srv/state", lambda data: heard.append(data.online))  # type: ignore[attr-defined]
        wait_for(lambda: heard and heard[-1], "the hall's retained word")
        pair.end("one", how)
        wait_for(lambda: False in heard, "what the dead one leaves behind")
        wait_for(lambda: heard[-1], "the other's word that the hall is there")
    finally:
        terminal.close()


@pytest.mark.parametrize("pair", ["sqlite"], indirect=True)
def test_an_ingest_takes_the_areas_that_are_its_own(pair: Pair) -> None:
    pair.start("one", 'areas = ["a", "b"]')
    near, far = Terminal(pair.broker, "b/h/k"), Terminal(pair.broker, "c/h/k")
    try:
        for terminal in (far, near):
            terminal.publish(*Speaker(pair.engine, terminal.path).letter(filed(1)))
        wait_for(lambda: near.acks, "the ack in its area")
        assert not far.acks and pair.count("messages") == 1
    finally:
        near.close()
        far.close()


@pytest.mark.parametrize("pair", ["sqlite"], indirect=True)
def test_the_birth_that_nobody_heard_is_asked_for(pair: Pair) -> None:
    pair.start("one")
    terminal = Terminal(pair.broker, "a/h/k")
    try:
        speaker = Speaker(pair.engine, "a/h/k", boot=7)
        terminal.publish(*speaker.letter(filed(1)))
        terminal.publish(*speaker.letter(filed(2)))
        wait_for(lambda: len(terminal.acks) == 2 and terminal.told, "two acks and a question")
        assert terminal.told == [m.BirthAsked()]
        terminal.publish(*speaker.letter(m.TerminalState(True, 7)), retain=True)
        wait_for(lambda: len(terminal.told) > 1, "the answer to its birth")
        (answer,) = terminal.told[1:]
        assert isinstance(answer, m.Stored) and answer.streams == {"tx": (7, 2)}
    finally:
        terminal.close()


def test_the_database_is_killed_and_comes_back_and_nothing_is_lost(tmp_path: Path) -> None:
    with postgres() as server, broker(tmp_path / "broker") as peer:
        pair = Pair(tmp_path, peer, server.url(server.create()))
        terminal = Terminal(peer, "a/h/k")
        try:
            pair.start("one", "")
            speaker = Speaker(pair.engine, "a/h/k")
            terminal.publish(*speaker.letter(filed(1)))
            wait_for(lambda: len(terminal.acks) == 1, "the first ack")
            server.kill()
            terminal.publish_many([speaker.letter(filed(number)) for number in range(2, 30)])
            server.start()
            wait_for(lambda: len(terminal.acks) == 29, "the broker to bring again what was not acknowledged")
            assert {code for codes in terminal.acks.values() for code in codes} == {"stored"}
            assert pair.count("cases") == 29
        finally:
            terminal.close()
            pair.close()
