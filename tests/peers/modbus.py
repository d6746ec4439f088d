"""pymodbus's server as an I/O board: a child behind a PTY, whose answers can be spoilt on their way.

`python -m tests.peers.modbus LINK` serves unit 1 with 16 inputs and 16 coils and takes orders on its standard
input, one JSON object a line; each is answered by one line.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MODES = ("right", "wrong check", "silent", "other unit", "half", "late", "garbage around")
LATE_SECONDS = 2.0


class Board:
    """The child, as a test speaks to it."""

    def __init__(self, link: Path, process: subprocess.Popen[str]) -> None:
        self.link, self._process = link, process

    def set_inputs(self, *states: bool) -> None:
        """The first inputs' contacts."""
        self._order(inputs=states)

    def spoil(self, mode: str, times: int = 1) -> None:
        """What happens to the next answers: one of MODES."""
        assert mode in MODES
        self._order(mode=mode, times=times)

    def coils(self) -> list[bool]:
        """All sixteen."""
        return [bool(one) for one in self._order(coils=True)]

    def asked(self) -> list[bytes]:
        """Every question that has reached the server so far."""
        return [bytes.fromhex(one) for one in self._order(asked=True)]

    def answered(self) -> int:
        """How many answers have gone out to the driver, spoilt ones among them."""
        return int(self._order(answered=True))

    def _order(self, **order: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def modbus_board(folder: Path) -> Iterator[Board]:
    """Runs the server until the block ends. ModuleNotFoundError names the package when it is missing."""
    link = folder / "modbus"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.peers.modbus", str(link)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == '"ready"\n', "pymodbus (of the extra [dev]) does not serve"
        yield Board(link, process)
    finally:
        assert process.stdin is not None
        process.stdin.close()  # which ends it
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# ── the child ───────────────────────────────────────────────────────────────
class _Bridge:
    """Two PTYs back to back: the driver's and the server's. Spoils what comes from the server."""

    def __init__(self, link: Path) -> None:
        self.mode, self.times = "right", 0
        self.asked: list[str] = []
        self.answered = 0
        (self._driver, self._driver_end), (self._server, self._server_end) = os.openpty(), os.openpty()
        for end in (self._driver_end, self._server_end):
            tty.setraw(end)
        link.symlink_to(os.ttyname(self._driver_end))
        self.port = os.ttyname(self._server_end)
        threading.Thread(target=self._questions, daemon=True).start()
        threading.Thread(target=self._answers, daemon=True).start()

    def _questions(self) -> None:
        while True:
            data = os.read(self._driver, 256)
            self.asked.append(data.hex())
            os.write(self._server, data)

    def _answers(self) -> None:
        while True:
            data = os.read(self._server, 256)
            mode = self.mode if self.times > 0 else "right"
            self.times -= 1
            if mode == "late":
                time.sleep(LATE_SECONDS)
            os.write(self._driver, _spoilt(data, mode))
            self.answered += 1


def _spoilt(frame: bytes, mode: str) -> bytes:
    from pymodbus.framer.rtu import FramerRTU

    match mode:
        case "wrong check":
            return frame[:-1] + bytes((frame[-1] ^ 0xFF,))
        case "silent":
            return b""
        case "half":
            return frame[: len(frame) // 2]
        case "other unit":
            body = b"\x02" + frame[1:-2]
            return body + FramerRTU.compute_CRC(body).to_bytes(2, "big")
        case "garbage around":
            return b"\x01\x02\xc8\x55" + frame + b"\x01\x05\x00"
    return frame


async def _serve(link: Path) -> None:
    from pymodbus.server import ModbusSerialServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    coils, inputs = SimData(0, count=16, datatype=DataType.BITS), SimData(0, count=16, datatype=DataType.BITS)
    words = SimData(0, datatype=DataType.REGISTERS)
    unit = SimDevice(1, ([coils], [inputs], [words], [words]))
    bridge = _Bridge(link)
    server = ModbusSerialServer(unit, port=bridge.port, baudrate=9600, ignore_missing_devices=True)
    await server.serve_forever(background=True)  # returns when it has the line: it empties that first
    print('"ready"', flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        said: Any = None
        if "inputs" in order:
            await server.async_setValues(1, 2, 0, order["inputs"])
        if "mode" in order:
            bridge.mode, bridge.times = order["mode"], order["times"]
        if "coils" in order:
            said = await server.async_getValues(1, 1, 0, 16)
        if "asked" in order:
            said = bridge.asked
        if "answered" in order:
            said = bridge.answered
        print(json.dumps(said), flush=True)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
