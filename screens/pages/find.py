"""Search: letters are touched, and what they stand for is left."""

from __future__ import annotations

from collections.abc import Sequence

from config import pinyin
from kiosk.prompts import Entry, Find, Option
from screens import keys
from screens.layout import columns, question
from screens.options import option_cards
from screens.sheet import Sheet
from screens.tokens import BLUE, EDGE, INK, PAPER, SOFT, Area
from screens.turn import Turn

_LONGEST = 16


def draw(sheet: Sheet, turn: Turn[Find]) -> None:
    """What is typed above, what was found beneath it, the letters at the foot (or at the left)."""
    t, area = sheet.t, turn.area
    typed = turn.memory.setdefault("typed", "")
    if t.portrait:
        high = keys.letters_height(t, t.px(112))
        results, pad = area.above(area.bottom - high - t.px(32)), area.below(area.bottom - high)
        end = question(sheet, results, turn.say(turn.prompt.question), turn.own("find_note"))
        results = results.below(_typed(sheet, turn, results.below(end + t.px(24)), typed) + t.px(28))
    else:
        left, results = columns(t, area, 0.5)
        end = question(sheet, left, turn.say(turn.prompt.question), turn.own("find_note"), t.lead)
        pad = left.below(_typed(sheet, turn, left.below(end + t.px(16)), typed) + t.px(20))
    found = matching(turn.prompt.entries, typed)
    if found:
        options = [Option(e.value, e.name, e.note, e.reason) for e in found]
        option_cards(sheet, turn, results, options, "service", across=1)
    else:
        _nothing(sheet, turn, results)

    def touched(key: str) -> None:
        turn.memory["page"] = 0
        turn.remember("typed", keys.typed(turn.memory["typed"], key, _LONGEST))

    keys.letters(sheet, pad, touched)


def matching(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """Entries whose initials begin with the letters, then those that have them further on, or in a word.

    A word is one of the name in Latin letters, `pension`, or the `12345` of a hotline; `shebao` finds a name
    by how it is read.
    """
    typed = typed.lower()
    if not typed:
        return list(entries)
    ranked = [(rank, entry) for entry in entries if (rank := _rank(entry, typed)) is not None]
    return [entry for _, entry in sorted(ranked, key=lambda one: one[0])]


def _rank(entry: Entry, typed: str) -> int | None:
    if entry.letters.startswith(typed) or entry.value.lower() == typed:
        return 0
    names = f"{entry.name.en} {entry.name.zh}".lower()
    if any(word.strip("（）()“”,、").startswith(typed) for word in names.split()):
        return 1
    if typed in entry.letters or (typed.isdigit() and typed in names):
        return 2
    return 3 if pinyin.reads(entry.name.zh, typed) else None


def _typed(sheet: Sheet, turn: Turn[Find], area: Area, typed: str) -> int:
    t = sheet.t
    spot = Area(area.x, area.y, area.w, t.px(104))
    sheet.box(spot, PAPER, edge=BLUE if typed else EDGE, edge_width=t.px(5) if typed else t.hair)
    inner = spot.inset(t.px(36), 0)
    if typed:
        cross = Area(spot.right - spot.h, spot.y, spot.h, spot.h)
        sheet.touchable("key:clear", cross, "", lambda: turn.remember("typed", ""), role="key")
        sheet.icon("circle-xmark", cross.x + cross.w / 2, cross.y + cross.h / 2, t.px(48), BLUE)
        inner = Area(inner.x, inner.y, inner.w - cross.w, inner.h)
    shown = typed.upper() if typed else turn.own("find_empty")
    size, colour = (t.lead, INK) if typed else (t.body, SOFT)
    sheet.text(shown, inner, size, colour, bool(typed), middle=True, name="written:letters")
    return spot.bottom


def _nothing(sheet: Sheet, turn: Turn[Find], area: Area) -> None:
    """Nothing found: that, and what to do."""
    t = sheet.t
    y = area.y + t.px(40)
    sheet.icon("circle-info", area.x + area.w / 2, y + t.px(44), t.px(80), BLUE)
    end = sheet.text(turn.own("find_none"), area.below(y + t.px(112)), t.lead, INK, True, "center")
    sheet.text(turn.own("find_none_next"), area.below(end + t.px(12)), t.body, SOFT, False, "center")
