"""Receipts: everything is on the paper at 58 and 80 mm, nothing beside it, and machines read the codes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image, ImageChops

from kiosk.documents.lettering import width, wrap
from kiosk.documents.receipts import (
    BODY,
    RULE,
    TITLE,
    Line,
    Receipt,
    draw,
    text_lines,
    with_geta,
    without_glyph,
)
from kiosk.masked import masked_number
from tests.codes import codes_on
from tests.rare_names import WITHOUT_A_GLYPH

ADDRESS = "http://127.0.0.1:8070/v/1.2.156.3005.2.99DEMO0000000000SB001.99DEMO330100SB0001.K4Z8Q2.001.X"
RATING = "http://127.0.0.1:8070/r/330100SB0120261122000001"
HEAD = Line("text", "示例市政务服务大厅", centre=True)
PLAIN = Receipt((HEAD, RULE, Line("pair", "张**", "姓名"), Line("pair", "330100202611220001", "办件编号")))
WIDTHS = (384, 432, 576, 832)  # 58 mm, what lies between, 80 mm, and 4 inches
# What stands on papers, with the rare characters of names and things that are hard to break.
LETTERS = some.one_of(
    some.sampled_from("中文字陈𬭩孙䶮，。”、》（“《 \n\t·—…%W1*.,:;)(" + WITHOUT_A_GLYPH),
    some.characters(min_codepoint=0x20, max_codepoint=0x7E),
    some.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
)
TEXTS = some.text(LETTERS, max_size=80)
SIZES = some.sampled_from(("body", "title", "huge"))
LINES = some.one_of(
    some.builds(Line, some.just("text"), TEXTS, size=SIZES, bold=some.booleans(), centre=some.booleans()),
    some.builds(Line, some.just("pair"), TEXTS, TEXTS),
    some.just(RULE),
    some.builds(Line, some.just("code"), some.sampled_from((ADDRESS, RATING, "A1")), TEXTS, TEXTS),
)


def ink(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of all that is black."""
    return ImageChops.invert(picture.convert("L")).getbbox()


def with_lines(*lines: Line) -> Receipt:
    return Receipt((HEAD, *lines))


