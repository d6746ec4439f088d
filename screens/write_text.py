"""A text of one line or of several, with the pad beneath it or beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.prompts import Field, Value
from screens import fields, text_pad, type
from screens.layout import Action, actions, columns, question
from screens.sheet import Sheet
from screens.tokens import BLUE, INK, LINE_HEIGHT, PAPER, SOFT, Area
from screens.turn import Turn

_LINE, _LONG = 40, 500  # characters, where the field does not say


def draw(
    sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], close: Callable[[], None]
) -> None:
    """The field's text."""
    most = field.most or (_LONG if field.long else _LINE)

    def put(text: str) -> None:
        values[field.key] = text

    writing = text_pad.Writing(str(values[field.key] or ""), most, put)
    hint = turn.say(field.hint) if field.hint is not None else ""
    page(sheet, turn, turn.say(field.label), hint, writing, field.key, close, field.long, field.scan)


def page(
    sheet: Sheet,
    turn: Turn[Any],
    asked: str,
    hint: str,
    writing: text_pad.Writing,
    key: str,
    close: Callable[[], None],
    long: bool,
    latin: bool = False,
) -> None:
    """What is asked, what is written so far, and the pad; *done* ends it."""
    t = sheet.t
    rest = actions(sheet, turn.area, [Action("write:done", turn.own("done"), close)])
    lines = 4 if long else 1
    if t.portrait:
        asking, pad = rest, rest.below(rest.bottom - t.px(4 * 118 + 3 * 12))
        if turn.memory.get("mode") in ("letters", "signs"):
            pad = rest.below(rest.bottom - t.px(5 * 118 + 4 * 12))
        high = text_pad.candidate_room(t, rest)
        candidates = Area(rest.x, rest.bottom - t.px(4 * 118 + 3 * 12) - t.px(20) - high, rest.w, high)
    else:
        asking, pad = columns(t, rest)
        candidates = asking
        lines = 2 if long else 1
    end = question(sheet, asking, asked, hint, t.title if t.portrait else t.lead)
    end = _box(sheet, turn, asking.below(end + t.px(20)), writing, key, lines)
    if long:
        left = turn.own("characters_left", left=max(0, writing.most - len(writing.text)))
        end = sheet.text(left, asking.below(end + t.px(8)), t.small, SOFT, False, "right")
    if not t.portrait:
        beside = columns(t, turn.area)[0]  # down to the foot: beside *done* there is room
        candidates = beside.below(end + t.px(16))
    text_pad.draw(sheet, turn, candidates, pad, writing, latin)


def _box(sheet: Sheet, turn: Turn[Any], area: Area, writing: text_pad.Writing, key: str, lines: int) -> int:
    """The end of the text, as many lines as find room."""
    t = sheet.t
    size = t.lead if lines == 1 else t.body
    high = t.px(120) if lines == 1 else round(size * LINE_HEIGHT) * lines + t.px(44)
    spot = Area(area.x, area.y, area.w, high)
    sheet.box(spot, PAPER, edge=BLUE, edge_width=t.px(5))
    inner = spot.inset(t.px(32), t.px(22) if lines > 1 else 0)
    broken = type.lines(writing.text, size, True, inner.w) if writing.text else []
    if lines == 1:
        shown = fields.end_of(writing.text, size, inner.w)
    else:
        shown = "\n".join(broken[-lines:])
    sheet.text(shown, inner, size, INK, True, middle=lines == 1, name=f"written:{key}")
    return spot.bottom
