"""Writing words with the finger: Chinese by its sound, Latin letters, digits and signs.

Characters are written one syllable after the other: of `zhangsan` the characters of `zhang` are offered,
and when one is touched those of `san`. What is typed stays on the page and is learned by nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from config import pinyin
from screens import keys
from screens.sheet import Sheet
from screens.tokens import BLUE, SOFT, Area
from screens.turn import Turn

_SIGNS = ("1234567890", "，。、；：？！·—…", "“”《》（）@._-", "/#%+=*&~¥")
_MOST_LETTERS = 24


@dataclass(frozen=True)
class Writing:
    """What is written so far, how long it may get, and who is told of the next."""

    text: str
    most: int
    put: Callable[[str], None]


def draw(sheet: Sheet, turn: Turn[Any], candidates: Area, pad: Area, writing: Writing, latin: bool) -> None:
    """Candidates in one area, keys in the other. `latin`: letters and digits come first."""
    mode = turn.memory.setdefault("mode", "letters" if latin or turn.language == "en" else "pinyin")
    t, gap = sheet.t, sheet.t.px(12)
    high = (
        min((pad.h - 3 * gap) // 4, t.px(124)) if mode == "pinyin" else min((pad.h - 4 * gap) // 5, t.px(124))
    )
    foot = Area(pad.x, pad.bottom - high, pad.w, high)
    rows = pad.above(foot.y - gap)
    if mode == "pinyin":
        _candidates(sheet, turn, candidates, writing)
        rows = rows.below(rows.bottom - keys.letters_height(t, high, 3))
        keys.letters(sheet, rows, lambda key: _sound(turn, writing, key), digits=False, upper=False)
    elif mode == "letters":
        capital = turn.memory.setdefault("capital", True)
        keys.letters(sheet, rows, lambda key: _letter(turn, writing, key), upper=capital)
    else:
        _signs(sheet, rows, lambda key: _letter(turn, writing, key))
    _foot(sheet, turn, foot, writing, mode)


def candidate_room(t: Any, area: Area) -> int:
    """The height that the candidates take in portrait: what is typed and two rows of characters."""
    return int(t.px(56) + 2 * t.px(104) + t.px(12))


def _candidates(sheet: Sheet, turn: Turn[Any], area: Area, writing: Writing) -> None:
    """The letters typed, and the characters that they may be: `pick:张`."""
    t, gap = sheet.t, sheet.t.px(12)
    typed = turn.memory.setdefault("letters", "")
    line = Area(area.x, area.y, area.w, t.px(56))
    if not typed:
        sheet.text(turn.own("pinyin_note"), line, t.small, SOFT, middle=True)
        return
    sheet.text(typed, line, t.body, BLUE, True, middle=True, name="written:letters")
    found = pinyin.candidates(typed)
    if not found:
        sheet.text(turn.own("pinyin_none"), line.below(line.bottom), t.body, SOFT)
        return
    across = max(5, min(9, (area.w + gap) // t.px(112 + 12)))
    lines = max(1, min(4, (area.bottom - line.bottom + gap) // t.px(104 + 12)))
    spots = area.below(line.bottom).grid(across, across * lines, t.px(104), gap)
    arrows = [spots[across - 1], spots[-1]] if lines > 1 else [spots[-2], spots[-1]]
    cells = [spot for spot in spots if spot not in arrows]
    pages = -(-len(found) // len(cells))
    now = min(turn.memory.get("candidates", 0), pages - 1)
    for one, spot in zip(found[now * len(cells) :], cells, strict=False):
        keys.key(sheet, f"pick:{one.character}", spot, one.character, _picks(turn, writing, one), t.title)
    if pages > 1:
        for spot, icon, step in ((arrows[0], "chevron-left", -1), (arrows[1], "chevron-right", 1)):
            turned = now + step
            act = _turns(turn, turned)
            name = "candidates:previous" if step < 0 else "candidates:next"
            keys.key(sheet, name, spot, "", act, icon=icon, enabled=0 <= turned < pages)


def _turns(turn: Turn[Any], page: int) -> Callable[[], None]:
    return lambda: turn.remember("candidates", page)


def _picks(turn: Turn[Any], writing: Writing, one: pinyin.Candidate) -> Callable[[], None]:
    def touched() -> None:
        turn.memory["candidates"] = 0
        turn.memory["letters"] = turn.memory["letters"][one.letters :]
        writing.put((writing.text + one.character)[: writing.most])
        turn.redraw()

    return touched


def _sound(turn: Turn[Any], writing: Writing, key: str) -> None:
    """A letter of a sound; one back takes letters first, then what is written."""
    typed = turn.memory.setdefault("letters", "")
    turn.memory["candidates"] = 0
    if key == "delete" and not typed:
        writing.put(writing.text[:-1])
    else:
        turn.memory["letters"] = keys.typed(typed, key, _MOST_LETTERS)
    turn.redraw()


def _letter(turn: Turn[Any], writing: Writing, key: str) -> None:
    writing.put(keys.typed(writing.text, key, max(writing.most, len(writing.text))))
    turn.redraw()


def _signs(sheet: Sheet, area: Area, touch: Callable[[str], None]) -> None:
    t, gap = sheet.t, sheet.t.px(12)
    high = min((area.h - 3 * gap) // 4, t.px(124))
    for number, row in enumerate(_SIGNS):
        line = Area(area.x, area.y + number * (high + gap), area.w, high)
        cells = line.columns(*([1.0] * 10), gap=gap)
        for sign, spot in zip(row, cells, strict=False):
            keys.key(sheet, f"key:{sign}", spot, sign, lambda sign=sign: touch(sign))
    keys.key(sheet, "key:delete", cells[9], "", lambda: touch("delete"), icon="delete-left")


def _foot(sheet: Sheet, turn: Turn[Any], row: Area, writing: Writing, mode: str) -> None:
    """The other ways to write, capitals where there are such, and the space."""
    t = sheet.t

    def to(other: str) -> Callable[[], None]:
        def touched() -> None:
            turn.memory["letters"] = ""
            turn.remember("mode", other)

        return touched

    others = [one for one in ("pinyin", "letters", "signs") if one != mode]
    shift = ["shift"] if mode == "letters" else []
    spots = list(row.columns(*([1.0] * (len(others) + len(shift))), 1.3, gap=t.px(12)))
    for other, spot in zip(others, spots, strict=False):
        keys.key(sheet, f"mode:{other}", spot, turn.own(f"mode_{other}"), to(other), t.body)
    if shift:
        capital = turn.memory["capital"]
        words = turn.own("small_letters" if capital else "capitals")
        act = _shifts(turn, not capital)
        keys.key(sheet, "key:shift", spots[-2], words, act, t.body)
    keys.key(sheet, "key:space", spots[-1], turn.own("space"), lambda: _letter(turn, writing, " "), t.body)


def _shifts(turn: Turn[Any], capital: bool) -> Callable[[], None]:
    return lambda: turn.remember("capital", capital)
