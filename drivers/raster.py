"""A black-and-white picture as a receipt printer takes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

# DLE followed by EOT, ENQ or DC4 is obeyed at once, even in the middle of picture data.
_REALTIME = re.compile(rb"\x10(?=[\x04\x05\x14])")


@dataclass(frozen=True)
class RasterImage:
    """`width` × `height` pixels, one bit each, 1 is black; rows from the top, each filled up to whole
    bytes, the leftmost pixel in the highest bit."""

    width: int
    height: int
    bits: bytes

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1 or len(self.bits) != self.row_bytes * self.height:
            raise ValueError(f"{len(self.bits)} bytes are not {self.width}×{self.height} pixels")

    @property
    def row_bytes(self) -> int:
        return (self.width + 7) // 8

    def bands(self, rows: int) -> list[RasterImage]:
        """The picture cut into strips of `rows` rows, the last one shorter."""
        step = self.row_bytes * rows
        strips = [self.bits[start : start + step] for start in range(0, len(self.bits), step)]
        return [RasterImage(self.width, len(strip) // self.row_bytes, strip) for strip in strips]


def raster(picture: Image, threshold: int = 128) -> RasterImage:
    """A Pillow image of any mode as a RasterImage; darker than `threshold` (0–255) is black."""
    grey = picture.convert("L")
    black = grey.point([255 if level < threshold else 0 for level in range(256)], mode="1")
    return RasterImage(grey.width, grey.height, black.tobytes())


def without_realtime_commands(image: RasterImage) -> RasterImage:
    """`image` with one pixel white wherever its bytes would be taken for a real-time command.

    Otherwise a pattern on a receipt could clear the printer's buffer (`DLE DC4 8`) or make it
    answer a question that nobody asked (`DLE EOT`).
    """
    return RasterImage(image.width, image.height, _REALTIME.sub(b"\x00", image.bits))
