"""A fleet at one hall: what a connection costs, how long all need to come back, a long run without a loss."""

from __future__ import annotations

import contextlib
import dataclasses
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from hall.data import store
from hall.fleet import check, simulate
from hall.fleet.figures import Figures
from hall.fleet.plan import Plan
from hall.settings import HallSettings
from tests.bench.hall_drain import child
from tests.bench.table import Row
from tests.peers.broker import Broker, broker
from tests.peers.openssl import run as openssl
from tests.peers.postgres import postgres

HOUSE = Path(__file__).parents[2]
PACE = 500.0  # connections a second while a fleet comes in
PATIENCE = 300.0
SAY_SECONDS = 10.0


def run(terminals: int, minutes: float, secure: int, messages_a_day: float) -> list[Row]:
    """`terminals` for `minutes` on PostgreSQL, with the broker killed at half time; `secure` over mTLS.

    `messages_a_day`: numbered ones of a terminal.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return [*_long(terminals, minutes, messages_a_day), *_secure(secure)]


@dataclass
class _Watched:
    """A fleet that runs on a thread of its own, and what it has told last."""

    figures: Figures
    thread: threading.Thread
    outcome: list[simulate.Outcome]
    done: threading.Event

    def until(self, true: Callable[[Figures], bool], what: str) -> float:
        """Wait; returns the seconds. RuntimeError when it does not come about."""
        begun = said = time.monotonic()
        while not true(self.figures):
            if time.monotonic() - said > SAY_SECONDS:
                said = time.monotonic()
                print(f"{what}: {simulate.live(self.figures, said - begun)}", file=sys.stderr, flush=True)
            if time.monotonic() - begun > PATIENCE or not self.thread.is_alive():
                raise RuntimeError(f"waited in vain: {what}")
            time.sleep(0.05)
        return time.monotonic() - begun


@contextlib.contextmanager
def _fleet(plan: Plan) -> Iterator[_Watched]:
    def work() -> None:
        watched.outcome.append(simulate.run(plan, hear, watched.done.is_set))

    def hear(figures: Figures, _seconds: float) -> None:
        watched.figures = figures

    watched = _Watched(
        Figures(terminals=plan.terminals), threading.Thread(target=work), [], threading.Event()
    )
    watched.thread.start()
    try:
        yield watched
    finally:
        watched.done.set()
        watched.thread.join()


def _long(terminals: int, minutes: float, messages_a_day: float) -> list[Row]:
    with tempfile.TemporaryDirectory() as name, broker(Path(name) / "broker") as peer, postgres() as cluster:
        folder = Path(name)
        settings = HallSettings(
            data=folder / "hall", area="a", hall="h", database=cluster.url(cluster.create())
        )
        store.migrate(settings)
        file = folder / "hall.toml"
        lines = [f'data = "{settings.data}"', 'area = "a"', 'hall = "h"', f'database = "{settings.database}"']
        file.write_text("\n".join([*lines, "[broker]", f"port = {peer.port}"]))
        command = [sys.executable, "main.py", "hall", "ingest", "--settings", file]
        with child(command, folder / "log", cwd=HOUSE) as ingest:
            time.sleep(5.0)
            plan = Plan(peer.host, peer.port, 0, terminals, 86400.0, int(time.time()), patience=PATIENCE)
            plan = dataclasses.replace(plan, connects_per_second=PACE, transactions_per_day=messages_a_day)
            return _watch(plan, minutes, peer, psutil.Process(ingest.pid), settings)


def _watch(
    plan: Plan, minutes: float, peer: Broker, ingest: psutil.Process, settings: HallSettings
) -> list[Row]:
    terminals = plan.terminals
    empty, small = psutil.Process(peer.pid).memory_info().rss, ingest.memory_info().rss
    with _fleet(plan) as fleet:
        fleet.until(lambda f: f.greeted == terminals, "all online")
        full, large = psutil.Process(peer.pid).memory_info().rss, ingest.memory_info().rss
        begun = time.monotonic()
        steady = _steady(minutes * 30, psutil.Process(peer.pid), ingest)
        calm = fleet.figures
        peer.kill()
        fleet.until(lambda f: f.online < terminals / 10, "the lines to break")
        peer.start()
        online = fleet.until(lambda f: f.online == terminals, "all online again")
        greeted = online + fleet.until(lambda f: f.greeted == terminals, "all known to the hall again")
        time.sleep(max(0.0, minutes * 60 - (time.monotonic() - begun)))
    (outcome,) = fleet.outcome
    f = outcome.figures
    engine = store.open_store(settings, read_only=True)
    with engine.connect() as tx:
        wrong = len(list(check.differences(tx, plan.boot, outcome.numbers)))
    engine.dispose()
    return [
        Row("fleet: terminals", terminals, ""),
        Row("fleet: minutes", minutes, ""),
        Row("fleet: memory of the broker for a connection", (full - empty) / terminals / 1000, "kB"),
        Row("fleet: memory of the ingest for a terminal", (large - small) / terminals / 1000, "kB"),
        Row("fleet: broker, of one core", steady[0] * 100, "%"),
        Row("fleet: ingest, of one core", steady[1] * 100, "%"),
        Row("fleet: published", (f.sent + f.health) / outcome.seconds, "/s"),
        Row("fleet: numbered messages made", f.made, ""),
        Row("fleet: unacknowledged at the end", f.unacked, "", at_most=0),
        Row("fleet: refused", f.refused, "", at_most=0),
        Row("fleet: differences in the store", wrong, "", at_most=0),
        Row("fleet: PUBACK, p50, before the kill", calm.puback.within(0.5) * 1000, "ms"),
        Row("fleet: PUBACK, p99, before the kill", calm.puback.within(0.99) * 1000, "ms"),
        Row("fleet: ack after commit, p50, before the kill", calm.ack.within(0.5) * 1000, "ms"),
        Row("fleet: ack after commit, p99, before the kill", calm.ack.within(0.99) * 1000, "ms"),
        Row("storm: broker started until all are online", online, "s"),
        Row("storm: broker started until the hall has greeted all", greeted, "s"),
    ]


def _steady(seconds: float, *processes: psutil.Process) -> list[float]:
    """Processor time of each as a share of one core, over so many seconds."""
    before = [sum(one.cpu_times()[:2]) for one in processes]
    begun = time.monotonic()
    time.sleep(seconds)
    spent = time.monotonic() - begun
    return [(sum(one.cpu_times()[:2]) - first) / spent for one, first in zip(processes, before, strict=True)]


def _secure(terminals: int) -> list[Row]:
    """A mosquitto that wants certificates: what a handshake and an open connection cost it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _certificates(folder)
        port, file = Broker(folder).port, folder / "mosquitto.conf"
        lines = [f"listener {port} 127.0.0.1", f"cafile {folder}/ca.pem", f"certfile {folder}/server.pem"]
        lines += [f"keyfile {folder}/server.key", "require_certificate true", "allow_anonymous true"]
        file.write_text("\n".join([*lines, "user root", "max_keepalive 120", ""]))
        program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
        with child([program or "mosquitto", "-c", file], folder / "log") as running:
            time.sleep(1.0)
            watched = psutil.Process(running.pid)
            empty, used = watched.memory_info().rss, sum(watched.cpu_times()[:2])
            plan = Plan("localhost", port, 0, terminals, 600.0, int(time.time()), tls=folder, patience=0.0)
            plan = dataclasses.replace(plan, transactions_per_day=0.0, health_seconds=3600.0)
            with _fleet(plan) as fleet:
                fleet.until(lambda f: f.online == terminals, "all online over TLS")
                full, spent = watched.memory_info().rss, sum(watched.cpu_times()[:2]) - used
        return [
            Row("mTLS: terminals", terminals, ""),
            Row("mTLS: memory of the broker for a connection", (full - empty) / terminals / 1000, "kB"),
            Row("mTLS: processor of the broker for a handshake", spent / terminals * 1000, "ms"),
        ]


def _certificates(folder: Path) -> None:
    """An authority, the broker's certificate and one for the whole fleet, on P-256."""
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3")
    with contextlib.suppress(subprocess.CalledProcessError):
        openssl(
            "req",
            "-x509",
            *curve,
            "-subj",
            "/CN=root",
            "-keyout",
            f"{folder}/ca.key",
            "-out",
            f"{folder}/ca.pem",
        )
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1")
    for name in ("server", "client"):
        request, key = f"{folder}/{name}.csr", f"{folder}/{name}.key"
        openssl("req", *curve, "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        signed = ("-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key", "-CAcreateserial")
        more = ("-extfile", f"{folder}/names", "-out", f"{folder}/{name}.pem")
        openssl("x509", "-req", "-in", request, "-days", "3", *signed, *more)
