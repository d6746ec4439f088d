"""The photo in an identity card's chip (WLT, 1024 bytes, 102 × 126 pixels), by a vendor's library.

No open decoder exists, so this ships none: a hall installs the library that came with its readers and
names it in the reader's options. Vendor code may crash, hang, print or refuse; it therefore runs in a process
of its own (`chip_photo_process.py`), for one photo, in an empty folder, and all that costs is that photo.
What it gives is checked for its size and never mended: a face is decoded or there is none.
"""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from drivers.device import DeviceError
from drivers.id_card import PHOTO_BYTES, PHOTO_HEADER

WIDTH, HEIGHT = 102, 126
BGR_BYTES = WIDTH * HEIGHT * 3  # 38 556
LICENCE = (-12, -22)  # what the libraries answer when their licence is missing or not for this machine

Convention = Literal["bgr_save", "bmp_len"]
Order = Literal["bottom_up", "backwards"]


@dataclass(frozen=True)
class Decoder:
    """A vendor's library and how its function is called.

    `bgr_save`: `int unpack(char *wlt, char *bgr, int save)`, 1 is success, 38 556 bytes of BGR stored from
    the picture's end: row by row (`bottom_up`), or pixel by pixel (`backwards`).
    `bmp_len`: `int _Unpack(char *wlt, int 1024, char *bmp, int *length)`, a whole BMP.
    `folder`: where the library runs and looks for its licence; none is an empty one that is removed again.
    `timeout`: seconds for one photo. ValueError for a convention or order that is none.
    """

    file: Path  # the shared library
    symbol: str = "unpack"
    convention: Convention = "bgr_save"
    order: Order = "bottom_up"
    folder: Path | None = None
    timeout: float = 3.0

    def __post_init__(self) -> None:
        if self.convention not in get_args(Convention) or self.order not in get_args(Order):
            raise ValueError(
                f"photo convention {self.convention} or order {self.order} is none; "
                f"there are {', '.join(get_args(Convention))} and {', '.join(get_args(Order))}"
            )


def check(wlt: bytes) -> None:
    """DeviceError `id_photo_unreadable` when this is no chip photo by its length and header."""
    if len(wlt) != PHOTO_BYTES or not wlt.startswith(PHOTO_HEADER):
        raise DeviceError("id_photo_unreadable", f"{len(wlt)} bytes without the header of a chip photo")


def decode(wlt: bytes, decoder: Decoder | None) -> bytes:
    """The photo as a BMP file's bytes, 102 × 126, 24 bits.

    DeviceError `id_photo_unreadable` when it is no photo or the library says so, `id_photo_no_decoder` when
    none is installed, `id_photo_licence`, `id_photo_decoder_failed` when the library is missing, crashed,
    hung or gave something else than a picture.
    """
    check(wlt)
    if decoder is None:
        raise DeviceError("id_photo_no_decoder", "photo present, no decoder installed")
    result, picture = answer_of(_run(wlt, decoder))
    if result in LICENCE:
        raise DeviceError("id_photo_licence", f"the library answers {result}")
    if decoder.convention == "bmp_len":
        return _checked_bmp(picture, result)
    if result != 1:
        raise DeviceError("id_photo_unreadable", f"the library answers {result}")
    return bmp(picture, decoder.order)


def answer_of(output: bytes) -> tuple[int, bytes]:
    """The process's output: the function's result and what it wrote.

    DeviceError `id_photo_decoder_failed` when it is neither.
    """
    if len(output) < 4:
        raise DeviceError("id_photo_decoder_failed", f"it gave {len(output)} bytes")
    return struct.unpack("<i", output[:4])[0], output[4:]


def bmp(bgr: bytes, order: Order) -> bytes:
    """The BMP of a decoded buffer; a BMP's rows begin at the bottom too, and are padded to four bytes.

    DeviceError `id_photo_decoder_failed` when the buffer has another size.
    """
    if len(bgr) != BGR_BYTES:
        raise DeviceError("id_photo_decoder_failed", f"{len(bgr)} bytes are no picture of {BGR_BYTES}")
    rows = [bgr[start : start + WIDTH * 3] for start in range(0, BGR_BYTES, WIDTH * 3)]
    if order == "backwards":
        rows = [_turned(row) for row in rows]
    stride = -(-WIDTH * 3 // 4) * 4
    body = b"".join(row.ljust(stride, b"\0") for row in rows)
    info = struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 24, 0, len(body), 2835, 2835, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + len(body), 0, 0, 54) + info + body


def _turned(row: bytes) -> bytes:
    """A row with its pixels in the other order, each still blue, green, red."""
    return b"".join(row[start : start + 3] for start in range(len(row) - 3, -1, -3))


def _checked_bmp(picture: bytes, result: int) -> bytes:
    """The library's own BMP, when it is one of the right size."""
    if not picture:
        raise DeviceError("id_photo_unreadable", f"the library answers {result}")
    if picture[:2] != b"BM" or struct.unpack_from("<ii", picture.ljust(26, b"\0"), 18) != (WIDTH, HEIGHT):
        raise DeviceError(
            "id_photo_decoder_failed", f"{len(picture)} bytes are no BMP of {WIDTH} by {HEIGHT}"
        )
    return picture


def _run(wlt: bytes, decoder: Decoder) -> bytes:
    """What the process writes. Nothing touches the disk: photo and picture go through pipes."""
    program = Path(__file__).with_name("chip_photo_process.py")
    command = [
        *(sys.executable, "-I", "-S", str(program)),
        *(str(decoder.file), decoder.symbol, decoder.convention),
    ]
    try:
        with tempfile.TemporaryDirectory(prefix="chip-photo-", ignore_cleanup_errors=True) as empty:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=decoder.folder or empty,
                start_new_session=True,  # so that children of the library's can be ended too
            )
            output = _answered(process, wlt, decoder.timeout)
    except OSError as error:  # no room for a folder or another process, or no such folder
        raise DeviceError("id_photo_decoder_failed", error.strerror or "it does not start") from None
    if process.returncode < 0:
        raise DeviceError("id_photo_decoder_failed", f"it crashed: {_signal(-process.returncode)}")
    if process.returncode:
        raise DeviceError("id_photo_decoder_failed", f"{decoder.file}: no library with {decoder.symbol}")
    return output


def _answered(process: subprocess.Popen[bytes], wlt: bytes, seconds: float) -> bytes:
    """What it writes until it ends. DeviceError `id_photo_decoder_failed` when that takes too long."""
    with process:
        try:
            return process.communicate(wlt, seconds)[0]
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise DeviceError("id_photo_decoder_failed", f"no answer in {seconds:g} s") from None


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
