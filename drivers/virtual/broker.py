"""The demo's broker: mosquitto where it is installed, else the packaged one. Both without login, on loopback.

The terminal's own acknowledgement from the hall makes a broker's durability irrelevant to transactions;
what mosquitto keeps is kept so that a second start finds retained states and sessions again.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from drivers.virtual.processes import Command

SBIN = "/usr/sbin:/sbin:/usr/local/sbin"  # where Debian puts daemons and a plain user's PATH does not look

MOSQUITTO = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 5
max_inflight_messages 2000
max_queued_messages 10000
log_dest stdout
log_type warning
log_type error
"""

PACKAGED = """\
id = 0
[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10
[v5.1]
name = "demo"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 131072
max_inflight_count = 500
dynamic_filters = true
"""


def find(program: str) -> str | None:
    """The path of a program, also where only root's PATH looks. None when it is not installed."""
    return shutil.which(program, path=os.environ.get("PATH", os.defpath) + ":" + SBIN)


def command(folder: Path, port: int) -> Command:
    """What starts a broker on 127.0.0.1:port that keeps its data in `folder` (made if need be)."""
    folder.mkdir(parents=True, exist_ok=True)
    if mosquitto := find("mosquitto"):
        settings = folder / "mosquitto.conf"
        text = MOSQUITTO.format(port=port, folder=folder)
        if os.geteuid() == 0:
            text += "user root\n"  # else it becomes a user who cannot write the data folder
        settings.write_text(text, encoding="utf-8")
        return Command("broker", (mosquitto, "-c", str(settings)), port=port)
    settings = folder / "packaged.toml"
    settings.write_text(PACKAGED.format(port=port), encoding="utf-8")
    return Command(
        "broker",
        (sys.executable, "-m", "iotcore", "--log-level", "CRITICAL", "--config", str(settings)),
        port=port,
    )
