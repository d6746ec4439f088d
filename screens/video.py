"""The few calls to SDL that Kivy does not offer: waiting for events, waking, the display's size.

They go to the very library that Kivy's wheel carries, so both speak of one SDL.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
from functools import cache
from pathlib import Path

_INIT_VIDEO = 0x20
_UNSEEN = (None, b"offscreen", b"dummy")
_EVENT_BYTES = 56  # sizeof(SDL_Event) in SDL 2


class _DisplayMode(ctypes.Structure):
    _fields_ = [
        ("format", ctypes.c_uint32),
        ("w", ctypes.c_int),
        ("h", ctypes.c_int),
        ("refresh_rate", ctypes.c_int),
        ("driverdata", ctypes.c_void_p),
    ]


@cache
def library() -> ctypes.CDLL:
    """SDL as Kivy's wheel carries it. Raises OSError when it is not there (another build of Kivy)."""
    found = importlib.util.find_spec("kivy")  # finds it without importing it
    if found is None or found.origin is None:
        raise OSError("Kivy is not installed: run `make setup`")
    carried = sorted((Path(found.origin).parents[1] / "Kivy.libs").glob("libSDL2-2-*.so*"))
    if not carried:
        raise OSError("this build of Kivy carries no SDL of its own")
    return ctypes.CDLL(str(carried[0]))


def offscreen() -> bool:
    """Whether pictures are drawn without any display (tests)."""
    return os.environ.get("SDL_VIDEODRIVER") in ("offscreen", "dummy")


def has_display() -> bool:
    """Whether what is drawn can be seen, or is drawn for nobody because a test wants it so.

    Where no display can be opened SDL draws into memory and says nothing.
    """
    if offscreen():
        return True
    try:
        sdl = library()
        sdl.SDL_GetCurrentVideoDriver.restype = ctypes.c_char_p
        return sdl.SDL_InitSubSystem(_INIT_VIDEO) == 0 and sdl.SDL_GetCurrentVideoDriver() not in _UNSEEN
    except OSError:
        return True  # another build of Kivy: its window says so


def fitting(width: int, height: int) -> tuple[int, int]:
    """The size, made to fit the display in proportion; as it is when the display cannot be asked."""
    if (display := _display_size()) is None:
        return width, height
    scale = min(1.0, display[0] / width, display[1] / height)
    return round(width * scale), round(height * scale)


def whole(width: int, height: int) -> tuple[int, int]:
    """The display's own size; the one that is wished for when the display cannot be asked."""
    return _display_size() or (width, height)


def _display_size() -> tuple[int, int] | None:
    if offscreen():
        return None
    try:
        sdl, mode = library(), _DisplayMode()
        if sdl.SDL_InitSubSystem(_INIT_VIDEO) != 0:
            return None
        if sdl.SDL_GetDesktopDisplayMode(0, ctypes.byref(mode)) != 0 or mode.w <= 0 or mode.h <= 0:
            return None
    except OSError:
        return None
    return mode.w, mode.h


class Waker:
    """Waits for SDL's next event, and lets other threads end the wait."""

    def __init__(self) -> None:
        """Registers an event of our own. Raises OSError when SDL gives none."""
        self._sdl = library()
        self._sdl.SDL_WaitEventTimeout.argtypes = (ctypes.c_void_p, ctypes.c_int)
        self._sdl.SDL_PushEvent.argtypes = (ctypes.c_void_p,)
        self._sdl.SDL_RegisterEvents.restype = ctypes.c_uint32
        self._kind = int(self._sdl.SDL_RegisterEvents(1))
        if self._kind == 0xFFFFFFFF:
            raise OSError("SDL has no event numbers left")
        self._event = ctypes.create_string_buffer(_EVENT_BYTES)
        ctypes.memmove(self._event, self._kind.to_bytes(4, "little"), 4)
        self._woken = False

    def wait(self, milliseconds: int) -> None:
        """Returns at the next event, at `wake`, or when the time is over. Other threads run meanwhile."""
        self._sdl.SDL_WaitEventTimeout(None, milliseconds)

    def wake(self) -> None:
        """Ends the wait; from any thread. One event stands for all wakes until `drained`."""
        if not self._woken:
            self._woken = True
            self._sdl.SDL_PushEvent(self._event)

    def drained(self) -> None:
        """To be called once the window has taken all events from SDL, never before."""
        self._woken = False
