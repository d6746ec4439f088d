"""Do two pictures show the same print? What stands on a sheet counts, not its light or its grain."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter, ImageStat

SIDE = 96  # pixels of the small pictures that are compared
BLURRED = 6  # pixels: what is larger is light and shadow
FLOOR = 2.0  # grey levels: less print than this is grain
APART = 0.32  # 0 the same picture, 0.7 two that have nothing to do with each other


def features(image: Image.Image) -> Image.Image:
    """What is compared of a picture: its print alone, a small grey square about 128."""
    grey = image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(1))
    return ImageChops.subtract(grey, grey.filter(ImageFilter.GaussianBlur(BLURRED)), 1, 128)


def alike(one: Image.Image, other: Image.Image) -> bool:
    """Whether the features of two pictures are those of one print."""
    return distance(one, other) < APART


def distance(one: Image.Image, other: Image.Image) -> float:
    """How far apart two features are, as a share of the print on both."""
    plain = Image.new("L", one.size, 128)
    print_on = sum(_mean(ImageChops.difference(each, plain)) for each in (one, other))
    return _mean(ImageChops.difference(one, other)) / (print_on + FLOOR)


def _mean(image: Image.Image) -> float:
    return float(ImageStat.Stat(image).mean[0])
