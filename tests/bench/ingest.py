"""How fast the ingest takes what waits at the broker: decode to ack, in one process, on SQLite."""

from __future__ import annotations

import multiprocessing
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from config.identifiers import uuid7
from hall.data import store
from hall.intake.ingest import Ingest
from hall.settings import BrokerSettings, HallSettings
from mqtt import messages as m
from tests.bench.table import Row
from tests.peers.broker import broker

MESSAGES = 30_000
TERMINALS = 50
BUDGET = 15_000


def run() -> list[Row]:
    """Messages a second through one process, and what one of them costs."""
    with tempfile.TemporaryDirectory() as folder, broker(Path(folder) / "broker") as peer:
        settings = HallSettings(
            data=Path(folder), area="a", hall="h", broker=BrokerSettings(host=peer.host, port=peer.port)
        )
        store.migrate(settings)
        _ingest(settings, until=lambda ingest: ingest.ready)  # so that the broker keeps what follows
        speak = multiprocessing.get_context("spawn")
        heard, told = speak.Event(), speak.Event()
        terminals = speak.Process(target=_terminals, args=(peer.port, told, heard))
        terminals.start()
        assert told.wait(120), "the broker did not take the messages"
        begun = time.perf_counter()
        cpu = _ingest(settings, until=_all_stored(settings))
        seconds = time.perf_counter() - begun
        acked = heard.wait(30)
        terminals.join(30)
        assert acked, "not every message was acknowledged"
    return [
        Row("hall ingest: decode to commit to ack", MESSAGES / seconds, "/s", at_least=BUDGET, aim="31,000"),
        Row("hall ingest: processor time of one message", cpu / MESSAGES * 1e6, "µs"),
    ]


def _ingest(settings: HallSettings, until: Callable[[Ingest], bool]) -> float:
    """Run the ingest until the condition holds; returns the processor time of its thread in seconds."""
    engine = store.open_store(settings)
    stop, used = threading.Event(), [0.0]
    ingest = Ingest(settings, engine)

    def work() -> None:
        ingest.run(stop)
        used[0] = time.thread_time()

    thread = threading.Thread(target=work)
    thread.start()
    while not until(ingest):
        time.sleep(0.05)
    stop.set()
    thread.join()
    engine.dispose()
    return used[0]


def _all_stored(settings: HallSettings) -> Callable[[Ingest], bool]:
    """A look from outside: a connection of its own, seldom used, so that it costs nothing."""
    connection = sqlite3.connect(settings.data / "hall.db", check_same_thread=False)

    def look(_ingest: Ingest) -> bool:
        (number,) = connection.execute("SELECT max(n) FROM messages").fetchone()
        return (number or 0) >= MESSAGES

    return look


def _terminals(port: int, told: Event, heard: Event) -> None:
    """Every terminal's voice in one process: sends all, then counts the acks."""
    acks = [0]

    def on_ack(_client: paho.Client, _data: object, _message: paho.MQTTMessage) -> None:
        acks[0] += 1

    client = paho.Client(CallbackAPIVersion.VERSION2, "terminals", protocol=paho.MQTTv5)
    client.on_message = on_ack
    client.max_inflight_messages_set(1000)
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.subscribe("kt/1/+/+/+/ack")
    sent = [client.publish(*_message(number), qos=1) for number in range(MESSAGES)]
    sent[-1].wait_for_publish(100)
    told.set()
    deadline = time.monotonic() + 100
    while acks[0] < MESSAGES and time.monotonic() < deadline:
        time.sleep(0.05)
    if acks[0] >= MESSAGES:
        heard.set()
    client.disconnect()
    client.loop_stop()


def _message(number: int) -> tuple[str, bytes]:
    path, seq = f"a/h/K{number % TERMINALS:03d}", number // TERMINALS + 1
    case = m.CaseFiled(f"session{number}", "SB01", f"key{number}", "accepted", f"3301{number:012d}")
    time_of = "2026-11-22T01:02:03.123Z"
    envelope = m.Envelope(uuid7(), "hall.case.filed", f"kt/1/{path}", time_of, case, 1, seq, "ab" * 32)
    return f"kt/1/{path}/tx", m.encode(envelope)
