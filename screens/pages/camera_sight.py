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
    t, prompt = sheet.t, turn.prompt
    _take(turn)
    lines: tuple[WorkLine, ...] = turn.memory.setdefault("lines", prompt.measured())
    end = sheet.text(turn.say(prompt.title), turn.area, t.lead, INK, bold=True) + t.px(16)
    rest = turn.area.below(end)
    if t.portrait:
        glass = rest.above(rest.y + min(round(rest.w * 0.75), rest.h // 2))
        side = rest.below(glass.bottom + t.px(24))
    else:
        glass, side = rest.columns(0.6, 0.4, gap=t.px(40))
    actions = work_actions.framed(turn, prompt.actions)
    across = work_actions.beside(sheet, turn, actions, side.w)
    high = work_actions.height(sheet, turn, actions, side.w, across)
    foot = side.below(side.bottom - high)
    work_actions.draw(sheet, turn, foot, actions, across)
    work_lines(sheet, turn, side.above(foot.y - t.px(24)), lines)
    _live(sheet, turn, glass)


def _live(sheet: Sheet, turn: Turn[CameraSight], glass: Area) -> None:
    texture = turn.memory.get("texture")
    sheet.rectangle(glass, SCREEN_OFF)
    if texture is None:
        sheet.text(turn.own("camera_wait"), glass, sheet.t.body, PAPER, False, "center", middle=True)
    else:
        sheet.picture(_whole(glass, texture), texture)

    def show() -> None:
        _take(turn)
        if turn.memory.get("texture") is not texture:
            turn.redraw()  # the first picture, or one of another size
        else:
            sheet.canvas.ask_update()

    def tell() -> None:
        measured = turn.memory.get("measured", ())
        if measured and measured != turn.memory["lines"]:
            turn.remember("lines", measured)

    turn.every(1 / _PICTURES_A_SECOND, show)
    turn.every(1 / _PAGES_A_SECOND, tell)


def _take(turn: Turn[CameraSight]) -> None:
    """The camera's newest picture, and what is measured in it."""
    picture, memory = turn.prompt.frames(), turn.memory
    if picture is None:
        return
    texture = memory.get("texture")
    if texture is None or texture.size != (picture.width, picture.height):
        texture = memory["texture"] = _texture(picture)
    texture.blit_buffer(picture.rgb, colorfmt="rgb", bufferfmt="ubyte")
    memory["measured"] = turn.prompt.measured()


def _whole(glass: Area, texture: Texture) -> Area:
    """The largest rectangle of the picture's shape within the glass."""
    scale = min(glass.w / texture.width, glass.h / texture.height)
    wide, high = round(texture.width * scale), round(texture.height * scale)
    return Area(glass.x + (glass.w - wide) // 2, glass.y + (glass.h - high) // 2, wide, high)


def _texture(picture: Picture) -> Texture:
    made = Texture.create(size=(picture.width, picture.height), colorfmt="rgb")
    made.flip_vertical()  # rows come from the top
    return made
