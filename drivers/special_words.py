"""What other printers' troubles are called at the special-paper printer, whose paper is counted blanks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from config.devices import DeviceState
from drivers.device import DeviceError

_CODES = {
    "a4_paper_low": "special_blank_low",
    "a4_paper_out": "special_blank_out",
    "a4_toner_low": "special_ribbon_low",
    "a4_toner_out": "special_ribbon_out",
    "a4_cover_open": "special_cover_open",
    "a4_jam": "special_jam",
    "a4_failed": "special_failed",
    "receipt_paper_low": "special_blank_low",
    "receipt_paper_out": "special_blank_out",
    "receipt_cover_open": "special_cover_open",
    "receipt_cutter": "special_jam",
    "receipt_failed": "special_failed",
    "receipt_unfinished": "special_failed",
}
_SUPPLIES = {"paper": "blanks", "toner": "ribbon"}


def of_special(code: str) -> str:
    """A code of A4 or receipt printers as the special-paper printer's; any other code unchanged."""
    return _CODES.get(code, code)


def state_of_special(state: DeviceState) -> DeviceState:
    """A printer's state in these words: `blanks` for paper, `ribbon` for toner."""
    return replace(
        state,
        supplies={_SUPPLIES.get(name, name): level for name, level in state.supplies.items()},
        faults=tuple(dict.fromkeys(of_special(code) for code in state.faults)),
        levels={_renamed(name): level for name, level in state.levels.items()},
    )


def _renamed(name: str) -> str:
    supply, colon, part = name.partition(":")
    return _SUPPLIES.get(supply, supply) + colon + part


@contextmanager
def special_errors() -> Iterator[None]:
    """DeviceErrors from inside come out in these words."""
    try:
        yield
    except DeviceError as error:
        raise DeviceError(of_special(error.code), error.detail, lost=error.lost) from None
