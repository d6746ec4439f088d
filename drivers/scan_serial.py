"""What stands at the far end of a serial line: asked only by questions that move nothing and print nothing.

First as an ID card reader (one status frame). Only a line that says nothing to that is asked on: as a receipt
printer, an I/O board, a locker board. A line that talks by itself, a scanner's say, is left alone.
"""

from __future__ import annotations

from collections.abc import Callable

from config.devices import Kind
from drivers import sam_frames
from drivers.device import Deadline, DeviceError
from drivers.io_board import IoBoard
from drivers.locker import Locker
from drivers.sam_frames import FrameParser
from drivers.scan_finds import Find
from drivers.wire import drain, open_wire

ASK_SECONDS = 1.0
PRINTER_BAUDS = (115200, 9600)
BOARD_LOCKS = 24  # of the usual board
_QUIET = 0.05  # seconds
_SILENT = "no answer"
_ONLINE, _PAPER = b"\x10\x04\x01", b"\x10\x04\x04"  # DLE EOT: real-time status, of the printer and its paper
_FIXED, _ALWAYS = 0x93, 0x12  # bits that have one value in each of its answers


def ask(port: str) -> Find | str:
    """The device at this line, or what happened instead. Up to some seconds for a line that is silent."""
    heard = _as_card_reader(port)
    if isinstance(heard, Find) or heard != _SILENT:
        return heard
    questions: tuple[Callable[[str], Find | None], ...] = (_as_printer, _as_board, _as_locker)
    for question in questions:
        try:
            found = question(port)
        except DeviceError:
            continue
        if found is not None:
            return found
    return _SILENT


def _as_card_reader(port: str) -> Find | str:
    """Sends one status frame (11 FF)."""
    parser, deadline = FrameParser(), Deadline(ASK_SECONDS)
    try:
        wire = open_wire(port, deadline)
    except DeviceError as error:
        return error.detail or error.code
    try:
        wire.write(sam_frames.request(sam_frames.STATUS), deadline)
        while deadline.left > 0:
            parser.feed(wire.read(deadline))
            if parser.take() is not None:
                why = "It answers as an ID card reader."
                return Find(Kind.ID_CARD_READER, "id_card_reader_serial", port, why)
    except DeviceError as error:
        return f"the answer is none of its frames ({error.code})"
    finally:
        wire.close()
    return _SILENT


def _as_printer(port: str) -> Find | None:
    for baud in PRINTER_BAUDS:
        if _prints(port, baud):
            why = f"It answers as a receipt printer, at {baud} baud."
            options = {} if baud == PRINTER_BAUDS[0] else {"baud": baud}
            return Find(Kind.RECEIPT_PRINTER, "receipt_printer_serial", port, why, options=options)
    return None


def _prints(port: str, baud: int) -> bool:
    """Whether two questions are answered by one right byte each, and by nothing else."""
    wire = open_wire(port, Deadline(ASK_SECONDS), baud=baud)
    try:
        for question in (_ONLINE, _PAPER):
            drain(wire, _QUIET, Deadline(ASK_SECONDS))
            wire.write(question, Deadline(ASK_SECONDS))
            answer = wire.read(Deadline(ASK_SECONDS / 2)) + wire.read(Deadline(_QUIET))
            if len(answer) != 1 or answer[0] & _FIXED != _ALWAYS:
                return False
    finally:
        wire.close()
    return True


def _as_board(port: str) -> Find | None:
    board = IoBoard(port=port, timeout=ASK_SECONDS / 2)
    try:
        board.open()
        board.status()  # reads a coil
    finally:
        board.close()
    why = (
        "It answers as an I/O board (Modbus RTU, unit 1, 9600 baud). Name what hangs at it, as in\n"
        "docs/devices.md: options.inputs = { cabinet_door = 0 }, options.lights = { id_card_reader = 0 }"
    )
    return Find(Kind.IO_BOARD, "io_board_modbus", port, why)


def _as_locker(port: str) -> Find | None:
    board = Locker(port=port, locks=[BOARD_LOCKS], timeout=ASK_SECONDS / 2)
    try:
        board.open()
        closed = sum(door == "closed" for door in board.all_states().values())
    finally:
        board.close()
    why = (
        f"It answers as a locker board; of {BOARD_LOCKS} contacts {closed} say closed. Count its doors:\n"
        "locks has the number for each board; with all doors shut, all must say closed (else closed_is = 0)."
    )
    return Find(Kind.LOCKER, "locker_8a", port, why, options={"locks": [BOARD_LOCKS]})
