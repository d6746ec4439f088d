"""The journey of the house: one certificate, from the first touch to the hall's screen."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from config.catalogue_files import load_catalogue
from config.words import words
from tests.codes import codes_on
from tests.smoke.citizen import Citizen
from tests.smoke.desk import Desk
from tests.smoke.papers import text_of
from tests.smoke.report import Report, Stuck
from tests.smoke.whole import Whole
from tests.smoke.window import Outline

AT_MOST = 20.0  # seconds to the desk: one is promised and printed; a busy computer may take longer
PAGES = ["Home", "ChooseService", "Guide", "PlaceCard", "ChooseOne", "Consent", "LookAtCamera", "FillForm"]
PAGES += ["Confirm", "Working", "TakePaper", "Rate", "Goodbye", "Home"]
SB01 = load_catalogue().services["SB01"]


def face(whole: Whole, report: Report) -> None:
    """Proof of social insurance with the face check: every page, every paper, every end."""
    report.chapter("face")
    person = whole.citizen("zhang")
    with Desk(whole.told["ports"]["desk"], whole.account) as desk:
        for path in ("/", "/transactions", "/ratings", whole.desk_page):
            desk.open(path)
        _terminal_on_desk(whole, report, desk)
        _device_on_desk(whole, report, desk)
        whole.window.visited.clear()
        _to_the_form(whole, report, person)
        _form(report, person)
        case_no = _commit(whole, report, desk)
        whole.window.tap("taken")
        rated = person.rate(5, "517", "510")
        seconds = desk.seconds_until("/ratings", lambda text: case_no in text, rated)
        report.within("the desk shows the rating", seconds, AT_MOST)
    whole.window.page("Goodbye")
    whole.window.tap("done")
    whole.window.page("Home")
    report.same("every page came in its order", whole.window.visited, PAGES)
    certificate(whole, report, person, case_no)
    receipt(whole, report, case_no)
    ends_agree(whole, report)


def sms(whole: Whole, report: Report) -> None:
    """The same by text message, for somebody of whom there is no photograph; the screen speaks English."""
    report.chapter("sms")
    person = whole.citizen("chen")
    whole.window.tap("language")
    home = whole.window.until(lambda o: o.language == "en", "the English page")
    report.same("the switch turns the home page to English", home.language, "en")
    guide = person.open_guide("SB01", 1)
    report.true("the guide speaks English", SB01.guide.summary.en in guide.text, guide.text)
    person.lay_card()
    person.show_face()
    whole.window.tap("choice:other")  # no photograph: the other way is offered
    person.prove_by_text_message()
    form = whole.window.page("FillForm")
    report.same("the rare character stands in the form", _text(form, "locked:name"), person.person.name)
    person.in_form("option:purpose:school")
    person.in_form("confirm")
    whole.window.page("Confirm")
    before = _cases(whole)
    whole.window.tap("confirm")
    whole.window.page("TakePaper", seconds=60)
    whole.window.tap("taken")
    whole.window.page("Rate")
    whole.window.tap("skip")
    whole.window.page("Goodbye")
    whole.window.tap("done")
    home = whole.window.page("Home")
    report.same("the next citizen finds Chinese again", home.language, "zh")
    (case_no,) = _cases(whole) - before
    (means,) = whole.platform("SELECT means FROM cases WHERE case_no = ?", case_no)[0]
    report.same("the platform knows by which means", means, "sms")
    certificate(whole, report, person, case_no)
    report.eventually("nothing was rated", lambda: _rated(whole, case_no), 0, 3)
    ends_agree(whole, report)


def open_form(whole: Whole, person: Citizen) -> None:
    """From home to the form of the certificate, by card and face."""
    person.open_guide("SB01", 1)
    person.lay_card()
    person.show_face()
    whole.window.page("FillForm", seconds=60)


# ── page by page ────────────────────────────────────────────────────────────
def _to_the_form(whole: Whole, report: Report, person: Citizen) -> None:
    window = whole.window
    home = window.page("Home")
    themes = [item for item in home.items if item.name.startswith("theme:")]
    report.same("home has eight themes", len(themes), 8)
    guide = person.open_guide("SB01", 1)
    told = [SB01.guide.summary, *SB01.guide.needs, *SB01.guide.gives, *SB01.guide.excludes]
    missing = [one.zh for one in told if one.zh not in guide.text]
    report.same("the guide tells what it needs, gives and excludes", missing, [])
    person.lay_card()
    person.choose_means("face")
    consent = window.page("Consent")
    report.true("consent can be refused", _enabled(consent, "other"), consent.text)
    report.same("nothing was looked at before the consent", _seen_by_camera(whole), False)
    person.show_face()
    window.page("LookAtCamera")
    end = window.page("FillForm", "Trouble", seconds=60)
    if not report.same("the holder's face is accepted", end.page, "FillForm"):
        raise Stuck("the face check did not let its own holder pass")


def _form(report: Report, person: Citizen) -> None:
    window, number = person.window, person.person.number
    form = window.page("FillForm")
    report.same("the name is filled from the card", _text(form, "locked:name"), person.person.name)
    masked = f"{number[:4]}{'*' * 10}{number[-4:]}"
    report.same("the number is shown masked", _digits(_text(form, "locked:number")), masked)
    locked = form.item("locked:name")
    assert locked is not None
    window.touch(locked)
    time.sleep(0.3)
    report.same("a locked field does not answer", window.look().still, form.still)
    person.in_form("option:insurances:injury")  # ticked by the platform: off now
    person.in_form("year:from:plus")
    person.in_form("year:from:plus")
    person.in_form("option:purpose:home")
    person.in_form("confirm")
    confirm = window.page("Confirm")
    chosen = ["养老保险、失业保险", "购房", _month("2012", "7"), _month("2026", "10")]
    missing = [one for one in chosen if _bare(one) not in _bare(confirm.text)]
    report.same("what was chosen is asked back", missing, [])
    report.true("the button says what it does", SB01.action.zh in confirm.text, confirm.text)


def _commit(whole: Whole, report: Report, desk: Desk) -> str:
    """Confirms; returns the number of the case, seen at the platform, on the desk and on the screen."""
    known = _cases(whole)
    end = whole.window.tap("confirm") + 120
    accepted, case_no = 0.0, ""
    whole.window.page("Working")
    while not (accepted and case_no in desk.text("/transactions")):
        if not accepted and (new := _cases(whole) - known):
            accepted, case_no = time.monotonic(), new.pop()
        if time.monotonic() > end or (accepted and time.monotonic() > accepted + 60):
            break
        time.sleep(0.02)
    report.within("the desk shows the transaction", time.monotonic() - accepted, AT_MOST)
    whole.window.page("TakePaper", seconds=60)
    if not case_no:
        raise Stuck("the platform has no new case")
    return case_no


def _terminal_on_desk(whole: Whole, report: Report, desk: Desk) -> None:
    """Somebody comes to the terminal and goes: from the touch to the officer's list."""
    serving = words("desk.count_serving").zh
    idle = desk.text("/").count(serving)
    for touch, page, count in (("theme:1", "ChooseService", idle + 1), ("home", "Home", idle)):
        touched = whole.window.tap(touch)
        seconds = desk.seconds_until("/", lambda text, n=count: text.count(serving) == n, touched)  # type: ignore[misc]
        report.within(f"the desk shows that the terminal is at {page}", seconds, AT_MOST)
        whole.window.page(page)


