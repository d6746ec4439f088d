"""Crosses to be touched one after the other, on an otherwise empty window: the raw places are the answer.

A touch panel may send any place for any cross, so the whole window takes touches and nothing else can be
touched. Whoever cannot go on waits: the page leaves by itself.
"""

from __future__ import annotations

import time
from statistics import median

from kiosk.prompts import TouchCrosses, Touched
from screens.sheet import Pen, Sheet
from screens.tokens import INK, PAPER, SOFT, Area
from screens.turn import Turn

_REST = 0.3  # seconds between two crosses: a finger that bounces is one finger
_SAME = 0.04  # of width and height: two crosses are never as near as this, however wrong the panel is
Spot = tuple[float, float]


def draw(sheet: Sheet, turn: Turn[TouchCrosses]) -> None:
    """The next cross, what is asked, and the seconds that are left."""
    t, prompt, memory = sheet.t, turn.prompt, turn.memory
    points: list[Spot] = memory.setdefault("points", [])
    memory.setdefault("ends", time.monotonic() + prompt.seconds)
    sheet.rectangle(turn.area, PAPER)
    _slate(sheet, turn)
    if len(points) == len(prompt.crosses):
        return
    x, y = prompt.crosses[len(points)]
    _cross(sheet, x * t.width, y * t.height)
    words = Area(t.margin, round((0.5 if abs(y - 0.5) > 0.2 else 0.22) * t.height) - t.px(120), 0, 0)
    words = Area(words.x, words.y, t.width - 2 * t.margin, t.px(360))
    end = sheet.text(turn.say(prompt.question), words, t.lead, INK, True, "center", balance=True)
    counted = turn.own("crosses_of", cross=len(points) + 1, crosses=len(prompt.crosses))
    end = sheet.text(counted, words.below(end + t.px(8)), t.body, INK, False, "center")
    left = max(0, round(memory["ends"] - time.monotonic()))
    told = turn.own("crosses_left", seconds=left)
    sheet.text(told, words.below(end + t.px(8)), t.small, SOFT, False, "center")
    turn.every(1.0, lambda: _tick(turn))


def _tick(turn: Turn[TouchCrosses]) -> None:
    if time.monotonic() >= turn.memory["ends"]:
        turn.leave()
    else:
        turn.redraw()


def _cross(sheet: Sheet, x: float, y: float) -> None:
    t = sheet.t
    arm, thick = t.px(56), max(2, t.px(4))
    middle = Area(round(x - thick / 2), round(y - thick / 2), thick, thick)
    sheet.rectangle(Area(middle.x - arm, middle.y, 2 * arm + thick, thick), INK)
    sheet.rectangle(Area(middle.x, middle.y - arm, thick, 2 * arm + thick), INK)


def _slate(sheet: Sheet, turn: Turn[TouchCrosses]) -> None:
    """Hears one finger from where it comes down until it leaves; its place is the middle of all it told."""
    told: list[Spot] = turn.memory.setdefault("told", [])

    def down(x: float, y: float) -> None:
        told[:] = [(x / sheet.t.width, y / sheet.t.height)]

    def move(x: float, y: float) -> None:
        told.append((x / sheet.t.width, y / sheet.t.height))

    def up() -> None:
        place = (median(x for x, _ in told), median(y for _, y in told))
        told.clear()
        _take(turn, place)

    sheet.slate("crosses", turn.area, Pen(down, move, up))


def _take(turn: Turn[TouchCrosses], place: Spot) -> None:
    """One more cross is touched, unless it was the last one once more."""
    memory, now = turn.memory, time.monotonic()
    points: list[Spot] = memory["points"]
    if now < memory.get("rests", 0.0) or any(_near(place, before) for before in points):
        return
    points.append(place)
    memory.update(rests=now + _REST, ends=now + turn.prompt.seconds)
    if len(points) == len(turn.prompt.crosses):
        turn.answer(Touched(tuple(points)))
    turn.redraw()


def _near(one: Spot, other: Spot) -> bool:
    return abs(one[0] - other[0]) < _SAME and abs(one[1] - other[1]) < _SAME
