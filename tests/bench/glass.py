"""A finger and an eye at an X display, without a process for each touch: XTest and XGetSubImage by ctypes.

The same for every peer: nothing is asked of the program behind the glass.
"""

from __future__ import annotations

import ctypes
import time
from types import TracebackType
from typing import Self

LOOK_SECONDS = 0.0002  # between two looks; a look itself takes some 0.05 ms
_ALL_PLANES, _Z_PIXMAP = ctypes.c_ulong(-1).value, 2
_LEFT = 1


class _Image(ctypes.Structure):
    """The beginning of Xlib's XImage, up to its bytes."""

    _fields_ = (
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("xoffset", ctypes.c_int),
        ("format", ctypes.c_int),
        ("data", ctypes.c_void_p),
        ("byte_order", ctypes.c_int),
        ("bitmap_unit", ctypes.c_int),
        ("bitmap_bit_order", ctypes.c_int),
        ("bitmap_pad", ctypes.c_int),
        ("depth", ctypes.c_int),
        ("bytes_per_line", ctypes.c_int),
    )


class Glass:
    """One connection to one display; use it as a context manager. OSError when the display is not there.

    `side` is that of the square that is looked at, in pixels.
    """

    def __init__(self, display: str, side: int = 6) -> None:
        self._side = side
        self._x11, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x11.XGetImage.restype = ctypes.POINTER(_Image)
        opened = self._x11.XOpenDisplay(display.encode())
        if not opened:
            raise OSError(f"the display {display} does not open")
        self._display = ctypes.c_void_p(opened)
        self._root = ctypes.c_ulong(self._x11.XDefaultRootWindow(self._display))
        planes = ctypes.c_ulong(_ALL_PLANES)
        self._image = self._x11.XGetImage(
            self._display, self._root, 0, 0, self._side, self._side, planes, _Z_PIXMAP
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._x11.XCloseDisplay(self._display)

    def move(self, x: int, y: int) -> None:
        """The pointer goes there, in pixels from the top left."""
        self._test.XTestFakeMotionEvent(self._display, -1, x, y, ctypes.c_ulong(0))
        self._x11.XSync(self._display, 0)

    def press(self) -> float:
        """The finger comes down. Returns the moment before the server was told."""
        return self._button(True)

    def release(self) -> float:
        """The finger leaves. Returns the moment before the server was told."""
        return self._button(False)

    def tap(self, x: int, y: int, seconds: float = 0.06) -> float:
        """Down and up at one place. Returns the moment it left."""
        self.move(x, y)
        self.press()
        time.sleep(seconds)
        return self.release()

    def look(self, x: int, y: int) -> bytes:
        """The pixels of the small square at this place, as they are on the glass now."""
        planes = ctypes.c_ulong(_ALL_PLANES)
        self._x11.XGetSubImage(
            self._display, self._root, x, y, self._side, self._side, planes, _Z_PIXMAP, self._image, 0, 0
        )
        image = self._image.contents
        return ctypes.string_at(image.data, image.bytes_per_line * self._side)

    def colour(self, x: int, y: int) -> str:
        """The colour of the square's first pixel as RRGGBB."""
        blue, green, red = self.look(x, y)[:3]
        return f"{red:02X}{green:02X}{blue:02X}"

    def changed(self, x: int, y: int, before: bytes, seconds: float = 3.0) -> float:
        """Waits until the square is no longer as before; returns that moment. TimeoutError."""
        end = time.perf_counter() + seconds
        while self.look(x, y) == before:
            if time.perf_counter() > end:
                raise TimeoutError(f"nothing changed at {x}, {y} in {seconds:g} s")
            time.sleep(LOOK_SECONDS)
        return time.perf_counter()

    def shows(self, x: int, y: int, wanted: bytes, seconds: float) -> float:
        """Waits until the square is as wanted; returns that moment. TimeoutError."""
        end = time.perf_counter() + seconds
        while self.look(x, y) != wanted:
            if time.perf_counter() > end:
                raise TimeoutError(f"what was waited for did not come to {x}, {y} in {seconds:g} s")
            time.sleep(0.002)
        return time.perf_counter()

    def _button(self, down: bool) -> float:
        now = time.perf_counter()
        self._test.XTestFakeButtonEvent(self._display, _LEFT, int(down), ctypes.c_ulong(0))
        self._x11.XFlush(self._display)
        return now
