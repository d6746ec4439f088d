"""Pictures of papers on their sheets: inside what a printer prints, at their size, the purpose across."""

from __future__ import annotations

import io
import subprocess
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray
from PIL import Image

from kiosk.documents import copying
from kiosk.documents.copying import CARD, GAP, MARGIN, plan
from tests.journeys.copier import cards, ink, pages

SIDE = some.integers(1, 20_000)
SIZES = some.tuples(SIDE, SIDE)
WHITE_EDGE = 4.3  # millimetres that common printers leave


@cache
def page(size: tuple[int, int], colour: tuple[int, int, int] = (214, 226, 232)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, "JPEG")
    return made.getvalue()


@given(some.lists(SIZES, min_size=1, max_size=10))
def test_whatever_its_size_a_page_stands_whole_within_what_is_printed(sizes: list[tuple[int, int]]) -> None:
    sheets = plan(sizes, cards=False)
    assert len(sheets) == len(sizes)
    for (width, height), sheet in zip(sizes, sheets, strict=True):
        (spot,) = sheet.spots
        assert sorted(sheet.paper) == [210, 297]
        assert (sheet.paper[0] > sheet.paper[1]) == (width > height), "the sheet lies as the page does"
        assert spot.x >= WHITE_EDGE and spot.y >= WHITE_EDGE
        assert spot.x + spot.w <= sheet.paper[0] - WHITE_EDGE
        assert spot.y + spot.h <= sheet.paper[1] - MARGIN, "the line at the foot has its room"
        assert spot.w * height == pytest.approx(spot.h * width), "in proportion"
        assert max(spot.w / (sheet.paper[0] - 2 * MARGIN), spot.h / (sheet.paper[1] - 19)) > 0.99, "and large"


@given(some.lists(SIZES, min_size=1, max_size=2))
def test_both_sides_of_a_card_stand_apart_on_one_sheet_at_their_true_size(
    sizes: list[tuple[int, int]],
) -> None:
    (sheet,) = plan(sizes, cards=True)
    for (width, height), spot in zip(sizes, sheet.spots, strict=True):
        assert (spot.w, spot.h) == (CARD if width >= height else CARD[::-1])
        assert spot.x >= WHITE_EDGE and spot.x + spot.w <= 210 - WHITE_EDGE
        assert spot.y >= WHITE_EDGE and spot.y + spot.h <= 297 - 2 * MARGIN
    for above, below in zip(sheet.spots, sheet.spots[1:], strict=False):
        assert below.y == pytest.approx(above.y + above.h + GAP)


def test_a_strip_thinner_than_a_dot_and_a_huge_photograph_are_copied_too() -> None:
    strips = [page((1, 6000)), page((6000, 1)), page((7000, 5000))]
    assert len(pages(copying.make(strips, False, "仅供入学使用", ""))) == 3


def test_a_third_side_is_no_cards() -> None:
    with pytest.raises(ValueError, match="3 sides"):
        plan([(3, 2)] * 3, cards=True)


@pytest.mark.parametrize(
    "purpose", ["仅供办理入学使用 2026-11-22", "仅供办理𠮷䶮过户使用 2026-11-22", "仅供Q使用 2026-11-22"]
)
def test_no_part_of_a_copied_card_is_without_its_purpose(purpose: str) -> None:
    """What could be cut out or covered with a slip of 2 cm leaves the words standing beside it."""
    plain = page((856, 540), (255, 255, 255))
    (marked,) = pages(copying.make([plain, plain], True, purpose, ""))
    (bare,) = pages(copying.make([plain, plain], True, "", ""))
    for side in plan([(856, 540)] * 2, cards=True)[0].spots:
        for x in np.arange(side.x, side.x + side.w - 19, 8):
            for y in np.arange(side.y, side.y + side.h - 19, 8):
                assert ink(marked, x, y, 20, 20) > 0.01
        assert ink(bare, side.x, side.y, side.w, side.h) == 0


def test_black_print_stays_far_darker_than_the_words_across_it() -> None:
    black, white = page((100, 140), (0, 0, 0)), page((100, 140), (255, 255, 255))
    over_black, over_white = (
        pages(copying.make([one], False, "仅供办理入学使用", ""))[0][200:-200, 200:-200]
        for one in (black, white)
    )
    assert over_white.min() - over_black.max() > 90
    assert over_white.min() < 225, "and the words are seen"


@settings(max_examples=3, deadline=None)
@given(some.lists(some.tuples(some.integers(20, 900), some.integers(20, 900)), min_size=1, max_size=3))
def test_the_pdf_has_a_standing_sheet_of_a4_for_each_page_and_names_nobody(
    sizes: list[tuple[int, int]],
) -> None:
    pdf = copying.make([page(size) for size in sizes], False, "仅供办理入学使用", "样张")
    told = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, timeout=20, check=True)
    facts = dict(line.split(":", 1) for line in told.stdout.decode().splitlines())
    assert int(facts["Pages"]) == len(sizes)
    assert "595.276 x 841.89 pts (A4)" in facts["Page size"]
    assert not {"CreationDate", "ModDate", "Creator", "Producer", "Title", "Author"} & set(facts)
    assert told.stderr == b"", "nothing about it is wrong"


def test_a_page_of_noise_is_still_bounded() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1400, 1000, 3), np.uint8)
    made = io.BytesIO()
    Image.fromarray(noise).save(made, "JPEG", quality=88)
    assert len(copying.make([made.getvalue()], False, "仅供办理入学使用", "样张")) < 1_500_000


def test_grey_paper_comes_out_white_and_a_dark_page_as_it_is() -> None:
    def middle(colour: tuple[int, int, int]) -> NDArray[np.uint8]:
        return pages(copying.make([page((400, 560), colour)], False, "", ""))[0][500:1200, 400:800]

    assert middle((200, 198, 190)).mean() > 245
    assert abs(middle((60, 62, 70)).mean() - 62) < 4


def test_a_card_is_measured_by_the_look_of_the_journeys() -> None:
    """The look of `tests/journeys/copier.py` itself: it sees a card that is 2 mm too wide."""
    sheet = np.full((1754, 1240), 255, np.uint8)
    k = 150 / 25.4
    sheet[300 : 300 + round(54 * k), 200 : 200 + round(87.6 * k)] = 225
    ((_, _, width, height),) = cards(sheet)
    assert abs(width - 87.6) < 0.3 and abs(height - 54) < 0.3
