"""What a trial of a device takes hold of, in a running terminal and in the doctor's own short opening."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from config.catalogue_files import Catalogue
from config.settings import Settings
from config.words import Words
from kiosk.devices.devices import Devices
from kiosk.documents.receipts import Receipt
from kiosk.printing.print_job import Printed

PrintSlip = Callable[[str, Receipt], Awaitable[Printed]]  # on the roll of the printer named
Ask = Callable[[Words], None]  # tells whoever stands before the terminal what to do now


@dataclass(frozen=True)
class Allowed:
    """What a trial may use up, and what it may ask of a person.

    `paper`: a slip, a page. `person`: somebody stands there who lays a card, holds a code, touches a pad.
    `doors`: of the locker, and door strikes.
    """

    paper: bool = False
    person: bool = False
    doors: bool = False


NOTHING = Allowed()


@dataclass(frozen=True)
class Tried:
    """What was done, and found besides the device's state. `untried`: what was left out, and why."""

    tried: Words
    found: Words | None = None
    codes: tuple[str, ...] = ()
    untried: Words | None = None


@dataclass(frozen=True)
class Workplace:
    """`print_slip(device, receipt)` puts a slip on this receipt printer's roll. `linked`: to the hall.

    `kept`: compartments of the locker in which a citizen's papers may lie; None where nobody can tell.
    """

    settings: Settings
    catalogue: Catalogue
    devices: Devices
    print_slip: PrintSlip
    linked: Callable[[], bool] = lambda: True
    ask: Ask = lambda words: None
    kept: Callable[[], frozenset[int] | None] = frozenset


def nobody(words: Words) -> None:
    """For whoever asks nobody."""
