"""Where this machine stands in the network: its own addresses, its hall, until when its certificate holds."""

from __future__ import annotations

import json
import socket
import subprocess

from config.settings import Settings
from kiosk.enrolment import identity

PROGRAM_SECONDS = 5.0


def own() -> list[str]:
    """The addresses of this machine, `enp3s0 10.0.0.7`; none where the system does not tell."""
    try:
        said = subprocess.run(
            ["ip", "-json", "address"], capture_output=True, timeout=PROGRAM_SECONDS, check=True
        ).stdout
        links = json.loads(said)
    except (OSError, subprocess.SubprocessError, ValueError):
        return [socket.gethostname()]
    return [
        f"{link['ifname']} {one['local']}"
        for link in links
        if link.get("ifname") != "lo"
        for one in link.get("addr_info", [])
        if one.get("scope") == "global" and "local" in one
    ]


def hall(settings: Settings) -> str:
    """The desk that it is enrolled with; empty for none."""
    found = identity.readable(settings.data)
    return found.home.url if found is not None else ""


def certificate_until(settings: Settings) -> str:
    """The last day of its certificate; empty where there is none."""
    found = identity.readable(settings.data)
    return f"{found.ends:%Y-%m-%d}" if found is not None else ""
