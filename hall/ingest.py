"""The ingest: takes what the terminals send from the broker into the store, in a process of its own.

Decode, commit, puback, ack. The broker keeps what has no PUBACK, a terminal keeps what has no ack, so that
this process may be killed between any two instructions: what comes twice is filed once.

One thread does it all. Any trouble ends the connection, not the loop: the broker brings everything that
was not acknowledged once more.
"""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError

from hall import filing, host_state
from hall.letters import INTERNAL, LEAVES, Arrival, Letter, open_letter
from hall.line import ConnectionEnded, Line
from hall.registry import Registry
from hall.settings import HallSettings
from mqtt import messages
from mqtt.topics import ROOT

MOST = 500  # letters in one transaction
GATHER_SECONDS = 0.02  # the longest that a letter waits for others
IN_FLIGHT = 2000  # what the broker may send ahead of our PUBACKs
BACK_OFF_SECONDS = (0.2, 15.0)
STEADY_SECONDS = 5.0  # a connection that held so long was a good one: the next attempt comes at once
HOST_STATE_SECONDS = 30.0
SUBSCRIPTIONS = [f"{ROOT}/+/+/+/{leaf}" for leaf in LEAVES]

_OUTSIDE = (OperationalError, InterfaceError, ConnectionEnded)  # the store or the line, not the letter
_CONTENT = (DataError, IntegrityError, OverflowError, UnicodeError)  # what no table can hold

log = structlog.get_logger("ingest")


class Ingest:
    """Reads from the broker and files into `engine` until told to stop. The caller disposes of the engine."""

    def __init__(
        self, settings: HallSettings, engine: Engine, on_ready: Callable[[], None] = lambda: None
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._on_ready = on_ready
        self._registry = Registry(engine, settings.machines.enrolled_only)
        self._line: Line | None = None
        self._ready = threading.Event()

    @property
    def ready(self) -> bool:
        """True while subscribed."""
        return self._ready.is_set()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; then say goodbye to the broker. Returns, never raises."""
        pause = BACK_OFF_SECONDS[0]
        while not stop.is_set():
            begun = time.monotonic()
            try:
                self._serve(stop)
            except ConnectionEnded as error:
                log.warning("link_down", why=str(error))
            except (OperationalError, InterfaceError) as error:
                log.error("store_failed", why=str(error.orig), remedy="look at disk space and the database")
            except Exception:
                log.exception("ingest_failed", remedy="report this; nothing is lost, the broker keeps it")
            finally:
                self._drop()
            steady = time.monotonic() - begun > STEADY_SECONDS
            pause = BACK_OFF_SECONDS[0] if steady else min(pause * 2, BACK_OFF_SECONDS[1])
            stop.wait(pause * random.uniform(0.5, 1.0))

    def take(self, arrivals: Sequence[Arrival], refusal: str = "") -> None:
        """File `arrivals` and answer them: all of them, or none and an exception."""
        letters = [open_letter(arrival, refusal) for arrival in arrivals]
        self._registry.turn_away(letters)
        with self._engine.connect() as tx:
            filing.file_away(tx, letters)
            answers = list(host_state.answers(tx, births(letters)))
            tx.commit()
        self.acknowledge(letters, answers)

    def acknowledge(self, letters: Sequence[Letter], answers: Sequence[tuple[str, bytes]] = ()) -> None:
        """PUBACK in the order received, then tell the terminals: this is stored, or that was refused.

        `answers` are topics and payloads for those that were born.
        """
        line = self._line
        if line is None:
            return
        for letter in letters:
            line.puback(letter.arrival.mid)
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for letter in letters:
            if letter.answered and letter.path:
                answer = messages.Ack(letter.id, letter.code, retry=letter.code == INTERNAL)
                source = host_state.source(letter.path)
                envelope = messages.Envelope("ack-" + letter.id, "hall.ack", source, now, answer)
                line.publish(f"{ROOT}/{letter.path}/ack", messages.encode(envelope))
        for topic, payload in answers:
            line.publish(topic, payload, reliable=True)
        line.flush()

    def _take_all(self, arrivals: Sequence[Arrival]) -> None:
        """Take them together; if that fails, one by one, so that one bad letter cannot stop the others."""
        try:
            self.take(arrivals)
        except _OUTSIDE:
            raise
        except Exception as error:
            log.warning("batch_failed", letters=len(arrivals), **_place(error))
            for arrival in arrivals:
                self._take_one(arrival)

    def _take_one(self, arrival: Arrival) -> None:
        refusal = ""
        for _ in range(2):
            try:
                return self.take([arrival], refusal)
            except _OUTSIDE:
                raise
            except Exception as error:
                log.error("letter_refused", topic=arrival.topic, **_place(error), remedy="report this")
                refusal = "unstorable" if isinstance(error, _CONTENT) else INTERNAL
        # Not even its refusal can be stored. Its terminal keeps it, since it hears no ack.
        if self._line is not None:
            self._line.puback(arrival.mid)

    def _serve(self, stop: threading.Event) -> None:
        """One connection, from its first packet to its last."""
        line = Line(self._settings.broker, IN_FLIGHT, host_state.will(self._settings))
        self._line = line
        line.subscribe(SUBSCRIPTIONS)
        self._publish_state(line, online=True)
        self._ready.set()
        log.info("ready", host=self._settings.broker.host, port=self._settings.broker.port)
        self._on_ready()
        said = time.monotonic()
        while not stop.is_set():
            if arrivals := _gather(line):
                self._take_all(arrivals)
            line.flush()
            if time.monotonic() - said > HOST_STATE_SECONDS:
                self._publish_state(line, online=True)
                said = time.monotonic()
        self._publish_state(line, online=False)
        line.goodbye()

    def _drop(self) -> None:
        """What was not acknowledged belonged to the connection that has ended: it comes again."""
        self._ready.clear()
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _publish_state(self, line: Line, *, online: bool) -> None:
        with self._engine.connect() as tx:
            for topic, payload in host_state.states(self._settings, tx, online=online):
                line.publish(topic, payload, reliable=True, retain=True)
        line.flush()


def births(letters: Sequence[Letter]) -> set[str]:
    """The terminals that have said that they are there."""
    found = set()
    for letter in letters:
        data = letter.envelope.data if letter.envelope and not letter.code else None
        if isinstance(data, messages.TerminalState) and data.online:
            found.add(letter.path)
    return found


def _place(error: Exception) -> dict[str, str]:
    """Which mistake and where, without what was sent."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return {"kind": type(error).__name__, "where": f"{Path(frame.filename).name}:{frame.lineno}"}


def _gather(line: Line) -> list[Arrival]:
    """Wait for something, then read on while more is there: until MOST letters or GATHER_SECONDS."""
    came = line.receive(MOST, patience=0.2)
    until = time.monotonic() + GATHER_SECONDS
    while came and len(came) < MOST and time.monotonic() < until:
        more = line.receive(MOST - len(came), patience=0.0)
        if not more:
            break
        came += more
    now = int(time.time() * 1000)
    arrivals = []
    for one in came:
        if "/$srv/" in one.topic:
            line.puback(one.mid)  # our own word: `+` takes it in
        else:
            arrivals.append(Arrival(one.mid, one.topic, one.payload, now))
    return arrivals
