"""What a pad must do to be used: the verbs of three kinds, whoever makes the device.

A class conforms by having these methods beside those of `device.Device`; it inherits nothing. None is built
in, since the makes differ from hall to hall: a hall's own comes as a plug-in (`docs/drivers.md`). Without
one, rating and signing are done on the terminal's screen.

Every verb waits at most `seconds` and is called again while the citizen takes his time, so a second call
with the same question goes on: no new voice, no cleared display. When the screen was quicker, or the session
has ended, `reset()` is called: the pad goes dark and forgets what it holds.
"""

from __future__ import annotations

from typing import Protocol

from config.strokes import Strokes
from config.words import Words
from drivers.device import Device


class RatingPad(Device, Protocol):
    """Five keys, or a small screen, on the counter. Kind `rating_pad`."""

    def ask(self, question: Words, seconds: float) -> int | None:
        """The stars touched, 1 (worst) to 5 (best); None when nobody touched within `seconds`.

        The pad lights up, and shows or says the question if it can. A key that was touched before the
        question came is no answer. DeviceError of `drivers/device.py` when the line fails; anything that
        is not 1 to 5 is `device_garbled`.
        """

    def reset(self) -> None:
        """Nobody is asked any more: dark, and no touch is kept."""


class SignaturePad(Device, Protocol):
    """A tablet with a pen. Kind `signature_pad`."""

    def sign(self, seconds: float) -> Strokes | None:
        """The signature once it was accepted on the pad; None when it was not within `seconds`.

        What is on the pad stays there between two calls. DeviceError when the line fails: then the citizen
        signs on the screen.
        """

    def cancel(self) -> None:
        """Ends signing and clears the display; a signature that was not fetched is lost."""

    def reset(self) -> None:
        """As `cancel`, and within a second: called when nobody waits for the signature any more."""


class FingerprintReader(Device, Protocol):
    """A reader of one finger. Kind `fingerprint_reader`."""

    def capture(self, seconds: float) -> bytes | None:
        """The features of the finger on the glass (GB/T 35783 or the maker's template); None without one.

        Features and never a picture; they are personal in the strictest sense and live in memory only.
        DeviceError `device_garbled` for a finger that cannot be read well enough.
        """

    def match(self, one: bytes, other: bytes) -> bool:
        """Whether two features are of one finger, by the maker's own threshold."""

    def reset(self) -> None:
        """The lamp goes out and what was captured is forgotten."""
