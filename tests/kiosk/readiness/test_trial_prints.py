"""Given a report longer than a page, when it comes out of the A4 printer, then none of it is lost."""

from __future__ import annotations

from PIL import Image, ImageDraw

from kiosk.documents.receipts import Line, Receipt
from kiosk.readiness import trial_prints
from kiosk.readiness.trial_prints import pieces

LINE, GAP = 30, 10  # rows of a line of text, and between two


def text(lines: int) -> Image.Image:
    """Black bars for lines."""
    made = Image.new("L", (100, lines * (LINE + GAP)), "white")
    for n in range(lines):
        ImageDraw.Draw(made).rectangle((0, n * (LINE + GAP), 99, n * (LINE + GAP) + LINE - 1), fill="black")
    return made


def test_a_long_paper_is_cut_between_its_lines_and_nothing_is_lost() -> None:
    long = text(100)
    cut = list(pieces(long, 1000))
    assert len(cut) > 3 and all(piece.height <= 1000 for piece in cut)
    whole = Image.new("L", long.size)
    top = 0
    for piece in cut:
        whole.paste(piece, (0, top))
        top += piece.height
        assert top == long.height or long.getpixel((50, top - 1)) == 255, "a line was cut in two"
    assert whole.tobytes() == long.tobytes()


def test_what_has_no_gap_is_cut_all_the_same_and_what_fits_is_whole() -> None:
    black = Image.new("L", (10, 250), "black")
    assert [piece.height for piece in pieces(black, 100)] == [100, 100, 50]
    assert [piece.height for piece in pieces(text(3), 1000)] == [3 * (LINE + GAP)]


def test_a_long_report_has_a_second_page() -> None:
    def paper(lines: int) -> bytes:
        return trial_prints.page_of([Receipt(tuple(Line("text", f"line {n}") for n in range(lines)))])

    assert [paper(number).count(b"/Type /Page ") for number in (3, 90)] == [1, 3]
