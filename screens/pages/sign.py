"""Signing with the finger: what is signed, a slate, and done once there is ink enough."""

from __future__ import annotations

import time
from typing import Any

from kivy.graphics import Color, Line

from config.strokes import Point, Strokes
from kiosk.prompts import Sign, Signed
from screens import reading
from screens.layout import Action, actions, halves, notice, question
from screens.sheet import Pen, Sheet
from screens.tokens import EDGE, INK, LINE, PAPER, SOFT, Area
from screens.turn import Turn

_CHUNK = 24  # points of one line: a longer one is worked out anew at each move
_LEAST = 0.002  # of the width: a finger that rests draws nothing

Drawn = list[list[Point]]


def draw(sheet: Sheet, turn: Turn[Sign]) -> None:
    """The ink follows the finger at once; nothing is sent before *done*. A long text is read first."""
    t, prompt = sheet.t, turn.prompt
    pages = reading.pages(sheet, turn)
    if pages and not turn.memory.get("read"):
        reading.draw(sheet, turn, pages)
        return
    if pages:
        turn.back = lambda: turn.remember("read", False)
    drawn: Drawn = turn.memory.setdefault("strokes", [])
    slate_area = turn.memory.setdefault("slate", None)
    rest = actions(
        sheet,
        turn.area,
        [
            Action("signed", turn.say(prompt.action), lambda: _send(turn), _strokes(turn).enough),
            Action("again", turn.own("sign_again"), lambda: turn.remember("strokes", []), bool(drawn)),
        ],
    )
    asking, slate = halves(t, rest)
    end = question(sheet, asking, turn.say(prompt.question), turn.own("read_done") if pages else "")
    for line in () if pages else prompt.text:
        end = sheet.text(turn.say(line), asking.below(end + t.px(20)), t.body, SOFT)
    if prompt.problem is not None:
        end = notice(sheet, asking.below(end + t.px(24)), turn.say(prompt.problem))
    if t.portrait:
        slate = rest.below(end + t.px(36))
        high = min(slate.h, round(slate.w * 0.75))
        slate = Area(slate.x, slate.y + (slate.h - high) // 2, slate.w, high)
    if slate_area not in (None, slate):
        drawn.clear()  # the window has another size: what was drawn would be another hand
    turn.memory["slate"] = slate
    _slate(sheet, turn, slate)


def _slate(sheet: Sheet, turn: Turn[Sign], area: Area) -> None:
    t = sheet.t
    sheet.box(area, PAPER, edge=EDGE, shade=True)
    line = Area(area.x + t.px(48), area.y + round(area.h * 0.76), area.w - 2 * t.px(48), t.hair)
    sheet.rectangle(line, LINE)
    if not turn.memory["strokes"]:
        sheet.text(turn.own("sign_here"), area.below(line.y + t.px(12)), t.small, SOFT, False, "center")
    for stroke in turn.memory["strokes"]:
        _ink(sheet, area, stroke)
    pen = _Finger(sheet, turn, area)
    sheet.slate("slate", area, Pen(pen.down, pen.move, pen.up))


class _Finger:
    """The line that is being drawn."""

    def __init__(self, sheet: Sheet, turn: Turn[Sign], area: Area) -> None:
        self._sheet, self._turn, self._area = sheet, turn, area
        self._line: Any = None
        self._enough = _strokes(turn).enough  # as the buttons show it

    def down(self, x: float, y: float) -> None:
        """A stroke begins."""
        self._turn.memory.setdefault("since", time.monotonic())
        self._turn.memory["strokes"].append([self._point(x, y)])
        self._line = None

    def move(self, x: float, y: float) -> None:
        """It goes on: only the part that is new is drawn."""
        stroke = self._turn.memory["strokes"][-1]
        before, point = stroke[-1], self._point(x, y)
        if abs(point.x - before.x) + abs(point.y - before.y) < _LEAST:
            return
        stroke.append(point)
        self._sheet.pressing(_around(self._sheet, self._area, before, point))
        if self._line is None or len(self._line.points) >= 2 * _CHUNK:
            self._line = _ink(self._sheet, self._area, [before, point])
        else:
            self._line.points = [*self._line.points, *_place(self._sheet, self._area, point)]

    def up(self) -> None:
        """It ends: the buttons follow what is drawn now."""
        if len(self._turn.memory["strokes"]) == 1 or _strokes(self._turn).enough != self._enough:
            self._turn.redraw()

    def _point(self, x: float, y: float) -> Point:
        area = self._area
        across = min(1.0, max(0.0, (x - area.x) / area.w))
        down = min(1.0, max(0.0, (y - area.y) / area.h))
        return Point(across, down, time.monotonic() - self._turn.memory["since"])


def _ink(sheet: Sheet, area: Area, points: list[Point]) -> Any:
    with sheet.canvas:
        Color(*INK)
        places = [value for point in points for value in _place(sheet, area, point)]
        return Line(points=places, width=sheet.t.px(4), cap="round", joint="round")


def _place(sheet: Sheet, area: Area, point: Point) -> tuple[float, float]:
    return (area.x + point.x * area.w, sheet.t.height - area.y - point.y * area.h)


def _around(sheet: Sheet, area: Area, one: Point, other: Point) -> Area:
    """The pixels that a line between two points can touch, within the slate."""
    room = sheet.t.px(12)
    left, right = sorted((area.x + one.x * area.w, area.x + other.x * area.w))
    top, bottom = sorted((area.y + one.y * area.h, area.y + other.y * area.h))
    return Area(
        round(left) - room, round(top) - room, round(right - left) + 2 * room, round(bottom - top) + 2 * room
    )


def _strokes(turn: Turn[Sign]) -> Strokes:
    slate: Area | None = turn.memory["slate"]
    aspect = slate.w / slate.h if slate else 2.0
    return Strokes(tuple(tuple(stroke) for stroke in turn.memory["strokes"]), aspect)


def _send(turn: Turn[Sign]) -> None:
    turn.answer(Signed(_strokes(turn)))
