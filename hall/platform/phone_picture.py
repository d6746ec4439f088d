"""A photograph from a phone becomes a page: looked at, upright, and bare of what the phone wrote in."""

from __future__ import annotations

import io
from typing import Literal

from PIL import Image, ImageOps, ImageStat

SHORT_SIDE = 720  # pixels; an A4 sheet with fewer cannot be read
LONG_SIDE = 2400  # pixels that are kept
MOST_PIXELS = 40_000_000  # of a phone; four at once must fit in memory
DARK = 45  # mean of grey, 0–255
BLANK = 8  # deviation of grey: a hand before the lens, a bare table
QUALITY = 85

Why = Literal["no_picture", "small", "dark", "blank"]


class BadPicture(Exception):
    """This is no page that anybody could read, and why."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def page_of(photograph: bytes) -> bytes:
    """The page as a JPEG of grey or colour, at most 2 400 pixels long. Raises BadPicture."""
    try:
        with Image.open(io.BytesIO(photograph), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise BadPicture("no_picture")
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except BadPicture:
        raise
    except Exception:  # Pillow raises whatever a broken file leads it to, struct.error of a bad EXIF too
        raise BadPicture("no_picture") from None
    if min(picture.size) < SHORT_SIDE:
        raise BadPicture("small")
    grey = ImageStat.Stat(ImageOps.grayscale(picture.resize((256, 256))))
    if grey.mean[0] < DARK:
        raise BadPicture("dark")
    if grey.stddev[0] < BLANK:
        raise BadPicture("blank")
    picture.thumbnail((LONG_SIDE, LONG_SIDE))
    page = io.BytesIO()
    picture.save(page, "JPEG", quality=QUALITY)
    return page.getvalue()
