"""ESC/POS as a virtual receipt printer takes it: where a command ends, what it does to the paper."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

TEXT_ROWS = 30  # ESC/POS default line spacing at 203 dpi


@dataclass(frozen=True)
class Rows:
    """Rows of dots, `row_bytes` bytes each, 1 is black."""

    row_bytes: int
    bits: bytes


@dataclass(frozen=True)
class Feed:
    rows: int


@dataclass(frozen=True)
class Cut:
    """Feed to the knife by `rows`, then cut."""

    rows: int


@dataclass(frozen=True)
class ProcessId:
    """`GS ( H`: tell this back when all before it is printed."""

    id: bytes


@dataclass(frozen=True)
class AskStatus:
    """`GS r n`."""

    which: int


@dataclass(frozen=True)
class AutoStatus:
    """`GS a n`; 0 switches it off."""

    mask: int


Command = Rows | Feed | Cut | ProcessId | AskStatus | AutoStatus | None


def text_rows(text: bytes, row_bytes: int) -> bytes:
    """One line of text as rows; plain, in Pillow's own typeface, enough to see that something is there."""
    picture = Image.new("1", (row_bytes * 8, TEXT_ROWS))
    ImageDraw.Draw(picture).text(
        (0, 2), text.decode("gb18030", "replace"), fill=1, font=ImageFont.load_default(22)
    )
    return picture.tobytes()


class Interpreter:
    """Whole ESC/POS commands in, what they do to the paper out; keeps a line of text and a stored graphic."""

    def __init__(self, row_bytes: int) -> None:
        self._row_bytes = row_bytes
        self._line = bytearray()
        self._graphics: Rows | None = None  # GS ( L stores before it prints

    def clear(self) -> None:
        """Forgets what it keeps."""
        self._line.clear()
        self._graphics = None

    def obey(self, command: bytes) -> Command:
        """What one command, as long as `length_of` says, does; None when nothing comes of it."""
        first = command[0]
        if first == 0x1D:
            return self._gs(command)
        if first == 0x1B and command[1] in (0x64, 0x4A):  # ESC d n lines, ESC J n dots
            return Feed(command[2] * (TEXT_ROWS if command[1] == 0x64 else 1))
        if first == 0x0A:
            line, self._line = bytes(self._line), bytearray()
            return Rows(self._row_bytes, text_rows(line, self._row_bytes)) if line else Feed(TEXT_ROWS)
        if first >= 0x20:
            self._line.append(first)
        return None

    def _gs(self, command: bytes) -> Command:
        match command[1]:
            case 0x76:  # GS v 0 m xL xH yL yH data
                return Rows(int.from_bytes(command[4:6], "little"), command[8:])
            case 0x56:  # GS V m cuts here; GS V 65/66 n feeds to the knife first
                return Cut(96 + command[3] if len(command) == 4 else 0)
            case 0x72:
                return AskStatus(command[2])
            case 0x61:
                return AutoStatus(command[2])
            case 0x28 | 0x38:  # GS ( x pL pH …, GS 8 x p1–p4 …
                return self._long(command[2], command[5 if command[1] == 0x28 else 7 :])
            case _:
                return None

    def _long(self, letter: int, body: bytes) -> Command:
        if letter == 0x48 and body[:2] == b"\x30\x30":
            return ProcessId(body[2:6])
        if letter == 0x4C and len(body) >= 10 and body[1] == 0x70:
            row_bytes = (int.from_bytes(body[6:8], "little") + 7) // 8
            self._graphics = Rows(row_bytes, body[10:])
        elif letter == 0x4C and len(body) >= 2 and body[1] in (2, 50):
            stored, self._graphics = self._graphics, None
            return stored
        return None


_AFTER_ESC = {0x64: 3, 0x4A: 3, 0x33: 3, 0x61: 3, 0x45: 3, 0x74: 3, 0x4D: 3, 0x21: 3, 0x52: 3, 0x2D: 3}


def length_of(held: bytearray | bytes, at: int = 0) -> int | None:
    """How many bytes the command at `at` has; None while not enough of it is there to tell, or to obey."""
    there = len(held) - at
    if there <= 0:
        return None
    first = held[at]
    second = held[at + 1] if there > 1 else None
    if first not in (0x10, 0x1B, 0x1C, 0x1D):
        return 1
    if second is None:
        return None
    if first == 0x1B:
        length = _AFTER_ESC.get(second, 2)
    elif first == 0x1C:
        length = 2
    elif there < 3:
        return None
    elif first == 0x10:  # obeyed when it came in; here it is only stepped over
        length = 3 if second != 0x14 else 10 if held[at + 2] == 8 else 5
    else:
        measured = _gs_length(held, at, there)
        if measured is None:
            return None
        length = measured
    return length if there >= length else None


def _gs_length(held: bytearray | bytes, at: int, there: int) -> int | None:
    second = held[at + 1]
    if second == 0x76:
        if there < 8:
            return None
        width, height = (int.from_bytes(held[at + n : at + n + 2], "little") for n in (4, 6))
        return 8 + width * height
    if second == 0x56:
        return 4 if held[at + 2] >= 0x41 else 3
    if second in (0x28, 0x38):
        head = 5 if second == 0x28 else 7
        if there < head:
            return None
        return head + int.from_bytes(held[at + 3 : at + head], "little")
    return 3


def is_whole(held: bytearray | bytes) -> bool:
    """Whether the bytes end where a command ends."""
    at = 0
    while at < len(held):
        length = length_of(held, at)
        if length is None:
            return False
        at += length
    return True
