"""ESC/POS as a virtual receipt printer takes it: what each command does to the paper.

Where a command ends is in `escpos_lengths.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.virtual import receipt_type
from drivers.virtual.receipt_type import Glyph

TEXT_ROWS = receipt_type.CELL + receipt_type.LEADING  # ESC/POS default line spacing at 203 dpi


@dataclass(frozen=True)
class Rows:
    """Rows of dots, `row_bytes` bytes each, 1 is black; `text` is what type or a code says."""

    row_bytes: int
    bits: bytes
    text: str = ""


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
class AskName:
    """`GS I n`: who are you?"""

    which: int


@dataclass(frozen=True)
class AskCount:
    """`GS g 2`: maintenance counter number `which`."""

    which: int


@dataclass(frozen=True)
class AutoStatus:
    """`GS a n`; 0 switches it off."""

    mask: int


@dataclass(frozen=True)
class Eject:
    """`GS e n`: 2 draws in, 3 presents, 5 throws out."""

    how: int


Command = Rows | Feed | Cut | ProcessId | AskStatus | AskName | AskCount | AutoStatus | Eject | None


class Interpreter:
    """Whole ESC/POS commands in, what they do to the paper out; keeps a line of type, a stored graphic and a
    stored code."""

    def __init__(self, row_bytes: int) -> None:
        self._row_bytes = row_bytes
        self._graphics: Rows | None = None  # GS ( L stores before it prints
        self.clear()

    def clear(self) -> None:
        """Forgets what it keeps, as `ESC @` does too."""
        self._line: list[Glyph] = []
        self._held = b""  # bytes of a character that is not whole yet
        self._graphics = None
        self._chinese = False
        self._wide = self._high = 1
        self._align = 0
        self._code, self._module, self._level = b"", 3, "l"

    def obey(self, command: bytes) -> Command:
        """What one command, as long as `length_of` says, does; None when nothing comes of it."""
        first = command[0]
        if first == 0x1D:
            return self._gs(command)
        if first == 0x1B:
            return self._esc(command)
        if first == 0x1C and command[1:2] in (b"&", b"."):
            self._chinese, self._held = command[1:2] == b"&", b""
        elif first == 0x0A:
            return self._end_line()
        elif first >= 0x20:
            self._type(first)
        return None

    def _end_line(self) -> Command:
        line, self._line = self._line, []
        if not line:
            return Feed(TEXT_ROWS)
        text = "".join(glyph.character for glyph in line)
        return Rows(self._row_bytes, receipt_type.line(line, self._row_bytes, self._align), text)

    def _type(self, byte: int) -> None:
        self._held += bytes((byte,))
        if self._chinese and self._held[0] >= 0x80:
            second_is_digit = len(self._held) > 1 and 0x30 <= self._held[1] <= 0x39
            if len(self._held) < (4 if second_is_digit else 2):
                return
            character = self._held.decode("gb18030", "replace")[:1]
        else:
            character = chr(byte) if byte < 0x80 else "?"  # some code page or other
        self._held = b""
        self._line.append(Glyph(character, self._wide, self._high))

    def _esc(self, command: bytes) -> Command:
        match command[1]:
            case 0x40:
                stored = self._graphics
                self.clear()
                self._graphics = stored
            case 0x64 | 0x4A:  # ESC d n lines, ESC J n dots
                if self._line:
                    return self._end_line()
                return Feed(command[2] * (TEXT_ROWS if command[1] == 0x64 else 1))
            case 0x61:
                self._align = command[2] & 0x03
            case 0x21:
                self._wide, self._high = 1 + (command[2] >> 5 & 1), 1 + (command[2] >> 4 & 1)
            case 0x24:  # ESC $ nL nH: on from a place of the line; here to the next whole character
                while (
                    sum(glyph.width for glyph in self._line) < int.from_bytes(command[2:4], "little") <= 576
                ):
                    self._line.append(Glyph(" "))
            case 0x69 | 0x6D:  # ESC i, ESC m: the old ways to cut
                return Cut(0)
        return None

    def _gs(self, command: bytes) -> Command:
        match command[1]:
            case 0x76:  # GS v 0 m xL xH yL yH data
                return Rows(int.from_bytes(command[4:6], "little"), command[8:])
            case 0x56:  # GS V m cuts here; GS V 65/66 n feeds to the knife first
                return Cut(96 + command[3] if len(command) == 4 else 0)
            case 0x21:
                self._wide, self._high = 1 + (command[2] >> 4 & 7), 1 + (command[2] & 7)
            case 0x72:
                return AskStatus(command[2])
            case 0x49:
                return AskName(command[2])
            case 0x61:
                return AutoStatus(command[2])
            case 0x67 if command[2] == 0x32:  # GS g 2 m nL nH
                return AskCount(int.from_bytes(command[4:6], "little"))
            case 0x65:
                return Eject(command[2])
            case 0x28 | 0x38:  # GS ( x pL pH …, GS 8 x p1–p4 …
                return self._long(command[2], command[5 if command[1] == 0x28 else 7 :])
        return None

    def _long(self, letter: int, body: bytes) -> Command:
        if letter == 0x48 and body[:2] == b"\x30\x30":
            return ProcessId(body[2:6])
        if letter == 0x6B and body[:1] == b"1":
            return self._two_dimensional(body[1:2], body[2:])
        if letter == 0x4C and len(body) >= 10 and body[1] == 0x70:
            row_bytes = (int.from_bytes(body[6:8], "little") + 7) // 8
            self._graphics = Rows(row_bytes, body[10:])
        elif letter == 0x4C and len(body) >= 2 and body[1] in (2, 50):
            stored, self._graphics = self._graphics, None
            return stored
        return None

    def _two_dimensional(self, function: bytes, body: bytes) -> Command:
        """`GS ( k` for QR codes: C size, E level, P store, Q print."""
        if function == b"C" and body:
            self._module = max(1, min(16, body[0]))
        elif function == b"E" and body[:1] in (b"0", b"1", b"2", b"3"):
            self._level = "lmqh"[body[0] - 0x30]
        elif function == b"P":
            self._code = body[1:]
        elif function == b"Q" and 0 < len(self._code) <= 1000:
            rows = receipt_type.code(self._code, self._module, self._level, self._row_bytes, self._align)
            return Rows(self._row_bytes, rows, f"QR {self._code.decode('ascii', 'replace')}")
        return None
