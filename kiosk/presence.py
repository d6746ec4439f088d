"""Who is at the terminal: a citizen who is being served, a technician who works on it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from config.commands import Presence
from config.devices import Kind
from kiosk.data.ledger import Ledger
from kiosk.devices.devices import Devices

CABINET_OPEN = "io_cabinet_open"  # how the door's contact shows in the board's state
_MEMORY = "maintenance"


class Attendance:
    """`serving` tells whether a citizen is being served now.

    A technician is there while the cabinet stands open, while he is in his mode at the screen, and from
    `maintenance begin` to its `end`, which a restart in between does not end.
    """

    def __init__(self, devices: Devices, ledger: Ledger, serving: Callable[[], bool]) -> None:
        self._devices, self._ledger, self._serving = devices, ledger, serving
        self._maintenance = bool(ledger.recall(_MEMORY))
        self._at_the_screen = 0

    @property
    def technician(self) -> bool:
        """Whether a technician is at work."""
        return bool(self._maintenance or self._at_the_screen) or any(
            CABINET_OPEN in state.faults
            for kind, state in self._devices.states().values()
            if kind is Kind.IO_BOARD
        )

    @property
    def citizen(self) -> bool:
        """Whether somebody is being served."""
        return self._serving()

    def first(self, waits_for: tuple[Presence, ...]) -> Presence | None:
        """Who of these is there; the technician before the citizen."""
        if "technician" in waits_for and self.technician:
            return "technician"
        return "citizen" if "citizen" in waits_for and self.citizen else None

    @contextlib.contextmanager
    def at_the_screen(self) -> Iterator[None]:
        """A technician uses the screen meanwhile; a stop of the terminal ends that too."""
        self._at_the_screen += 1
        try:
            yield
        finally:
            self._at_the_screen -= 1

    async def maintain(self, begins: bool) -> None:
        """A technician says that he begins, or has ended."""
        await self._ledger.remember(_MEMORY, "yes" if begins else "")
        self._maintenance = begins
