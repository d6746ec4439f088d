"""The ingest on SQLite and PostgreSQL, one and two of it, its bare client, and what others use instead."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hall import store
from hall.settings import HallSettings
from tests.bench import hall_peers
from tests.bench.hall_drain import Drained, child, drained, middle, rows_of_postgres, rows_of_sqlite
from tests.bench.hall_load import ALL, load, remember
from tests.bench.table import Row
from tests.peers.broker import Broker, broker
from tests.peers.postgres import Cluster, postgres

HOUSE = Path(__file__).parents[2]
SHARE = "bench"


@dataclass(frozen=True)
class _Contest:
    """What every contender gets: a folder and a broker of its own, the one PostgreSQL, so many messages."""

    folder: Path
    broker: Broker
    cluster: Cluster
    count: int


def run(quick: bool) -> list[Row]:
    """Rates and processor times; the contenders take turns, so that a slow minute is everybody's."""
    count, rounds = (5_000, 1) if quick else (30_000, 3)
    contenders = _contenders()
    found: dict[str, list[Drained]] = {name: [] for name in contenders}
    with tempfile.TemporaryDirectory() as folder, postgres() as cluster:
        for turn in range(rounds):
            for name, contend in contenders.items():
                own = Path(folder) / f"{turn}-{name.replace(' ', '-')}"
                own.mkdir()
                with broker(own / "broker") as peer:
                    found[name].append(contend(_Contest(own, peer, cluster, count)))
    return _rows({name: middle(several) for name, several in found.items()})


def _contenders() -> dict[str, Callable[[_Contest], Drained]]:
    found: dict[str, Callable[[_Contest], Drained]] = {
        "take": lambda c: _client(c, "take"),
        "decode": lambda c: _client(c, "decode"),
        "SQLite": lambda c: _ours(c, 1, database=False),
        "PostgreSQL": lambda c: _ours(c, 1, database=True),
        "two PostgreSQL": lambda c: _ours(c, 2, database=True),
    }
    if hall_peers.node_red_there():
        found["Node-RED"] = lambda c: _peer(c, hall_peers.node_red)
    if hall_peers.bridge_there():
        found["mq-bridge"] = lambda c: _peer(c, hall_peers.bridge)
    return found


def _rows(found: dict[str, Drained]) -> list[Row]:
    others = {name: found[name] for name in ("Node-RED", "mq-bridge") if name in found}
    rates: dict[str, float] = {name: one.rate for name, one in others.items()}
    costs: dict[str, float] = {name: one.micros for name, one in others.items()}
    rows = []
    for name, what in (
        ("take", "client alone: taken and confirmed"),
        ("decode", "client alone: decoded too"),
        ("SQLite", "ingest on SQLite"),
        ("PostgreSQL", "ingest on PostgreSQL"),
        ("two PostgreSQL", "two ingests on PostgreSQL"),
    ):
        own = name.endswith("PostgreSQL")
        rows.append(Row(f"{what}: messages", found[name].rate, "/s", rates if own else {}))
        rows.append(Row(f"{what}: processor, each", found[name].micros, "µs", costs if own else {}))
    return rows


def _client(contest: _Contest, how: str) -> Drained:
    remember(contest.broker.port, "client")
    load(contest.broker.port, contest.count)
    words = [
        sys.executable,
        "-m",
        "tests.bench.hall_client",
        how,
        str(contest.broker.port),
        str(contest.count),
    ]
    done = subprocess.run(words, cwd=HOUSE, capture_output=True, text=True, timeout=120, check=True)
    rate, micros = done.stdout.split()
    return Drained(float(rate), float(micros))


def _ours(contest: _Contest, number: int, *, database: bool) -> Drained:
    name = contest.cluster.create() if database else ""
    files = []
    for index in range(number):
        lines = [f'data = "{contest.folder / "hall"}"', 'area = "a"', 'hall = "h"']
        lines += [f'database = "{contest.cluster.url(name)}"'] if database else []
        lines += ["[broker]", f"port = {contest.broker.port}", f'client_id = "ingest{index}"']
        lines += [f'share = "{SHARE}"'] if number > 1 else []
        files.append(contest.folder / f"hall{index}.toml")
        files[-1].write_text("\n".join(lines))
        topic = f"$share/{SHARE}/{ALL}" if number > 1 else ALL
        remember(contest.broker.port, f"ingest{index}", topic)
    url = contest.cluster.url(name) if database else ""
    store.migrate(HallSettings(data=contest.folder / "hall", area="a", hall="h", database=url))
    load(contest.broker.port, contest.count)
    with contextlib.ExitStack() as stack:
        count = stack.enter_context(_messages(contest, name))
        children = [
            stack.enter_context(
                child(
                    [sys.executable, "main.py", "hall", "ingest", "--settings", file],
                    contest.folder / "log",
                    cwd=HOUSE,
                )
            )
            for file in files
        ]
        return drained(children, count, contest.count)


def _messages(contest: _Contest, database: str) -> contextlib.AbstractContextManager[Callable[[], int]]:
    if database:
        return rows_of_postgres(contest.cluster, database, "messages")
    return rows_of_sqlite(contest.folder / "hall" / "hall.db", "messages")


def _peer(
    contest: _Contest,
    start: Callable[[Path, int, Cluster, str], contextlib.AbstractContextManager[subprocess.Popen[bytes]]],
) -> Drained:
    database = contest.cluster.create()
    with contest.cluster.connect(database) as connection:
        connection.execute(hall_peers.TABLE)
    remember(contest.broker.port, "peer")
    load(contest.broker.port, contest.count)
    with (
        rows_of_postgres(contest.cluster, database, "peer") as count,
        start(contest.folder / "peer", contest.broker.port, contest.cluster, database) as running,
    ):
        return drained([running], count, contest.count)
