"""Tries within kiosk-terminal.service's limits what drivers do and what nobody may: a JSON object on stdout.

Each name has "" where it went well, else why not. Run by tests/deploy/test_boot.py as the terminal's user.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import pty
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_NEW_USER = 0x10000000  # CLONE_NEWUSER
_UEVENTS = 15  # NETLINK_KOBJECT_UEVENT


def voice() -> None:
    """espeak-ng as drivers/speaker.py starts it."""
    subprocess.run(["espeak-ng", "-v", "cmn", "-w", "/tmp/voice.wav", "你好"], check=True, timeout=30)
    assert Path("/tmp/voice.wav").stat().st_size > 1000


def child() -> None:
    """A process of our own, as for PC/SC cards."""
    subprocess.run([sys.executable, "-c", "import numpy"], check=True, timeout=30)


def camera() -> None:
    import cv2
    import numpy

    assert cv2.resize(numpy.zeros((8, 8, 3), numpy.uint8), (4, 4)).shape == (4, 4, 3)


def callback() -> None:
    """A C library that calls back: libusb, PC/SC."""
    assert ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda number: number + 1)(1) == 2


def terminal_line() -> None:
    os.write(pty.openpty()[0], b"x")


def usb_comes_and_goes() -> None:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _UEVENTS) as line:
        line.bind((0, 1))


def network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def boot_number() -> None:
    assert Path("/proc/sys/kernel/random/boot_id").read_text()


def own_folders() -> None:
    for folder in ("/var/lib/kiosk", "/run/kiosk", "/tmp"):
        (Path(folder) / "probe").write_text("x")
        (Path(folder) / "probe").unlink()


def serial_line() -> None:
    _opened("/dev/probe-serial")


def disk() -> None:
    _opened("/dev/probe-disk")


def memory() -> None:
    _opened("/dev/probe-memory")


def keys() -> None:
    _opened("/dev/probe-input")


def settings() -> None:
    Path("/etc/kiosk/terminal.toml").write_text("x")


def programs() -> None:
    Path("/opt/kiosk/current/x").write_text("x")


def homes() -> None:
    os.listdir("/root")


def other_root() -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER):
        raise OSError(ctypes.get_errno(), "unshare")


def root() -> None:
    os.setuid(0)


def _opened(path: str) -> None:
    """A device that is not there is one that we may open: only a refusal counts."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY))
    except OSError as error:
        if error.errno in (errno.EPERM, errno.EACCES):
            raise


WORKS: tuple[Callable[[], None], ...] = (
    voice,
    child,
    camera,
    callback,
    terminal_line,
    usb_comes_and_goes,
    network,
    boot_number,
    own_folders,
    serial_line,
)
REFUSED: tuple[Callable[[], None], ...] = (
    disk,
    memory,
    keys,
    settings,
    programs,
    homes,
    other_root,
    root,
)


def why(act: Callable[[], None]) -> str:
    try:
        act()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    print(json.dumps({act.__name__: why(act) for act in (*WORKS, *REFUSED)}))
