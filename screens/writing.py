"""One field of a form being written, with its pad on the lower half."""

from __future__ import annotations

from typing import Any

from kiosk.prompts import Field, FieldKind, Value
from screens import pads
from screens.layout import Action, actions, halves, question
from screens.sheet import Sheet
from screens.tokens import BLUE, INK, PAPER, Area
from screens.turn import Turn

_LONGEST = {FieldKind.PHONE: 12, FieldKind.NUMBER: 24, FieldKind.TEXT: 40}


def draw(sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value]) -> None:
    """What is written so far in large type, the keys below it."""
    t = sheet.t
    text = str(values[field.key] or "")
    rest = actions(
        sheet, turn.area, [Action("write:done", turn.own("done"), lambda: turn.remember("writing", ""))]
    )
    digits_only = field.kind in (FieldKind.PHONE, FieldKind.NUMBER)
    if t.portrait or digits_only:
        asking, keys = halves(t, rest, portrait=0.4 if digits_only else 0.5)
    else:
        asking, keys = rest.above(rest.y + t.px(230)), rest.below(rest.y + t.px(250))
    end = question(sheet, asking, turn.say(field.label))
    spot = Area(asking.x, end + t.px(28), asking.w, t.px(132))
    sheet.box(spot, PAPER, edge=BLUE, edge_width=t.px(5))
    shown = text if t.px(40) * len(text) < spot.w else text[-(spot.w // t.px(40)) :]
    sheet.text(shown, spot.inset(t.px(36), 0), t.lead, INK, True, middle=True, name=f"written:{field.key}")

    def touched(key: str) -> None:
        now = str(values[field.key] or "")
        longest = max(_LONGEST[field.kind], len(now))  # what was scanned may be longer than what one types
        values[field.key] = pads.typed(now, key, longest)
        turn.redraw()

    if digits_only:
        pads.digits(sheet, keys, turn.own("clear"), touched)
    else:
        pads.letters(sheet, keys, turn.own("space"), touched)
