"""PC/SC with a true time-out: readers, their state, and APDUs to and from a card.

The terminal's own process never calls the card library. `pcsc_process.py` does, as a child; an answer that
does not come in time costs the child its life, and the next question goes to a new one. So no late answer
can ever be taken for another's (docs/decisions/014).
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.device import Deadline, DeviceError

PROGRAM = Path(__file__).with_name("pcsc_process.py")
_PRESENT = 0x20  # SCARD_STATE_…
_NO_READER = 0x01 | 0x04 | 0x08  # IGNORE, UNKNOWN, UNAVAILABLE
_CHANGED = 0x02

# PC/SC error codes (PC/SC part 5; pcsclite.h). What is in neither table of the card's
# means: the handle is worth nothing.
_CARD_GONE = {0x8010000C: "NO_SMARTCARD", 0x80100069: "REMOVED_CARD"}
_DAEMON = {
    0x8010001D: "NO_SERVICE: no card daemon; install or start pcscd",
    0x8010002E: "NO_READERS_AVAILABLE: no reader is plugged in",
    0x8010006A: "SECURITY_VIOLATION: polkit keeps this user from pcscd",
}
_CARD_FAILED = {
    0x8010000F: "PROTO_MISMATCH",
    0x80100015: "INVALID_ATR",
    0x80100016: "NOT_TRANSACTED",
    0x80100065: "UNSUPPORTED_CARD",
    0x80100066: "UNRESPONSIVE_CARD",
    0x80100067: "UNPOWERED_CARD",
    0x80100068: "RESET_CARD",
}
_SHARING_VIOLATION = 0x8010000B


@dataclass(frozen=True)
class SlotState:
    """A reader's event state: is a card in it, does it answer, and how often has that changed?

    `changes` grows with each card that comes or goes (16 bits), so that a card lifted and laid down again
    is told from one that stayed.
    """

    raw: int = 0

    @property
    def present(self) -> bool:
        return bool(self.raw & _PRESENT)

    @property
    def changes(self) -> int:
        return self.raw >> 16


class PcscWire:
    """One reader. `port` is its name or a part of it, empty for the first; `timeout`: seconds per answer."""

    def __init__(self, port: str, timeout: float) -> None:
        self._port, self._timeout = port, timeout
        self._child: subprocess.Popen[bytes] | None = None
        self.reader = ""  # its whole name, while open

    def readers(self) -> tuple[str, ...]:
        """The names of all readers, whichever is ours. DeviceError `device_absent`: no daemon, no reader."""
        try:
            return tuple(self._ask({"do": "readers"})["readers"])
        except DeviceError as error:
            self.close()
            raise DeviceError("device_absent", error.detail) if error.lost else error from None

    def open(self) -> None:
        """Finds the reader. DeviceError `device_absent`: no daemon, no such reader."""
        self.close()
        readers = self.readers()
        found = [name for name in readers if self._port in name]
        if not found:
            self.close()
            raise DeviceError("device_absent", f"{len(readers)} card readers, none is {self._port!r}")
        self.reader = found[0]

    def close(self) -> None:
        """Ends the child; may be called twice; never raises."""
        self.reader = ""
        self._kill()

    def state(self, known: SlotState | None = None, seconds: float = 0.0) -> SlotState:
        """The reader's state; with `known`, waits up to `seconds` for one that differs.

        DeviceError `device_offline` (lost) when the reader or the daemon is gone, `device_timeout`.
        """
        request = {"do": "change", "reader": self._name(), "state": 0, "seconds": 0.0}
        if known is not None:
            request |= {"state": known.raw & ~_CHANGED, "seconds": seconds}
        raw = int(self._ask(request, seconds)["state"])
        if raw & _NO_READER:
            raise DeviceError("device_offline", "the reader is gone", lost=True)
        return SlotState(raw & ~_CHANGED)

    def connect(self) -> bytes:
        """Powers the card; its ATR. DeviceError `card_gone`, `card_unreadable` and those of `state`."""
        return bytes.fromhex(self._ask({"do": "connect", "reader": self._name()})["atr"])

    def transmit(self, apdu: bytes) -> bytes:
        """The card's whole answer with its status word. DeviceErrors as `connect`."""
        return bytes.fromhex(self._ask({"do": "transmit", "apdu": apdu.hex()})["answer"])

    def disconnect(self) -> None:
        """Lets the card go; never raises. A child in doubt is ended instead."""
        if self._child is not None:
            try:
                self._ask({"do": "disconnect"})
            except DeviceError:
                self._kill()

    # ── the child ───────────────────────────────────────────────────────────
    def _name(self) -> str:
        if not self.reader:
            raise DeviceError("device_offline", "not open", lost=True)
        return self.reader

    def _ask(self, request: dict[str, Any], seconds: float = 0.0) -> dict[str, Any]:
        """One question, and its answer within the time-out and the `seconds` that it asks to wait."""
        deadline = Deadline(self._timeout + seconds)
        child = self._child or self._launch()
        self._child = child
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            answer = json.loads(self._line(child, deadline))
        except DeviceError:
            self._kill()
            raise
        except (OSError, ValueError):
            self._kill()
            raise DeviceError("device_offline", "the card process has ended", lost=True) from None
        return _good(answer)

    def _launch(self) -> subprocess.Popen[bytes]:
        """Isolated (-I): nothing of the working folder can be imported in its place."""
        try:
            return subprocess.Popen(
                [sys.executable, "-I", str(PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,  # it ends with us, and not by a key meant for us
            )
        except OSError as error:
            raise DeviceError("device_offline", f"card process: {error.strerror}", lost=True) from None

    @staticmethod
    def _line(child: subprocess.Popen[bytes], deadline: Deadline) -> bytes:
        assert child.stdout is not None
        line = b""
        waiting = select.poll()  # not select(): it fails on handles beyond 1023
        waiting.register(child.stdout, select.POLLIN)
        while not line.endswith(b"\n"):
            if not waiting.poll(deadline.left * 1000):
                raise DeviceError("device_timeout", "card or reader did not answer")
            chunk = child.stdout.read(65536)
            if not chunk:
                raise OSError("it has ended")
            line += chunk
        return line

    def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        with suppress(subprocess.TimeoutExpired):  # the kernel does not let it go: it is reaped later
            child.wait(2.0)
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _good(answer: dict[str, Any]) -> dict[str, Any]:
    if "missing" in answer:
        raise DeviceError(
            "device_misconfigured", "pyscard is not installed: run config/deploy/setup.sh cards"
        )
    if "error" in answer:
        raise error_of(int(answer["error"]), str(answer["doing"]))
    return answer


def error_of(code: int, doing: str) -> DeviceError:
    """A PC/SC error code as a coded error."""
    detail = f"{doing}: {code:08X}"
    if code in _CARD_GONE:
        return DeviceError("card_gone", f"{detail} {_CARD_GONE[code]}")
    if code in _CARD_FAILED:
        return DeviceError("card_unreadable", f"{detail} {_CARD_FAILED[code]}")
    if code == _SHARING_VIOLATION:
        return DeviceError("device_offline", f"{detail}: another program holds the card")
    if code in _DAEMON:
        detail = f"{detail} {_DAEMON[code]}"
    return DeviceError("device_offline", detail, lost=True)
