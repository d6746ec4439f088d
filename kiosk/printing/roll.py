"""What hangs from a receipt printer's mouth: whose receipt was begun last, and whether it was cut off.

Noted before the first byte, with the printer's own count of cuts. So after a crash, or when the cable comes
back, it is known whether that receipt came out whole, and that nothing of it hangs when the next one begins.
What the count tells is noted before anything else is cut (docs/decisions/073).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from config.words import words
from drivers.device import DeviceError
from drivers.raster import RasterImage
from kiosk.data.ledger import Ledger, OpenRecord
from kiosk.documents.receipts import Line, Receipt, draw
from kiosk.printing.print_job import Printer

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # another one after each start of the computer
CALL_SECONDS = 30.0
MARK_DOTS = 384  # across, for the narrowest paper
Told = Literal["", "confirmed", "failed", "unknown"]


@dataclass(frozen=True)
class Begun:
    """The receipt that was begun last at one printer. `key` is its record's; empty: none was, ever.

    `cuts` is the printer's count before it, None when it does not tell; `boot` the computer's run. `end` is
    what the count told afterwards. `severed`: nothing of it hangs any more.
    """

    key: str = ""
    cuts: int | None = None
    boot: str = ""
    end: Told = ""
    severed: bool = False


async def begin(printer: Printer, ledger: Ledger, record: OpenRecord) -> None:
    """Notes that a receipt will be begun. DeviceError: the printer cannot now, and nothing was noted."""
    await _note(printer, ledger, Begun(record.key, await _cuts(printer), boot()))


async def not_begun(printer: Printer, ledger: Ledger) -> None:
    """The printer refused it before its first byte."""
    await _note(printer, ledger, replace(await last(printer, ledger), end="failed", severed=True))


async def settle(printer: Printer, ledger: Ledger) -> Begun:
    """Throws away what waits of the receipt begun last, finds out how it ended, and severs what hangs.

    DeviceError while that cannot be done; what was found out until then is not lost.
    """
    begun = await last(printer, ledger)
    if not await _hangs(begun, ledger):
        return begun
    await printer.ask("clear", seconds=CALL_SECONDS)
    if not begun.end:
        begun = replace(begun, end=told(begun, await _cuts(printer), boot()))
        await _note(printer, ledger, begun)
    # All rows of a failed one may be on paper, and only its cut missing: so it says that it is void. A whole
    # one lies before its cut; a white strip is cut off all the same, since a driver that never heard of that
    # cut would make it in the next print, and it would count as that print's.
    mark = {"mark": await asyncio.to_thread(void_mark)} if begun.end == "failed" else {}
    await printer.ask("cut", seconds=CALL_SECONDS, **mark)
    begun = replace(begun, severed=True)
    await _note(printer, ledger, begun)
    return begun


async def end_of(printer: Printer, ledger: Ledger) -> Told:
    """`settle` for a print just given up: what the count told; empty when it cannot be asked."""
    with suppress(DeviceError):
        await settle(printer, ledger)
    return (await last(printer, ledger)).end


async def hangs(printer: Printer, ledger: Ledger) -> bool:
    """Whether a part of a receipt may still hang there, or wait in the buffer."""
    return await _hangs(await last(printer, ledger), ledger)


async def last(printer: Printer, ledger: Ledger) -> Begun:
    """What was noted last of this printer."""
    noted = await asyncio.to_thread(ledger.recall, _name(printer))
    return msgspec.json.decode(noted, type=Begun) if noted else Begun()


def told(begun: Begun, cuts: int | None, now: str) -> Told:
    """What the printer's count says of the receipt; `now` is the computer's run.

    One cut more is this receipt's, since nothing else cuts before it has been asked. None more means that it
    hangs still, in part or even whole, and will be marked void. But a printer may forget its last cuts when
    the power goes: that is said only without a new start of the computer.
    """
    if begun.cuts is None or cuts is None:
        return "unknown"
    if cuts == begun.cuts + 1:
        return "confirmed"
    return "failed" if cuts == begun.cuts and now and now == begun.boot else "unknown"


def void_mark() -> RasterImage:
    """What is printed on a receipt that was not finished, before it is severed."""
    from drivers.raster import raster

    line = Line("text", words("receipt.void").zh, size="title", bold=True, centre=True)
    return raster(draw(Receipt((line,)), MARK_DOTS))


def boot() -> str:
    """The computer's run; empty where it does not tell."""
    with suppress(OSError):
        return BOOT_ID.read_text(encoding="ascii").strip()
    return ""


async def _hangs(begun: Begun, ledger: Ledger) -> bool:
    if not begun.key or begun.severed:
        return False
    record = await asyncio.to_thread(ledger.find, begun.key)
    return record is None or record.state != "confirmed"


async def _cuts(printer: Printer) -> int | None:
    try:
        count: int | None = await printer.ask("cuts")
    except DeviceError as error:
        if error.code == "device_misconfigured":  # an outside driver without this verb
            return None
        raise
    return count


async def _note(printer: Printer, ledger: Ledger, begun: Begun) -> None:
    await ledger.remember(_name(printer), msgspec.json.encode(begun).decode())


def _name(printer: Printer) -> str:
    return f"roll {printer.name}"
