"""The paper roll of a virtual receipt printer: rows burnt onto it, pieces cut off it."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass, replace

from PIL import Image


@dataclass(frozen=True)
class Receipt:
    """One piece of paper. `cut` is False for one that still hangs from the mouth.

    `text` are its lines and codes, where it was printed as text. `place` is tray, or with a presenter:
    inside (cut, not yet moved out), mouth, hand (taken), bin (drawn back in).
    """

    number: int
    rows: int
    cut: bool
    png: bytes
    text: tuple[str, ...] = ()
    place: str = "tray"
    at: float = 0.0  # when it was cut off, seconds since 1970


class Roll:
    """Paper of `row_bytes` × 8 dots. Not for several threads at once: its printer holds the lock."""

    def __init__(self, row_bytes: int) -> None:
        self.row_bytes = row_bytes
        self.rows_left: int | None = None  # until the paper ends; None: enough
        self.at_row: tuple[int, str] | None = None  # rows to go, and the hand that moves then
        self._hanging = bytearray()
        self._text: list[str] = []  # what hangs says
        self._cut: list[Receipt] = []
        self._count = 0

    @property
    def hanging_rows(self) -> int:
        return len(self._hanging) // self.row_bytes

    def burn(self, rows: list[bytes]) -> int:
        """Burns as many of `rows` as there is paper for, each of `row_bytes` bytes, and says how many."""
        done = len(rows) if self.rows_left is None else min(len(rows), self.rows_left)
        self._hanging += b"".join(rows[:done])
        if self.rows_left is not None:
            self.rows_left -= done
        return done

    def hand_after(self, burnt: int) -> str:
        """The hand that was to move at one of these rows; empty for none."""
        if self.at_row is None:
            return ""
        left, hand = self.at_row[0] - burnt, self.at_row[1]
        self.at_row = (left, hand) if left > 0 else None
        return "" if left > 0 else hand

    def note(self, text: str) -> None:
        """Type or a code that has been burnt."""
        self._text.append(text)

    def cut(self, place: str = "tray") -> None:
        """Cuts off what hangs, if anything does."""
        if self._hanging:
            self._count += 1
            self._cut.append(replace(self._piece(self._count, cut=True), place=place, at=time.time()))
            self._hanging.clear()
            self._text.clear()

    def move(self, before: tuple[str, ...], after: str) -> None:
        """All pieces that lie in one of the places `before` go to `after`."""
        self._cut = [replace(one, place=after) if one.place in before else one for one in self._cut]

    def eject(self, how: int) -> None:
        """`GS e how`: 2 draws in, 3 and 32 present, 5 throws out; a new receipt pushes an older one out."""
        self.cut("inside")
        if how == 2:
            self.move(("inside", "mouth"), "bin")
        elif how in (3, 32):
            self.move(("mouth",), "tray")
            self.move(("inside",), "mouth")
        elif how == 5:
            self.move(("inside", "mouth"), "tray")

    def lies_in(self, place: str) -> int:
        """How many pieces lie there."""
        return sum(one.place == place for one in self._cut)

    def tear(self) -> None:
        """A hand takes all away, also what hangs."""
        self._cut.clear()
        self._hanging.clear()
        self._text.clear()

    def pieces(self) -> list[Receipt]:
        """Oldest first; last the one that hangs, if any."""
        hanging = [self._piece(self._count + 1, cut=False)] if self._hanging else []
        return [*self._cut, *hanging]

    def summary(self) -> list[dict[str, object]]:
        """The pieces without their pictures."""
        cut: list[dict[str, object]] = [
            {"number": one.number, "rows": one.rows, "cut": True, "at": one.at} for one in self._cut
        ]
        if self._hanging:
            cut.append({"number": self._count + 1, "rows": self.hanging_rows, "cut": False})
        return cut

    def _piece(self, number: int, *, cut: bool) -> Receipt:
        png = _png(self.row_bytes, bytes(self._hanging))
        return Receipt(number, self.hanging_rows, cut, png, tuple(self._text))


def _png(row_bytes: int, rows: bytes) -> bytes:
    white = bytes(byte ^ 0xFF for byte in rows)
    picture = Image.frombytes("1", (row_bytes * 8, len(rows) // row_bytes), white)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
