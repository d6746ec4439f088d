"""A picture of the machine, with the place that is meant lit up and what happens there.

Drawn from boxes in the colours of `tokens.py`: no image files, and it fits any
size. The whole machine stands at the left; the part in question is shown large.
"""

from __future__ import annotations

from dataclasses import dataclass

from kivy.graphics import Color, Quad

from config.devices import Kind
from kiosk.prompts import CardScene
from screens.sheet import Sheet
from screens.tokens import (
    BLUE,
    BLUE_TINT,
    GREEN,
    GREEN_TINT,
    INK,
    LINE,
    PAPER,
    RED,
    RED_TINT,
    SCREEN_OFF,
    SLOT,
    STEEL,
    STEEL_DARK,
    STEEL_LINE,
    Area,
    Colour,
)


@dataclass(frozen=True)
class _Mouth:
    """Where paper comes out: the slot on the machine, how wide its paper is shown, and how low."""

    slot: tuple[float, float, float, float]  # x, y, width, height
    paper: float
    top: float


_MOUTHS = {
    Kind.RECEIPT_PRINTER: _Mouth((282.0, 574.0, 84.0, 32.0), 230.0, 300.0),
    Kind.A4_PRINTER: _Mouth((150, 712, 220, 46), 390, 380),
    Kind.SPECIAL_PRINTER: _Mouth((180, 782, 160, 36), 310, 400),
}
PRINTERS = frozenset(_MOUTHS)  # the kinds whose slot `printer` can show
_TABLE = (150, 652, 220, 44)  # x, y, width, height: where papers are laid under the document camera
_SCANNER = (286, 648, 76, 48)  # where a code is held
_SOME = Kind.SPECIAL_PRINTER  # not every machine has one: it is drawn where it is meant


class _Pen:
    """Draws on a board of 1000 × 1000 laid into an area of the sheet."""

    def __init__(self, sheet: Sheet, area: Area) -> None:
        side = min(area.w, area.h)
        self.sheet, self.k = sheet, side / 1000
        self.x = area.x + (area.w - side) // 2
        self.y = area.y + (area.h - side) // 2

    def area(self, x: float, y: float, w: float, h: float) -> Area:
        k = self.k
        left, top = round(self.x + x * k), round(self.y + y * k)
        return Area(left, top, max(4, round(w * k)), max(4, round(h * k)))

    def box(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        colour: Colour,
        radius: float = 0,
        edge: Colour | None = None,
        edge_width: float = 5,
        shade: bool = False,
    ) -> None:
        self.sheet.box(
            self.area(x, y, w, h),
            colour,
            max(1, round(radius * self.k)),
            edge,
            max(1, round(edge_width * self.k)),
            shade,
        )

    def flat(self, x: float, y: float, w: float, h: float, colour: Colour) -> None:
        self.sheet.rectangle(self.area(x, y, w, h), colour)

    def icon(self, name: str, x: float, y: float, size: float, colour: Colour) -> None:
        self.sheet.icon(name, self.x + x * self.k, self.y + y * self.k, max(8, round(size * self.k)), colour)


def card_reader(sheet: Sheet, area: Area, scene: CardScene) -> None:
    """The card reader and the card: to be placed, being read, read, to be removed, refused."""
    pen = _Pen(sheet, area)
    colour, tint = {
        CardScene.READ: (GREEN, GREEN_TINT),
        CardScene.REFUSED: (RED, RED_TINT),
    }.get(scene, (BLUE, BLUE_TINT))
    _machine(pen, "id_card_reader", colour, tint)
    _wedge(pen, (260, 546, 88), (440, 490, 360), colour)
    # the reader: a plate in the shelf with a lit field
    pen.box(440, 470, 540, 400, STEEL, 44, STEEL_LINE, 4, shade=True)
    pen.box(478, 508, 464, 324, tint, 32, colour, 10)
    if scene is CardScene.PLACE:
        _waves(pen, 710, 690, colour)
        _card(pen, 560, 150, INK)
        pen.icon("arrow-down", 710, 410, 88, colour)
    elif scene is CardScene.READING:
        _card(pen, 560, 575, INK)
        for number in range(3):
            pen.box(650 + number * 50, 785, 24, 24, colour, 12)
    elif scene is CardScene.REMOVE:
        _waves(pen, 710, 690, colour)
        _card(pen, 560, 190, INK)
        pen.icon("arrow-up", 710, 70 + 50, 88, colour)
    else:
        _card(pen, 560, 575, INK)
        good = scene is CardScene.READ
        pen.box(800, 420, 180, 180, PAPER, 90)
        pen.icon("circle-check" if good else "circle-xmark", 890, 510, 150, colour)


