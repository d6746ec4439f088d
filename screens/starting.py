"""What the window shows from its first picture to the first page of the core: that it starts, calmly."""

from __future__ import annotations

from config.words import LANGUAGES, Words, words
from screens.sheet import Sheet
from screens.tokens import BLUE, INK, PAPER, SOFT, Area


def draw(sheet: Sheet, hall: Words, language: str) -> None:
    """The hall's mark and name, and in every language that it starts: nobody has chosen one yet."""
    t = sheet.t
    mark = t.px(200)
    y = t.height * 3 // 10
    spot = Area((t.width - mark) // 2, y, mark, mark)
    sheet.box(spot, BLUE, radius=t.px(48))
    sheet.icon("building-columns", spot.x + mark / 2, spot.y + mark / 2, t.px(104), PAPER)
    room = Area(t.margin, spot.bottom + t.px(56), t.width - 2 * t.margin, t.height)
    end = sheet.text(hall[language], room, t.title, INK, True, "center", balance=True) + t.px(28)
    for one in sorted(LANGUAGES, key=lambda other: other != language):
        size = t.lead if one == language else t.body
        end = sheet.text(words("screen.starting")[one], room.below(end), size, SOFT, align="center")
