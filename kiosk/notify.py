"""What systemd is told of us by its socket (sd_notify(3)); nothing where it did not start us."""

from __future__ import annotations

import os
import socket

_SEND_SECONDS = 1.0  # systemd reads at once; a machine that does not let it has other troubles


def say(text: str) -> bool:
    """Tells systemd `READY=1`, `WATCHDOG=1`, `STOPPING=1`, `STATUS=…`, one a line; from any thread.

    False when nobody listens: systemd did not start us, or its socket does not take it within a second.
    Nothing personal may stand in it: `systemctl status` shows it to whoever asks.
    """
    place = os.environ.get("NOTIFY_SOCKET", "")
    if place[:1] not in ("/", "@"):
        return False
    address = "\0" + place[1:] if place[0] == "@" else place
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.settimeout(_SEND_SECONDS)
            line.sendto(text.encode(), address)
    except OSError:
        return False
    return True


def watchdog_seconds() -> float:
    """Seconds after which systemd ends us without a `WATCHDOG=1`; 0.0: it does not wait for one of ours."""
    try:
        whose = int(os.environ.get("WATCHDOG_PID") or os.getpid())
        microseconds = int(os.environ.get("WATCHDOG_USEC", "0"))
    except ValueError:
        return 0.0
    return microseconds / 1e6 if whose == os.getpid() and microseconds > 0 else 0.0
