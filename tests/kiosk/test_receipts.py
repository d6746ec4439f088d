"""Receipts: everything is on the paper, nothing beside it, and a machine can read the code."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image, ImageChops, ImageDraw, ImageFont

from config import assets
from config.words import Words
from kiosk.receipts import BODY, MARGIN, WIDTH, Receipt, _width, _wrap, draw

PLAIN = Receipt(
    hall="示例市政务服务大厅",
    title=Words("取号", "Take a queue number"),
    rows=(("姓名", "张**"), ("办件编号", "330100202611220001")),
    foot=("样张 · 无效",),
)
# What stands on papers, with the rare characters of names and things that are hard to break.
LETTERS = some.one_of(
    some.sampled_from("中文字陈𬭩孙䶮，。”、》（“《 \n\t·—…%W1*.,:;)("),
    some.characters(min_codepoint=0x20, max_codepoint=0x7E),
    some.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
)
TEXTS = some.text(LETTERS, max_size=80)


def ink(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of all that is black."""
    return ImageChops.invert(picture.convert("L")).getbbox()


def added(before: Receipt, after: Receipt) -> Image.Image:
    """What the second paper has and the first has not, black on white, as small as it can be."""
    difference = ImageChops.difference(draw(before).convert("L"), draw(after).convert("L"))
    return ImageChops.invert(difference.crop(difference.getbbox()))


# ── lines ───────────────────────────────────────────────────────────────────
@given(TEXTS, some.sampled_from([60.0, 200.0, 396.0]), some.booleans())
def test_no_line_is_wider_than_its_column_and_no_character_is_lost(
    text: str, width: float, bold: bool
) -> None:
    lines = _wrap(text, BODY, bold, width)
    assert all(_width(line, BODY, bold) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(some.text(some.sampled_from("中文字，。”、》")))
def test_a_closing_sign_begins_a_line_only_where_a_sign_stands_before_it_too(text: str) -> None:
    lines = _wrap(text, BODY, False, 8 * BODY)
    for before, line in pairwise(lines):
        assert line[0] not in "，。”、》" or before[-1] in "，。”、》"


def test_a_word_is_broken_at_its_spaces_and_only_a_longer_one_is_cut() -> None:
    assert _wrap("Proof of social insurance", BODY, False, 200) == ["Proof of social", "insurance"]
    assert _wrap("W" * 40, BODY, True, 396) == ["W" * 18, "W" * 18, "W" * 4]
    assert _wrap("一\n二", BODY, False, 396) == ["一", "二"]
    assert _wrap("", BODY, False, 396) == [""]


# ── the picture ─────────────────────────────────────────────────────────────
@settings(max_examples=25)
@given(some.lists(some.tuples(TEXTS, TEXTS), max_size=4), TEXTS)
def test_whatever_it_says_the_margins_stay_white(rows: list[tuple[str, str]], title: str) -> None:
    picture = draw(replace(PLAIN, rows=tuple(rows), title=Words(title, title)))
    box = ink(picture)
    assert box is not None
    assert picture.mode == "1"
    assert picture.width == WIDTH
    assert box[0] >= MARGIN - 2
    assert box[2] <= WIDTH - MARGIN + 2
    assert box[3] < picture.height


def test_a_long_label_and_its_value_do_not_run_into_each_other() -> None:
    for label in ("前面等候人数", "10-23 15:04", "办件编号（受理平台）"):
        alone = replace(PLAIN, rows=((label, ""),))
        both = replace(PLAIN, rows=((label, "3"),))
        name = ImageChops.difference(
            draw(replace(PLAIN, rows=(("", ""),))).convert("L").crop((0, 0, WIDTH, 200)),
            draw(alone).convert("L").crop((0, 0, WIDTH, 200)),
        ).getbbox()
        value = ImageChops.difference(
            draw(alone).convert("L").crop((0, 0, WIDTH, 200)),
            draw(both).convert("L").crop((0, 0, WIDTH, 200)),
        ).getbbox()
        assert name is not None and value is not None
        assert name[2] + 8 <= value[0], label


def test_a_long_paper_is_as_long_as_what_stands_on_it() -> None:
    rows = tuple((f"{n}", "在自助终端提交") for n in range(300))
    picture = draw(replace(PLAIN, rows=rows))
    short = draw(PLAIN)
    assert picture.height > 300 * BODY
    foot = (0, short.height - 80, WIDTH, short.height)
    assert (
        picture.crop((0, picture.height - 80, WIDTH, picture.height)).tobytes() == short.crop(foot).tobytes()
    )


@pytest.mark.parametrize(
    "content",
    [
        "http://127.0.0.1:8070/v/1.2.156.3005.2.99DEMO0000000000SB001.99DEMO330100SB0001.K4Z8Q2.001.X",
        "https://zwfw.example.gov.cn/v/" + "1234567890ABCDEF" * 12,
    ],
)
def test_the_code_can_be_read_from_the_paper(content: str) -> None:
    picture = draw(replace(PLAIN, code=content, code_words="扫码核验证明"))
    seen, *_ = cv2.QRCodeDetector().detectAndDecode(np.asarray(picture.convert("L")))
    assert seen == content


# ── rare characters ─────────────────────────────────────────────────────────
def boxes() -> set[bytes]:
    """The box that each font draws for a character it lacks, as it would stand on the paper."""
    found = set()
    for name in ("NotoSansSC-Bold.otf", "HanaMinA.ttf", "HanaMinB.ttf"):
        canvas = Image.new("L", (100, 100), 255)
        font = ImageFont.truetype(str(assets.font(name)), BODY)
        ImageDraw.Draw(canvas).text((20, 20), "\U0010fffd", font=font, fill=0)
        black = canvas.convert("1", dither=Image.Dither.NONE).convert("L")
        found.add(black.crop(ink(black)).tobytes())
    return found


def shape(character: str) -> bytes:
    """A character as it stands on a receipt."""
    return added(replace(PLAIN, rows=(("名", ""),)), replace(PLAIN, rows=(("名", character),))).tobytes()


def test_rare_characters_are_drawn_and_not_boxed() -> None:
    shapes = [shape(character) for character in "张𬭩䶮㐂𠮷𫖯鿍"]
    assert not boxes() & set(shapes)
    assert len(set(shapes)) == len(shapes), "two characters look alike"


def test_a_character_that_no_font_has_would_be_seen_as_a_box() -> None:
    """The comparison above can fail: this one is in none of our fonts (CJK extension G)."""
    assert shape("\U0003134a") in boxes()
