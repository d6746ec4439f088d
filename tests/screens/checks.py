"""What a careful eye would find wrong with a page, found by measuring."""

from __future__ import annotations

import re
from typing import Any

from screens.sheet import Item
from screens.tokens import Area

_LATIN_ALLOWED = re.compile(r"English|A4|QR|[A-Z]{0,2}\d[\dA-Z]*|[0-9A-Z]{4}|platform_down|[A-Z]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z_]*")


def problems(scene: Any, language: str) -> list[str]:
    """Text that does not fit, things that overlap or leave the window, small targets, stray English."""
    _, items = scene.visible()
    t = scene.t
    window = Area(0, 0, t.width, t.height)
    found = []
    for item in items:
        if not item.fits:
            found.append(f"does not fit: {_told(item)}")
        if not _inside(item.area, window):
            found.append(f"outside the window: {_told(item)} {item.area}")
        if (language == "zh" and item.role == "text") or item.role == "button":
            found += _stray_english(item) if language == "zh" else []
    targets = [item for item in items if item.role != "text" and item.name != "anywhere"]
    least = t.px(66)  # 44 dp at 1.5 pixels to a dp on a screen 1080 wide
    for item in targets:
        if min(item.area.w, item.area.h) < least:
            found.append(f"target too small: {_told(item)} {item.area}")
    found += _overlaps(targets, "touches overlap")
    found += _overlaps([item for item in items if item.role == "text"], "texts overlap")
    found += _crossings(targets, [item for item in items if item.role == "text"])
    return found


def _told(item: Item) -> str:
    return f"{item.role} {item.name} {item.text!r}"


def _inside(area: Area, window: Area) -> bool:
    return area.x >= 0 and area.y >= 0 and area.right <= window.w and area.bottom <= window.h


def _meet(one: Area, other: Area) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def _overlaps(items: list[Item], complaint: str) -> list[str]:
    return [
        f"{complaint}: {_told(one)} / {_told(other)}"
        for number, one in enumerate(items)
        for other in items[number + 1 :]
        if _meet(one.area, other.area)
    ]


def _crossings(targets: list[Item], texts: list[Item]) -> list[str]:
    """A text lies wholly in a target or wholly outside it."""
    return [
        f"text crosses a target's edge: {_told(text)} / {_told(target)}"
        for target in targets
        for text in texts
        if _meet(target.area, text.area)
        and not (
            target.area.x <= text.area.x
            and target.area.y <= text.area.y + 2
            and text.area.right <= target.area.right
            and text.area.bottom <= target.area.bottom + 2
        )
    ]


def _stray_english(item: Item) -> list[str]:
    return [
        f"English in the Chinese page: {item.text!r}"
        for word in _LATIN.findall(item.text)
        if not _LATIN_ALLOWED.fullmatch(word) and item.name != "code" and not item.name.startswith("written:")
    ]
