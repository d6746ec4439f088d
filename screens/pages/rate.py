"""A rating of one to five, with the indicators that belong to it."""

from __future__ import annotations

from kiosk.prompts import Chosen, Rate, Rated, Star
from screens import text_pad, write_text
from screens.layout import Action, actions, question
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, BLUE_TINT_PRESSED, EDGE, INK, PAPER, SOFT, Area
from screens.turn import Turn

_LONGEST = 150  # characters of own words


def draw(sheet: Sheet, turn: Turn[Rate]) -> None:
    """Five cards; the indicators appear once one is touched. Nothing is chosen beforehand."""
    t, prompt = sheet.t, turn.prompt
    chosen: int = turn.memory.setdefault("stars", 0)
    codes: tuple[str, ...] = turn.memory.setdefault("codes", ())
    text: str = turn.memory.setdefault("text", "")
    if turn.memory.get("writing"):
        _write(sheet, turn, text)
        return
    buttons = [
        Action(
            "rate:submit", turn.own("rate_submit"), turn.answering(Rated(chosen, codes, text)), chosen > 0
        ),
        Action("skip", turn.own("rate_skip"), turn.answering(Chosen("skip"))),
    ]
    if prompt.write and chosen:
        told = turn.own("rate_written", count=len(text)) if text else turn.own("rate_write")
        buttons.append(Action("write:text", told, lambda: turn.remember("writing", True), icon="pen"))
    rest = actions(sheet, turn.area, buttons)
    stars = sorted(prompt.stars, key=lambda star: star.stars)
    end = question(sheet, rest, turn.say(prompt.question))
    row = Area(rest.x, end + t.px(48 if t.portrait else 24), rest.w, t.px(232 if t.portrait else 136))
    below = rest.below(row.bottom + t.px(52 if t.portrait else 32))
    for star, spot in zip(stars, row.columns(*([1.0] * len(stars)), gap=t.px(16)), strict=True):
        _star(sheet, turn, star, spot, star.stars <= chosen, star.stars == chosen)
    picked = next((star for star in stars if star.stars == chosen), None)
    if picked is None:
        sheet.text(turn.own("rate_touch"), below, t.body, SOFT, False, "center")
    elif picked.codes:
        end = sheet.text(turn.own("rate_why"), below, t.body, INK, bold=True) + t.px(24 if t.portrait else 16)
        _codes(sheet, turn, picked, below.below(end), 2 if t.portrait else 4)


def _write(sheet: Sheet, turn: Turn[Rate], text: str) -> None:
    """A page to write own words on; they are sent with the rating."""

    def put(written: str) -> None:
        turn.memory["text"] = written

    def close() -> None:
        turn.remember("writing", False)

    turn.back = close
    writing = text_pad.Writing(text, _LONGEST, put)
    write_text.page(sheet, turn, turn.own("rate_own_words"), "", writing, "text", close, long=True)


def _star(sheet: Sheet, turn: Turn[Rate], star: Star, spot: Area, lit: bool, chosen: bool) -> None:
    t = sheet.t
    name = turn.say(star.name)

    def touched() -> None:
        turn.memory["codes"] = ()
        turn.remember("stars", star.stars)

    sheet.card(f"star:{star.stars}", spot, name, touched, chosen=chosen)
    colour = BLUE if lit else EDGE
    if not t.portrait:
        sheet.icon("star", spot.x + t.px(76), spot.y + spot.h / 2, t.px(68), colour)
        beside = Area(spot.x + t.px(132), spot.y, spot.w - t.px(148), spot.h)
        sheet.text(name, beside, t.body, INK, chosen, middle=True)
        return
    sheet.icon("star", spot.x + spot.w / 2, spot.y + t.px(82), t.px(76), colour)
    words = Area(spot.x + t.px(4), spot.y + t.px(136), spot.w - t.px(8), spot.h - t.px(146))
    sheet.text(name, words, t.small, INK, chosen, "center", middle=True, balance=True)


def _codes(sheet: Sheet, turn: Turn[Rate], star: Star, area: Area, across: int) -> None:
    t = sheet.t
    gap = t.px(18)
    rows = -(-len(star.codes) // across)
    high = min(t.px(136), (area.h - gap * (rows - 1)) // rows)
    for option, spot in zip(star.codes, area.grid(across, len(star.codes), high, gap), strict=True):
        on = option.value in turn.memory["codes"]

        def touched(code: str = option.value) -> None:
            had = turn.memory["codes"]
            now = tuple(c for c in had if c != code) if code in had else (*had, code)
            turn.remember("codes", now)

        words = turn.say(option.name)
        face = BLUE_TINT if on else PAPER
        paint = sheet.box(spot, face, edge=BLUE if on else EDGE, edge_width=t.px(5) if on else t.hair)
        sheet.touchable(f"code:{option.value}", spot, words, touched, paint, (face, BLUE_TINT_PRESSED))
        tick = t.px(44)
        mark = Area(spot.x + t.px(20), spot.y + (spot.h - tick) // 2, tick, tick)
        sheet.box(mark, BLUE if on else PAPER, radius=t.px(10), edge=BLUE if on else EDGE)
        if on:
            sheet.icon("check", mark.x + tick / 2, mark.y + tick / 2, t.px(26), PAPER)
        room = Area(mark.right + t.px(16), spot.y, spot.right - mark.right - t.px(32), spot.h)
        sheet.text(words, room, t.small, INK, on, middle=True, balance=True)
