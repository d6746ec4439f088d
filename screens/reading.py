"""A text that is too long to stand beside the slate: read page by page before it is signed."""

from __future__ import annotations

from kiosk.prompts import Sign
from screens import type
from screens.layout import Action, actions, question
from screens.sheet import Sheet
from screens.tokens import INK, LINE_HEIGHT, PAPER, Area
from screens.turn import Turn

_BESIDE = 0.4  # of the page's height: a text that takes no more stands beside the slate
Page = list[str]  # paragraphs, or parts of one


def pages(sheet: Sheet, turn: Turn[Sign]) -> list[Page]:
    """The text as pages; none where it is short enough to stand beside the slate."""
    t, area = sheet.t, turn.area
    paragraphs = [turn.say(paragraph) for paragraph in turn.prompt.text]
    beside = area.w if t.portrait else round(area.w * 0.38)
    high = sum(sheet.height(one, beside, t.body) + t.px(20) for one in paragraphs)
    if high <= area.h * _BESIDE:
        return []
    inner = _inner(sheet, _card(sheet, turn))
    step, used = round(t.body * LINE_HEIGHT), 0
    found: list[Page] = []
    page: Page = []
    for paragraph in paragraphs:
        part: list[str] = []
        for line in type.lines(paragraph, t.body, False, inner.w):
            if used + step > inner.h:
                found.append([*page, "\n".join(part)] if part else page)
                page, part, used = [], [], 0
            part.append(line)
            used += step
        if part:
            page.append("\n".join(part))
            used += t.px(20)
    return [*found, page]


def draw(sheet: Sheet, turn: Turn[Sign], every: list[Page]) -> None:
    """One page of the text, and how many there are; the last one leads to the slate."""
    t = sheet.t
    now = min(turn.memory.setdefault("page", 0), len(every) - 1)
    if now + 1 < len(every):
        go = Action(
            "page:next", turn.own("next_page"), lambda: turn.remember("page", now + 1), icon="chevron-right"
        )
    else:
        go = Action("read", turn.own("read_all"), lambda: turn.remember("read", True))
    back = [Action("page:previous", turn.own("previous_page"), lambda: turn.remember("page", now - 1))]
    actions(sheet, turn.area, [go, *(back if now else [])], split=0.5)
    told = turn.own("read_page", page=now + 1, pages=len(every))
    question(sheet, turn.area, turn.say(turn.prompt.question), told, t.title if t.portrait else t.lead)
    card = _card(sheet, turn)
    sheet.box(card, PAPER, shade=True)
    inner = _inner(sheet, card)
    y = inner.y
    for part in every[now]:
        y = sheet.text(part, inner.below(y), t.body, INK) + t.px(20)


def _card(sheet: Sheet, turn: Turn[Sign]) -> Area:
    t, area = sheet.t, turn.area
    size = t.title if t.portrait else t.lead
    asked = sheet.height(turn.say(turn.prompt.question), area.w, size, True)
    noted = sheet.height(turn.own("read_page", page=1, pages=9), area.w, t.body)
    top = area.y + asked + noted + t.px(16 + 28)
    return Area(area.x, top, area.w, area.bottom - t.action - t.px(36) - top)


def _inner(sheet: Sheet, card: Area) -> Area:
    return card.inset(sheet.t.px(48), sheet.t.px(36))
