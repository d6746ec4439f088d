"""A technician comes: in by the hidden gesture and his code, paper, a broken camera, a notice, out again."""

from __future__ import annotations

import re
import tarfile
import tempfile
import time
from pathlib import Path

from config.faults import fault
from config.words import words
from drivers.virtual import demo_technician
from kiosk.technician import one_time_code
from tests.journeys import traces
from tests.smoke.citizen import Citizen
from tests.smoke.desk import Desk
from tests.smoke.journey import open_form
from tests.smoke.report import Report, Stuck
from tests.smoke.whole import Whole
from tests.smoke.window import Item, Outline, Window

TRIES = 6  # of the gesture: on a busy computer a tap may come late
INSIDE = ("WorkList", "WorkSheet")


def technician(whole: Whole, report: Report) -> None:
    """Done when he has left and citizens are received again; the hall has heard of each act."""
    report.chapter("technician")
    person = whole.citizen("wang")
    _serve(whole, report, person)
    whole.bench.act("receipt_printer", "paper_out")
    since = time.monotonic()
    number, step = enter(whole)
    report.true("the list says who is at work", number in whole.window.look().text, whole.window.look().text)
    _paper(whole, report)
    _broken(whole, report)
    _notice(whole, report, step)
    _bundle(whole, report, person)
    leave(whole)
    report.same("citizens are received again", whole.window.page("Home").page, "Home")
    acts = {
        "entered",
        "supply_changed",
        "device_tested",
        "notice_set",
        "notice_lifted",
        "bundle_made",
        "left",
    }
    report.eventually("the hall hears what he did", lambda: acts - _told(whole, number, since), set[str]())
    _audit(whole, report, number)


