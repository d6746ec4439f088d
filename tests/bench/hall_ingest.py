"""The ingest on SQLite and PostgreSQL, one and two of it, its bare client, and what others use instead."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hall.data import store
from hall.fleet import voice
from hall.intake import filing
from hall.intake.letters import Arrival, open_letter
from hall.settings import HallSettings
from mqtt.topics import TerminalPath
from tests.bench import hall_peers
from tests.bench.hall_drain import Drained, child, drained, middle, rows_of_postgres, rows_of_sqlite
from tests.bench.hall_load import ALL, HEALTH, Make, filed, load, remember, reporting
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
        "health SQLite": lambda c: _health(c, database=False),
        "health PostgreSQL": lambda c: _health(c, database=True),
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
    for name, what in (("health SQLite", "SQLite"), ("health PostgreSQL", "PostgreSQL")):
        rows.append(Row(f"health of ten devices on {what}: reports", found[name].rate, "/s"))
        rows.append(Row(f"health of ten devices on {what}: processor, each", found[name].micros, "µs"))
    return rows


def _client(contest: _Contest, how: str) -> Drained:
    remember(contest.broker.port, "client")
    load(contest.broker.port, contest.count, filed)
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
    """So many ingests; what counts is the rows of the messages' table."""
    url, counted = _store(contest, "SELECT count(*) FROM messages", database=database)
    files = [_settings(contest, index, url, SHARE if number > 1 else "") for index in range(number)]
    for index in range(number):
        topic = f"$share/{SHARE}/{ALL}" if number > 1 else ALL
        remember(contest.broker.port, f"ingest{index}", topic)
    return _taken(contest, files, counted, contest.count, filed)


def _health(contest: _Contest, *, database: bool) -> Drained:
    """One ingest, terminals that it has heard of; what counts is those whose second report is in."""
    url, counted = _store(
        contest, "SELECT count(*) FROM terminals WHERE health_number = 2", database=database
    )
    paths = [TerminalPath("a", f"h{n // 20}", f"S{n:06d}") for n in range(contest.count // 3)]
    letters = []
    for path in paths:
        birth, report = voice.state(path, 1, 1, online=True), voice.health(path, 1, 1, 1, 0, 0)
        letters.append(open_letter(Arrival(0, path.topic("state"), birth, 1)))
        letters.append(open_letter(Arrival(0, path.topic("health"), report, 2)))
    engine = store.open_store(HallSettings(data=contest.folder / "hall", area="a", hall="h", database=url))
    with engine.connect() as tx:
        filing.file_away(tx, letters)
        tx.commit()
    engine.dispose()
    remember(contest.broker.port, "ingest0", HEALTH)
    files = [_settings(contest, 0, url, "")]
    return _taken(contest, files, counted, len(paths), reporting(paths))


def _store(
    contest: _Contest, question: str, *, database: bool
) -> tuple[str, contextlib.AbstractContextManager[Callable[[], int]]]:
    """A migrated store: its URL (empty: SQLite in the folder), and who counts in it from outside."""
    name = contest.cluster.create() if database else ""
    url = contest.cluster.url(name) if database else ""
    store.migrate(HallSettings(data=contest.folder / "hall", area="a", hall="h", database=url))
    if database:
        return url, rows_of_postgres(contest.cluster, name, question)
    return url, rows_of_sqlite(contest.folder / "hall" / "hall.db", question)


def _settings(contest: _Contest, index: int, url: str, share: str) -> Path:
    file = contest.folder / f"hall{index}.toml"
    lines = [f'data = "{contest.folder / "hall"}"', 'area = "a"', 'hall = "h"', f'database = "{url}"']
    lines += [
        "[broker]",
        f"port = {contest.broker.port}",
        f'client_id = "ingest{index}"',
        f'share = "{share}"',
    ]
    file.write_text("\n".join(lines))
    return file


def _taken(
    contest: _Contest,
    files: Sequence[Path],
    counted: contextlib.AbstractContextManager[Callable[[], int]],
    total: int,
    make: Make,
) -> Drained:
    load(contest.broker.port, total, make)
    with contextlib.ExitStack() as stack:
        count = stack.enter_context(counted)
        commands = [[sys.executable, "main.py", "hall", "ingest", "--settings", file] for file in files]
        log = contest.folder / "log"
        children = [stack.enter_context(child(command, log, cwd=HOUSE)) for command in commands]
        return drained(children, count, total)


def _peer(
    contest: _Contest,
    start: Callable[[Path, int, Cluster, str], contextlib.AbstractContextManager[subprocess.Popen[bytes]]],
) -> Drained:
    database = contest.cluster.create()
    with contest.cluster.connect(database) as connection:
        connection.execute(hall_peers.TABLE)
    remember(contest.broker.port, "peer")
    load(contest.broker.port, contest.count, filed)
    with (
        rows_of_postgres(contest.cluster, database, "SELECT count(*) FROM peer") as count,
        start(contest.folder / "peer", contest.broker.port, contest.cluster, database) as running,
    ):
        return drained([running], count, contest.count)
