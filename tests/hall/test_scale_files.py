"""The files that docs/scaling.md says to begin with are taken by the programs that they are for."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from hall import settings
from hall.intake.line import Line
from hall.settings import BrokerSettings
from tests.bench import reckoning, scaling_page
from tests.bench.table import Row
from tests.hall.conftest import wait_for
from tests.peers.broker import broker, free_port
from tests.peers.postgres import Cluster

FILES = Path(__file__).parents[2] / "config" / "deploy" / "scale"


def test_the_two_ingests_of_a_city_differ_by_their_client_and_share_the_rest() -> None:
    one, two = (settings.load(FILES / f"city-ingest-{number}.toml") for number in (1, 2))
    assert one.broker.client_id != two.broker.client_id
    assert one.broker.share == two.broker.share != ""
    same = {"client_id": "", "tls": None}
    assert one.broker.model_copy(update=same) == two.broker.model_copy(update=same)
    assert one.database == two.database and "password" not in one.database
    assert one.machines.enrolled_only


def test_postgresql_starts_with_its_file_and_takes_every_line_of_it() -> None:
    folder = Path(tempfile.mkdtemp(prefix="hall-pg-"))
    cluster = Cluster(folder)
    try:
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.write(
                (FILES / "postgresql.conf").read_text() + "\nshared_buffers = 64MB # this machine is small\n"
            )
        cluster.start()
        with cluster.connect() as connection:
            wrong = connection.execute(
                "SELECT name, error FROM pg_file_settings WHERE error <> ''"
            ).fetchall()
            assert wrong == []
            assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
            assert connection.execute("SHOW max_wal_size").fetchone() == ("8GB",)
    finally:
        cluster.kill()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_terminal_reaches_the_broker_through_the_proxy(tmp_path: Path) -> None:
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin")
    assert program, "haproxy is not installed: run `make setup`"
    shipped = FILES / "haproxy.cfg"
    subprocess.run([program, "-c", "-f", shipped], check=True, capture_output=True, timeout=30)
    with broker(tmp_path / "broker") as peer:
        port, own = free_port(), tmp_path / "haproxy.cfg"
        text = shipped.read_text().replace("maxconn 120000", "maxconn 1000")
        text = text.replace(":8883\n", f"127.0.0.1:{port}\n").replace(":443\n", f"127.0.0.1:{free_port()}\n")
        for number in (1, 2, 3):
            text = text.replace(f"mqtt{number}.hall.example:8883", f"127.0.0.1:{peer.port}")
        own.write_text(text)
        running = subprocess.Popen([program, "-f", own], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: answers(port), "the proxy")
            line = Line(BrokerSettings(port=port, client_id="through"), 10, ("kt/1/nobody", b""))
            line.subscribe(["kt/1/a/h/k/ack"])
            line.publish("kt/1/a/h/k/ack", b"through the proxy", reliable=True)
            line.flush()
            reads = (line.receive(1, patience=30.0) for _ in range(3))  # one may be the confirmation alone
            (heard,) = next(filter(None, reads))
            assert heard.payload == b"through the proxy"
            line.goodbye()
        finally:
            running.terminate()
            running.wait(30)


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def test_the_page_keeps_what_was_measured_and_what_follows_from_it() -> None:
    text = "before\n<!-- measured: how -->\nold\n<!-- /measured -->\nafter\n"
    text += "<!-- reckoned: how -->\n\n<!-- /reckoned -->\n"
    rows = [Row("a figure", 12_345.6, "kB", {"Node-RED": 2.0, "mq-bridge": 3.0}), Row("another", 0.25, "ms")]
    written = scaling_page.replaced(text, "measured", scaling_page.table(rows, "today, 2 cores"))
    assert written.startswith("before\n<!-- measured: how -->\ntoday, 2 cores\n")
    assert written.endswith("<!-- /measured -->\nafter\n<!-- reckoned: how -->\n\n<!-- /reckoned -->\n")
    assert scaling_page.figures(written) == {"a figure": 12_346.0, "another": 0.25}
    for broken in (text, text.replace("<!-- /measured -->", ""), written.replace("0.25 ms", "soon")):
        with pytest.raises(scaling_page.PageError):
            scaling_page.figures(broken)


def test_ten_times_the_terminals_are_reckoned_ten_times_the_connections() -> None:
    names = (
        "fleet: ingest, of one core",
        "fleet: memory of the broker for a connection",
        "mTLS: memory of the broker for a connection",
        "store: a message in SQLite",
        "store: a message in PostgreSQL",
        "ingest on PostgreSQL: processor, each",
        "health of ten devices on PostgreSQL: processor, each",
    )
    measured = dict.fromkeys(names, 10.0) | {"fleet: published": 100.0}
    measured["mTLS: processor of the broker for a handshake"] = 1.7
    rows = {
        line.split("|")[1].strip(): line for line in reckoning.table(measured).splitlines() if "|" in line
    }
    assert rows["memory of the broker, mTLS"].startswith(
        "| memory of the broker, mTLS | 0.8 MB | 30.0 MB | 1,000.0 MB |"
    )
    assert "| 0.1 s | 5.1 s | 170.0 s |" in rows["handshakes of all, processor"]
