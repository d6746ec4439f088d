"""The live picture and a hint; another way always stands beside it."""

from __future__ import annotations

from kivy.graphics.texture import Texture

from kiosk.prompts import Chosen, LookAtCamera, Picture
from screens import shapes
from screens.layout import halves, question
from screens.sheet import Sheet
from screens.tokens import BLUE, GROUND, PAPER, SCREEN_OFF, Area
from screens.turn import Turn

_PICTURES_A_SECOND = 20


def draw(sheet: Sheet, turn: Turn[LookAtCamera]) -> None:
    """The picture is shown as in a mirror, cut to a square."""
    t, prompt = sheet.t, turn.prompt
    asking, showing = halves(t, turn.area, portrait=0.13)
    other = Area(showing.x, turn.area.bottom - t.action, showing.w, t.action)
    if not t.portrait:
        other = Area(asking.x, asking.bottom - t.action, asking.w, t.action)
    sheet.button("other", other, turn.say(prompt.other), turn.answering(Chosen("other")))
    counted = turn.own("attempt", attempt=prompt.attempt, attempts=prompt.attempts)
    if t.portrait:
        end = question(sheet, asking, turn.own("camera_title"), counted)
        low = other.y - t.px(36)
        side = min(showing.w, low - end - t.px(36 + 150))
        square = Area(showing.x + (showing.w - side) // 2, end + t.px(36), side, side)
        hint = Area(showing.x, square.bottom + t.px(16), showing.w, low - square.bottom - t.px(16))
        sheet.text(turn.say(prompt.hint), hint, t.lead, BLUE, True, "center", middle=True, balance=True)
    else:
        side = min(showing.w, showing.h)
        square = Area(showing.x + (showing.w - side) // 2, showing.y + (showing.h - side) // 2, side, side)
        end = question(sheet, asking.below(asking.y + t.px(60)), turn.own("camera_title"), counted)
        hint = asking.below(end + t.px(48)).above(other.y - t.px(24))
        sheet.text(turn.say(prompt.hint), hint, t.lead, BLUE, True, balance=True)
    _live(sheet, turn, square)


def _live(sheet: Sheet, turn: Turn[LookAtCamera], square: Area) -> None:
    t = sheet.t
    sheet.rectangle(square, SCREEN_OFF)
    wait = turn.own("camera_wait")
    sheet.text(wait, square, t.body, PAPER, False, "center", middle=True, name="waits")
    seen: list[Texture] = []

    def show() -> None:
        picture = turn.prompt.frames()
        if picture is None:
            return
        if not seen or seen[0].size != (picture.width, picture.height):
            seen[:] = [_texture(picture)]
            sheet.covered("waits")
            shown = sheet.picture(square, seen[0])
            shown.tex_coords = _mirrored_square(picture)
            _rim(sheet, square)
        seen[0].blit_buffer(picture.rgb, colorfmt="rgb", bufferfmt="ubyte")
        sheet.canvas.ask_update()

    _rim(sheet, square)
    show()
    turn.every(1 / _PICTURES_A_SECOND, show)


def _rim(sheet: Sheet, square: Area) -> None:
    """Round corners: the ground's colour laid over the picture's corners."""
    radius = sheet.t.px(48)
    sheet.nine(square, GROUND, shapes.corners(radius), radius)


def _texture(picture: Picture) -> Texture:
    return Texture.create(size=(picture.width, picture.height), colorfmt="rgb")


def _mirrored_square(picture: Picture) -> tuple[float, ...]:
    """The middle square, left and right exchanged; rows of the picture come from the top."""
    side = min(picture.width, picture.height)
    u, v = (1 - side / picture.width) / 2, (1 - side / picture.height) / 2
    left, right, bottom, top = 1 - u, u, 1 - v, v
    return (left, bottom, right, bottom, right, top, left, top)
