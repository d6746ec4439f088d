"""Photographs of papers → the sheets of a copy: laid out at their size, the purpose printed across.

Pure functions; nothing is kept. A card has its true size (ISO/IEC 7810, ID-1), another page as much of the
sheet as its proportions allow. What the copy is for runs over the pictures themselves, slanting and again and
again, so that it cannot be cut off nor covered with a slip; it is light, so that what lies beneath is read.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from kiosk.documents import lettering, picture_pdf
from kiosk.documents.picture_pdf import Sheet

if TYPE_CHECKING:
    from PIL import Image

A4 = (210.0, 297.0)  # millimetres
CARD = (85.6, 53.98)
MARGIN = 6.0  # what a printer may leave white at each edge, and a little more
FOOT = 7.0  # for the line at the foot, above the margin
GAP = 26.0  # between the two sides of a card
DOTS = 200 / 25.4  # a millimetre: more than the camera sees of a page of A4
SLANT = 30.0  # degrees
INK, SHARE = (70, 80, 110), 0.34  # the purpose's colour, and how much of it
FOOT_INK = (110, 110, 116)
DARKEST_PAPER = 140  # what is brighter over most of a page is its paper
LARGEST = 700_000  # bytes of one sheet, a JPEG
_QUALITIES = (82, 70, 55, 40, 25)


@dataclass(frozen=True)
class Spot:
    """Where a picture stands on its sheet, in millimetres from the top left."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True)
class Plan:
    """One sheet: its size as it is read, and where its pictures stand. `cards` have their true size."""

    paper: tuple[float, float]
    spots: tuple[Spot, ...]
    cards: bool = False


def plan(sizes: Sequence[tuple[int, int]], cards: bool) -> list[Plan]:
    """The sheets for pictures of these sizes (width, height): all sides of a card on one, else one on each.

    A picture that is wider than high is read on a sheet that lies across. More than two cards do not fit.
    """
    if cards:
        if len(sizes) > 2:
            raise ValueError(f"{len(sizes)} sides of one card")
        return [Plan(A4, tuple(_cards(sizes)), cards=True)]
    return [_page(width, height) for width, height in sizes]


def make(pages: Sequence[bytes], cards: bool, mark: str, foot: str) -> bytes:
    """The PDF of a copy. `pages` are JPEGs as they are to be read; `mark` runs across (empty: nothing does).

    Half a second for each sheet: not for the event loop.
    """
    from PIL import Image

    def sheets() -> Iterator[Sheet]:
        sizes, marks = [], _Marks(mark, _dots(3.2 if cards else 5.0))
        for page in pages:
            with Image.open(io.BytesIO(page)) as image:
                sizes.append(image.size)
        left = list(pages)
        for one in plan(sizes, cards):
            here, left = left[: len(one.spots)], left[len(one.spots) :]
            yield _sheet(one, here, marks, foot)

    return picture_pdf.document(sheets())


def _page(width: int, height: int) -> Plan:
    """A picture as large as its sheet allows, at the sheet's middle."""
    paper = A4 if height >= width else (A4[1], A4[0])
    room = Spot(MARGIN, MARGIN, paper[0] - 2 * MARGIN, paper[1] - 2 * MARGIN - FOOT)
    scale = min(room.w / width, room.h / height)
    w, h = width * scale, height * scale
    return Plan(paper, (Spot(room.x + (room.w - w) / 2, room.y + (room.h - h) / 2, w, h),))


def _cards(sizes: Sequence[tuple[int, int]]) -> Iterator[Spot]:
    """One below the other in the upper part of the sheet, each at its true size as it lies or stands."""
    sides = [CARD if width >= height else (CARD[1], CARD[0]) for width, height in sizes]
    y = max(MARGIN, (A4[1] - sum(h for _, h in sides) - GAP * (len(sides) - 1)) / 3)
    for w, h in sides:
        yield Spot((A4[0] - w) / 2, y, w, h)
        y += h + GAP


