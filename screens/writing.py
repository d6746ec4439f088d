"""One field of a form being answered on a page of its own: which pad it has."""

from __future__ import annotations

from typing import Any

from kiosk.prompts import Field, FieldKind, Value
from screens import write_choice, write_date, write_number, write_region, write_text
from screens.sheet import Sheet
from screens.turn import Turn

_PADS = {
    FieldKind.TEXT: write_text,
    FieldKind.REGION: write_region,
    FieldKind.MONTH: write_date,
    FieldKind.DATE: write_date,
    FieldKind.CHOICE: write_choice,
    FieldKind.CHOICES: write_choice,
}
_KEPT = (
    "writing",
    "typed",
    "begun",
    "mode",
    "capital",
    "letters",
    "candidates",
    "path",
    "picked",
    "pick_page",
)


def draw(sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value]) -> None:
    """The field's pad. What is answered stands in `values` at once, so *back* loses nothing."""

    def close() -> None:
        for name in _KEPT:
            turn.memory.pop(name, None)
        turn.redraw()

    turn.back = close
    pad: Any = _PADS.get(field.kind, write_number)
    pad.draw(sheet, turn, field, values, close)