def _device_on_desk(whole: Whole, report: Report, desk: Desk) -> None:
    """The receipt paper runs low and is changed: from the terminal's message to the officer's eye."""
    low = words("desk.supply_low").zh
    before = desk.text(whole.desk_page).count(low)
    for action, name, expected in (("paper_low", "runs low", before + 1), ("refill", "is changed", before)):
        acted = time.monotonic()
        whole.bench.act("receipt_printer", action)
        told = whole.health_of("receipt_printer", "low" if action == "paper_low" else "full", acted)
        seconds = desk.seconds_until(whole.desk_page, lambda text, n=expected: text.count(low) == n, told)  # type: ignore[misc]
        report.within(f"the desk shows that receipt paper {name}", seconds, AT_MOST)


# ── the papers ──────────────────────────────────────────────────────────────
def certificate(whole: Whole, report: Report, person: Citizen, case_no: str) -> None:
    """The sheet that came out is the platform's document, sealed, and says what was asked for."""
    pages = whole.bench.state("a4_printer")["pages"]
    sheet = whole.bench.paper("a4", max(page["number"] for page in pages))
    rows = whole.platform("SELECT number, pdf FROM documents WHERE case_no = ?", case_no)
    report.same("the platform issued one document", len(rows), 1)
    number, pdf = rows[0]
    report.true("the paper is the platform's document, byte for byte", sheet == pdf, f"{len(sheet)} bytes")
    file = Path(whole.folder / "sheet.pdf")
    file.write_bytes(sheet)
    settings = str(whole.data / "terminal.toml")
    code, said = whole.main("certificate", "verify", "--settings", settings, str(file))
    report.same("the seal on the paper is valid", (code, said.partition(":")[0]), (0, "valid"))
    text = text_of(sheet)
    report.true("the paper names the holder", person.person.name in text, text[:200])
    report.true("the paper bears its number", number in text, text[:200])
    if person.key == "zhang":
        missing = [told for told in ("2012-07至2026-10", "养老保险", "失业保险") if told not in text]
        report.same("the paper says the chosen months and insurances", missing, [])
        report.true("the insurance that was not chosen is not on it", "工伤保险" not in text, text)


