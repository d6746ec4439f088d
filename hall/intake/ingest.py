"""The ingest: takes what the terminals send from the broker into the store, in a process of its own.

Decode, commit, puback, ack. The broker keeps what has no PUBACK, a terminal keeps what has no ack, so that
this process may be killed between any two instructions: what comes twice is filed once.

One thread does it all. Any trouble ends the connection, not the loop: the broker brings everything that
was not acknowledged once more. Any number of ingests may share the load, and each may die by itself.
"""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError

from hall.data import store
from hall.intake import filing, host_state, packets, replies
from hall.intake.ingest_meters import Meters
from hall.intake.letters import INTERNAL, LEAVES, Arrival, Letter, open_letter
from hall.intake.line import ConnectionEnded, Line
from hall.intake.packets import Publication
from hall.intake.registry import Registry
from hall.settings import HallSettings
from mqtt.topics import ROOT

MOST = 1000  # letters in one transaction
GATHER_SECONDS = 0.02  # the longest that a letter waits for others
IN_FLIGHT = 2000  # what the broker may send ahead of our PUBACKs
BACK_OFF_SECONDS = (0.2, 15.0)
STEADY_SECONDS = 5.0  # a connection that held so long was a good one: the next attempt comes at once
HOST_STATE_SECONDS = 30.0
TURNS = 6  # tries of a batch that lost a race against another ingest
FOR_ALL = ("state", "cfg/reported")  # retained: a shared subscription would not bring what was said before

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
        self._births = replies.BirthRequests()
        self.meters = Meters()
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
        for turn in range(1, TURNS + 1):
            begun = time.perf_counter()
            letters = [open_letter(arrival, refusal) for arrival in arrivals]
            self._registry.turn_away(letters)
            try:
                with self._engine.connect() as tx:
                    filed = filing.file_away(tx, letters)
                    words = list(host_state.answers(tx, filed.born))
                    tx.commit()
                break
            except OperationalError as error:
                if turn == TURNS or not store.lost_race(error):
                    raise
                self.meters.again.inc()
                time.sleep(random.uniform(0.0, 0.01 * turn))
        self.meters.count(letters, time.perf_counter() - begun)
        words += self._births.to(filed.unborn)
        self.acknowledge(letters, words)

    def acknowledge(self, letters: Sequence[Letter], words: Iterable[tuple[str, bytes]] = ()) -> None:
        """PUBACK in the order received, then tell the terminals: this is stored, or that was refused.

        `words` are topics and payloads of what else they are told.
        """
        line = self._line
        if line is None:
            return
        line.hand(packets.pubacks(letter.arrival.mid for letter in letters))
        line.hand(replies.acks(letters))
        for topic, payload in words:
            line.publish(topic, payload, reliable=True)
        line.flush()

    def _take_all(self, arrivals: Sequence[Arrival]) -> None:
        """Take them together; if that fails, in halves, so that one bad letter cannot stop the others: a
        commit for each of a thousand takes so long that the broker gives us up and brings them again."""
        try:
            self.take(arrivals)
        except _OUTSIDE:
            raise
        except Exception as error:
            if len(arrivals) == 1:
                return self._take_one(arrivals[0])
            log.warning("batch_failed", letters=len(arrivals), **_place(error))
            middle = len(arrivals) // 2
            self._take_all(arrivals[:middle])
            self._take_all(arrivals[middle:])

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
        line.subscribe(subscriptions(self._settings))
        self._publish_state(line, online=True)
        self._ready.set()
        self.meters.connected.set(1)
        log.info("ready", host=self._settings.broker.host, port=self._settings.broker.port)
        self._on_ready()
        said = time.monotonic()
        while not stop.is_set():
            arrivals, of_halls = _sort(_gather(line))
            if arrivals:
                self._take_all(arrivals)
            if of_halls:
                self._contradict(line, of_halls)
            line.flush()
            if time.monotonic() - said > HOST_STATE_SECONDS:
                self._publish_state(line, online=True)
                said = time.monotonic()
        self._publish_state(line, online=False)
        line.goodbye()

    def _drop(self) -> None:
        """What was not acknowledged belonged to the connection that has ended: it comes again."""
        self._ready.clear()
        self.meters.connected.set(0)
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _contradict(self, line: Line, of_halls: Sequence[Publication]) -> None:
        """Another ingest has ended and said that the hall is gone; as long as one is there, it is not."""
        with self._engine.connect() as tx:
            for one in {said.topic: said for said in of_halls}.values():
                if word := host_state.contradiction(tx, one.topic, one.payload):
                    line.publish(*word, reliable=True, retain=True)
        line.hand(packets.pubacks(said.mid for said in of_halls))

    def _publish_state(self, line: Line, *, online: bool) -> None:
        with self._engine.connect() as tx:
            for topic, payload in host_state.states(self._settings, tx, online=online):
                line.publish(topic, payload, reliable=True, retain=True)
        line.flush()


def subscriptions(settings: HallSettings) -> list[str]:
    """The topics of one ingest: all, or its share of them, or those of its areas."""
    broker = settings.broker
    share = f"$share/{broker.share}/" if broker.share else ""
    found = [
        f"{'' if leaf in FOR_ALL else share}{ROOT}/{area}/+/+/{leaf}"
        for area in broker.areas or ("+",)
        for leaf in LEAVES
    ]
    own = f"{ROOT}/{settings.area}/{settings.hall}/$srv/state"  # said by each: whoever ends speaks for all
    return found if not broker.areas or settings.area in broker.areas else [*found, own]


def _place(error: Exception) -> dict[str, str]:
    """Which mistake and where, without what was sent."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return {"kind": type(error).__name__, "where": f"{Path(frame.filename).name}:{frame.lineno}"}


def _gather(line: Line) -> list[Publication]:
    """Wait for something, then read on while more is there: until MOST letters or GATHER_SECONDS."""
    came = line.receive(MOST, patience=0.2)
    until = time.monotonic() + GATHER_SECONDS
    while came and len(came) < MOST and time.monotonic() < until:
        more = line.receive(MOST - len(came), patience=0.0)
        if not more:
            break
        came += more
    return came


def _sort(came: Iterable[Publication]) -> tuple[list[Arrival], list[Publication]]:
    """What terminals say, and what is said of halls: `+` takes that in, too."""
    now = int(time.time() * 1000)
    arrivals, of_halls = [], []
    for one in came:
        if "/$srv/" in one.topic:
            of_halls.append(one)
        else:
            arrivals.append(Arrival(one.mid, one.topic, one.payload, now))
    return arrivals, of_halls