# ── lines ───────────────────────────────────────────────────────────────────
@given(TEXTS, some.sampled_from([60.0, 200.0, 396.0]), some.booleans())
def test_no_line_is_wider_than_its_column_and_no_character_is_lost(
    text: str, room: float, bold: bool
) -> None:
    lines = wrap(text, BODY, bold, room)
    assert all(width(line, BODY, bold) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(some.text(some.sampled_from("中文字，。”、》")))
def test_a_closing_sign_begins_a_line_only_where_a_sign_stands_before_it_too(text: str) -> None:
    lines = wrap(text, BODY, False, 8 * BODY)
    for before, line in pairwise(lines):
        assert line[0] not in "，。”、》" or before[-1] in "，。”、》"


def test_a_word_is_broken_at_its_spaces_and_only_a_longer_one_is_cut() -> None:
    assert wrap("Proof of social insurance", BODY, False, 200) == ["Proof of social", "insurance"]
    assert set(map(len, wrap("W" * 40, BODY, True, 396)[:-1])) == {16}
    assert wrap("一\n二", BODY, False, 396) == ["一", "二"]
    assert wrap("", BODY, False, 396) == [""]


# ── the picture ─────────────────────────────────────────────────────────────
@settings(max_examples=40)
@given(some.lists(LINES, max_size=4), some.sampled_from(WIDTHS), some.sampled_from(("", "补打 第 2 份")))
def test_whatever_it_says_the_margins_stay_white(lines: list[Line], across: int, mark: str) -> None:
    picture = draw(Receipt((HEAD, *lines), mark), across)
    box = ink(picture)
    assert box is not None
    assert picture.mode == "1" and picture.width == across
    margin = across // 24
    assert box[0] >= margin - 2
    assert box[2] <= across - margin + 2
    assert box[3] < picture.height


@settings(max_examples=40)
@given(TEXTS.filter(lambda text: bool(text.strip())), SIZES, some.sampled_from(WIDTHS))
def test_each_character_of_a_line_is_drawn(text: str, size: str, across: int) -> None:
    """Taking any one character out of a text leaves less ink, or other ink: none was left out."""
    seen = "".join(text.split())
    whole = draw(with_lines(Line("text", seen, size=size)), across)  # type: ignore[arg-type]
    for at in {0, len(seen) // 2, len(seen) - 1}:
        less = draw(with_lines(Line("text", seen[:at] + seen[at + 1 :], size=size)), across)  # type: ignore[arg-type]
        assert whole.tobytes() != less.tobytes()


@pytest.mark.parametrize("across", WIDTHS)
def test_a_long_label_and_its_value_do_not_run_into_each_other(across: int) -> None:
    def boxes(label: str, value: str) -> Image.Image:
        return draw(with_lines(Line("pair", value, label)), across).convert("L")

    for label in ("前面等候人数", "10-23 15:04", "办件编号（受理平台）"):
        alone, both, none = boxes(label, ""), boxes(label, "3"), boxes("", "")
        high = min(picture.height for picture in (alone, both, none))
        crop = (0, 0, across, high)
        name = ImageChops.difference(none.crop(crop), alone.crop(crop)).getbbox()
        value = ImageChops.difference(alone.crop(crop), both.crop(crop)).getbbox()
        assert name is not None and value is not None
        assert name[2] + 8 <= value[0], label


@pytest.mark.parametrize("across", WIDTHS)
def test_a_number_that_is_called_is_as_large_as_the_paper_allows_and_never_broken(across: int) -> None:
    for number in ("A012", "SB-0123", "WINDOW-1234567"):
        lone = draw(Receipt((Line("text", number, size="huge", bold=True, centre=True),)), across)
        box = ink(lone)
        assert box is not None
        assert box[3] - box[1] < 128, "one line"
        assert box[3] - box[1] > TITLE / 2
        assert box[2] - box[0] > across / 2 or number == "A012"


def test_a_masked_number_stays_whole_on_narrow_paper() -> None:
    """Else the last four digits, by which people know it, would stand apart."""
    number = Line("pair", masked_number("330100199301300051").zh, "证件号")
    labels = Line("pair", "K001", "办件编号")
    alone = draw(Receipt((labels, replace(number, text="x"))), 384)
    assert draw(Receipt((labels, number)), 384).height - alone.height < 2 * BODY
    seen = ink(draw(Receipt((Line("text", number.text, bold=True),)), 384))
    assert seen is not None and seen[3] - seen[1] < BODY


def test_a_long_paper_is_as_long_as_what_stands_on_it() -> None:
    rows = tuple(Line("pair", "在自助终端提交", f"{n}") for n in range(300))
    foot = Line("text", "请保管", centre=True)
    picture, short = draw(Receipt((*rows, foot))), draw(Receipt((HEAD, foot)))
    assert picture.height > 300 * BODY
    below = (0, picture.height - 50, 576, picture.height)
    assert picture.crop(below).tobytes() == short.crop((0, short.height - 50, 576, short.height)).tobytes()


# ── codes ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("across", WIDTHS)
@pytest.mark.parametrize("content", [ADDRESS, "https://zwfw.example.gov.cn/v/" + "1234567890ABCDEF" * 12])
def test_two_codes_on_one_paper_can_both_be_read(content: str, across: int) -> None:
    first = Line("code", content, "核验证明", "手机扫码，查看证明真伪")
    second = Line("code", RATING, "评价服务", "手机扫码，以后也可评价")
    assert codes_on(draw(with_lines(first, second, RULE, HEAD), across)) == [content, RATING]


@settings(max_examples=4)
@given(some.text(some.sampled_from("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"), min_size=12, max_size=18))
def test_whatever_the_numbers_are_both_codes_can_be_read(number: str) -> None:
    address = f"http://127.0.0.1/v/1.2.156.3005.2.99DEMO0000000000SB001.99DEMO330100SB0001.{number}.001.X"
    rating = f"http://127.0.0.1/r/{number}"
    lines = (Line("code", address, "核验证明"), Line("code", rating, "评价服务"))
    assert codes_on(draw(with_lines(*lines), 384)) == [address, rating]


def test_a_code_that_needs_the_whole_width_has_its_words_below() -> None:
    long = Line("code", "https://zwfw.example.gov.cn/v/" + "1234567890ABCDEF" * 24, "核验证明")
    with_words, without = (draw(with_lines(one), 384) for one in (long, replace(long, label="")))
    difference = ImageChops.difference(
        with_words.convert("L").crop((0, 0, 384, without.height)), without.convert("L")
    ).getbbox()
    assert difference is not None and difference[1] > 200, "below the code, not beside it"
    assert codes_on(with_words) == [long.text]


# ── the mark, and what is kept ──────────────────────────────────────────────
def test_a_reprint_is_marked_at_its_top_in_both_renderings() -> None:
    again = replace(PLAIN, mark="补打 第 2 份")
    plain, marked = draw(PLAIN), draw(again)
    taller = marked.height - plain.height
    assert taller > TITLE
    below = marked.crop((0, taller + 12, 576, marked.height))
    assert below.tobytes() == plain.crop((0, 12, 576, plain.height)).tobytes(), "the paper itself is the same"
    said = [getattr(line, "text", "") for line in text_lines(again)]
    assert "补打 第 2 份" in said[:3]
    assert text_lines(again)[3:] == text_lines(PLAIN)


@given(some.lists(LINES, max_size=5).map(tuple), TEXTS)
def test_a_receipt_is_the_same_paper_after_it_was_kept(lines: tuple[Line, ...], mark: str) -> None:
    receipt = Receipt(lines, mark)
    assert msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt) == receipt


# ── what no font has ────────────────────────────────────────────────────────
def test_what_no_font_has_is_known_and_stands_as_a_geta_with_its_meaning() -> None:
    rare = with_lines(Line("pair", f"张{WITHOUT_A_GLYPH[0]}", "姓名"))
    assert without_glyph(rare) and not without_glyph(PLAIN)
    shown = with_geta(rare)
    assert not without_glyph(shown)
    assert shown.lines[1].text == "张〓"
    assert "〓" in shown.lines[-1].text and "证件" in shown.lines[-1].text


def test_even_unchecked_a_paper_has_no_box() -> None:
    def row(name: str) -> bytes:
        return draw(with_lines(Line("pair", name, "姓名"))).tobytes()

    assert row(WITHOUT_A_GLYPH[1]) == row("〓")


def test_a_character_of_private_use_is_none_that_a_font_can_know() -> None:
    assert without_glyph(with_lines(Line("pair", "张\ue000", "姓名")))