# ── in and out ──────────────────────────────────────────────────────────────
def enter(whole: Whole, after: int = 0) -> tuple[str, int]:
    """In by the gesture and the code that the demo's technician has. Returns his number and the code's step.

    A code is good once: whoever comes again says which step he used, and waits for a later one.
    """
    known = demo_technician.read(whole.data)
    gesture(whole.window)
    while (step := int(time.time() // one_time_code.STEP_SECONDS)) <= after:
        time.sleep(0.2)
    _type(whole.window, known.number, one_time_code.code(one_time_code.plain(known.secret), step))
    refused = fault("technician_refused").technician.zh
    shown = whole.window.until(
        lambda one: one.page == "WorkList" or refused in one.text, "an answer to the code"
    )
    if shown.page != "WorkList":
        raise Stuck("his code is not taken")
    return known.number, step


def gesture(window: Window) -> None:
    """Held, tapped three times, held, where nothing can be touched; until he is asked who he is."""
    for _ in range(TRIES):
        x, y = _empty(window.look())
        window.press((x, y), (2.0, 0.1, 0.1, 0.1, 2.0))
        try:
            window.page("TechnicianKey", seconds=5)
            return
        except Stuck:
            continue
    raise Stuck("the gesture leads nowhere")


def leave(whole: Whole) -> None:
    """Back to the list from wherever he is, and out."""
    for _ in range(6):
        outline = whole.window.page(*INSIDE, "Home", "OutOfService", "Working")
        if outline.page == "WorkList":
            whole.window.tap("choice:leave" if outline.item("choice:leave") else "home")
            return
        if outline.page in ("Home", "OutOfService"):
            return
        if outline.page == "WorkSheet":
            back(whole.window, outline)


def back(window: Window, sheet: Outline) -> Outline:
    """From a sheet to what was before it."""
    window.tap("choice:back" if sheet.item("choice:back") else "back")
    return window.changed(sheet, "what was before")


def line(window: Window, name: str) -> Outline:
    """Touches a line of the list, on whichever page it stands. Returns the page that follows."""
    for _ in range(8):
        now = window.page("WorkList")
        if now.item(f"line:{name}") is not None:
            window.tap(f"line:{name}")
            return window.until(lambda one: one.page not in ("WorkList", "Working"), f"the page of {name}")
        window.tap("page:next")
        window.changed(now, "the list's next page")
    raise Stuck(f"the list has no line {name}")


def act(window: Window, name: str, *pages: str) -> Outline:
    """Touches an action and waits for what comes of it."""
    before = window.look()
    window.tap(f"choice:{name}")
    return window.until(
        lambda one: one.page in (pages or INSIDE) and one.still != before.still, f"what comes of {name}", 90
    )


def _type(window: Window, number: str, code: str) -> None:
    window.page("TechnicianKey")
    for name in ("field:number", "digit:clear", *(f"digit:{one}" for one in number), "next"):
        window.tap(name)
    for digit in code:
        window.tap(f"digit:{digit}")
    window.tap("confirm")


def _empty(outline: Outline) -> tuple[int, int]:
    """A spot on which nothing can be touched."""
    live = [one for one in outline.items if one.role not in ("text", "picture")]
    wide = max(one.rect[0] + one.rect[2] for one in outline.items)
    high = max(one.rect[1] + one.rect[3] for one in outline.items)
    for y in range(8, int(high), 12):
        for x in range(20, int(wide) - 20, 20):
            if not any(_near(one, x, y) for one in live):
                return x, y
    raise Stuck("the page has no empty spot")


def _near(item: Item, x: float, y: float) -> bool:
    left, top, wide, high = item.rect
    return left - 12 <= x <= left + wide + 12 and top - 12 <= y <= top + high + 12


# ── what he does ────────────────────────────────────────────────────────────
def _serve(whole: Whole, report: Report, person: Citizen) -> None:
    """The last citizen before him has a certificate and a receipt."""
    open_form(whole, person)
    person.in_form("option:purpose:other")
    person.in_form("confirm")
    whole.window.page("Confirm")
    whole.window.tap("confirm")
    end = whole.window.page("TakePaper", "Trouble", seconds=90)
    report.same("a citizen was served just before", end.page, "TakePaper")
    person.go_home()


def _paper(whole: Whole, report: Report) -> None:
    """The roll is at its end: changed, believed by the printer itself, counted anew."""
    window = whole.window
    sheet = line(window, "device:receipt_printer")
    out = fault("receipt_paper_out")
    told = window.until(lambda one: out.code in one.text, "the printer to say that its paper is out")
    report.true("its page says what is wrong and what to do", out.technician.zh in told.text, sheet.text)
    before = act(window, "change_paper")
    report.true("it says what was used since the last change", _used(before) > 0, before.text)
    disbelieved = act(window, "changed", "WorkSheet")
    report.true("an empty printer is not believed full", disbelieved.item("choice:look_again") is not None)
    whole.bench.act("receipt_printer", "refill")
    after = act(window, "look_again", "WorkSheet")
    report.true("counting begins anew", words("technician.counted_anew").zh in after.text, after.text)
    report.same("nothing of the new roll was used", _used(after), 0)
    slip = act(window, "test", "WorkSheet")
    back(window, slip)
    half = act(window, "change_paper", "WorkSheet")
    report.true("the test's slip is counted", _used(half) > 0, half.text)
    changed = act(window, "changed", "WorkSheet")
    report.same("a roll that is changed before its end is counted anew", _used(changed), 0)
    back(window, changed)
    back(window, window.page("WorkSheet"))


def _used(sheet: Outline) -> int:
    """Millimetres of paper, as the page tells."""
    found = re.search(r"用纸 (\d+) 毫米", sheet.text)
    return int(found[1]) if found else 0


def _broken(whole: Whole, report: Report) -> None:
    """The camera looks well until it is tested: somebody has stuck paper over it."""
    window = whole.window
    whole.bench.act("person_camera", "cover")
    try:
        line(window, "device:person_camera")
        found = act(window, "test", "WorkSheet")
        dark = fault("camera_dark")
        report.true("the test names the fault", dark.code in found.text, found.text)
        report.true("and what to do about it", dark.technician.zh in found.text, found.text)
        whole.bench.act("person_camera", "uncover")
        mended = act(window, "again", "WorkSheet")
        report.true("mended, one touch tests it again", dark.code not in mended.text, mended.text)
    finally:
        whole.bench.act("person_camera", "uncover")
    leave_sheet = window.look()
    while leave_sheet.page == "WorkSheet":
        leave_sheet = back(window, leave_sheet)


def _notice(whole: Whole, report: Report, step: int) -> None:
    """Out of service by his word: the citizen reads it, and no touch opens anything; then back."""
    window = whole.window
    line(window, "notice")
    act(window, "repair", "WorkSheet")
    back(window, window.look())
    leave(whole)
    page = window.page("OutOfService")
    told = words("technician.notice_repair").zh
    report.true("the citizen reads his notice", told in page.text and "12345" in page.text.replace(" ", ""))
    live = [one for one in page.items if one.role not in ("text", "picture") and one.enabled]
    report.same("nothing on it leads into a service", [one.name for one in live if ":" in one.name], [])
    for item in page.items:
        window.touch(item)
    report.same("a citizen's touch opens nothing", window.look().page, "OutOfService")
    enter(whole, step)
    line(window, "notice")
    back(window, act(window, "take_down", "WorkSheet"))


def _bundle(whole: Whole, report: Report, person: Citizen) -> None:
    """Whoever helps from afar gets versions, settings and logs, and not a word of the last citizen."""
    made = act(whole.window, "bundle", "WorkSheet")
    found = sorted((whole.data / "support").glob("*.tar.gz"))
    report.same("the support bundle lies there", [one.name in made.text for one in found], [True])
    if not found:
        return
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(found[0]) as pack:
            names = pack.getnames()
            pack.extractall(folder, filter="data")
        who = person.person
        texts = [one for one in (who.name, who.number, who.phone, who.address) if one]
        left = [str(one) for one in traces.search(Path(folder), texts)]
        report.same("nothing of the last citizen is in it, however it is spelled", left, [])
        (own := Path(folder) / "own.txt").write_text(f"{who.name} {who.number}", encoding="gb18030")
        report.true("the search would have found it", bool(traces.search(own, texts)))
    logs = [name for name in names if "log" in name]
    report.true("and the log is in it", bool(logs), names)
    back(whole.window, made)


# ── what is left behind ─────────────────────────────────────────────────────
def _told(whole: Whole, number: str, since: float) -> set[str]:
    """The acts that went over the broker with his number."""
    heard = whole.listener.heard("evt", since)
    return {
        one.data["act"]
        for one in heard
        if one.type == "hall.technician.acted" and one.data["actor"] == number
    }


def _audit(whole: Whole, report: Report, number: str) -> None:
    with Desk(whole.told["ports"]["desk"], whole.account) as desk:
        desk.open("/audit")
        wanted = [
            words(f"desk.technician_{one}").zh for one in ("entered", "supply_changed", "bundle_made", "left")
        ]
        seconds = desk.seconds_until(
            "/audit", lambda text: all(one in text for one in (number, *wanted)), time.monotonic()
        )
        report.true("the audit has it, by his number", seconds < 60, desk.text("/audit")[:200])
