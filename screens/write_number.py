"""Numbers and codes: pads with only the characters that can be in them, shown in groups as they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from config import regions
from kiosk.prompts import Field, FieldKind, Value
from screens import grouped, keys, pads
from screens.fields import end_of
from screens.layout import Action, actions, halves, question
from screens.sheet import Sheet
from screens.tokens import BLUE, INK, PAPER, Area
from screens.turn import Turn

_LONGEST = {
    FieldKind.PHONE: 12,
    FieldKind.NUMBER: 24,
    FieldKind.ID_NUMBER: 18,
    FieldKind.CREDIT_CODE: 18,
    FieldKind.BANK_CARD: 19,
    FieldKind.PLATE: 8,
}
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100 leaves I, O, S, V and Z out
_PLATE = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # GA 36 leaves I and O out


def draw(
    sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], close: Callable[[], None]
) -> None:
    """What is written so far in large type, the keys below it or beside it."""
    t = sheet.t
    rest = actions(sheet, turn.area, [Action("write:done", turn.own("done"), close)])
    many = field.kind in (FieldKind.CREDIT_CODE, FieldKind.PLATE)
    asking, pad = halves(t, rest, portrait=0.42 if many else 0.4, split=0.4)
    hint = turn.say(field.hint) if field.hint is not None else ""
    end = question(sheet, asking, turn.say(field.label), hint)
    spot = Area(asking.x, end + t.px(28), asking.w, t.px(132))
    sheet.box(spot, PAPER, edge=BLUE, edge_width=t.px(5))
    now = str(values[field.key] or "")
    if field.kind is FieldKind.MONEY:
        shown = f"¥ {grouped.shown_money(_amount(turn, now))}"
    else:
        shown = grouped.grouped(field.kind, now) if "*" not in now else now
    inner = spot.inset(t.px(36), 0)
    told = end_of(shown, t.lead, inner.w)
    sheet.text(told, inner, t.lead, INK, True, middle=True, name=f"written:{field.key}")
    _pad(sheet, turn, field, pad, now, lambda key: _touched(turn, field, values, key))


def _pad(
    sheet: Sheet, turn: Turn[Any], field: Field, area: Area, now: str, touch: Callable[[str], None]
) -> None:
    clear = turn.own("clear")
    if field.kind is FieldKind.PLATE and not now:
        keys.rows(sheet, area, 8 if sheet.t.portrait else 9, regions.plate_letters(), touch)
    elif field.kind is FieldKind.PLATE:
        keys.rows(sheet, area, 7 if sheet.t.portrait else 9, _PLATE[10:] if len(now) == 1 else _PLATE, touch)
    elif field.kind is FieldKind.CREDIT_CODE:
        keys.rows(sheet, area, 7 if sheet.t.portrait else 8, _CREDIT, touch)
    elif field.kind is FieldKind.ID_NUMBER:
        pads.digits(sheet, area, clear, touch, extra="X")
    elif field.kind is FieldKind.MONEY:
        pads.digits(sheet, area, clear, touch, extra=".")
    else:
        pads.digits(sheet, area, clear, touch)


def _touched(turn: Turn[Any], field: Field, values: dict[str, Value], key: str) -> None:
    now = str(values[field.key] or "")
    if field.kind is FieldKind.MONEY:
        begun = turn.memory.get("begun", False) or key in ("clear", "delete")
        turn.memory["begun"] = True
        # An amount that stood there is written anew, not made longer: 1 500 would become 15 001 200.
        typed = grouped.money_key(_amount(turn, now) if begun else "", key)
        turn.memory["typed"] = typed
        values[field.key] = grouped.fen_of(typed)
    elif "*" in now:  # what is on file, masked: it is written anew, not mended
        values[field.key] = "" if key in ("clear", "delete") else key
    else:  # what was scanned may be longer than what one types
        values[field.key] = pads.typed(now, key, max(_LONGEST[field.kind], len(now)))
    turn.redraw()


def _amount(turn: Turn[Any], fen: str) -> str:
    """The amount as typed so far: the point and what follows it are not in the fen yet."""
    typed: str = turn.memory.setdefault("typed", grouped.typed_money(fen))
    return typed
