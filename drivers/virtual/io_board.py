"""An I/O board on a PTY: contacts that a hand moves, lights and strikes that a person sees.

It reads questions with eyes of its own; only the check of frames is shared with the driver.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from drivers.modbus_rtu import crc, packed_bits
from drivers.virtual.pty_line import PtyLine

INPUTS = {"cabinet_door": 0, "presence": 1, "tray": 2, "metal_detector": 3}
LIGHTS = {
    "id_card_reader": 0,
    "person_camera": 1,
    "receipt_printer": 2,
    "a4_printer": 3,
    "code_scanner": 4,
    "special_printer": 5,
}
STRIKES = {"hall_door": 8}
UNIT = 1
_COILS = 16
_TIMED = 0x0200  # coil address + this: on for so many tenths of a second


class VirtualIoBoard:
    """A board whose terminal end is the symbolic link `link`: eight inputs, sixteen coils.

    `tray` tells whether paper lies before its sensor, besides the hand that may hold something there.
    """

    def __init__(self, link: Path, tray: Callable[[], bool] = lambda: False) -> None:
        self.name = "io_board"
        self._link = link
        self._lock = threading.Lock()  # guards everything below
        self._line: PtyLine | None = None
        self._by_hand = dict.fromkeys(INPUTS, False)
        self._tray = tray
        self._on_until: dict[int, float] = {}  # coil → the moment when it goes off by itself
        self._silent = False
        self._received = bytearray()

    def start(self) -> None:
        """Makes the PTY and its link. The board has had no current: all coils are off."""
        with self._lock:
            if self._line is None:
                self._on_until.clear()
                self._received.clear()
                self._line = PtyLine(self._link, self._heard)

    def stop(self) -> None:
        """Ends the thread, closes the PTY, removes the link."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:  # without the lock: the line's thread may be waiting for it
            line.pull()

    def state(self) -> dict[str, object]:
        """`plugged`, `silent`, `inputs` by name, and which `lights` and `strikes` are on."""
        with self._lock:
            return {
                "plugged": self._line is not None,
                "link": str(self._link),
                "silent": self._silent,
                "inputs": self._inputs(),
                "lights": {name: self._is_on(coil) for name, coil in LIGHTS.items()},
                "strikes": {name: self._is_on(coil) for name, coil in STRIKES.items()},
            }

    def act(self, action: str, **arguments: object) -> None:
        """`on(input=NAME)`, `off(input=NAME)`, `silence`, `repair`, `unplug`, `plug`; else ValueError."""
        match action, arguments:
            case (("on" | "off"), {"input": str(name), **rest}) if not rest:
                if name not in INPUTS:
                    raise ValueError(f"an input is one of {', '.join(INPUTS)}, not {name}")
                with self._lock:
                    self._by_hand[name] = action == "on"
            case (("silence" | "repair"), {**rest}) if not rest:
                with self._lock:
                    self._silent = action == "silence"
            case "unplug", {**rest} if not rest:
                self.stop()
            case "plug", {**rest} if not rest:
                self.start()
            case _:
                raise ValueError(
                    "the board knows on(input), off(input), silence, repair, unplug and plug, "
                    f"not {action}({', '.join(sorted(arguments))})"
                )

    def _inputs(self) -> dict[str, bool]:
        return {**self._by_hand, "tray": self._by_hand["tray"] or self._tray()}

    def _is_on(self, coil: int) -> bool:
        return self._on_until.get(coil, 0.0) > time.monotonic()

    def _heard(self, data: bytes) -> None:
        with self._lock:
            self._received += data
            answers = b""
            while (request := _next_request(self._received)) is not None:
                body = self._answer(request)
                answers += body + crc(body) if request[0] == UNIT and not self._silent else b""
            line = self._line
        if line is not None and answers:
            line.say(answers)

    def _answer(self, request: bytes) -> bytes:
        """The answer's body to a question's, both without their checks."""
        function, start, number = request[1], request[2] << 8 | request[3], request[4] << 8 | request[5]
        if function == 0x02 and start + number <= 8:
            seen = self._inputs()
            by_place = {place: seen[name] for name, place in INPUTS.items()}
            packed = packed_bits([by_place.get(start + n, False) for n in range(number)])
        elif function == 0x01 and start + number <= _COILS:
            packed = packed_bits([self._is_on(start + n) for n in range(number)])
        elif function == 0x05 and start < _COILS and number in (0x0000, 0xFF00):
            self._on_until[start] = float("inf") if number else 0.0
            return request
        elif function == 0x05 and _TIMED <= start < _TIMED + _COILS:
            self._on_until[start - _TIMED] = time.monotonic() + number / 10
            return request
        elif function == 0x0F and start + number <= _COILS:
            for n in range(number):
                on = request[7 + n // 8] >> n % 8 & 1
                self._on_until[start + n] = float("inf") if on else 0.0
            return request[:6]
        else:
            known = function in (0x01, 0x02, 0x05, 0x0F)
            return bytes((request[0], function | 0x80, 2 if known else 1))
        return bytes((request[0], function, len(packed))) + packed


def _next_request(received: bytearray) -> bytes | None:
    """Takes the next question with a right check off `received`, without its check. None: not yet."""
    while len(received) >= 8:
        size = 9 + received[6] if received[1] == 0x0F else 8
        if len(received) < size:
            return None
        frame = bytes(received[:size])
        if crc(frame[:-2]) == frame[-2:]:
            del received[:size]
            return frame[:-2]
        del received[0]
    return None
