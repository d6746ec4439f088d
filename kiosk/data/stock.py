"""The account of certificate blanks: every sheet that was loaded, by its pre-printed number where it has one.

    blank → taken → used | spoiled | doubtful | blank again, when it is certain that it never moved
    doubtful → used | spoiled | blank, said by a technician who has looked, or by the print's late end
    blank → withdrawn, when a pack is taken out

A sheet is taken in the transaction that notes its print, and never offered twice. With numbered sheets, an
account and a tray that differ by one give every later person another's number: while one sheet is doubtful,
or still under way, no other is taken.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Literal

from drivers.device import DeviceError
from kiosk.data.store import Transaction
from mqtt.outbox import Executes

Fate = Literal["used", "spoiled", "blank"]  # that a technician may say of a doubtful sheet
LARGEST_PACK = 5000
LOW = 10  # blanks left
_NUMBER = re.compile(r"([A-Za-z0-9-]{0,40}?)([0-9]{1,18})")


class StockError(ValueError):
    """What a technician said does not fit the account; the text is for him."""


@dataclass(frozen=True)
class Account:
    """How many sheets of one printer are in which state. `next_number` is that of the next blank."""

    device: str
    blank: int = 0
    taken: int = 0
    used: int = 0
    spoiled: int = 0
    doubtful: int = 0
    withdrawn: int = 0
    next_number: str = ""
    doubtful_number: str = ""

    @property
    def unclear(self) -> bool:
        """True while a numbered sheet is in doubt, so that nobody knows which number comes next."""
        return bool(self.doubtful_number)


def numbers(first: str, count: int) -> list[str]:
    """`count` numbers from `first` on, as wide as it; all empty for paper without numbers.

    StockError when `first` does not end in digits or the digits do not suffice.
    """
    if not 1 <= count <= LARGEST_PACK:
        raise StockError(f"a pack has 1 to {LARGEST_PACK} sheets, not {count}")
    if not first:
        return [""] * count
    found = _NUMBER.fullmatch(first)
    if found is None:
        raise StockError(f"{first!r} is no number of a sheet: letters, digits and dashes, digits last")
    start, width = int(found[2]), len(found[2])
    if len(str(start + count - 1)) > width:
        raise StockError(f"{first} has too few digits for {count} sheets")
    return [f"{found[1]}{start + offset:0{width}}" for offset in range(count)]


def load(tx: Executes, device: str, count: int, first: str = "") -> None:
    """Enters a pack behind what is left. StockError when it cannot be so.

    A numbered pack goes into an empty tray: above or below others, nobody could say which sheet is next.
    """
    fresh = numbers(first, count)
    now = account(tx, device)
    numbered = bool(first) or bool(now.next_number)
    if numbered and now.blank:
        raise StockError(f"{now.blank} blanks are left: use them up, or withdraw them first")
    known = {number for (number,) in tx.execute("SELECT number FROM sheets WHERE number <> ''")}
    if twice := sorted(known & set(fresh)):
        raise StockError(f"sheet {twice[0]} has been entered before")
    (last,) = tx.execute("SELECT coalesce(max(n), 0) FROM sheets WHERE device = ?", (device,)).fetchone()
    for place, number in enumerate(fresh, last + 1):
        tx.execute(
            "INSERT INTO sheets (device, n, number, state, record, updated) VALUES (?, ?, ?, 'blank', '', ?)",
            (device, place, number, time.time()),
        )


def withdraw(tx: Executes, device: str) -> int:
    """Writes off the blanks that are taken out of the tray; how many."""
    left = account(tx, device).blank
    tx.execute(
        "UPDATE sheets SET state = 'withdrawn', updated = ? WHERE device = ? AND state = 'blank'",
        (time.time(), device),
    )
    return left


def settle(tx: Executes, device: str, fate: Fate) -> str:
    """What a technician saw of the doubtful sheet; its number. Of several a numbered one first, the oldest.

    StockError when none is in doubt.
    """
    row = tx.execute(
        "SELECT n, number FROM sheets WHERE device = ? AND state = 'doubtful'"
        " ORDER BY number = '', n LIMIT 1",
        (device,),
    ).fetchone()
    if row is None:
        raise StockError(f"no sheet of {device} is in doubt")
    _become(tx, device, row[0], fate)
    return str(row[1])


def take(tx: Transaction, device: str, record: str) -> str:
    """Gives the next blank to a print; its number.

    DeviceError `special_blank_out` without one, `special_sheet_unclear` while a numbered one is in doubt or
    under way.
    """
    row = tx.execute(
        "SELECT n, number FROM sheets WHERE device = ? AND state = 'blank' ORDER BY n LIMIT 1", (device,)
    ).fetchone()
    now = account(tx, device)
    if now.unclear or (now.taken and row is not None and row[1]):
        raise DeviceError("special_sheet_unclear", device)
    if row is None:
        raise DeviceError("special_blank_out", device)
    tx.execute("UPDATE sheets SET record = ? WHERE device = ? AND n = ?", (record, device, row[0]))
    _become(tx, device, row[0], "taken")
    return str(row[1])


def end(tx: Transaction, record: str, state: Literal["confirmed", "failed", "unknown"], begun: bool) -> None:
    """What became of the sheet that a print took, by how the print ended; nothing for one that took none.

    A sheet without a number that went wrong is spoiled; a numbered one may still be the next in the tray,
    so somebody has to look.
    """
    row = tx.execute(
        "SELECT device, n, number FROM sheets WHERE record = ? AND state IN ('taken', 'doubtful')", (record,)
    ).fetchone()
    if row is not None:
        device, place, number = row
        if state == "confirmed":
            _become(tx, device, place, "used")
        elif not begun:
            _become(tx, device, place, "blank")
        else:
            _become(tx, device, place, "doubtful" if number or state == "unknown" else "spoiled")


def account(read: Executes, device: str) -> Account:
    """The account of one printer; all zero when nothing was ever loaded."""
    rows = read.execute("SELECT state, count(*) FROM sheets WHERE device = ? GROUP BY state", (device,))
    return Account(
        device,
        **{str(state): int(count) for state, count in rows},
        next_number=_first_number(read, device, "blank"),
        doubtful_number=_first_number(read, device, "doubtful"),
    )


def devices(read: Executes) -> list[str]:
    """The printers that have an account."""
    return [str(name) for (name,) in read.execute("SELECT DISTINCT device FROM sheets ORDER BY device")]


def number_of(read: Executes, record: str) -> str:
    """The number of the sheet that a print took; empty for none or one without a number."""
    row = read.execute("SELECT number FROM sheets WHERE record = ?", (record,)).fetchone()
    return str(row[0]) if row is not None else ""


def _first_number(read: Executes, device: str, state: str) -> str:
    row = read.execute(
        "SELECT number FROM sheets WHERE device = ? AND state = ? AND number <> '' ORDER BY n LIMIT 1",
        (device, state),
    ).fetchone()
    return str(row[0]) if row is not None else ""


def _become(tx: Executes, device: str, place: int, state: str) -> None:
    """A sheet that is blank again belongs to no print."""
    tx.execute(
        "UPDATE sheets SET state = ?, updated = ?, record = CASE ? WHEN 'blank' THEN '' ELSE record END"
        " WHERE device = ? AND n = ?",
        (state, time.time(), state, device, place),
    )
