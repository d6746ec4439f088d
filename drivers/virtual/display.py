"""A display for the terminal's window where there is none, and a way to see and touch it in a browser."""

from __future__ import annotations

import ctypes
import os
import re
from pathlib import Path

from drivers.virtual.broker import find
from drivers.virtual.processes import Child, Command, ProcessError

NOVNC = Path("/usr/share/novnc")


def reachable() -> bool:
    """Whether the display that DISPLAY names lets us in."""
    if not os.environ.get("DISPLAY"):
        return False
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return False
    x11.XOpenDisplay.restype = ctypes.c_void_p
    handle = x11.XOpenDisplay(None)
    if handle:
        x11.XCloseDisplay(ctypes.c_void_p(handle))
    return bool(handle)


def screen(width: int, height: int) -> Command:
    """A virtual screen of that size in pixels. It picks a free number itself and prints it: see `number`."""
    size = f"{width}x{height}x24"
    argv = (_need("Xvfb", "xvfb"), "-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp", "-noreset")
    return Command("display", argv, ready=r"^\d+$")


def number(xvfb: Child) -> str:
    """The name of a ready virtual screen, as DISPLAY wants it: `:99`. ProcessError when it told none."""
    told = re.findall(r"^(\d+)$", xvfb.said(), re.MULTILINE)
    if not told:
        raise ProcessError(f"the virtual display did not tell its number; it said:\n{xvfb.tail()}")
    return f":{told[-1]}"


def mirror(display: str, port: int) -> Command:
    """Serves the screen as VNC on 127.0.0.1:port, for several onlookers at once."""
    argv = (_need("x11vnc", "x11vnc"), "-display", display, "-localhost", "-noipv6", "-rfbport", str(port))
    return Command("view", (*argv, "-forever", "-shared", "-nopw", "-quiet", "-norc"), port=port)


def web(port: int, vnc_port: int) -> Command:
    """Serves a browser's VNC client on 127.0.0.1:port. ProcessError when Debian's novnc is missing."""
    if not (NOVNC / "vnc.html").exists():
        raise ProcessError("novnc is not installed: apt-get install novnc, or start with --no-view")
    argv = (_need("websockify", "websockify"), "--web", str(NOVNC))
    return Command("web view", (*argv, f"127.0.0.1:{port}", f"127.0.0.1:{vnc_port}"), port=port)


def _need(program: str, package: str) -> str:
    path = find(program)
    if path is None:
        raise ProcessError(f"{program} is not installed: apt-get install {package}")
    return path
