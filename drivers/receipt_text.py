"""A receipt as GB18030 text in the printer's own type: a thirtieth of a picture's bytes, for slow lines.

Plain data in, ESC/POS bytes out; nothing here does I/O. Only what every such printer has in its type is
printable: ASCII and those two-byte characters of GB18030 that GBK had already. Never a `?` in somebody's
name: what has another character is printed as a picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from drivers.receipt_fences import Block

LINE_DOTS = 30  # default line spacing at 203 dpi
_HALF_WIDTH = 12  # dots of an ASCII character; a Chinese one has two of them
_LINES_A_BLOCK = 8
_LONGEST_LABEL = 16  # half-widths
_LONGEST_CODE = 500  # bytes: well below 1037, where the length's own bytes would read as a DLE EOT
_CODE_MODULE, _CODE_QUIET = 6, 8  # dots of one square; squares of white around
_MOST_SQUARES = 105  # of a code with _LONGEST_CODE bytes at level M (version 22)
_NOT_FIRST = "，。、；：？！）》〉」』】〕”’…％,.;:?!)]}%"  # signs that never begin a line
_GROUPS = re.compile(r"[\d*]+(?: [\dX*]+)+")

_CHINESE_ON, _CHINESE_OFF = b"\x1c&", b"\x1c."
_LEFT, _CENTRE = b"\x1ba\x00", b"\x1ba\x01"


@dataclass(frozen=True)
class Text:
    """One paragraph, wrapped; `size` 2 is twice as wide and high. What is larger shrinks until it fits."""

    text: str
    size: int = 1
    centre: bool = True


@dataclass(frozen=True)
class Pair:
    """A label at the left and its value beside it, each wrapped in a column of its own."""

    label: str
    value: str


@dataclass(frozen=True)
class Rule:
    """A dashed line."""


@dataclass(frozen=True)
class Code:
    """A QR code in the middle, printable ASCII."""

    content: str


Line = Text | Pair | Rule | Code


def printable(lines: Iterable[Line]) -> bool:
    """Whether a printer with a GB18030 type has every character of these lines."""
    return all(_encodable(text) for line in lines for text in _texts(line)) and all(
        line.content.isascii() and line.content.isprintable() and 0 < len(line.content) <= _LONGEST_CODE
        for line in lines
        if isinstance(line, Code)
    )


def in_groups(text: str) -> bool:
    """Whether it is one number in groups, `3301** **** **** 1234`: broken, its end stands apart."""
    return _GROUPS.fullmatch(text) is not None


def blocks(lines: Sequence[Line], width: int) -> list[Block]:
    """The lines for a printer of `width` dots, a few to a block; ValueError when one is not `printable`."""
    if not printable(lines):
        raise ValueError("a character is not in the printer's type")
    columns = width // _HALF_WIDTH
    made: list[Block] = []
    written: list[Block] = []
    for is_pair, group in groupby(lines, key=lambda line: isinstance(line, Pair)):
        part = list(group)
        label = _label_cells(part, columns) if is_pair else 0
        for line in part:
            if isinstance(line, Code):
                made += [*_joined(written), _code(line.content, width)]
                written = []
            else:
                written += _written(line, columns, label)
    return [*made, *_joined(written)]


def _label_cells(pairs: Sequence[Line], columns: int) -> int:
    """How wide the labels' column of neighbouring pairs is, in half-widths."""
    widest = max(_cells(_plain(line.label)) for line in pairs if isinstance(line, Pair))
    return min(_LONGEST_LABEL, columns * 2 // 5, widest)


def _joined(written: list[Block]) -> Iterator[Block]:
    for at in range(0, len(written), _LINES_A_BLOCK):
        part = written[at : at + _LINES_A_BLOCK]
        data = _CHINESE_ON + b"".join(one.data for one in part) + _CHINESE_OFF
        yield Block(data, sum(one.dots for one in part))


def _written(line: Text | Pair | Rule, columns: int, label: int) -> Iterator[Block]:
    match line:
        case Text(text, size, centre):
            while size > 2 and _cells(_plain(text)) * size > columns:
                size -= 1
            for piece in _wrap(_plain(text), columns // size):
                yield _one(piece, size, centre)
        case Rule():
            yield _one("-" * columns, 1, False)
        case Pair(_, value) if _needs_a_line(_plain(value), columns - label - 1, columns):
            yield _one(_plain(line.label), 1, False)
            yield _one(_plain(value).rjust(columns), 1, False)
        case Pair():
            names = _wrap(_plain(line.label), label)
            values = _wrap(_plain(line.value), columns - label - 1)
            for at in range(max(len(names), len(values))):
                name = names[at] if at < len(names) else ""
                value = values[at] if at < len(values) else ""
                yield _one(name + " " * (label + 1 - _cells(name)) + value, 1, False)


def _needs_a_line(value: str, room: int, columns: int) -> bool:
    """Whether it is one long number, which only a line of its own keeps whole."""
    return value.isascii() and (" " not in value or in_groups(value)) and room < len(value) <= columns


def _one(text: str, size: int, centre: bool) -> Block:
    """One line. `GS !` turns the size for both sorts of type, Chinese and Latin."""
    grown = bytes(((size - 1) << 4 | (size - 1),))
    data = (_CENTRE if centre else _LEFT) + b"\x1d!" + grown + _encoded(text) + b"\n"
    return Block(data + (b"\x1d!\x00" if size > 1 else b""), LINE_DOTS + 24 * (size - 1))


def _code(content: str, width: int) -> Block:
    """`GS ( k`: model 2, size of a square, level M, store, print. As large as fits, at most _CODE_MODULE."""
    told = content.encode("ascii")
    module = max(1, min(_CODE_MODULE, width // _squares(len(told))))
    functions = (b"1A2\x00", b"1C" + bytes((module,)), b"1E1", b"1P0" + told, b"1Q0")
    data = b"".join(b"\x1d(k" + len(one).to_bytes(2, "little") + one for one in functions)
    return Block(_CENTRE + data + b"\n" + _LEFT, LINE_DOTS + module * _squares(len(told)))


def _squares(length: int) -> int:
    """At least as many squares as a code of so many bytes is high, with white around a small one."""
    return min(_MOST_SQUARES, 21 + 4 * (length // 20) + _CODE_QUIET)


def _texts(line: Line) -> tuple[str, ...]:
    match line:
        case Text(text):
            return (_plain(text),)
        case Pair(label, value):
            return (_plain(label), _plain(value))
        case _:
            return ()


def _plain(text: str) -> str:
    """The half-width yuan sign has four bytes, its full-width sister two; line ends and tabs are spaces."""
    return re.sub(r"\s", " ", text.replace("¥", "￥"))


def _encodable(text: str) -> bool:
    return all(len(_bytes(one)) == 2 if not one.isascii() else one.isprintable() for one in text)


def _encoded(text: str) -> bytes:
    return b"".join(_bytes(one) for one in text)


def _bytes(character: str) -> bytes:
    """Its GB18030 bytes; none for what many a printer lacks: the rows that came after GBK, private use."""
    try:
        told = character.encode("gbk")
    except UnicodeEncodeError:
        return b""
    return told if told == character.encode("gb18030") else b""


def _cells(text: str) -> int:
    return sum(1 if one.isascii() else 2 for one in text)


def _wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns` half-widths; breaks anywhere in Chinese, at spaces where there are any."""
    lines, line = [], ""
    for piece in _pieces(text, columns):
        if line and _cells((line + piece).rstrip()) > columns:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()]


def _pieces(text: str, columns: int) -> Iterator[str]:
    """What is never broken: a word with the space after it, a Chinese character with the signs behind it."""
    for found in re.finditer(rf"(?:[!-~]+|.)[{re.escape(_NOT_FIRST)}]* *", text):
        piece = found[0]
        if _cells(piece.rstrip()) <= columns:
            yield piece
            continue
        part = ""
        for character in piece:
            if part and _cells((part + character).rstrip()) > columns:
                yield part
                part = ""
            part += character
        yield part
