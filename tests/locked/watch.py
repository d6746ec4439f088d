"""Tells on stderr of each file that this process opens to write, and of each program that it starts.

A line is `did: EVENT WHAT`; Python itself reports them (PEP 578), from the standard library's and Kivy's code
alike. What is written past Python (a picture by SDL) is found in the folder that it lies in.
"""

from __future__ import annotations

import os
import sys

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_STARTS = ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty", "os.system", "pty.spawn")
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.link", "os.symlink", "webbrowser.open")


def begin() -> None:
    """From now on, for good: such a hook cannot be taken away."""
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        path, _, flags = arguments
        if not (isinstance(flags, int) and flags & _WRITES and isinstance(path, str | bytes)):
            return
    elif event not in _STARTS and event not in _CHANGES:
        return
    os.write(2, f"did: {event} {arguments[0]!r}\n".encode())
