"""A page of a PDF as the dots of a printer that takes pictures alone, drawn by Debian's pdftoppm."""

from __future__ import annotations

import re
import shutil
import subprocess

from drivers.device import DeviceError
from drivers.raster import RasterImage

_HEAD = re.compile(rb"P4\s+(\d{1,5})\s+(\d{1,5})\s")
LARGEST = 64 * 1024 * 1024  # bytes of all pages


def picture(pdf: bytes, width: int, timeout: float = 10.0) -> RasterImage:
    """The one page of `pdf`, `width` dots wide.

    DeviceError `special_failed` for what is no PDF of exactly one page or takes longer than `timeout`
    seconds, `device_misconfigured` where the program is missing.
    """
    program = shutil.which("pdftoppm")
    if program is None:
        raise DeviceError("device_misconfigured", "pdftoppm is not installed: apt-get install poppler-utils")
    command = [program, "-mono", "-l", "2", "-scale-to-x", str(width), "-scale-to-y", "-1", "-"]
    try:
        drawn = subprocess.run(command, input=pdf, capture_output=True, timeout=timeout, check=True)
    except (subprocess.SubprocessError, OSError) as error:
        raise DeviceError("special_failed", f"not drawn: {type(error).__name__}") from None
    pages = pages_of(drawn.stdout)
    if len(pages) != 1:
        raise DeviceError("special_failed", f"{len(pages)} pages or more do not go on one blank")
    return pages[0]


def pages_of(portable: bytes) -> list[RasterImage]:
    """The pictures of portable bitmaps (P4) in a row. DeviceError `special_failed` for other bytes."""
    pages: list[RasterImage] = []
    at = 0
    while at < len(portable):
        head = _HEAD.match(portable, at)
        if head is None or len(portable) > LARGEST:
            raise DeviceError("special_failed", "no portable bitmap")
        width, height = int(head[1]), int(head[2])
        at = head.end() + (width + 7) // 8 * height
        bits = portable[head.end() : at]
        if width < 1 or height < 1 or at > len(portable):
            raise DeviceError("special_failed", "a cut off bitmap")
        pages.append(RasterImage(width, height, bits))
    return pages
