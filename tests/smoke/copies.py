"""A card is copied by somebody whom nobody asks for a name; measured on the paper, looked for on the disk."""

from __future__ import annotations

from typing import Any

from tests.journeys.copier import cards, ink, pages
from tests.journeys.traces import search
from tests.smoke.journey import ends_agree
from tests.smoke.report import Report
from tests.smoke.whole import Whole

SERVICE, THEME = "ZH05", 8
PURPOSE = "仅供办理入学使用"
PAGES = ["Home", "ChooseService", "Guide", "FillForm", "ScanDocument", "Confirm", "Working", "TakePaper"]
PAGES += ["Rate", "Goodbye", "Home"]


def copies(whole: Whole, report: Report) -> None:
    """Two copies of both sides of a card, for school: by real touches, and the card taken along."""
    report.chapter("copies")
    person, window, bench = whole.citizen("zhang"), whole.window, whole.bench
    bench.act("a4_printer", "take")
    window.visited.clear()
    person.open_guide(SERVICE, THEME)
    window.tap("start")
    _form(whole, report)
    window.page("ScanDocument")
    bench.act("document_camera", "put", sheet="card")
    window.tap("turn")
    window.tap("turn")
    window.tap("other_side")
    bench.act("document_camera", "put", sheet="card_back", turn=180)
    window.tap("enough")
    confirm = window.page("Confirm")
    report.true("the words across it are asked back", PURPOSE in confirm.text, confirm.text)
    window.tap("confirm")
    window.page("TakePaper")
    window.tap("taken")
    window.reads("原件")
    bench.act("document_camera", "remove")
    person.rate(5)
    window.page("Goodbye")
    window.tap("done")
    window.page("Home")
    report.same("every page came in its order", window.visited, PAGES)
    _paper(whole, report)
    _ends(whole, report)
    ends_agree(whole, report)


def _form(whole: Whole, report: Report) -> None:
    """A card without its purpose is refused beside the field; with one it goes on."""
    person = whole.citizen("zhang")
    for choice in ("original:card", "purpose:none", "copies:2", "sides:one"):
        person.in_form(f"option:{choice}")
    person.in_form("confirm")
    told = whole.window.reads("不能用这一项")
    report.same("without a purpose it is not taken", told.page, "FillForm")
    person.in_form("option:purpose:school")
    person.in_form("confirm")


def _paper(whole: Whole, report: Report) -> None:
    """One job of two sheets; both sides at the size of a card, the words to their edges."""
    (job,) = whole.bench.state("a4_printer")["pages"]
    report.same("two copies came out", job["sheets"], 2)
    (page,) = pages(whole.bench.paper("a4", job["number"]))
    sides = cards(page)
    report.same("with both sides of the card", len(sides), 2)
    for x, y, width, height in sides:
        report.true(
            "at its true size", abs(width - 85.6) < 1 and abs(height - 54) < 1, f"{width:.1f} × {height:.1f}"
        )
        report.true("and its purpose across", ink(page, x, y + height - 4, width, 4) > 0.02)


def _ends(whole: Whole, report: Report) -> None:
    """The hall hears of a copy and no more; nothing of it lies anywhere."""
    report.eventually("the hall shows one copy", lambda: [r["state"] for r in _prints(whole)], ["confirmed"])
    report.same("and nothing of what it is for", PURPOSE in str(_prints(whole)), False)
    found = [str(one) for one in search(whole.data / "terminal", [PURPOSE]) if "/kivy/icon/" not in one.place]
    report.alike("no words and no picture on the terminal's disk", found, [])
    open_ones = "SELECT kind FROM records WHERE state IN ('intended', 'sent', 'unknown', 'paid')"
    report.eventually("the terminal has nothing open", lambda: len(whole.terminal(open_ones)), 0)


def _prints(whole: Whole) -> list[dict[str, Any]]:
    return [row for row in whole.hall("prints") if row["document"] == "copy"]