def receipt(whole: Whole, report: Report, case_no: str) -> None:
    """The receipt came out whole; its code leads to the page that calls the certificate valid."""
    papers = whole.bench.state("receipt_printer")["receipts"]
    picture = whole.bench.paper("receipt", max(paper["number"] for paper in papers))
    (number,) = whole.platform("SELECT number FROM documents WHERE case_no = ?", case_no)[0]
    expected = f"http://127.0.0.1:{whole.told['ports']['platform']}/v/{number}"
    rated = f"http://127.0.0.1:{whole.told['ports']['platform']}/r/{case_no}"
    report.same("the receipt's codes lead to certificate and rating", codes_on(picture), [expected, rated])
    page = httpx.get(expected, timeout=10, trust_env=False, follow_redirects=True)
    report.true("the public's page knows it", page.is_success and number in page.text, page.status_code)


# ── the ends ────────────────────────────────────────────────────────────────
def ends_agree(whole: Whole, report: Report) -> None:
    """The terminal's journal, the platform's cases and the hall's rows are the same, each once."""
    report.eventually("the outbox is empty", whole.outbox, 0)
    refused = [f"{id} {code}" for id, code in whole.terminal("SELECT id, code FROM dead_letters")]
    report.alike("the hall refused nothing", refused, [])
    ours = whole.terminal("SELECT id FROM journal WHERE stream != '' ORDER BY id")
    theirs = [row["id"] for row in whole.hall_messages()]
    report.alike("the hall has every message of the journal once", theirs, [id for (id,) in ours])
    filed = [
        key
        for (key,) in whole.terminal(
            "SELECT key FROM records WHERE kind = 'submission' AND state = 'accepted' ORDER BY key"
        )
    ]
    cases = [
        key
        for (key,) in whole.platform(
            "SELECT key FROM cases WHERE json_extract(result, '$.state') = 'accepted'"
            " AND key != case_no ORDER BY key"  # an item of a bundle has no key of a terminal's
        )
    ]
    report.alike("the platform's cases are those that the terminal filed", cases, filed)
    hall = sorted(row["key"] for row in whole.hall("cases") if row["state"] == "accepted")
    report.alike("the hall's cases are the platform's", hall, cases)
    address = f"http://127.0.0.1:{whole.told['ports']['desk']}"
    settings = str(whole.data / "terminal.toml")
    token = whole.folder / "hall.token"
    token.write_text(whole.account.token, encoding="utf-8")
    code, said = whole.main(
        "journal", "verify", "--settings", settings, "--hall", address, "--hall-token", str(token)
    )
    report.true("the journal verifies, and against the hall", code == 0, said)


def _cases(whole: Whole) -> set[str]:
    return {number for (number,) in whole.platform("SELECT case_no FROM cases")}


def _rated(whole: Whole, case_no: str) -> int:
    return sum(row["case_no"] == case_no for row in whole.hall("ratings"))


def _seen_by_camera(whole: Whole) -> bool:
    return "LookAtCamera" in whole.window.visited


def _enabled(outline: Outline, name: str) -> bool:
    item = outline.item(name)
    return item is not None and item.enabled


def _text(outline: Outline, name: str) -> str:
    item = outline.item(name)
    return item.text if item else ""


def _digits(text: str) -> str:
    return text.replace(" ", "")


def _bare(text: str) -> str:
    return "".join(text.split())


def _month(year: str, month: str) -> str:
    return words("journey.month", year=year, month=int(month)).zh
