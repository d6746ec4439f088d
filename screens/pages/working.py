"""Something takes longer than a second: what is done, and how long it usually takes."""

from __future__ import annotations

import time

from kiosk.prompts import Working
from screens import machine_picture
from screens.layout import halves
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, INK, LINE, SOFT, Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[Working]) -> None:
    """The picture of the device that works, what it does, and a line that fills in the usual time."""
    t, prompt = sheet.t, turn.prompt
    since = turn.memory.setdefault("since", time.monotonic())
    if prompt.device in machine_picture.PRINTERS:
        asking, showing = halves(t, turn.area, portrait=0.26)
        machine_picture.printer(sheet, showing, prompt.device, coming=True)
    else:
        asking = turn.area
    align = "left" if prompt.device else "center"
    y = asking.y + (0 if t.portrait else t.px(60))
    if not prompt.device:
        y = asking.y + (asking.h - t.px(420)) // 3
        disc = t.px(180)
        spot = Area(asking.x + (asking.w - disc) // 2, max(asking.y, y - t.px(60)), disc, disc)
        sheet.box(spot, BLUE_TINT, radius=disc // 2)
        sheet.icon("clock", spot.x + disc / 2, spot.y + disc / 2, t.px(88), BLUE)
        y = spot.bottom + t.px(48)
    end = sheet.text(turn.say(prompt.doing), asking.below(y), t.title, INK, True, align, balance=True)
    told = turn.say(prompt.note) if prompt.note else turn.own("usual", seconds=prompt.usual_seconds)
    end = sheet.text(told, asking.below(end + t.px(20)), t.body, SOFT, False, align)
    wide = min(asking.w, t.px(720))
    x = asking.x + ((asking.w - wide) // 2 if align == "center" else 0)
    line = Area(x, end + t.px(40), wide, t.px(16))
    sheet.box(line, LINE, radius=t.px(8))
    filled = sheet.rectangle(Area(line.x, line.y, 1, line.h), BLUE)

    def fill() -> None:
        gone = time.monotonic() - since
        usual = max(prompt.usual_seconds, 1)
        # Straight to 80 % in the usual time, then ever slower: it never claims to be done.
        share = 0.8 * gone / usual if gone < usual else 1 - 0.2 * usual / gone
        filled.size = (max(1, round(line.w * share)), line.h)

    fill()
    turn.every(0.25, fill)
    if not prompt.note:
        sheet.text(turn.own("please_wait"), asking.below(line.bottom + t.px(36)), t.small, SOFT, False, align)


def carried(before: Turn[Working], prompt: Working) -> dict[str, float]:
    """The same work goes on, or stands still for a while: so does its line."""
    same = before.prompt.doing == prompt.doing or before.prompt.note or prompt.note
    return dict(before.memory) if same else {}
