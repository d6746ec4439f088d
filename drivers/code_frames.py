"""What a code scanner sends: the code's bytes, then a terminator. No number, no length, no check.

Pure: bytes and the moments they came go in, texts come out. What was begun and then fell silent is dropped,
so that the torn half of one code is never joined with the next.
"""

from __future__ import annotations

from drivers.device import DeviceError

TERMINATORS = {"cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "tab": b"\t", "etx": b"\x03"}
LONGEST = 4296  # characters of the largest QR code, version 40-L alphanumeric (ISO/IEC 18004)
MOST_WAITING = 8  # whole codes that nobody has asked for yet; older ones are dropped
_ENDS_OF_LINES = b"\r\n"  # left over when the scanner ends with CR LF and the settings say one of them
_ACKNOWLEDGED = b"\x06"  # some scanners answer a trigger so; it is no part of a code
_SEPARATOR = "\x1d"  # between the fields of a GS1 code: the one control character that a code may hold


def terminator_of(spelled: str | bytes) -> bytes:
    """The bytes of a terminator: a name of TERMINATORS, a text of other characters, or bytes.

    ValueError when it is empty.
    """
    if isinstance(spelled, bytes):
        ending = spelled
    else:
        ending = TERMINATORS.get(spelled.lower(), spelled.encode())
    if not ending:
        raise ValueError(f"terminator is one of {', '.join(TERMINATORS)}, or the characters themselves")
    return ending


def decode(code: bytes) -> str:
    """The text of a code: UTF-8, else GB 18030, as Chinese codes are made in either.

    DeviceError `code_unreadable` when it is neither, or holds control characters (a wrong rate, mostly).
    """
    for encoding in ("utf-8", "gb18030"):
        try:
            text = code.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(character.isprintable() or character == _SEPARATOR for character in text):
            return text
    raise DeviceError("code_unreadable", f"{len(code)} bytes that are no text")


class CodeFrames:
    """Collects bytes until a code is whole.

    `pause`: seconds of silence within a code after which it counts as torn. `prefix` and `suffix` stand
    around each code and are taken off; a code without them is none. `longest`: bytes of a code.
    """

    def __init__(
        self, ending: bytes, *, pause: float, prefix: bytes = b"", suffix: bytes = b"", longest: int = LONGEST
    ) -> None:
        self._ending, self._prefix, self._suffix = ending, prefix, suffix
        self._pause, self._longest = pause, longest
        self._received = bytearray()
        self._last = 0.0
        self._overlong = False  # what comes is thrown away up to its terminator

    def feed(self, data: bytes, at: float) -> None:
        """Takes what came at the moment `at`, seconds of a clock that never goes back."""
        self.torn(at)
        self._received += data
        self._last = at
        for _ in range(self._received.count(self._ending) - MOST_WAITING):
            del self._received[: self._received.find(self._ending) + len(self._ending)]

    def torn(self, at: float) -> bool:
        """Drops a code that was begun and fell silent more than `pause` before `at`; True when one was."""
        kept = self._received.rfind(self._ending) + len(self._ending) if self._ending in self._received else 0
        begun = len(self._received) > kept or self._overlong
        if not begun or at - self._last <= self._pause:
            return False
        del self._received[kept:]
        self._overlong = False
        return True

    def take(self) -> str | None:
        """The next whole code, None when there is none yet.

        DeviceError `code_unreadable` for one that is too long, no text, or lacks prefix or suffix; it is
        gone then, and the next call goes on behind it.
        """
        while (end := self._received.find(self._ending)) >= 0:
            code = bytes(self._received[:end]).strip(_ENDS_OF_LINES).lstrip(_ACKNOWLEDGED)
            del self._received[: end + len(self._ending)]
            overlong, self._overlong = self._overlong, False
            if overlong or len(code) > self._longest + len(self._prefix) + len(self._suffix):
                raise self._too_long()
            if code:  # an empty one is the second half of CR LF
                return decode(self._bare(code))
        if len(self._received) > self._longest + len(self._prefix) + len(self._suffix) + len(self._ending):
            self._overlong = True
            del self._received[: -len(self._ending)]  # whose last bytes may be half a terminator
        return None

    def clear(self) -> None:
        """Forgets everything."""
        self._received.clear()
        self._overlong = False

    def _bare(self, code: bytes) -> bytes:
        if not (code.startswith(self._prefix) and code.endswith(self._suffix)):
            raise DeviceError("code_unreadable", "a code without the prefix or suffix of the settings")
        return code[len(self._prefix) : len(code) - len(self._suffix)]

    def _too_long(self) -> DeviceError:
        return DeviceError("code_unreadable", f"a code of more than {self._longest} bytes")
