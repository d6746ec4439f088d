"""A window without a display, for tests and pictures: one in a process, since Kivy has only one.

`open_glass` must come before anything else imports Kivy in the process.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from kiosk.prompts import Answer, Place, Prompt
from screens.leave import Leave
from tests.screens.prompts import HALL, PHONE

SIZE = (540, 960)


class Glass:
    """The scene in its window, with what it told the core. Touches are real ones, through Kivy's input."""

    def __init__(self, width: int, height: int) -> None:
        os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
        from screens import environment

        self._home = tempfile.TemporaryDirectory(prefix="kivy-")
        environment.prepare(Path(self._home.name), width, height, full_screen=False)
        from kivy.base import EventLoop
        from kivy.core.window import Window

        from screens.app import _finish_each_picture
        from screens.scene import Scene, Told
        from screens.tokens import GROUND

        EventLoop.ensure_window()
        Window.clearcolor = GROUND
        _finish_each_picture(Window)
        self.window: Any = Window
        self.answers: list[tuple[int, Answer | Leave]] = []
        self.touches, self.gestures = 0, 0
        self.number = 0
        told = Told(
            lambda number, answer: self.answers.append((number, answer)), self._touched, self._gestured
        )
        self.scene = Scene((width, height), HALL, "zh", told, PHONE)
        self.scene.settle = 0.0
        Window.add_widget(self.scene)
        EventLoop.start()

    def _answered(self, number: int, answer: Answer | Leave) -> None:
        self.answers.append((number, answer))

    def _touched(self) -> None:
        self.touches += 1

    def _gestured(self) -> None:
        self.gestures += 1

    def present(self, prompt: Prompt, place: Place) -> None:
        """Shows a prompt as the stage would, and forgets earlier answers."""
        self.number += 1
        self.answers.clear()
        self.gestures = 0
        self.scene.present(self.number, prompt, place)
        self.turn()

    def turn(self, times: int = 1) -> None:
        """Lets Kivy's loop run once or more: input, clock, drawing."""
        from kivy.base import EventLoop

        for _ in range(times):
            EventLoop.idle()

    def names(self) -> list[str]:
        """The names of everything that can be touched now."""
        return [item.name for item in self.scene.visible()[1] if item.role != "text" and item.enabled]

    def words(self) -> list[str]:
        """Every text in view."""
        return [item.text for item in self.scene.visible()[1] if item.text]

    def touch(self, name: str) -> None:
        """A finger down and up in the middle of what has this name. LookupError when it is not in view."""
        spot = next((item for item in self.scene.visible()[1] if item.name == name), None)
        if spot is None:
            raise LookupError(f"{name} is not in view, but {self.names()}")
        self.touch_at(spot.area.x + spot.area.w / 2, spot.area.y + spot.area.h / 2)

    def touch_at(self, x: float, y: float) -> None:
        """A finger down and up at a point, in pixels from the top left."""
        from kivy.tests.common import UnitTestTouch

        finger = UnitTestTouch(x, self.scene.t.height - y)
        finger.touch_down()
        self.turn()
        finger.touch_up()
        self.turn()

    @contextmanager
    def finger_on(self, name: str) -> Iterator[None]:
        """A finger that stays down on what has this name while something happens."""
        from kivy.tests.common import UnitTestTouch

        area = next(item.area for item in self.scene.visible()[1] if item.name == name)
        finger = UnitTestTouch(area.x + area.w / 2, self.scene.t.height - area.y - area.h / 2)
        finger.touch_down()
        self.turn()
        yield
        finger.touch_up()
        self.turn()

    def answer(self) -> Any:
        """The one answer given to the prompt in view; None when there is none."""
        assert len(self.answers) <= 1, self.answers
        if not self.answers:
            return None
        number, answer = self.answers[0]
        assert number == self.number
        return answer

    def pixels(self) -> Any:
        """What is on the glass: rows from the top of red, green and blue, as an array."""
        import numpy

        seen = self.scene.pixels()
        return numpy.frombuffer(seen.rgba, numpy.uint8).reshape(seen.height, seen.width, 4)[..., :3]

    def save(self, path: Path) -> None:
        """The picture as a PNG."""
        from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels
        from PIL import Image

        self.turn(2)
        self.window.dispatch("on_draw")
        size = (self.scene.t.width, self.scene.t.height)
        pixels = glReadPixels(0, 0, *size, GL_RGB, GL_UNSIGNED_BYTE)
        picture = Image.frombytes("RGB", size, pixels).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        picture.save(path, compress_level=4)

    def close(self) -> None:
        """Ends the scene and Kivy's loop."""
        from kivy.base import EventLoop

        self.scene.close()
        self.window.remove_widget(self.scene)
        EventLoop.close()
        self._home.cleanup()


@cache
def the_glass() -> Glass:
    """The one glass of this process: portrait, and small, for drawing in software costs by the pixel."""
    return Glass(*SIZE)
