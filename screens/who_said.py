"""A number and a secret one, written on one pad: who of the staff is it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kiosk.prompts import StaffSaid
from screens import pads, secret
from screens.layout import Action, actions
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT_PRESSED, EDGE, INK, PAPER, Area
from screens.turn import Turn

LONGEST = 12  # digits of a number
_FIELDS = ("number", "pin")


@dataclass(frozen=True)
class Asked:
    """What the two are called; `digits` is how many the secret one has, 0 for any up to LONGEST."""

    number: str
    pin: str
    digits: int = 0


def confirm(sheet: Sheet, turn: Turn[Any], asked: Asked, split: float = 0.5) -> Area:
    """The main action: on to the secret number, or both to the core. Returns what is left above."""
    typed = [turn.memory.setdefault(name, "") for name in _FIELDS]
    if turn.memory.setdefault("field", "number") == "number":
        go = Action("next", turn.own("work_next"), lambda: turn.remember("field", "pin"), bool(typed[0]))
    else:
        whole = bool(typed[0]) and (len(typed[1]) == asked.digits if asked.digits else bool(typed[1]))
        go = Action("confirm", turn.own("confirm"), lambda: _send(turn), whole)
    return actions(sheet, turn.area, [go], split=split)


def fields(sheet: Sheet, turn: Turn[Any], area: Area, asked: Asked) -> int:
    """The two boxes, the one that is written edged in blue. Returns where they end."""
    end = area.y
    for name, told in zip(_FIELDS, (asked.number, asked.pin), strict=True):
        end = _field(sheet, turn, area.below(end), name, told) + sheet.t.px(24)
    return end - sheet.t.px(24)


def keys(sheet: Sheet, turn: Turn[Any], area: Area, asked: Asked) -> None:
    """The pad."""

    def touched(key: str) -> None:
        here = turn.memory["field"]
        longest = asked.digits if here == "pin" and asked.digits else LONGEST
        turn.remember(here, pads.typed(turn.memory[here], key, longest))

    pads.digits(sheet, area, turn.own("clear"), touched)


def _field(sheet: Sheet, turn: Turn[Any], area: Area, name: str, told: str) -> int:
    t, typed, on = sheet.t, turn.memory[name], turn.memory["field"] == name
    end = sheet.text(told, area, t.body, INK, bold=True) + t.px(8)
    spot = Area(area.x, end, area.w, t.px(108))
    paint = sheet.box(spot, PAPER, edge=BLUE if on else EDGE, edge_width=t.px(5) if on else t.hair)
    sheet.touchable(
        f"field:{name}",
        spot,
        "",
        lambda: turn.remember("field", name),
        paint,
        (PAPER, BLUE_TINT_PRESSED),
        role="field",
    )
    inner = spot.inset(t.px(36), 0)
    if name == "pin":
        secret.line(sheet, inner, len(typed))
    else:
        sheet.text(typed, inner, t.lead, INK, True, middle=True)
    return spot.bottom


def _send(turn: Turn[Any]) -> None:
    """Both leave the page's memory as they leave the page."""
    number, pin = (turn.memory.pop(name, "") for name in _FIELDS)
    turn.answer(StaffSaid(number, pin))
