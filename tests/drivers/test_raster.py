"""Pictures for the receipt printer: bits, bands, and no command hidden in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drivers.raster import RasterImage, raster, without_realtime_commands

_images = st.integers(1, 40).flatmap(
    lambda width: st.integers(1, 60).flatmap(
        lambda height: st.binary(min_size=(width + 7) // 8 * height, max_size=(width + 7) // 8 * height).map(
            lambda bits: RasterImage(width, height, bits)
        )
    )
)


@given(_images, st.integers(1, 64))
def test_bands_put_together_are_the_picture(image: RasterImage, rows: int) -> None:
    bands = image.bands(rows)
    assert b"".join(band.bits for band in bands) == image.bits
    assert all(band.height == rows for band in bands[:-1])
    assert 1 <= bands[-1].height <= rows


@given(st.lists(st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x00, 0xFF]), min_size=8, max_size=200))
def test_no_realtime_command_is_left_and_no_black_is_added(data: list[int]) -> None:
    image = RasterImage(8, len(data), bytes(data))
    safe = without_realtime_commands(image)
    assert not any(command in safe.bits for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))
    for before, after in zip(image.bits, safe.bits, strict=True):
        assert before == after or (before, after) == (0x10, 0x00)


def test_black_is_one_and_the_leftmost_dot_is_the_highest_bit() -> None:
    picture = Image.new("L", (10, 2), 255)
    picture.putpixel((0, 0), 0)
    picture.putpixel((9, 1), 0)
    assert raster(picture) == RasterImage(10, 2, b"\x80\x00\x00\x40")


def test_bits_that_do_not_fit_the_size_are_refused() -> None:
    with pytest.raises(ValueError, match="9×2"):
        RasterImage(9, 2, b"\x00\x00")
