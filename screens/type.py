"""Type: fonts for every legal character, measuring, and breaking lines as Chinese is set.

Kivy breaks lines at spaces or in the middle of a number and has no font
fallback. Here lines are broken by our own rules (避头尾: no closing mark begins
a line, no opening mark ends one, numbers and Latin words stay whole), and each
run of characters is drawn in the font that has them: Noto Sans SC, first its cut
of the usual characters, and for rare characters of names HanaMin A and B;
together all 87 887 of GB 18030-2022.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from kivy.core.text import Label as CoreLabel

from config import assets
from config.usual_characters import are_usual

_USUAL = {"regular": "NotoSansSC-Regular.otf", "bold": "NotoSansSC-Bold.otf"}
_NAMES = {
    "whole regular": "NotoSansSC-Regular.otf",
    "whole bold": "NotoSansSC-Bold.otf",
    "rare_a": "HanaMinA.ttf",
    "rare_b": "HanaMinB.ttf",
    "icons": "icons.ttf",
}
# The whole Noto Sans SC has all of these: looking into its table (0.2 s) is only needed for what is outside.
_SURE = re.compile(r"[\u4e00-\u9fa5]")
_CLOSERS = set("，。、；：？！）》」』】〕”’…—·,.;:?!)]}%％℃")
_OPENERS = set("（《「『【〔“‘([{￥¥")
_WORD = re.compile(r"[0-9A-Za-z\u00c0-\u024f][0-9A-Za-z\u00c0-\u024f*'’.,:/_+&@%#-]*")


@cache
def font(face: str) -> str:
    """The path of a face: regular, bold, either whole, rare_a, rare_b or icons. FileNotFoundError."""
    return str(assets.screen_font(_USUAL[face]) if face in _USUAL else assets.font(_NAMES[face]))


@cache
def _characters(face: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(font(face), lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def runs(text: str, bold: bool) -> list[tuple[str, str]]:
    """The text as (face, characters), each run in a font that has its characters."""
    usual = "bold" if bold else "regular"
    if are_usual(text):
        return [(usual, text)] if text else []
    found: list[tuple[str, str]] = []
    for character in text:
        face = _face_of(character, usual)
        if found and found[-1][0] == face:
            found[-1] = (face, found[-1][1] + character)
        else:
            found.append((face, character))
    return found


@lru_cache(maxsize=2048)
def _face_of(character: str, usual: str) -> str:
    if are_usual(character):
        return usual
    whole = f"whole {usual}"
    if _SURE.match(character):
        return whole
    return next((face for face in (whole, "rare_a", "rare_b") if ord(character) in _characters(face)), usual)


def label(text: str, size: int, face: str) -> CoreLabel:
    """A label of Kivy's text engine in white, so that one texture serves every colour."""
    return CoreLabel(text=text, font_size=size, font_name=font(face), color=(1, 1, 1, 1))


@cache
def _meter(size: int, face: str) -> CoreLabel:
    return label("", size, face)


def width(text: str, size: int, bold: bool) -> int:
    """The width of one line in pixels."""
    return sum(_meter(size, face).get_extents(part)[0] for face, part in runs(text, bold))


@lru_cache(maxsize=512)
def _latin_width(character: str, size: int, bold: bool) -> float:
    face = _face_of(character, "bold" if bold else "regular")
    return float(_meter(size, face).get_extents(character * 4)[0]) / 4


def _advance(text: str, size: int, bold: bool) -> float:
    """A quick width for breaking lines: Chinese characters are as wide as high."""
    total = 0.0
    for character in text:
        if unicodedata.east_asian_width(character) in "WF":
            total += size
        else:
            total += _latin_width(character, size, bold)
    return total


def _clusters(text: str) -> list[str]:
    """What must not be broken: a word or number, or a character with the marks that cling to it."""
    found: list[str] = []
    position, opening = 0, ""
    while position < len(text):
        word = _WORD.match(text, position)
        piece = word.group() if word else text[position]
        position += len(piece)
        if piece in _OPENERS:
            opening += piece
        elif (piece in _CLOSERS or piece == " ") and found and not opening:
            found[-1] += piece
        else:
            found.append(opening + piece)
            opening = ""
    return [*found, opening] if opening else found


def lines(text: str, size: int, bold: bool, room: float) -> list[str]:
    """The text broken into lines no wider than `room` pixels. A line break in the text is kept."""
    found: list[str] = []
    for paragraph in text.split("\n"):
        found.extend(_break(paragraph, size, bold, room) or [""])
    return found


def longest_word(text: str, size: int, bold: bool) -> float:
    """The width in pixels of the widest piece that is not broken if it can be helped."""
    return max((_advance(piece.rstrip(" "), size, bold) for piece in _clusters(text)), default=0.0)


def at_marks(text: str, size: int, bold: bool, room: float) -> str:
    """The text with line breaks after the marks of a file name or an address that is wider than the room."""
    if longest_word(text, size, bold) <= room:
        return text
    done, line = [], ""
    for piece in re.split(r"(?<=[-/_.:,;=@ ])", text):
        if line and _advance((line + piece).rstrip(" "), size, bold) > room:
            done.append(line)
            line = ""
        line += piece
    return "\n".join([*done, line])


def _break(paragraph: str, size: int, bold: bool, room: float) -> list[str]:
    done: list[str] = []
    line, used = "", 0.0
    for cluster in _clusters(paragraph):
        wide = _advance(cluster.rstrip(" "), size, bold)
        if line and used + wide > room:
            done.append(line.rstrip(" "))
            line, used = "", 0.0
        while wide > room:  # a word wider than the line is cut
            cut = max(1, int(len(cluster) * room / wide))
            done.append(cluster[:cut])
            cluster = cluster[cut:]
            wide = _advance(cluster, size, bold)
        line += cluster
        used += _advance(cluster, size, bold)
    return [*done, line.rstrip(" ")] if line else done


def balanced(text: str, size: int, bold: bool, room: float) -> list[str]:
    """Lines of about the same length, for titles: as few as `lines`, and no character left alone."""
    full = lines(text, size, bold, room)
    if len(full) < 2 or "\n" in text:
        return full
    halved = _at_a_pause(text, size, bold, room) if len(full) == 2 else None
    if halved:
        return halved
    low, high = room / 2, room
    while high - low > size / 2:
        middle = (low + high) / 2
        if len(lines(text, size, bold, middle)) > len(full):
            low = middle
        else:
            high = middle
    return lines(text, size, bold, high)


def _at_a_pause(text: str, size: int, bold: bool, room: float) -> list[str] | None:
    """Two lines broken after a Chinese comma or stop, where both find room: words stay whole so."""
    ways = []
    for match in re.finditer(r"[，。；：？！、](?=.)", text):
        parts = text[: match.end()], text[match.end() :]
        wide = [_advance(part, size, bold) for part in parts]
        if max(wide) <= room and min(wide) > max(wide) * 0.3:
            ways.append((max(wide), list(parts)))
    return min(ways)[1] if ways else None
