"""A sheet to draw on: boxes, text, icons, pictures and things to touch, from the top left.

A page is drawn by plain calls in pixels and drawn again when something
changes; there is no tree of widgets to keep in step. Everything that can be
touched or read is noted with its rectangle, for touches, tests and the outline.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kivy.graphics import BorderImage, Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget

from screens import glyphs, shapes, type
from screens.caption import Caption, caption
from screens.tokens import (
    BLUE,
    BLUE_PRESSED,
    BLUE_TINT,
    BLUE_TINT_PRESSED,
    EDGE,
    INK,
    LINE_HEIGHT,
    MUTED,
    PAPER,
    SHADOW,
    SOFT,
    Area,
    Colour,
    Tokens,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pen:
    """What a finger does on a slate; `down` and `move` in pixels from the top left."""

    down: Callable[[float, float], None]
    move: Callable[[float, float], None]
    up: Callable[[], None]


@dataclass
class Item:
    """Something on the sheet that can be read or touched. `fits` is False when its words do not fit.

    `words` is where a button's caption stands, `size` the size of its type or of a text's.
    """

    name: str
    role: str  # button, field, key, text, picture, slate
    text: str
    area: Area
    enabled: bool = True
    fits: bool = True
    touch: Callable[[], None] | None = None
    paint: Color | None = None
    colours: tuple[Colour, Colour] | None = None  # at rest, pressed
    pen: Pen | None = None
    words: Area | None = None
    size: int = 0


@dataclass
class _Press:
    touch: Any
    item: Item = field(repr=False)


class Sheet(Widget):
    """One layer of the window."""

    def __init__(self, tokens: Tokens, **kwargs: Any) -> None:
        super().__init__(size_hint=(None, None), size=(tokens.width, tokens.height), **kwargs)
        self.t = tokens
        self.items: list[Item] = []
        self.solid = False  # whether touches beside the items end here too
        self.pressing: Callable[[Area], None] = lambda _: None  # told of a press before its colour changes
        self._press: _Press | None = None

    # ── drawing ─────────────────────────────────────────────────────────────
    def clear(self) -> None:
        """An empty sheet. A finger that is down stays with what had its name, when that is drawn again."""
        self.canvas.clear()
        self.items = []

    def forget_press(self) -> None:
        """Another page follows: the finger that is down now touches nothing on it."""
        self._press = None

    def covered(self, name: str) -> None:
        """What has this name is covered by something else from now on: it can no longer be read."""
        self.items = [item for item in self.items if item.name != name]

    def rectangle(self, area: Area, colour: Colour) -> Rectangle:
        """A plain rectangle."""
        with self.canvas:
            Color(*colour)
            return Rectangle(pos=self._pos(area), size=(area.w, area.h))

    def box(
        self,
        area: Area,
        colour: Colour = PAPER,
        radius: int | None = None,
        edge: Colour | None = None,
        edge_width: int | None = None,
        shade: bool = False,
    ) -> Color:
        """A box with round corners. Returns the paint of its face, to change it by."""
        radius = self.t.radius if radius is None else radius
        radius = max(1, min(radius, area.w // 2 - 1, area.h // 2 - 1))
        if shade:
            blur = self.t.px(22)
            around = Area(area.x - blur, area.y - blur + self.t.px(8), area.w + 2 * blur, area.h + 2 * blur)
            self.nine(around, SHADOW, shapes.shadow(radius, blur), radius + blur)
        if edge is not None:
            self.nine(area, edge, shapes.rounded(radius), radius)
            width = edge_width or self.t.hair
            area, radius = area.inset(width), max(1, radius - width)
        return self.nine(area, colour, shapes.rounded(radius), radius)

    def picture(self, area: Area, texture: Texture) -> Rectangle:
        """A texture, stretched to the area."""
        with self.canvas:
            Color(1, 1, 1, 1)
            return Rectangle(pos=self._pos(area), size=(area.w, area.h), texture=texture)

    def icon(self, name: str, x: float, y: float, size: int, colour: Colour = BLUE) -> None:
        """An icon with its middle at (x, y)."""
        texture = glyphs.icon(name, size)
        w, h = texture.size
        self.picture_tinted(Area(round(x - w / 2), round(y - h / 2), w, h), texture, colour)

    def picture_tinted(self, area: Area, texture: Texture, colour: Colour) -> None:
        """A white texture in a colour."""
        with self.canvas:
            Color(*colour)
            Rectangle(pos=self._pos(area), size=(area.w, area.h), texture=texture)

    def nine(self, area: Area, colour: Colour, texture: Texture, border: int) -> Color:
        """A white texture whose border keeps its size while its middle stretches."""
        with self.canvas:
            paint = Color(*colour)
            BorderImage(pos=self._pos(area), size=(area.w, area.h), texture=texture, border=(border,) * 4)
        return paint

    def _pos(self, area: Area) -> tuple[int, int]:
        return (area.x, self.t.height - area.bottom)

    # ── text ────────────────────────────────────────────────────────────────
    def height(self, text: str, room: float, size: int, bold: bool = False) -> int:
        """The height of the text when broken to `room` pixels."""
        return len(type.lines(text, size, bold, room)) * round(size * LINE_HEIGHT)

    def text(
        self,
        text: str,
        area: Area,
        size: int,
        colour: Colour = INK,
        bold: bool = False,
        align: str = "left",
        middle: bool = False,
        name: str = "",
        balance: bool = False,
        told: str = "",
    ) -> int:
        """Text in the area, from its top or in its middle. Returns where it ends below, in pixels.

        `balance` breaks titles into lines of like length. Text that does not fit is noted, not cut; `told`
        is noted in its place where it was broken for the eye alone.
        """
        if not text:
            return area.y
        broken = (type.balanced if balance else type.lines)(text, size, bold, area.w)
        step = round(size * LINE_HEIGHT)
        top = area.y + (max(0, area.h - step * len(broken)) // 2 if middle else 0)
        widest = 0
        for number, line in enumerate(broken):
            widest = max(widest, self._line(line, area, top + number * step, step, size, colour, bold, align))
        end = top + step * len(broken)
        left = area.x + {"left": 0, "center": (area.w - widest) // 2, "right": area.w - widest}[align]
        note = Area(left, top, widest, end - top)
        whole = type.longest_word(text, size, bold) <= area.w + 1  # no word is cut in two
        fits = widest <= area.w + 1 and end <= area.bottom + 1 and whole
        self.items.append(Item(name, "text", told or text, note, fits=fits, size=size))
        return end

    def _line(
        self, line: str, area: Area, y: int, step: int, size: int, colour: Colour, bold: bool, align: str
    ) -> int:
        parts = []
        for face, characters in type.runs(line, bold):
            parts.append(glyphs.drawn(characters, size, face))
        wide = sum(texture.width for texture, _ in parts)
        x = area.x + {"left": 0, "center": (area.w - wide) // 2, "right": area.w - wide}[align]
        # The middle of a Chinese character lies 0.38 em above the baseline; it goes to the line's middle.
        baseline = y + step / 2 + size * 0.38
        for texture, ascent in parts:
            self.picture_tinted(
                Area(round(x), round(baseline - ascent), texture.width, texture.height), texture, colour
            )
            x += texture.width
        return int(wide)

    # ── what can be touched ─────────────────────────────────────────────────
    def touchable(
        self,
        name: str,
        area: Area,
        text: str,
        touch: Callable[[], None],
        paint: Color | None = None,
        colours: tuple[Colour, Colour] | None = None,
        role: str = "button",
        enabled: bool = True,
        fits: bool = True,
    ) -> Item:
        """Makes an area answer to touches; `paint` turns from the first to the second of `colours`."""
        item = Item(name, role, text, area, enabled, fits, touch if enabled else None, paint, colours)
        self.items.append(item)
        return item

    def slate(self, name: str, area: Area, pen: Pen) -> None:
        """Makes an area follow the finger from where it comes down, also beyond the edge, until it leaves."""
        self.items.append(Item(name, "slate", "", area, touch=lambda: None, pen=pen))

    def card(
        self,
        name: str,
        area: Area,
        text: str,
        touch: Callable[[], None],
        enabled: bool = True,
        chosen: bool = False,
        role: str = "button",
        radius: int | None = None,
    ) -> None:
        """An empty card that can be touched: white, edged in blue and tinted when chosen, flat when not."""
        if not enabled:
            paint = self.box(area, MUTED, radius=radius)
        elif chosen:
            paint = self.box(area, BLUE_TINT, radius=radius, edge=BLUE, edge_width=self.t.px(5))
        else:
            paint = self.box(area, PAPER, radius=radius, shade=True)
        rest = BLUE_TINT if chosen else PAPER
        self.touchable(name, area, text, touch, paint, (rest, BLUE_TINT_PRESSED), role, enabled)

    def button(
        self,
        name: str,
        area: Area,
        text: str,
        touch: Callable[[], None],
        main: bool = False,
        icon: str = "",
        icon_after: bool = False,
        enabled: bool = True,
        size: int | None = None,
        role: str = "button",
        radius: int | None = None,
    ) -> None:
        """A button with its words, and an icon before or after them. The main one is filled with blue."""
        if not enabled:
            face, ink, pressed = MUTED, SOFT, MUTED
            paint = self.box(area, face, radius=radius)
        elif main:
            face, ink, pressed = BLUE, PAPER, BLUE_PRESSED
            paint = self.box(area, face, radius=radius)
        else:
            face, ink, pressed = PAPER, BLUE, BLUE_TINT_PRESSED
            paint = self.box(area, face, radius=radius, edge=EDGE)
        said = caption(text, area, icon, icon_after, size or self.t.lead, self.t)
        self._caption(said, icon, area, ink)
        item = self.touchable(name, area, text, touch, paint, (face, pressed), role, enabled, said.fits)
        item.words, item.size = said.stand, said.size

    def _caption(self, said: Caption, icon: str, area: Area, ink: Colour) -> None:
        if icon:
            self.icon(icon, said.icon, area.y + area.h / 2, said.size, ink)
        for number, line in enumerate(said.lines):
            top = said.top + number * said.step
            self._line(line, said.words, top, said.step, said.size, ink, True, "center")

    # ── touches ─────────────────────────────────────────────────────────────
    def at(self, x: float, y: float) -> Item | None:
        """What can be touched at a point, in pixels from the top left."""
        for item in reversed(self.items):
            area = item.area
            if item.touch and area.x <= x < area.right and area.y <= y < area.bottom:
                return item
        return None

    def on_touch_down(self, touch: Any) -> bool:
        """Shows what is pressed. A second finger is ignored while the first is down."""
        if self._press is not None and self._press.touch.time_end < 0:
            return True
        item = self.at(touch.x, self.t.height - touch.y)
        if item is None:
            return self.solid
        self._press = _Press(touch, item)
        if item.pen:
            item.pen.down(touch.x, self.t.height - touch.y)
        if item.paint and item.colours:
            self.pressing(item.area)
            item.paint.rgba = item.colours[1]
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Acts when the finger leaves where it came down."""
        press, self._press = self._press, None
        if press is None or press.touch is not touch:
            self._press = press
            return self.solid
        item = press.item
        if item.pen:
            item.pen.up()
            return True
        under = self.at(touch.x, self.t.height - touch.y)
        if under is not None and under.name == item.name and under.touch:
            under.touch()
        if item.paint and item.colours:
            self.pressing(item.area)  # the release, too, is one small part and not a whole frame
            item.paint.rgba = item.colours[0]
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Nothing here is dragged; but a slate is drawn upon."""
        if self._press is not None and self._press.touch is touch and self._press.item.pen:
            self._press.item.pen.move(touch.x, self.t.height - touch.y)
        return self._press is not None or self.solid
