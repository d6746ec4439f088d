"""The demo's invented service: a paper scanned, a signature, a fee; compared at the platform and the hall."""

from __future__ import annotations

import json
import time

from tests.smoke.citizen import Citizen
from tests.smoke.journey import ends_agree
from tests.smoke.report import Report
from tests.smoke.whole import Whole

SERVICE, THEME = "YS01", 4
PAGES = ["Home", "ChooseService", "Guide", "PlaceCard", "FillForm", "ScanDocument", "Confirm", "Sign", "Pay"]
PAGES += ["Working", "TakePaper", "Rate", "Goodbye", "Home"]
NAME = (  # as a finger writes: strokes of shares of the slate
    ((0.15, 0.3), (0.35, 0.3), (0.25, 0.5), (0.2, 0.8)),
    ((0.5, 0.2), (0.5, 0.45), (0.55, 0.7), (0.75, 0.75)),
    ((0.45, 0.4), (0.6, 0.38), (0.8, 0.35)),
)


def permit(whole: Whole, report: Report) -> None:
    """Replaces a residence permit: each page by real touches, paid once, filed with all that goes along."""
    report.chapter("permit")
    person, window = whole.citizen("zhang"), whole.window
    report.eventually("the document camera is awake", lambda: _camera(whole), "online")
    window.visited.clear()
    person.open_guide(SERVICE, THEME)
    person.lay_card()
    person.in_form("option:reason:lost")
    person.in_form("confirm")
    _scan(whole, report)
    confirm = window.page("Confirm")
    missing = [told for told in ("遗失", "居住地址证明", "10.00") if told not in confirm.text]
    report.same("what was chosen, brought and is to be paid is asked back", missing, [])
    window.tap("confirm")
    signing = window.page("Sign").item("signed")
    report.same("an empty slate cannot be sent", signing is not None and signing.enabled, False)
    person.write("slate", NAME)
    window.tap("signed")
    _pay(whole, report, person)
    window.page("TakePaper", seconds=60)
    window.tap("taken")
    person.rate(5)
    window.page("Goodbye")
    window.tap("done")
    window.page("Home")
    report.same("every page came in its order", window.visited, PAGES)
    _at_each_end(whole, report)
    ends_agree(whole, report)


def _camera(whole: Whole) -> str:
    """What the terminal told last of its document camera."""
    for heard in reversed(whole.listener.heard("health", 0)):
        for told in heard.data["devices"]:
            if told["name"] == "document_camera":
                return str(told["availability"])
    return ""


def _scan(whole: Whole, report: Report) -> None:
    """A paper that reflects the lamp is told so, and taken once it does not."""
    whole.window.page("ScanDocument")
    whole.bench.act("document_camera", "put", sheet="form", glare=0.05)
    told = whole.window.reads("反光")
    report.same("a page with a reflection is not taken", told.item("use"), None)
    whole.bench.act("document_camera", "move", glare=0)
    whole.window.tap("use", seconds=60)
    whole.bench.act("document_camera", "remove")


def _pay(whole: Whole, report: Report, person: Citizen) -> None:
    page = whole.window.page("Pay")
    report.true("the screen tells the amount", "10.00" in page.text, page.text)
    cases = whole.platform("SELECT COUNT(*) FROM cases WHERE service = ?", SERVICE)
    time.sleep(1.0)  # long enough for a terminal that does not wait for the money
    filed = whole.platform("SELECT COUNT(*) FROM cases WHERE service = ?", SERVICE)
    report.same("nothing is filed before it is paid", filed, cases)
    code = page.item("code")
    person.bench.act("phone", "scan", code=code.text if code else "")
    person.bench.act("phone", "pay")


def _at_each_end(whole: Whole, report: Report) -> None:
    """The platform has one case with its page and its signature, one paid order; the hall tells the same."""
    cases = whole.platform("SELECT key, submission FROM cases WHERE service = ?", SERVICE)
    report.same("the platform has one case", len(cases), 1)
    key, submission = cases[0]
    pages = whole.platform("SELECT jpeg FROM materials WHERE case_key = ?", key)
    report.same("with one page, a JPEG", [jpeg[:3] for (jpeg,) in pages], [b"\xff\xd8\xff"])
    report.true("and the signature", bool(json.loads(submission).get("signature")), "no signature")
    orders = whole.platform("SELECT state, fen, case_key FROM orders WHERE service = ?", SERVICE)
    report.same("one order, paid, is this case's", orders, [("paid", 1000, key)])
    paid = lambda: [(row["fen"], row["state"]) for row in whole.hall("payments")]  # noqa: E731
    report.eventually("the hall shows one payment", paid, [(1000, "paid")])
    open_ones = "SELECT kind FROM records WHERE state IN ('intended', 'sent', 'unknown', 'paid')"
    report.eventually("the terminal has nothing open", lambda: len(whole.terminal(open_ones)), 0)
