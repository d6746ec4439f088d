"""A document page by page before it is printed or sent; a touch makes it larger where it was touched."""

from __future__ import annotations

from kivy.graphics.texture import Texture
from PIL import Image

from kiosk.prompts import Picture, Preview
from screens.layout import actions, choices, columns, question
from screens.sheet import Pen, Sheet
from screens.tokens import EDGE, LINE, SOFT, Area
from screens.turn import Turn

_ZOOM = 2.2
_STILL = 12  # pixels of the design that a finger may move and still be a touch
Middle = tuple[float, float]  # shares of the page, from its top left


def draw(sheet: Sheet, turn: Turn[Preview]) -> None:
    """The page as large as fits; pages are turned and made larger with buttons too."""
    t, prompt = sheet.t, turn.prompt
    rest = actions(sheet, turn.area, choices(turn, prompt.actions))
    note = turn.say(prompt.note) if prompt.note else turn.own("preview_note")
    if t.portrait:
        end = question(sheet, rest, turn.say(prompt.question), note)
        shown = rest.below(end + t.px(28))
        turning = Area(shown.x, shown.bottom - t.touch, shown.w, t.touch)
        shown = shown.above(turning.y - t.px(24))
    else:
        asking, shown = columns(t, rest)
        question(sheet, asking, turn.say(prompt.question), note)
        turning = Area(asking.x, asking.bottom - t.touch, asking.w, t.touch)
    now = min(turn.memory.setdefault("page", 0), len(prompt.pages) - 1)
    _turning(sheet, turn, turning, now)
    _page(sheet, turn, shown, now)


def carried(before: Turn[Preview], prompt: Preview) -> dict[str, object]:
    """The same document stays open where it was."""
    return dict(before.memory) if before.prompt.pages == prompt.pages else {}


def _turning(sheet: Sheet, turn: Turn[Preview], row: Area, now: int) -> None:
    """Previous, which page, larger, next."""
    t, pages = sheet.t, len(turn.prompt.pages)
    zoomed = turn.memory.get("middle") is not None

    def to(page: int) -> None:
        turn.memory["middle"] = None
        turn.remember("page", page)

    spots = row.columns(0.7, 1, 1.6, 0.7, gap=t.px(16)) if pages > 1 else (row, row, row, row)
    if pages > 1:
        sheet.button("page:previous", spots[0], "", lambda: to(now - 1), icon="chevron-left", enabled=now > 0)
        sheet.text(f"{now + 1} / {pages}", spots[1], t.body, SOFT, False, "center", middle=True)
        sheet.button(
            "page:next", spots[3], "", lambda: to(now + 1), icon="chevron-right", enabled=now < pages - 1
        )
    sheet.button(
        "zoom",
        spots[2],
        turn.own("zoom_out" if zoomed else "zoom_in"),
        lambda: turn.remember("middle", None if zoomed else (0.5, 0.2)),
        icon="minus" if zoomed else "plus",
        size=t.body,
    )


def _page(sheet: Sheet, turn: Turn[Preview], area: Area, now: int) -> None:
    t, picture = sheet.t, turn.prompt.pages[now]
    middle: Middle | None = turn.memory.get("middle")
    if middle is None:
        scale = min(area.w / picture.width, area.h / picture.height)
        w, h = round(picture.width * scale), round(picture.height * scale)
        spot = Area(area.x + (area.w - w) // 2, area.y + (area.h - h) // 2, w, h)
    else:
        spot = area
    edge = Area(spot.x - t.hair, spot.y - t.hair, spot.w + 2 * t.hair, spot.h + 2 * t.hair)
    sheet.rectangle(edge, EDGE if middle else LINE)
    shown = sheet.picture(spot, _texture(turn, now, picture, None if middle else spot.w))
    view = _View(picture, spot, middle, t.px(_STILL), turn, shown)
    view.show()
    sheet.slate("document", spot, Pen(view.down, view.move, view.up))


class _View:
    """What of the page is in view: a touch makes it larger or whole again, a finger that moves shifts it."""

    def __init__(
        self,
        picture: Picture,
        spot: Area,
        middle: Middle | None,
        still: int,
        turn: Turn[Preview],
        shown: object,
    ) -> None:
        self._spot, self._still, self._turn, self._shown = spot, still, turn, shown
        self._middle = middle
        whole = min(spot.w / picture.width, spot.h / picture.height)
        scale = whole * _ZOOM if middle is not None else whole
        # how much of the page the area shows
        self._wide = min(1.0, spot.w / (picture.width * scale))
        self._high = min(1.0, spot.h / (picture.height * scale))
        if middle is not None:  # the area's shape, so that nothing is stretched
            scale = max(scale, spot.w / picture.width)
            self._wide = spot.w / (picture.width * scale)
            self._high = min(1.0, spot.h / (picture.height * scale))
        self._from: tuple[float, float] = (0.0, 0.0)
        self._moved = False

    def show(self) -> None:
        """Rows of a picture come from the top, a texture's from the bottom."""
        x, y = self._middle or (0.5, 0.5)
        left = min(max(x - self._wide / 2, 0.0), 1.0 - self._wide)
        top = min(max(y - self._high / 2, 0.0), 1.0 - self._high)
        right, bottom = left + self._wide, top + self._high
        self._shown.tex_coords = (left, bottom, right, bottom, right, top, left, top)  # type: ignore[attr-defined]

    def down(self, x: float, y: float) -> None:
        """A finger comes."""
        self._from, self._moved = (x, y), False

    def move(self, x: float, y: float) -> None:
        """It moves: the page with it."""
        dx, dy = x - self._from[0], y - self._from[1]
        if not self._moved and abs(dx) + abs(dy) < self._still:
            return
        self._moved = True
        if self._middle is None:
            return
        self._from = (x, y)
        at = (
            _held(self._middle[0] - dx / self._spot.w * self._wide, self._wide),
            _held(self._middle[1] - dy / self._spot.h * self._high, self._high),
        )
        self._middle = self._turn.memory["middle"] = at
        self.show()

    def up(self) -> None:
        """It leaves: a finger that did not move has touched."""
        if self._moved:
            return
        if self._middle is not None:
            self._turn.remember("middle", None)
            return
        x, y = self._from
        share = ((x - self._spot.x) / self._spot.w, (y - self._spot.y) / self._spot.h)
        self._turn.remember("middle", share)


def _held(middle: float, share: float) -> float:
    return min(max(middle, share / 2), 1 - share / 2)


def _texture(turn: Turn[Preview], now: int, picture: Picture, wide: int | None) -> Texture:
    """The page's texture, made once for as long as it is in view: a page of A4 has millions of dots.

    The whole page is made `wide` pixels wide, for dots that are dropped while drawing leave letters torn.
    """
    kept = turn.memory.get("texture")
    if kept is not None and kept[0] == (now, wide):
        made: Texture = kept[1]
        return made
    size, rgb = (picture.width, picture.height), picture.rgb
    if wide is not None and wide < picture.width:
        page = Image.frombytes("RGB", size, rgb)
        page = page.resize((wide, round(picture.height * wide / picture.width)), Image.Resampling.LANCZOS)
        size, rgb = page.size, page.tobytes()
    made = Texture.create(size=size, colorfmt="rgb")
    made.blit_buffer(rgb, colorfmt="rgb", bufferfmt="ubyte")
    turn.memory["texture"] = ((now, wide), made)
    return made
