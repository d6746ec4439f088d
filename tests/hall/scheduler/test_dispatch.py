"""Commands on their way: from the desk by a real broker to a terminal, whatever is away, late or killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from sqlalchemy import select, update

from hall import commands, configuration
from hall.data import reading
from hall.data.desk_tables import commands as table
from hall.data.desk_tables import configurations
from hall.scheduler import dispatch
from hall.scheduler.dispatch import Dispatch
from mqtt import messages as m
from tests.hall.conftest import PATIENCE, Hall, wait_for
from tests.hall.fleet import Speaker, health

K = "a/h/k"


class Ear:
    """A terminal's ear at the broker, with a session that outlives its connection."""

    def __init__(self, hall: Hall) -> None:
        self.heard: list[paho.MQTTMessage] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2, "ear", protocol=paho.MQTTv5)
        self._client.on_message = lambda _client, _data, message: self.heard.append(message)
        listening = threading.Event()
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(f"kt/1/{K}/cmd/+", 1), (f"kt/1/{K}/cfg/desired", 1)]
        )
        self._client.on_subscribe = lambda *_: listening.set()
        lasting: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        lasting.SessionExpiryInterval = 3600
        self._client.connect(hall.broker.host, hall.broker.port, clean_start=False, properties=lasting)
        self._client.loop_start()
        assert listening.wait(PATIENCE)

    def commands(self) -> list[m.CommandGiven]:
        """What was commanded, copies too."""
        bodies = [m.decode(bytes(one.payload)).data for one in self.heard if "/cmd/" in one.topic]
        return [body for body in bodies if isinstance(body, m.CommandGiven)]

    def wanted(self) -> list[m.ConfigurationDesired]:
        """The configurations that came."""
        bodies = [m.decode(bytes(one.payload)).data for one in self.heard if "/cfg/" in one.topic]
        return [body for body in bodies if isinstance(body, m.ConfigurationDesired)]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def ear(hall: Hall) -> Iterator[Ear]:
    made = Ear(hall)
    yield made
    made.close()


@pytest.fixture
def speaker(hall: Hall) -> Speaker:
    """The terminal's voice, straight into the store."""
    made = Speaker(hall.engine, K)
    made.say(m.TerminalState(True, 1), health())
    return made


