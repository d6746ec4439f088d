"""Staff compare the person with the card, then say who they are: one page for each."""

from __future__ import annotations

from kiosk.prompts import Chosen, StaffCheck, StaffSaid
from screens import pads, secret
from screens.layout import Action, actions, halves, notice, question
from screens.rows import row_card
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT_PRESSED, EDGE, INK, PAPER, Area
from screens.turn import Turn

_LONGEST = 12
_FIELDS = ("number", "pin")


def draw(sheet: Sheet, turn: Turn[StaffCheck]) -> None:
    """First what the card says; then the number of the one who looked and his secret number."""
    if turn.memory.setdefault("step", "look") == "look":
        _look(sheet, turn)
        return
    turn.back = lambda: _again(turn)
    _who(sheet, turn)


def _look(sheet: Sheet, turn: Turn[StaffCheck]) -> None:
    t, prompt = sheet.t, turn.prompt
    buttons = [
        Action("same", turn.own("staff_same"), lambda: turn.remember("step", "who")),
        Action("other", turn.say(prompt.other), turn.answering(Chosen("other"))),
    ]
    rest = actions(sheet, turn.area, buttons)
    asking, rows = halves(t, rest)
    end = question(sheet, asking, turn.say(prompt.question), turn.own("staff_look"))
    if prompt.problem is not None:
        end = notice(sheet, asking.below(end + t.px(28)), turn.say(prompt.problem))
    row_card(sheet, turn, rest.below(end + t.px(44)) if t.portrait else rows, prompt.rows)


def _who(sheet: Sheet, turn: Turn[StaffCheck]) -> None:
    t = sheet.t
    here = turn.memory.setdefault("field", "number")
    typed = {name: turn.memory.setdefault(name, "") for name in _FIELDS}
    if here == "number":
        go = Action(
            "next", turn.own("next_page"), lambda: turn.remember("field", "pin"), bool(typed["number"])
        )
    else:
        go = Action("confirm", turn.own("confirm"), lambda: _send(turn), all(typed.values()))
    rest = actions(sheet, turn.area, [go], split=0.5)
    asking, keys = halves(t, rest, portrait=0.48, split=0.5)
    end = question(sheet, asking, turn.own("staff_who")) + t.px(32)
    for name in _FIELDS:
        end = sheet.text(turn.own(f"staff_{name}"), asking.below(end), t.body, INK, bold=True) + t.px(8)
        spot = Area(asking.x, end, asking.w, t.px(108))
        on = name == here
        paint = sheet.box(spot, PAPER, edge=BLUE if on else EDGE, edge_width=t.px(5) if on else t.hair)
        sheet.touchable(
            f"field:{name}",
            spot,
            "",
            lambda name=name: turn.remember("field", name),
            paint,
            (PAPER, BLUE_TINT_PRESSED),
            role="field",
        )
        inner = spot.inset(t.px(36), 0)
        if name == "pin":
            secret.line(sheet, inner, len(typed[name]))
        else:
            sheet.text(typed[name], inner, t.lead, INK, True, middle=True)
        end = spot.bottom + t.px(24)

    def touched(key: str) -> None:
        turn.remember(here, pads.typed(turn.memory[here], key, _LONGEST))

    pads.digits(sheet, keys, turn.own("clear"), touched)


def _again(turn: Turn[StaffCheck]) -> None:
    turn.memory.clear()
    turn.redraw()


def _send(turn: Turn[StaffCheck]) -> None:
    """Both leave the page's memory as they leave the page."""
    number, pin = (turn.memory.pop(name, "") for name in _FIELDS)
    turn.answer(StaffSaid(number, pin))