def card_slot(sheet: Sheet, area: Area, scene: CardScene) -> None:
    """The slot for a card with a chip, which is pushed in chip first and pulled out towards oneself."""
    pen = _Pen(sheet, area)
    colour, tint = {
        CardScene.READ: (GREEN, GREEN_TINT),
        CardScene.REFUSED: (RED, RED_TINT),
    }.get(scene, (BLUE, BLUE_TINT))
    _machine(pen, "id_card_reader", colour, tint)
    _wedge(pen, (260, 546, 88), (440, 320, 240), colour)
    pen.box(440, 320, 540, 240, STEEL, 44, STEEL_LINE, 4, shade=True)
    pen.box(500, 398, 420, 84, tint, 42, colour, 10)
    pen.box(534, 426, 352, 28, SLOT, 14)
    away = scene in (CardScene.PLACE, CardScene.REMOVE)
    _chip_card(pen, 560, 590 if away else 442)
    if away:
        pen.icon("arrow-up" if scene is CardScene.PLACE else "arrow-down", 710, 870, 88, colour)
    elif scene is CardScene.READING:
        for number in range(3):
            pen.box(650 + number * 50, 700, 24, 24, colour, 12)
    else:
        pen.box(800, 270, 180, 180, PAPER, 90)
        pen.icon("circle-check" if scene is CardScene.READ else "circle-xmark", 890, 360, 150, colour)


def printer(sheet: Sheet, area: Area, kind: str, coming: bool) -> None:
    """A printer's slot with its paper: still coming (`coming`), or to be taken."""
    pen = _Pen(sheet, area)
    _machine(pen, kind, BLUE, BLUE_TINT)
    mouth = _MOUTHS[Kind(kind)]
    (x, y, w, h), top, wide = mouth.slot, mouth.top, mouth.paper
    _wedge(pen, (x + w + 10, y - 10, h + 20), (440, top + 20, 200), BLUE)
    pen.box(440, top, 540, 240, STEEL, 44, STEEL_LINE, 4, shade=True)
    left, slot = 710 - wide / 2, top + 78
    pen.box(left - 50, slot, wide + 100, 84, BLUE_TINT, 42, BLUE, 10)
    pen.box(left - 16, slot + 28, wide + 32, 28, SLOT, 14)
    long = 190 if coming else 400
    paper = slot + 44
    pen.flat(left, paper, wide, long, STEEL_LINE)
    pen.flat(left + 3, paper, wide - 6, long - 3, PAPER)
    pen.flat(left + 3, paper, wide - 6, 20, STEEL_DARK)  # the slot's shadow on the paper
    for number in range(int((long - 90) / 46)):
        short = (0.62, 0.84, 0.74, 0.5)[number % 4]
        pen.box(left + 40, paper + 60 + number * 46, (wide - 80) * short, 14, STEEL_DARK, 7)
    if not coming:
        pen.icon("arrow-down", 710, paper + long + 66, 84, BLUE)


def scanning_table(sheet: Sheet, area: Area) -> None:
    """The table under the document camera, and the paper that is to be taken from it."""
    pen = _Pen(sheet, area)
    _machine(pen, "document_camera", BLUE, BLUE_TINT)
    x, y, w, h = _TABLE
    _wedge(pen, (x + w + 10, y - 10, h + 20), (440, 470, 340), BLUE)
    pen.box(440, 470, 540, 340, STEEL, 44, STEEL_LINE, 4, shade=True)
    pen.box(478, 508, 464, 264, BLUE_TINT, 32, BLUE, 10)
    # the camera on its arm, looking down
    pen.box(922, 150, 28, 340, STEEL_DARK, 14)
    pen.box(690, 150, 260, 28, STEEL_DARK, 14)
    pen.box(650, 128, 120, 84, SLOT, 24)
    pen.box(686, 194, 48, 32, BLUE, 14)
    pen.box(580, 540, 260, 190, PAPER, 8, STEEL_LINE, 4, shade=True)
    for number, wide in enumerate((0.62, 0.84, 0.5)):
        pen.box(612, 580 + number * 44, 196 * wide, 14, STEEL_DARK, 7)
    pen.icon("arrow-up", 710, 380, 88, BLUE)


