"""Keys that come too fast for fingers: a code scanner that types. All keys of the window pass through here.

A scanner's burst is one code, ended by Enter or Tab; it goes to the core and never into a field. What a
person types is handed on, a moment late: only the pause after a key tells whose it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.clock import Clock

PAUSE = 0.05  # seconds without a key that end a burst; scanners leave 1–30 ms between keys
SHORTEST = 4  # characters of a code; fewer are a person's
LONGEST = 4296  # characters of the largest QR code
_ENDS = (13, 271, 9)  # Enter, Enter of the number block, Tab


class Burst:
    """Keys without a pause between them. Pure: whoever calls it knows the time."""

    def __init__(self) -> None:
        self._keys = ""

    def key(self, text: str) -> None:
        """One more key's text."""
        self._keys = (self._keys + text)[: LONGEST + 1]

    def end(self) -> tuple[str, str]:
        """The terminator came: (code, typed), one of which is empty; both are when there was no key."""
        keys, self._keys = self._keys, ""
        return (keys, "") if SHORTEST <= len(keys) <= LONGEST else ("", keys)

    def pause(self) -> str:
        """No key came for a while: what a person has typed. A torn code is nobody's and is dropped."""
        keys, self._keys = self._keys, ""
        return keys if len(keys) < SHORTEST else ""


class ScanKeys:
    """Listens to a window's keys. `scanned(code)` and `typed(text)` are called on the drawing thread.

    The pause is measured by a timer of Kivy, which runs after all waiting keys have been handed out: a
    picture that takes long to draw does not tear a code.
    """

    def __init__(
        self, window: Any, scanned: Callable[[str], None], typed: Callable[[str], None] = lambda text: None
    ) -> None:
        self._window, self._scanned, self._typed = window, scanned, typed
        self._burst = Burst()
        self._timer = Clock.create_trigger(self._paused, PAUSE)
        window.bind(on_key_down=self._down, on_textinput=self._text)

    def close(self) -> None:
        """Hears no more keys."""
        self._window.unbind(on_key_down=self._down, on_textinput=self._text)
        self._timer.cancel()

    def _text(self, window: Any, text: str) -> bool:
        self._burst.key(text)
        self._again()
        return True

    def _down(self, window: Any, key: int, *_: Any) -> bool:
        if key not in _ENDS:
            return False
        code, typed = self._burst.end()
        self._timer.cancel()
        if code:
            self._scanned(code)
        elif typed:
            self._typed(typed)
        return bool(code)

    def _again(self) -> None:
        self._timer.cancel()
        self._timer()

    def _paused(self, _: float) -> None:
        if typed := self._burst.pause():
            self._typed(typed)
