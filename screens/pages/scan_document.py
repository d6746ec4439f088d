"""The table under the document camera, live; or the page that was just taken, to be looked at."""

from __future__ import annotations

from kivy.graphics import Rectangle
from kivy.graphics.texture import Texture

from kiosk.prompts import Chosen, Picture, ScanDocument
from screens.layout import Action, actions, halves, question
from screens.sheet import Sheet
from screens.tokens import BLUE, PAPER, SCREEN_OFF, Area
from screens.turn import Turn

TURNING = "turn"  # this action stands at the picture that it turns, not at the foot
_PICTURES_A_SECOND = 12
_UPRIGHT = (0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0)  # rows of a picture come from the top


def draw(sheet: Sheet, turn: Turn[ScanDocument]) -> None:
    """What to lay there, the picture as it is (never mirrored), a hint, and the actions."""
    t, prompt = sheet.t, turn.prompt
    buttons = [
        Action(action.value, turn.say(action.name), turn.answering(Chosen(action.value)))
        for action in prompt.actions
        if action.value != TURNING
    ]
    turning = next((action for action in prompt.actions if action.value == TURNING), None)
    key = t.px(300) if turning else 0
    rest = actions(sheet, turn.area, buttons)
    counted = turn.own("scan_page", page=prompt.page, pages=prompt.pages) if prompt.pages > 1 else ""
    asking, showing = halves(t, rest, portrait=0.2)
    end = question(sheet, asking, turn.say(prompt.question), counted)
    if t.portrait:
        low = rest.bottom - t.px(140)
        high = min(low - end - t.px(36), showing.w if prompt.actions else showing.w * 3 // 4)
        frame = Area(showing.x, end + t.px(36), showing.w, high)
        hint = Area(showing.x, frame.bottom + t.px(16), showing.w - key - (t.gap if key else 0), t.px(124))
        align = "left" if key else "center"
        sheet.text(turn.say(prompt.hint), hint, t.lead, BLUE, True, align, middle=True, balance=True)
        beside = Area(showing.right - key, hint.y + (hint.h - t.touch) // 2, key, t.touch)
    else:
        frame = showing
        hint = asking.below(end + t.px(48))
        under = sheet.text(turn.say(prompt.hint), hint, t.lead, BLUE, True, balance=True)
        beside = Area(asking.x, under + t.px(40), key, t.touch)
    if turning:
        touched = turn.answering(Chosen(TURNING))
        sheet.button(TURNING, beside, turn.say(turning.name), touched, icon="rotate-right", size=t.body)
    _live(sheet, turn, frame)


def _live(sheet: Sheet, turn: Turn[ScanDocument], frame: Area) -> None:
    sheet.box(frame, SCREEN_OFF)
    wait = turn.own("camera_wait")
    sheet.text(wait, frame, sheet.t.body, PAPER, False, "center", middle=True, name="waits")
    drawn: list[Rectangle] = []

    def show() -> None:
        picture = turn.prompt.frames()
        if picture is None:
            return
        if not drawn:
            sheet.box(frame, SCREEN_OFF)
            sheet.covered("waits")
            fitted = _fitted(frame.inset(sheet.t.px(16)), picture)
            texture = Texture.create(size=(picture.width, picture.height), colorfmt="rgb")
            drawn.append(sheet.picture(fitted, texture))
            drawn[0].tex_coords = _UPRIGHT
        elif drawn[0].texture.size != (picture.width, picture.height):
            return  # another camera's: the page is drawn anew with the next hint
        drawn[0].texture.blit_buffer(picture.rgb, colorfmt="rgb", bufferfmt="ubyte")
        sheet.canvas.ask_update()

    show()
    if not turn.prompt.actions:
        turn.every(1 / _PICTURES_A_SECOND, show)


def _fitted(frame: Area, picture: Picture) -> Area:
    """As large as the frame allows, in proportion, in its middle."""
    scale = min(frame.w / picture.width, frame.h / picture.height)
    width, height = round(picture.width * scale), round(picture.height * scale)
    return Area(frame.x + (frame.w - width) // 2, frame.y + (frame.h - height) // 2, width, height)