class _Marks:
    """Where the words of the purpose leave ink; the same on every sheet that lies alike."""

    def __init__(self, text: str, high: int) -> None:
        self._text, self._high = text, high
        self._made: dict[tuple[int, int], Image.Image] = {}

    def on(self, paper: Image.Image) -> None:
        """Prints them across the paper; nothing when there are no words."""
        if self._text:
            if paper.size not in self._made:
                self._made[paper.size] = _across(paper.size, self._text, self._high)
            paper.paste(INK, (0, 0), self._made[paper.size])


def _sheet(one: Plan, pages: Sequence[bytes], marks: _Marks, foot: str) -> Sheet:
    """Drawn as it is read; a sheet that lies across is turned to stand, as printers take them."""
    from PIL import Image

    paper = Image.new("RGB", (_dots(one.paper[0]), _dots(one.paper[1])), "white")
    for spot, page in zip(one.spots, pages, strict=True):
        box = (_dots(spot.x), _dots(spot.y), _dots(spot.x + spot.w), _dots(spot.y + spot.h))
        with Image.open(io.BytesIO(page)) as image:
            size = (max(1, box[2] - box[0]), max(1, box[3] - box[1]))  # a strip may be thinner than a dot
            image.draft("RGB", size)  # a large photograph is read no larger than it is printed
            fitted = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        paper.paste(fitted if one.cards else _whitened(fitted), box[:2])
    marks.on(paper)
    _write(paper, foot, _dots(2.6), (_dots(MARGIN), _dots(one.paper[1] - MARGIN)), FOOT_INK)
    upright = paper if one.paper == A4 else paper.transpose(Image.Transpose.ROTATE_90)
    return Sheet(_jpeg(upright), upright.width, upright.height, A4)


def _whitened(page: Image.Image) -> Image.Image:
    """The paper itself white, as from any copier: the hall's light makes it grey."""
    darker = accumulate(page.convert("L").histogram())  # so many dots are as dark as each level, or darker
    level = next(level for level, many in enumerate(darker) if many > 0.6 * page.width * page.height)
    if level < DARKEST_PAPER:
        return page  # no sheet of paper, or a dark one: left as it is
    return page.point([min(255, round(value * 255 / (level * 0.97))) for value in range(256)] * 3)


def _across(size: tuple[int, int], mark: str, high: int) -> Image.Image:
    """How much ink the mark leaves where: rows of it, each begun elsewhere, slanting over the whole sheet."""
    from PIL import Image

    side = math.ceil(math.hypot(*size))
    rows = Image.new("L", (side, side), 0)
    step = round(lettering.width(mark, high)) + 3 * high
    for number, y in enumerate(range(0, side, 3 * high)):
        for x in range(-step * (number % 3) // 3, side, step):
            _write(rows, mark, high, (x, y + high), round(255 * SHARE))
    turned = rows.rotate(SLANT, Image.Resampling.BICUBIC)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    cut = turned.crop((left, top, left + size[0], top + size[1]))
    edge = _dots(MARGIN)
    kept = Image.new("L", size, 0)
    inside = (edge, edge, size[0] - edge, size[1] - edge - _dots(FOOT))
    kept.paste(cut.crop(inside), inside[:2])
    return kept


def _write(
    image: Image.Image, text: str, high: int, at: tuple[int, int], colour: int | tuple[int, int, int]
) -> None:
    """A line whose foot is at `at`, which may lie outside."""
    from PIL import ImageDraw

    brush, x = ImageDraw.Draw(image), float(at[0])
    for run, font in lettering.runs(text, high):
        brush.text((x, at[1]), run, font=font, fill=colour, anchor="ls")
        x += font.getlength(run)


def _jpeg(image: Image.Image) -> bytes:
    """As good as LARGEST allows."""
    for quality in _QUALITIES:
        made = io.BytesIO()
        image.save(made, "JPEG", quality=quality)
        if made.tell() <= LARGEST:
            break
    return made.getvalue()


def _dots(millimetres: float) -> int:
    return round(millimetres * DOTS)
