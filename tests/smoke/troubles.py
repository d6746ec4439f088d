"""What goes wrong on the way: at the reader, on paper, on the line, at the hall, before the camera."""

from __future__ import annotations

import contextlib
import os
import signal
import time

from config.faults import fault
from config.words import words
from tests.smoke.citizen import Citizen
from tests.smoke.journey import ends_agree, open_form
from tests.smoke.report import Report, Stuck
from tests.smoke.whole import Whole

TICKET = ("ZH03", 8)  # the shortest service: no card, one question, one paper


def damage(whole: Whole, report: Report) -> None:
    """A frame is damaged on the serial line: told, read again, and never shown as somebody's data."""
    report.chapter("damage")
    person, window = whole.citizen("wang"), whole.window
    person.open_guide("SB01", 1)
    window.tap("start")
    window.page("PlaceCard")
    whole.bench.act("id_card_reader", "damage_next", how="checksum")
    whole.bench.act("id_card_reader", "put", person=person.key)
    told = (words("screen.card_refused").zh, words("screen.card_remove").zh)
    seen = window.until(lambda o: o.page != "PlaceCard" or any(t in o.text for t in told), "the card's fate")
    report.true("a damaged frame is refused", told[0] in seen.text, seen.text)
    if told[0] in seen.text:
        whole.bench.act("id_card_reader", "take")
        whole.bench.act("id_card_reader", "put", person=person.key)
    person.lift_card()
    person.show_face()
    form = window.page("FillForm", seconds=60)
    item = form.item("locked:name")
    report.same("the second try shows the right person", item.text if item else "", person.person.name)
    person.go_home()


def paper(whole: Whole, report: Report) -> None:
    """The receipt paper ends in the middle: the screen says so, the record too, no phantom."""
    report.chapter("paper")
    person, window = whole.citizen("wang"), whole.window
    open_form(whole, person)
    person.in_form("option:purpose:other")
    person.in_form("confirm")
    window.page("Confirm")
    whole.bench.act("receipt_printer", "paper_out_after", rows=300)
    window.tap("confirm")
    end = window.page("TakePaper", "Trouble", seconds=90)
    report.same("the certificate came out all the same", end.page, "TakePaper")
    report.true(
        "a receipt without its end is not called whole", words("journey.slip_failed").zh in end.text, end.text
    )
    whole.bench.act("receipt_printer", "refill")
    window.tap("taken")
    window.page("Rate")
    window.tap("skip")
    person.go_home()
    report.eventually("the outbox is empty", whole.outbox, 0)
    slip = whole.newest("prints", "receipt")
    report.true("it is not recorded as printed", slip["state"] != "confirmed", slip["state"])
    report.same("the record says why", slip["code"], "receipt_paper_out")
    time.sleep(1.5)  # a phantom would print now, for the next person to read
    before = _pieces(whole)
    take_ticket(whole, report, whole.citizen("zhang"))
    report.same("after the refill only the next one's paper comes out", _pieces(whole) - before, 1)
    ends_agree(whole, report)


def ack(whole: Whole, report: Report) -> None:
    """The hall has stored a rating, but its acknowledgement is lost on the way."""
    report.chapter("ack")
    whole.line.swallow("ack")
    before = len(whole.hall("ratings"))
    take_ticket(whole, report, whole.citizen("zhang"), rate=4)
    report.eventually("the hall has the rating", lambda: len(whole.hall("ratings")), before + 1)
    report.eventually("its acknowledgement is lost", lambda: whole.line.swallowed > 0, True)
    time.sleep(1.0)
    report.true("what the hall has not acknowledged is kept", whole.outbox() > 0, whole.outbox())
    whole.line.swallow(None)
    whole.line.cut()
    whole.line.mend()
    report.eventually("it is sent again and acknowledged", whole.outbox, 0)
    report.same("the hall has it once", len(whole.hall("ratings")), before + 1)
    ends_agree(whole, report)


def ingest(whole: Whole, report: Report) -> None:
    """The ingest is killed at the moment of each acknowledgement, in the middle of a journey."""
    report.chapter("ingest")
    acknowledged: list[str] = []
    pid = whole.pid("ingest")

    def kill_at_once(id: str) -> None:
        if not acknowledged:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        acknowledged.append(id)

    whole.listener.at_ack = kill_at_once
    try:
        take_ticket(whole, report, whole.citizen("zhang"), rate=5)
        report.true("the hall acknowledged something", bool(acknowledged))
    finally:
        whole.listener.at_ack = None
    whole.wait_restarted("ingest", pid)
    report.eventually("the ingest is back and the outbox empty", whole.outbox, 0)
    stored = {row["id"] for row in whole.hall_messages()}
    report.alike("what was acknowledged is stored", stored & set(acknowledged), set(acknowledged))
    ends_agree(whole, report)


def broker(whole: Whole, report: Report) -> None:
    """The line is cut, and the broker loses all that it had: the service goes on and nothing is lost."""
    report.chapter("broker")
    before = len(whole.hall("ratings"))
    whole.line.cut()
    take_ticket(whole, report, whole.citizen("zhang"), rate=3)
    report.true("the service goes on without the line, and keeps what it has to tell", whole.outbox() > 0)
    whole.line.mend()
    report.eventually("it is told when the line is back", lambda: len(whole.hall("ratings")), before + 1)
    with whole.halted("ingest"):
        take_ticket(whole, report, whole.citizen("zhang"), rate=2)
        pid = whole.kill9("broker")
        for file in (whole.data / "broker").glob("*.db*"):
            file.unlink(missing_ok=True)
        whole.wait_restarted("broker", pid)
    report.eventually("what the broker lost is sent again", lambda: len(whole.hall("ratings")), before + 2)
    ends_agree(whole, report)


def stranger(whole: Whole, report: Report) -> None:
    """Somebody else stands before the camera: refused, three times, then another way."""
    report.chapter("stranger")
    person, window = whole.citizen("li"), whole.window
    person.open_guide("SB01", 1)
    person.lay_card()
    person.show_face("person-b-1")
    end = window.page("Trouble", "FillForm", seconds=60)
    report.same("a second face is refused", end.page, "Trouble")
    if end.page == "Trouble":
        report.true("it is told kindly", fault("face_mismatch").citizen.zh in end.text, end.text)
        window.tap("choice:other")
        person.prove_by_text_message()
        report.same("another way leads on", window.page("FillForm").page, "FillForm")
    person.go_home()


# ── what several need ───────────────────────────────────────────────────────
def take_ticket(whole: Whole, report: Report, person: Citizen, rate: int = 0) -> None:
    """Takes a queue number, and rates when there are stars to give."""
    window = whole.window
    person.open_guide(*TICKET)
    window.tap("start")
    window.page("FillForm")
    person.in_form("option:window:general")
    person.in_form("confirm")
    end = window.page("TakePaper", "Trouble", "ShowResult", seconds=60)
    if end.page != "TakePaper":
        raise Stuck(f"no ticket came: {end.text}")
    window.tap("taken")
    window.page("Rate")
    if rate:
        person.rate(rate)
    else:
        window.tap("skip")
    person.go_home()


def _pieces(whole: Whole) -> int:
    return len(whole.bench.state("receipt_printer")["receipts"])
