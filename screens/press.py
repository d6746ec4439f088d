"""Shows a press at once: only the pressed rectangle is drawn and copied to the glass.

Drawing a whole page in software takes 10–40 ms, a button 2. For the one frame
that shows a press, drawing is clipped to its rectangle (`glScissor`) and only
that part goes from the back buffer to the window (`GLX_MESA_copy_sub_buffer`).
Every layer is drawn within the clip, so the part is complete whatever the back
buffer held. Anything else that changed in that frame is drawn by a full one
150 ms later. Where the extension is missing every frame is a full one.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.graphics.opengl import GL_SCISSOR_TEST, glDisable, glEnable, glFlush, glScissor

from screens.tokens import Area

_FULL_AFTER = 0.15  # seconds
_STRIP = 12  # of the window's height
_log = logging.getLogger(__name__)
_Copy = Callable[[int, int, int, int], None]


class PressedPart:
    """Between a press and its frame: which rectangle is drawn."""

    def __init__(self, window: Any) -> None:
        self._window = window
        self._part: tuple[int, int, int, int] | None = None  # x, y from the bottom, w, h
        self._drawing = False
        self._later = Clock.create_trigger(self._full, _FULL_AFTER)
        self._copy = _copy_sub_buffer()
        if self._copy is not None:
            window.bind(on_draw=self._before_drawing, on_flip=self._instead_of_flipping)

    def show(self, area: Area) -> None:
        """The next frame draws this area only; to be called before its colour changes.

        Several areas before one frame are one: the least rectangle around them.
        """
        if self._copy is None:
            return
        part = (area.x, round(self._window.height) - area.bottom, area.w, area.h)
        if self._part is not None:
            self._part = _around(self._part, part)
        elif self._window.render_context.needs_redraw:
            return  # something else is to be drawn as well: one full frame
        else:
            self._part = part
        self._later.cancel()  # a finger that writes puts the full frame off until it rests
        self._later()

    def again(self) -> None:
        """The next frame draws a strip across the middle anew, as it is: a proof that costs a tenth."""
        pressed = self._later.is_triggered
        height = round(self._window.height)
        self.show(Area(0, height // 2, round(self._window.width), max(1, height // _STRIP)))
        if not pressed:
            self._later.cancel()  # nothing has changed elsewhere

    def cancel(self) -> None:
        """The next frame is a full one after all: a page has come."""
        self._part = None

    def _before_drawing(self, *_: Any) -> None:
        self._drawing = self._part is not None
        if self._part is not None:
            glEnable(GL_SCISSOR_TEST)
            glScissor(*self._part)

    def _instead_of_flipping(self, *_: Any) -> bool:
        if not self._drawing or self._part is None or self._copy is None:
            return False
        glDisable(GL_SCISSOR_TEST)
        glFlush()
        self._copy(*self._part)
        self._drawing, self._part = False, None
        return True

    def _full(self, _: float) -> None:
        self._window.canvas.ask_update()


def _around(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    left, low = min(one[0], other[0]), min(one[1], other[1])
    right, high = max(one[0] + one[2], other[0] + other[2]), max(one[1] + one[3], other[1] + other[3])
    return left, low, right - left, high - low


def _copy_sub_buffer() -> _Copy | None:
    """Copies a rectangle of the back buffer to the window; None where the display cannot."""
    try:
        gl = ctypes.CDLL("libGL.so.1")
        gl.glXGetCurrentDisplay.restype = ctypes.c_void_p
        gl.glXGetCurrentDrawable.restype = ctypes.c_ulong
        gl.glXQueryExtensionsString.restype = ctypes.c_char_p
        gl.glXQueryExtensionsString.argtypes = (ctypes.c_void_p, ctypes.c_int)
        gl.glXGetProcAddressARB.restype = ctypes.c_void_p
        gl.glXGetProcAddressARB.argtypes = (ctypes.c_char_p,)
        display, drawable = gl.glXGetCurrentDisplay(), gl.glXGetCurrentDrawable()
        if not display or not drawable:
            raise OSError("no GLX context")
        if b"GLX_MESA_copy_sub_buffer" not in (gl.glXQueryExtensionsString(display, 0) or b"").split():
            raise OSError("GLX_MESA_copy_sub_buffer is missing")
        address = gl.glXGetProcAddressARB(b"glXCopySubBufferMESA")
    except (OSError, AttributeError) as reason:
        _log.info("a press is shown by a full frame: %s", reason)
        return None
    integer = ctypes.c_int
    made = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_ulong, integer, integer, integer, integer)(
        address
    )
    return lambda x, y, w, h: made(display, drawable, x, y, w, h)
