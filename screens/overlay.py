"""What lies over a page: the time-out warning, and help."""

from __future__ import annotations

from collections.abc import Callable

from config.words import words
from kiosk.prompts import Consent
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, INK, PAPER, SOFT, VEIL, Area


def _panel(sheet: Sheet, high: int) -> Area:
    """The veil and a white panel in its middle; everything beneath is out of reach."""
    t = sheet.t
    sheet.clear()
    sheet.solid = True
    sheet.rectangle(Area(0, 0, t.width, t.height), VEIL)
    wide = min(t.width - 2 * t.margin, t.px(1000))
    panel = Area((t.width - wide) // 2, (t.height - high) // 2, wide, high)
    sheet.box(panel, PAPER, radius=t.px(36))
    return panel.inset(t.px(56))


def hide(sheet: Sheet) -> None:
    """Nothing lies over the page."""
    sheet.clear()
    sheet.solid = False


def warning(
    sheet: Sheet, language: str, seconds: int, go_on: Callable[[], None], at_work: bool = False
) -> None:
    """Are you still there? The seconds left, and one way to go on; a technician is `at_work`."""
    t = sheet.t

    def own(name: str) -> str:
        return words(f"screen.work_{name}" if at_work else f"screen.{name}")[language]

    inner = _panel(sheet, t.px(740))
    disc = t.px(220)
    ring = Area(inner.x + (inner.w - disc) // 2, inner.y, disc, disc)
    sheet.box(ring, BLUE_TINT, radius=disc // 2, edge=BLUE, edge_width=t.px(8))
    sheet.text(str(seconds), ring, t.display, BLUE, bold=True, align="center", middle=True)
    end = sheet.text(
        own("still_there"), inner.below(ring.bottom + t.px(32)), t.title, INK, True, "center", balance=True
    )
    sheet.text(own("ends_soon"), inner.below(end + t.px(16)), t.body, SOFT, False, "center", balance=True)
    spot = Area(inner.x, inner.bottom - t.action, inner.w, t.action)
    sheet.button("continue", spot, own("continue"), go_on, main=True)


def help_panel(sheet: Sheet, language: str, phone: str, close: Callable[[], None]) -> None:
    """How the terminal is used and whom to call."""
    t = sheet.t

    def own(name: str, **values: object) -> str:
        return words(f"screen.{name}", **values)[language]

    lines = [("hand", own("help_touch")), ("house", own("help_home")), ("user", own("help_staff"))]
    if phone:
        lines.append(("phone", own("help_phone", phone=phone)))
    row = t.px(124)
    inner = _panel(sheet, t.px(56 * 2 + 110 + 60) + row * len(lines) + t.action)
    end = sheet.text(own("help_title"), inner, t.title, INK, bold=True) + t.px(24)
    for icon, text in lines:
        disc = t.px(80)
        sheet.box(Area(inner.x, end + (row - disc) // 2, disc, disc), BLUE_TINT, radius=disc // 2)
        sheet.icon(icon, inner.x + disc / 2, end + row / 2, t.px(38), BLUE)
        sheet.text(
            text,
            Area(inner.x + disc + t.px(28), end, inner.w - disc - t.px(28), row),
            t.body,
            INK,
            middle=True,
        )
        end += row
    spot = Area(inner.x, inner.bottom - t.action, inner.w, t.action)
    sheet.button("help:close", spot, own("help_close"), close, main=True)


def aside(sheet: Sheet, language: str, question: Consent, answer: Callable[[str], None]) -> None:
    """A question that has nothing to do with the page beneath: both answers side by side."""
    t = sheet.t
    wide = min(t.width - 2 * t.margin, t.px(1000)) - 2 * t.px(56)
    asked, points = question.question[language], [point[language] for point in question.points]
    high = sheet.height(asked, wide, t.title, True) + t.px(24)
    high += sum(sheet.height(point, wide, t.body) + t.px(16) for point in points)
    inner = _panel(sheet, high + t.px(56 * 2 + 40) + t.action)
    end = sheet.text(asked, inner, t.title, INK, bold=True, balance=True) + t.px(24)
    for point in points:
        end = sheet.text(point, inner.below(end), t.body, SOFT) + t.px(16)
    row = Area(inner.x, inner.bottom - t.action, inner.w, t.action)
    other, agree = row.columns(1.0, 1.0, gap=t.gap)
    sheet.button("aside:other", other, question.other[language], lambda: answer("other"))
    sheet.button("aside:agree", agree, question.agree[language], lambda: answer("agree"), main=True)
