"""The contract of a virtual device: the far end of a wire, with hands that a person or a test moves."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class VirtualDevice(Protocol):
    """One device of the bench. A class conforms by having these; it inherits nothing.

    Every method may be called from any thread. What the device does on its wire runs in threads or
    processes of its own, between `start()` and `stop()`.
    """

    name: str

    def start(self) -> None:
        """Puts the device on its wire, cable in. OSError when the port or path is taken."""

    def stop(self) -> None:
        """Takes it off: no thread, socket, process or file is left. May be called twice."""

    def state(self) -> dict[str, object]:
        """What a person at the bench sees of it, as JSON-able values."""

    def act(self, action: str, **arguments: object) -> None:
        """Does what a hand does: puts a card, opens a cover, pulls the cable.

        ValueError with words when the device knows no such action or an argument does not fit.
        """
