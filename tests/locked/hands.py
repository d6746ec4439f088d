"""Hands on keyboard, mouse and glass, and eyes on the display: XTEST and X11 themselves, by ctypes.

What XTEST presses goes the way of a real key: through XKB's actions (switch the console, end the server), and
to the window that has the focus.
"""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations

SHIFT, CONTROL, ALT, SUPER, ALT_GR = "Shift_L", "Control_L", "Alt_L", "Super_L", "ISO_Level3_Shift"
MODIFIERS = (SHIFT, CONTROL, ALT, SUPER, ALT_GR)
WHEEL_UP, WHEEL_DOWN, WHEEL_LEFT, WHEEL_RIGHT = 4, 5, 6, 7

_PTR, _INT, _UINT, _XID = ctypes.c_void_p, ctypes.c_int, ctypes.c_uint, ctypes.c_ulong
_HANDLER = ctypes.CFUNCTYPE(_INT, _PTR, _PTR)
_END = ctypes.CFUNCTYPE(_INT, _PTR)
_DEAD = ctypes.CFUNCTYPE(None, _PTR, _PTR)
_ignored = _HANDLER(lambda display, event: 0)  # a window that has gone while it was looked at
_gone = _END(lambda display: 0)
_survived = _DEAD(lambda display, data: None)  # a server that has gone: the test says so, not the library


class _Attributes(ctypes.Structure):
    """XWindowAttributes, as far as it is read."""

    _fields_ = [
        *[(name, _INT) for name in ("x", "y", "width", "height", "border", "depth")],
        ("visual", _PTR),
        ("root", _XID),
        *[(name, _INT) for name in ("kind", "bit_gravity", "win_gravity", "backing_store")],
        *[(name, _XID) for name in ("planes", "pixel")],
        ("save_under", _INT),
        ("colormap", _XID),
        ("map_installed", _INT),
        ("map_state", _INT),
        ("rest", ctypes.c_byte * 64),
    ]


@dataclass(frozen=True)
class Seen:
    """A window on the glass."""

    number: int
    place: tuple[int, int, int, int]  # x, y, width, height


class Hands:
    """A connection to a display, until `close`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._x, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x.XOpenDisplay.restype = _PTR
        self._x.XDefaultRootWindow.restype = _XID
        self._x.XKeysymToKeycode.restype = ctypes.c_ubyte
        self._x.XStringToKeysym.restype = _XID
        self._x.XSetErrorHandler(_ignored)
        self._x.XSetIOErrorHandler(_gone)
        opened = self._x.XOpenDisplay(name.encode())
        assert opened, f"the display {name} lets nobody in"
        self._display = _PTR(opened)
        self._x.XSetIOErrorExitHandler(self._display, _survived, None)
        self._root = _XID(self._x.XDefaultRootWindow(self._display))

    def close(self) -> None:
        """Lets the display go."""
        self._x.XCloseDisplay(self._display)

    # ── keys ────────────────────────────────────────────────────────────────
    def keycodes(self) -> range:
        """Every key that the server knows."""
        least, most = _INT(), _INT()
        self._x.XDisplayKeycodes(self._display, ctypes.byref(least), ctypes.byref(most))
        return range(least.value, most.value + 1)

    def keycode(self, keysym: str) -> int:
        """The key with this symbol; 0 when none has it."""
        return int(self._x.XKeysymToKeycode(self._display, _XID(self._x.XStringToKeysym(keysym.encode()))))

    def press(self, code: int, down: bool) -> None:
        self._test.XTestFakeKeyEvent(self._display, _UINT(code), _INT(down), _XID(0))

    @contextmanager
    def holding(self, modifiers: Sequence[str]) -> Iterator[None]:
        """With these keys held down."""
        codes = [code for code in map(self.keycode, modifiers) if code]
        for code in codes:
            self.press(code, True)
        try:
            yield
        finally:
            for code in codes:
                self.press(code, False)
            self.sync()

    def every_key(self, modifiers: Sequence[str]) -> None:
        """Each key of the server once, with the modifiers; lock keys twice, so that nothing stays locked."""
        with self.holding(modifiers):
            for code in self.keycodes():
                for down in (True, False, True, False) if code in self._locks() else (True, False):
                    self.press(code, down)

    def type(self, keysym: str, *modifiers: str) -> None:
        with self.holding(modifiers):
            for down in (True, False):
                self.press(self.keycode(keysym), down)
        self.sync()

    def _locks(self) -> set[int]:
        return {self.keycode(name) for name in ("Caps_Lock", "Num_Lock", "Scroll_Lock")}

    def lay_out(self, option: str) -> None:
        """Gives the keys another meaning, by an option of XKB."""
        asked = ["setxkbmap", "-display", self._name, "-layout", "us", "-option", option]
        subprocess.run(asked, check=True, timeout=60)

    # ── finger and mouse ────────────────────────────────────────────────────
    def move(self, x: float, y: float) -> None:
        self._test.XTestFakeMotionEvent(self._display, _INT(-1), _INT(round(x)), _INT(round(y)), _XID(0))

    def button(self, number: int, down: bool) -> None:
        self._test.XTestFakeButtonEvent(self._display, _UINT(number), _INT(down), _XID(0))

    def click(self, x: float, y: float, *buttons: int) -> None:
        """These buttons down together, then up. The left one when none is named."""
        self.move(x, y)
        for down in (True, False):
            for number in buttons or (1,):
                self.button(number, down)
        self.sync()

    def sync(self) -> None:
        """Until the server has taken all of it."""
        self._x.XSync(self._display, _INT(0))

    # ── eyes ────────────────────────────────────────────────────────────────
    def windows(self) -> list[Seen]:
        """What is shown on the display, from the back to the front."""
        root, parent, count = _XID(), _XID(), _UINT()
        children = ctypes.POINTER(_XID)()
        told = [ctypes.byref(one) for one in (root, parent, children, count)]
        self._x.XQueryTree(self._display, self._root, *told)
        found = [self._seen(children[i]) for i in range(count.value)]
        if children:
            self._x.XFree(children)
        return [one for one in found if one is not None]

    def size(self) -> tuple[int, int]:
        """Width and height of the screen."""
        root = self._attributes(self._root.value or 0)
        return root.width, root.height

    def _seen(self, number: int) -> Seen | None:
        of = self._attributes(number)
        return Seen(number, (of.x, of.y, of.width, of.height)) if of.map_state == 2 else None

    def _attributes(self, number: int) -> _Attributes:
        of = _Attributes()
        self._x.XGetWindowAttributes(self._display, _XID(number), ctypes.byref(of))
        return of


def held_together() -> Iterator[tuple[str, ...]]:
    """Every combination of the modifiers, none first."""
    for count in range(len(MODIFIERS) + 1):
        yield from combinations(MODIFIERS, count)