def code_scanner(sheet: Sheet, area: Area) -> None:
    """The window of the code scanner, and a phone with a code held before it."""
    pen = _Pen(sheet, area)
    _machine(pen, "code_scanner", BLUE, BLUE_TINT)
    x, y, w, h = _SCANNER
    _wedge(pen, (x + w + 10, y - 10, h + 20), (440, 560, 280), BLUE)
    pen.box(440, 560, 540, 280, STEEL, 44, STEEL_LINE, 4, shade=True)
    pen.box(510, 640, 400, 150, SLOT, 32, BLUE, 12)
    pen.box(560, 706, 300, 18, BLUE, 9)
    # the phone, its code towards the window
    pen.box(600, 60, 220, 400, SLOT, 36, STEEL_LINE, 4, shade=True)
    pen.box(618, 92, 184, 336, PAPER, 14)
    pen.icon("qrcode", 710, 260, 140, INK)
    pen.icon("arrow-down", 710, 512, 76, BLUE)


def _machine(pen: _Pen, lit: str, colour: Colour, tint: Colour) -> None:
    """The whole machine from the front, on the left of the board."""
    pen.box(110, 926, 300, 24, LINE, 12)  # where it stands
    pen.box(150, 830, 220, 104, STEEL_DARK, 14)
    pen.box(100, 60, 320, 780, PAPER, 40, STEEL_LINE, 4, shade=True)
    pen.box(130, 120, 260, 400, SCREEN_OFF, 18)
    pen.box(150, 146, 120, 18, STEEL_LINE, 9)
    for number in range(4):
        x, y = 150 + (number % 2) * 114, 200 + (number // 2) * 140
        pen.box(x, y, 106, 124, (0.24, 0.34, 0.50, 1), 12)
    camera = lit == "person_camera"
    pen.box(244, 76, 32, 32, BLUE if camera else SLOT, 16)
    pen.flat(102, 540, 316, 100, STEEL)
    _part(pen, 130, 556, 120, 68, (colour, tint) if lit == "id_card_reader" else None)
    if lit == "document_camera":  # not every machine has one: it is drawn where it is meant
        _part(pen, *_TABLE, (colour, tint))
    if lit == "code_scanner":
        _part(pen, *_SCANNER, (colour, tint))
    for kind, mouth in _MOUTHS.items():
        if kind is not _SOME or lit == kind:
            left, top, w, h = mouth.slot
            _part(pen, left, top, w, h, (colour, tint) if lit == kind else None)
            pen.box(left + w / 12 + 4, top + h / 2 - 4, w * 5 / 6 - 8, 8, SLOT, 4)


def _part(pen: _Pen, x: float, y: float, w: float, h: float, lit: tuple[Colour, Colour] | None) -> None:
    if lit:
        pen.box(x - 10, y - 10, w + 20, h + 20, lit[1], 18, lit[0], 8)
    else:
        pen.box(x, y, w, h, PAPER, 10, STEEL_LINE, 3)


def _wedge(
    pen: _Pen, small: tuple[float, float, float], large: tuple[float, float, float], colour: Colour
) -> None:
    """A pale beam from the lit part to the large picture of it; (x, top, height) of either end."""
    (x1, y1, h1), (x2, y2, h2) = small, large
    corners = ((x1, y1), (x2, y2), (x2, y2 + h2), (x1, y1 + h1))
    height = pen.sheet.t.height
    points = [c for x, y in corners for c in (pen.x + x * pen.k, height - pen.y - y * pen.k)]
    with pen.sheet.canvas:
        Color(*colour[:3], 0.14)
        Quad(points=points)


def _card(pen: _Pen, x: float, y: float, ink: Colour) -> None:
    """An identity card: a face, lines, a chip's corner; no emblem and no text."""
    pen.box(x, y, 300, 190, PAPER, 20, STEEL_LINE, 4, shade=True)
    pen.box(x + 192, y + 34, 82, 104, BLUE_TINT, 10)
    pen.icon("user", x + 233, y + 90, 62, STEEL_LINE)
    for number, wide in enumerate((96, 140, 120)):
        pen.box(x + 28, y + 40 + number * 34, wide, 14, STEEL_DARK, 7)
    pen.box(x + 28, y + 152, 200, 14, ink, 7)


def _chip_card(pen: _Pen, x: float, y: float) -> None:
    """A card from above, its chip ahead."""
    pen.box(x, y, 300, 190, PAPER, 20, STEEL_LINE, 4, shade=True)
    pen.box(x + 116, y + 30, 68, 54, BLUE_TINT, 10, STEEL_LINE, 4)
    pen.flat(x + 148, y + 32, 4, 50, STEEL_LINE)
    pen.flat(x + 118, y + 55, 64, 4, STEEL_LINE)
    for number, wide in enumerate((200, 140)):
        pen.box(x + 50, y + 116 + number * 34, wide, 14, STEEL_DARK, 7)


def _waves(pen: _Pen, x: float, y: float, colour: Colour) -> None:
    pen.icon("id-card", x, y, 130, colour)
