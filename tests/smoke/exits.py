"""The ways out: back, home, a card that does not do, no paper, no platform, nobody there."""

from __future__ import annotations

import time

import httpx

from config.faults import fault
from config.words import words
from tests.smoke.report import Report
from tests.smoke.troubles import TICKET
from tests.smoke.whole import WARN, Whole


def ways(whole: Whole, report: Report) -> None:
    """Back leads one step back, home ends the session, unfit cards are told why."""
    report.chapter("ways")
    person, window = whole.citizen("zhang"), whole.window
    person.open_guide("SB01", 1)
    window.tap("back")
    report.same(
        "back leads from the guide to the services", window.page("ChooseService").page, "ChooseService"
    )
    window.tap("service:SB01")
    window.page("Guide")
    window.tap("start")
    window.page("PlaceCard")
    window.tap("back")
    report.same("back leads from the card to the guide", window.page("Guide").page, "Guide")
    window.tap("home")
    report.same("home leads home", window.page("Home").page, "Home")
    for key, expected in (("zhou", fault("id_expired").citizen.zh), ("xu", "16")):
        unfit = whole.citizen(key)
        unfit.open_guide("SB01", 1)
        window.tap("start")
        window.page("PlaceCard")
        whole.bench.act("id_card_reader", "put", person=key)
        told = window.page("Trouble")
        report.true(f"the card of {key} is refused with the reason", expected in told.text, told.text)
        window.tap("choice:window")
        unfit.go_home()
    ends = {"abandoned", "referred"}
    report.eventually("the hall knows how the visits ended", lambda: ends <= _outcomes(whole), True)


def tray(whole: Whole, report: Report) -> None:
    """No A4 paper: the service is greyed, with the reason, before anybody identifies himself."""
    report.chapter("tray")
    window = whole.window
    acted = time.monotonic()
    whole.bench.act("a4_printer", "paper_out")
    whole.health_of("a4_printer", "out", acted)
    window.page("Home")
    window.tap("theme:1")
    services = window.page("ChooseService")
    item = services.item("service:SB01")
    report.same("the service cannot be chosen", item is not None and item.enabled, False)
    report.true("the reason stands beneath", fault("a4_paper_out").citizen.zh in services.text, services.text)
    if item is not None:
        window.touch(item)
    time.sleep(0.4)
    report.same("touching it leads nowhere", window.look().page, "ChooseService")
    window.tap("home")
    acted = time.monotonic()
    whole.bench.act("a4_printer", "refill")
    whole.health_of("a4_printer", "full", acted)
    window.page("Home")
    window.tap("theme:1")
    refilled = window.page("ChooseService").item("service:SB01")
    report.same("with paper it can be chosen again", refilled is not None and refilled.enabled, True)
    window.tap("home")
    window.page("Home")


def closed(whole: Whole, report: Report) -> None:
    """The back office closes while somebody fills the form: told kindly, nothing filed."""
    report.chapter("closed")
    person, window = whole.citizen("zhang"), whole.window
    cases = whole.platform("SELECT COUNT(*) FROM cases")
    person.open_guide(*TICKET)
    window.tap("start")
    window.page("FillForm")
    person.in_form("option:window:general")
    _close(whole, True)
    notice = words("journey.home_notice").zh
    try:
        person.in_form("confirm")
        told = window.page("Trouble", seconds=60)
        expected = fault("platform_down").citizen.zh
        report.true("the screen says that nothing was filed", expected in told.text, told.text)
        report.same("nothing was", whole.platform("SELECT COUNT(*) FROM cases"), cases)
        report.eventually("the hall hears of it", lambda: "platform_down" in _open_faults(whole), True)
        person.go_home()
        report.eventually("home tells of it", lambda: notice in window.look().text, True)
    finally:
        _close(whole, False)
    report.eventually("home is quiet again when it is over", lambda: notice in window.look().text, False)


def timeout(whole: Whole, report: Report) -> None:
    """Nobody touches anything: a warning with time to answer, then home."""
    report.chapter("timeout")
    person, window = whole.citizen("zhang"), whole.window
    person.open_guide("SB01", 1)
    window.until(lambda o: o.item("continue") is not None, "the warning", 90)
    window.tap("continue")
    answered = window.until(lambda o: o.item("continue") is None, "the warning to go")
    report.same("a touch takes the warning away, and the page still stands", answered.page, "Guide")
    window.until(lambda o: o.item("continue") is not None, "the warning", 90)
    warned = time.monotonic()
    window.page("Home", seconds=WARN + 10)
    left = time.monotonic() - warned
    report.true(f"the warning leaves at least 20 s ({left:.1f} s)", left >= 20, left)
    report.eventually("the hall knows that it timed out", lambda: "timeout" in _outcomes(whole), True)


def _close(whole: Whole, shut: bool) -> None:
    address = f"http://127.0.0.1:{whole.told['ports']['platform']}/bench/closed"
    httpx.post(address, json={"closed": shut}, timeout=10, trust_env=False).raise_for_status()


def _outcomes(whole: Whole) -> set[str]:
    return {row["outcome"] for row in whole.hall("sessions")}


def _open_faults(whole: Whole) -> set[str]:
    return {row["code"] for row in whole.hall("faults") if row["open"]}
