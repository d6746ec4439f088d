"""Twenty names with rare characters on a receipt: each is seen as its own shape, by a font that has it."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops, ImageDraw, ImageFont

from config import assets
from drivers.receipt_text import printable
from kiosk.documents.lettering import font_of, runs
from kiosk.documents.receipts import BODY, Line, Receipt, draw, text_lines, without_glyph
from tests.rare_names import RARE_NAMES, WITHOUT_A_GLYPH

FONTS = ("NotoSansSC-Bold.otf", "NotoSansSC-Regular.otf", "HanaMinA.ttf", "HanaMinB.ttf")


def row(text: str) -> Image.Image:
    return draw(Receipt((Line("pair", text, "名"),))).convert("L")


def shape(character: str) -> bytes:
    """A character as it stands on a receipt, nothing around it."""
    difference = ImageChops.difference(row(""), row(character))
    return difference.crop(difference.getbbox()).tobytes()


def boxes() -> set[bytes]:
    """The box that each font draws for a character it lacks, as it would stand on the paper."""
    found = set()
    for name in FONTS:
        canvas = Image.new("L", (100, 100), 255)
        font = ImageFont.truetype(str(assets.font(name)), BODY)
        ImageDraw.Draw(canvas).text((20, 20), "\U0010fffd", font=font, fill=0)
        black = ImageChops.invert(canvas.convert("1", dither=Image.Dither.NONE).convert("L"))
        found.add(black.crop(black.getbbox()).tobytes())
    return found


@pytest.mark.parametrize("name", RARE_NAMES)
def test_each_character_of_the_name_has_ink_of_a_font_that_contains_it(name: str) -> None:
    for character in name:
        file = font_of(character, bold=True)
        assert file is not None
        with TTFont(assets.font(file), lazy=True) as font:
            assert ord(character) in font.getBestCmap()
        ((drawn, chosen),) = runs(character, BODY, bold=True)
        assert drawn == character and str(chosen.path).endswith(file)
    shapes = [shape(character) for character in name]
    assert not boxes() & set(shapes)
    assert len(set(shapes)) == len(set(name)), "two characters look alike"
    assert not without_glyph(Receipt((Line("pair", name, "姓名"),)))


def test_the_list_has_every_block_up_to_extension_f() -> None:
    first = (0x4E00, 0x3400, 0x20000, 0x2A700, 0x2B740, 0x2B820, 0x2CEB0)
    last = (0x9FFF, 0x4DBF, 0x2A6DF, 0x2B739, 0x2B81D, 0x2CEA1, 0x2EBE0)
    codes = [ord(character) for name in RARE_NAMES for character in name]
    assert len(set(RARE_NAMES)) == 20
    for low, high in zip(first, last, strict=True):
        assert any(low <= code <= high for code in codes), hex(low)


def test_a_character_that_no_font_has_would_be_seen_as_a_box() -> None:
    """The comparison above can fail: the font's own box for these is one of those that are looked for."""
    for character in WITHOUT_A_GLYPH:
        assert font_of(character) is None
        canvas = Image.new("L", (100, 100), 255)
        font = ImageFont.truetype(str(assets.font(FONTS[0])), BODY)
        ImageDraw.Draw(canvas).text((20, 20), character, font=font, fill=0)
        black = ImageChops.invert(canvas.convert("1", dither=Image.Dither.NONE).convert("L"))
        assert black.crop(black.getbbox()).tobytes() in boxes()


def test_a_printers_own_type_is_never_asked_for_what_it_may_lack() -> None:
    lacking = [name for name in RARE_NAMES if any(ord(character) > 0x9FFF for character in name)]
    assert lacking
    for name in lacking:
        assert not printable(text_lines(Receipt((Line("pair", name, "姓名"),))))
