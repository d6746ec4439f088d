"""What a camera sees, whole and as it sees it, with what is measured in each picture."""

from __future__ import annotations

from kivy.graphics.texture import Texture

from kiosk.prompts import CameraSight, Picture, WorkLine
from screens import work_actions
from screens.sheet import Sheet
from screens.tokens import INK, PAPER, SCREEN_OFF, Area
from screens.turn import Turn
from screens.work_lines import work_lines

_PICTURES_A_SECOND = 10
_PAGES_A_SECOND = 2  # lines are drawn anew as often as this, and only if they say something else


def draw(sheet: Sheet, turn: Turn[CameraSight]) -> None:
    """The picture above or at the left, the lines beside it, the actions last."""
    t, prompt, memory = sheet.t, turn.prompt, turn.memory
    lines: tuple[WorkLine, ...] = memory.setdefault("lines", prompt.measured())
    end = sheet.text(turn.say(prompt.title), turn.area, t.lead, INK, bold=True) + t.px(16)
    rest = turn.area.below(end)
    if t.portrait:
        high = work_actions.height(sheet, turn, prompt.actions, rest.w, 2)
        glass = rest.above(rest.y + min(round(rest.w * 0.75), rest.h // 2))
        side = rest.below(glass.bottom + t.px(24))
    else:
        glass, side = rest.columns(0.6, 0.4, gap=t.px(40))
        high = work_actions.height(sheet, turn, prompt.actions, side.w, 1)
    foot = side.below(side.bottom - high)
    work_actions.draw(sheet, turn, foot, prompt.actions, 2 if t.portrait else 1)
    work_lines(sheet, turn, side.above(foot.y - t.px(24)), lines)
    _live(sheet, turn, glass)


def _live(sheet: Sheet, turn: Turn[CameraSight], glass: Area) -> None:
    sheet.rectangle(glass, SCREEN_OFF)
    memory, prompt = turn.memory, turn.prompt
    if "texture" in memory:
        sheet.picture(_whole(glass, memory["texture"]), memory["texture"])
    else:
        sheet.text(turn.own("camera_wait"), glass, sheet.t.body, PAPER, False, "center", middle=True)

    def show() -> None:
        picture = prompt.frames()
        if picture is None:
            return
        fits = "texture" in memory and memory["texture"].size == (picture.width, picture.height)
        if not fits:
            memory["texture"] = _texture(picture)
        memory["texture"].blit_buffer(picture.rgb, colorfmt="rgb", bufferfmt="ubyte")
        memory["measured"] = prompt.measured()
        if fits:
            sheet.canvas.ask_update()
        else:
            turn.redraw()

    def tell() -> None:
        if memory.get("measured", memory["lines"]) != memory["lines"]:
            turn.remember("lines", memory["measured"])

    turn.every(1 / _PICTURES_A_SECOND, show)
    turn.every(1 / _PAGES_A_SECOND, tell)


def _whole(glass: Area, texture: Texture) -> Area:
    """The largest rectangle of the picture's shape within the glass."""
    scale = min(glass.w / texture.width, glass.h / texture.height)
    wide, high = round(texture.width * scale), round(texture.height * scale)
    return Area(glass.x + (glass.w - wide) // 2, glass.y + (glass.h - high) // 2, wide, high)


def _texture(picture: Picture) -> Texture:
    made = Texture.create(size=(picture.width, picture.height), colorfmt="rgb")
    made.flip_vertical()  # rows come from the top
    return made