class Sender:
    """The scheduler's dispatch on a clock of our own."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.now = int(time.time() * 1000)
        self._dispatch = Dispatch()

    def after(self, seconds: float) -> None:
        """So much later it is its turn."""
        self.now += int(seconds * 1000)
        self._dispatch.work(self.hall.engine, self.hall.settings, self.now)
        commands.expire(self.hall.engine, self.hall.settings, self.now)

    def close(self) -> None:
        self._dispatch.close()


@pytest.fixture
def sender(hall: Hall) -> Iterator[Sender]:
    made = Sender(hall)
    yield made
    made.close()


def give(hall: Hall, name: str = "restart", now: int = 0, **arguments: str | int) -> str:
    with hall.engine.begin() as tx:
        return str(commands.give(tx, "li", K, name, arguments, now or int(time.time() * 1000))["id"])


def row(hall: Hall, id: str) -> reading.Row:
    with hall.engine.connect() as tx:
        found = commands.one(tx, id)
    assert found is not None
    return found


def test_a_command_reaches_its_terminal_with_all_that_an_answer_needs(
    hall: Hall, ear: Ear, speaker: Speaker, sender: Sender
) -> None:
    id = give(hall, "logs", sender.now, hours=24)
    sender.after(0)
    wait_for(lambda: ear.heard, "the command")
    (came,) = ear.heard
    assert came.topic == f"kt/1/{K}/cmd/logs" and came.qos == 1 and not came.retain
    told: Any = came.properties
    assert told.CorrelationData == id.encode() and told.ResponseTopic == f"kt/1/{K}/res"
    assert 500 <= told.MessageExpiryInterval <= 600
    (given,) = ear.commands()
    assert (given.command, given.name, given.arguments) == (id, "logs", {"hours": 24})


def test_it_is_sent_again_with_back_off_until_the_terminal_has_accepted_it(
    hall: Hall, ear: Ear, speaker: Speaker, sender: Sender
) -> None:
    id = give(hall, now=sender.now)
    for seconds in (0, 1, 3, 1, 5, 4, 2):  # due after 5 s, then 10 s
        sender.after(seconds)
    assert row(hall, id)["times"] == 3
    wait_for(lambda: len(ear.commands()) == 3, "three copies")
    assert {one.command for one in ear.commands()} == {id}
    speaker.say(m.CommandState(id, "accepted"))
    sender.after(60)
    assert row(hall, id)["times"] == 3 and row(hall, id)["state"] == "accepted"


def test_a_terminal_that_is_away_for_an_hour_gets_what_is_still_wanted_when_it_is_back(
    hall: Hall, ear: Ear, speaker: Speaker, sender: Sender
) -> None:
    speaker.say(m.TerminalState(False, 1))
    soon, late = give(hall, "restart", sender.now), give(hall, "sync_catalogue", sender.now)
    for _ in range(60):
        sender.after(60)
    assert row(hall, soon)["state"] == "expired" and row(hall, soon)["times"] == 0
    assert row(hall, late)["state"] == "given" and row(hall, late)["times"] == 0, "nothing heaps up"
    speaker.say(m.TerminalState(True, 2))
    sender.after(1)
    wait_for(lambda: ear.commands(), "the command that is still wanted")
    assert [one.command for one in ear.commands()] == [late]


def test_one_that_came_back_gets_it_at_once_since_the_broker_may_have_lost_it(
    hall: Hall, ear: Ear, speaker: Speaker, sender: Sender
) -> None:
    id = give(hall, now=sender.now)
    sender.after(0)
    with hall.engine.begin() as tx:  # it had been sent a minute ago, and is due much later
        tx.execute(update(table).values(sent=sender.now - 60_000, due=sender.now + 100_000))
    speaker.say(m.TerminalState(True, 2))
    sender.after(0.1)
    assert row(hall, id)["times"] == 2


def test_what_was_put_off_by_a_clock_that_was_ahead_goes_when_the_clock_is_right(
    hall: Hall, speaker: Speaker, sender: Sender
) -> None:
    id = give(hall, now=sender.now)
    with hall.engine.begin() as tx:
        year = 365 * 24 * 3600 * 1000
        tx.execute(update(table).values(sent=sender.now + year, due=sender.now + year, times=1))
    sender.after(0)
    assert row(hall, id)["times"] == 2


def test_an_ingest_whose_clock_is_ahead_does_not_have_a_command_sent_twice_a_second(
    hall: Hall, speaker: Speaker, sender: Sender
) -> None:
    id = give(hall, now=sender.now)
    speaker.say(m.TerminalState(True, 2), at=datetime.fromtimestamp(sender.now / 1000 + 60, UTC))
    for _ in range(4):
        sender.after(0.5)
    assert row(hall, id)["times"] == 1


def test_without_a_broker_nothing_is_lost_and_it_goes_when_there_is_one(
    hall: Hall, speaker: Speaker, sender: Sender
) -> None:
    hall.broker.kill()
    id = give(hall, now=sender.now)
    sender.after(0)
    assert row(hall, id)["times"] == 0
    hall.broker.start()
    ear = Ear(hall)
    try:

        def came() -> bool:
            sender.after(0.1)
            return bool(ear.commands())

        wait_for(came, "the command, when there is a broker again")
    finally:
        ear.close()


def test_what_is_wanted_is_kept_by_the_broker_and_told_again_to_one_that_forgot(
    hall: Hall, speaker: Speaker, sender: Sender
) -> None:
    with hall.engine.begin() as tx:
        configuration.want(tx, "li", K, {"volume": 40}, sender.now)
    sender.after(0)
    late = Ear(hall)
    wait_for(lambda: late.wanted(), "the retained configuration")
    assert late.heard[0].retain and late.wanted()[0].values == {"volume": 40}
    late.close()
    hall.broker.kill()
    for file in hall.broker.folder.glob("*.db*"):
        file.unlink()
    hall.broker.start()
    another = Ear(hall)
    try:

        def again() -> bool:
            sender.after(0.1)
            return bool(another.wanted())

        wait_for(again, "the configuration, told to the broker that forgot it")
        with hall.engine.connect() as tx:
            assert tx.scalar(select(configurations.c.published)) == 1
    finally:
        another.close()


CHILD = """
import os, signal, sys, threading
from pathlib import Path
from hall.scheduler import dispatch, scheduler
from hall import serve, settings
from hall.data import store
serve._log_to_stderr()
{sabotage}
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
told = settings.load(Path(sys.argv[1]))
ready = lambda: print("scheduler ready", flush=True)
scheduler.Scheduler(told, store.open_store(told), scheduler.jobs(), ready, lease_seconds=1.0).run(stop)
"""


def start(folder: Path, sabotage: str = "") -> subprocess.Popen[str]:
    """A scheduler as a child; it may work, or die of its sabotage, before it says that it is ready."""
    return subprocess.Popen(
        [sys.executable, "-c", CHILD.format(sabotage=sabotage), str(folder / "hall.toml")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def await_ready(child: subprocess.Popen[str]) -> None:
    assert child.stdout is not None and child.stdout.readline() == "scheduler ready\n"


def test_killed_between_publishing_and_noting_it_the_next_one_sends_it_once_more(
    hall: Hall, ear: Ear, speaker: Speaker, tmp_path: Path
) -> None:
    sabotage = "publish = dispatch._publish\n"
    sabotage += (
        "def kill(line, letters):\n    publish(line, letters)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    sabotage += "dispatch._publish = kill"
    id = give(hall)
    first = start(tmp_path, sabotage)
    assert first.wait(PATIENCE) == -signal.SIGKILL
    assert row(hall, id)["times"] == 0
    wait_for(lambda: len(ear.commands()) == 1, "the copy that the broker had confirmed")
    second = start(tmp_path)
    try:
        await_ready(second)
        wait_for(lambda: row(hall, id)["times"], "the next scheduler to take over and send it")
        wait_for(lambda: len(ear.commands()) >= 2, "the second copy")
        assert {one.command for one in ear.commands()} == {id}, "which its terminal knows for the same"
        second.send_signal(signal.SIGTERM)
        assert second.wait(PATIENCE) == 0
    finally:
        for child in (first, second):
            child.kill()
            assert child.stdout is not None
            child.stdout.close()


def test_a_configuration_that_the_broker_refused_is_not_taken_for_published(
    hall: Hall, speaker: Speaker, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hall.engine.begin() as tx:
        configuration.want(tx, "li", K, {"volume": 40}, sender.now)
    publish, refused = dispatch._publish, 0x97  # quota exceeded: no broker of ours can be brought to say it
    said: list[int] = []

    def turned_away(_line: object, letters: Sequence[object]) -> list[int]:
        said.append(len(letters))
        return [refused]

    monkeypatch.setattr(dispatch, "_publish", turned_away)
    for _ in range(3):
        sender.after(0.5)
    assert said == [1], "it is not said twice a second"
    monkeypatch.setattr(dispatch, "_publish", publish)
    sender._dispatch._turned_away.clear()  # a minute later
    sender.after(60)
    ear = Ear(hall)
    try:
        wait_for(lambda: ear.wanted(), "the configuration")
    finally:
        ear.close()
