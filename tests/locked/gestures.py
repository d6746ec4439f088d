"""What one finger, or a mouse that somebody plugged in, can do to the glass. Times in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import combinations

from tests.locked.hands import ALT, CONTROL, SHIFT, SUPER, Hands

Gesture = Callable[[Hands, int, int], None]
LONG = 0.6
_BUTTONS = range(1, 10)
_FINGER, _MIDDLE, _RIGHT = 1, 2, 3
_ENDS = (0.0, 0.5, 1.0)


def _places(w: int, h: int, across: int, down: int) -> list[tuple[float, float]]:
    """A grid from corner to corner."""
    columns = [i * (w - 1) / (across - 1) for i in range(across)]
    return [(x, i * (h - 1) / (down - 1)) for i in range(down) for x in columns]


def taps(hands: Hands, w: int, h: int) -> None:
    """All over the glass, its edges and corners too."""
    for x, y in _places(w, h, 7, 10):
        hands.click(x, y)


def quick_taps(hands: Hands, w: int, h: int) -> None:
    """Double, triple and seven times, in the middle and in each corner."""
    for x, y in [*_places(w, h, 2, 2), (w / 2, h / 2), (w / 2, 4)]:
        for times in (2, 3, 7):
            for _ in range(times):
                hands.click(x, y)


def long_presses(hands: Hands, w: int, h: int) -> None:
    """With a finger, and with the button that means a menu elsewhere."""
    for button in (_FINGER, _RIGHT):
        hands.move(w / 2, h / 2)
        hands.button(button, True)
        hands.sync()
        time.sleep(LONG)
        hands.button(button, False)
    hands.sync()


def _drag(
    hands: Hands, begin: tuple[float, float], end: tuple[float, float], steps: int, button: int = _FINGER
) -> None:
    hands.move(*begin)
    hands.button(button, True)
    for i in range(1, steps + 1):
        part = i / steps
        hands.move(begin[0] + (end[0] - begin[0]) * part, begin[1] + (end[1] - begin[1]) * part)
    hands.button(button, False)
    hands.sync()


def drags(hands: Hands, w: int, h: int) -> None:
    """From every edge and corner to every other, slowly and as a fling; and out from the middle."""
    places = [(x * (w - 1), y * (h - 1)) for x in _ENDS for y in _ENDS]
    for begin in places:
        for end in places:
            if begin != end:
                _drag(hands, begin, end, 12)
                _drag(hands, begin, end, 2)


def other_buttons(hands: Hands, w: int, h: int) -> None:
    """Right and middle clicks and drags: a second finger to some, a menu or a paste to others."""
    for x, y in _places(w, h, 3, 5):
        for button in _BUTTONS:
            hands.click(x, y, button)
    for button in (_MIDDLE, _RIGHT):
        _drag(hands, (3, 3), (w - 3, h - 3), 20, button)
        _drag(hands, (w - 3, h / 2), (3, h / 2), 2, button)


def several_buttons(hands: Hands, w: int, h: int) -> None:
    """Every two buttons together, and all of them."""
    for pair in combinations(_BUTTONS, 2):
        hands.click(w / 2, h / 2, *pair)
    hands.click(w / 2, h / 2, *_BUTTONS)


def pinches(hands: Hands, w: int, h: int) -> None:
    """As near as one pointer comes: two buttons held, or a key held, and drawn apart and together."""
    hands.move(w / 2, h / 2)
    for buttons in ((_FINGER, _RIGHT), (_RIGHT, _FINGER), (_FINGER, _MIDDLE, _RIGHT)):
        for button in buttons:
            hands.button(button, True)
            hands.move(w / 2 + 40 * button, h / 2 - 60 * button)
        for part in range(20):
            hands.move(w / 2 + 10 * part, h / 2 + 20 * part)
        for button in buttons:
            hands.button(button, False)
    for modifier in (CONTROL, ALT, SHIFT, SUPER):
        with hands.holding((modifier,)):
            for button in (_FINGER, _MIDDLE, _RIGHT):
                _drag(hands, (w / 3, h / 3), (w - 3, h - 3), 12, button)
            for wheel in (4, 5):
                hands.click(w / 2, h / 2, wheel)
    hands.sync()


def wheels(hands: Hands, w: int, h: int) -> None:
    """Both ways on both axes, in the middle and at the edges."""
    for x, y in _places(w, h, 3, 3):
        for wheel in (4, 5, 6, 7):
            for _ in range(6):
                hands.click(x, y, wheel)


ALL: dict[str, Gesture] = {
    one.__name__: one
    for one in (
        taps,
        quick_taps,
        long_presses,
        drags,
        other_buttons,
        several_buttons,
        pinches,
        wheels,
    )
}
