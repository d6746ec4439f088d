"""Devices at the technician's screen: tried, told as broken, their supplies changed and counted anew."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.devices import Availability, DeviceState, Kind, Supply
from config.faults import fault
from config.settings import DeviceSettings
from config.words import Words, words
from drivers.device import DeviceError
from kiosk.data import journal, stock
from kiosk.data.ledger import Ledger
from kiosk.data.store import StoreError, read_only
from kiosk.data.vault import Vault
from kiosk.devices.counted import counted
from kiosk.devices.counters import Counters
from kiosk.prompts import Condition, Filled, FillForm, WorkList, WorkSheet
from kiosk.stage import GoBack
from kiosk.technician import supplies
from mqtt.messages import Data, FaultRaised
from tests.journeys.counter_devices import ReceiptPrinter
from tests.kiosk.technician.room import (
    NUMBER,
    Gadget,
    Hands,
    acted,
    choose,
    key,
    play,
    receive_until_over,
    terminal,
)

ROLL = Kind.RECEIPT_PRINTER


class Printer(ReceiptPrinter):
    """A receipt printer with a roll that a person changes."""

    def __init__(self, level: Supply = Supply.OUT) -> None:
        super().__init__()
        self.level = level
        self.used = self.polls = 0

    async def polled(self) -> None:
        """Until the terminal has seen what it says and counts now."""
        before = self.polls
        async with asyncio.timeout(60):
            while self.polls < before + 3:  # noqa: ASYNC110 (its worker's thread polls)
                await asyncio.sleep(0.01)

    def status(self) -> DeviceState:
        self.polls += 1
        faults = {Supply.OUT: ("receipt_paper_out",), Supply.LOW: ("receipt_paper_low",)}.get(self.level, ())
        return DeviceState(Availability.ONLINE, supplies={"paper": self.level}, faults=faults)

    def counts(self) -> dict[str, int]:
        return {"paper_mm": self.used}


def sheets(seen: Hands) -> list[WorkSheet]:
    return [one for one in seen.shown if isinstance(one, WorkSheet)]


def used(folder: Path) -> int:
    """Of the roll, as the store has it after the terminal has ended."""
    told = {str(ROLL): DeviceSettings(kind=ROLL, driver="none")}
    with read_only(folder / "terminal") as read:
        return Counters.read(read, told).used(ROLL, "paper", "paper_mm")


def faults(folder: Path) -> list[tuple[str, str, str]]:
    """What the hall is told: raised or cleared, code, device."""
    data = folder / "terminal"
    with read_only(data) as read:
        found = [
            (one.type, journal.body(read, Vault(data), one))
            for one in journal.entries(read)
            if one.type.startswith("Fault")
        ]
    return [(type, body["code"], body["device"]) for type, body in found]


def doing(work: Callable[[], Any], *then: Any) -> Callable[[Any], Any]:
    """Somebody does this at the machine, then touches."""

    def act(prompt: Any) -> Any:
        work()
        return then[0]

    return act


def test_given_a_new_roll_then_counting_begins_anew_and_stays_so_after_a_restart(tmp_path: Path) -> None:
    printer = Printer()

    def seat() -> None:
        printer.level = Supply.FULL

    async def use(prompt: Any) -> Any:
        """Prints a metre before it is changed."""
        await printer.polled()
        printer.used += 1000
        await printer.polled()
        return choose(f"device:{ROLL}")[0]

    changed = doing(seat, *choose("changed"))
    seen = play(
        tmp_path,
        key,
        use,
        *choose("change_paper"),
        changed,
        *choose("back", "back", "leave"),
        devices={ROLL: printer},
    )
    before, after = [
        one for one in sheets(seen) if words("technician.used") in [row.label for row in one.rows]
    ]
    assert "1000" in str(before.rows) and "1000" not in str(after.rows)
    assert used(tmp_path) == 0
    told = [one for one in acted(tmp_path) if one[1] == "supply_changed"]
    assert told == [
        (NUMBER, "supply_changed", f"{ROLL}:paper", "", "begun"),
        (NUMBER, "supply_changed", f"{ROLL}:paper", "", "full"),
    ]


@pytest.mark.parametrize("anyway", [False, True])
def test_given_a_printer_that_still_says_out_then_nothing_is_counted_anew_unless_he_is_sure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, anyway: bool
) -> None:
    monkeypatch.setattr(supplies, "AGREE_SECONDS", 0.2)
    printer = Printer()

    async def use(prompt: Any) -> Any:
        await printer.polled()
        printer.used += 700
        await printer.polled()
        return choose(f"device:{ROLL}")[0]

    ends = choose("changed_anyway", "back") if anyway else choose("look_again", "back")
    seen = play(
        tmp_path,
        key,
        use,
        *choose("change_paper", "changed"),
        *ends,
        *choose("back", "leave"),
        devices={ROLL: printer},
    )
    assert words("technician.disagrees") in [one.note for one in sheets(seen)]
    assert used(tmp_path) == (0 if anyway else 700)
    assert bool([one for one in acted(tmp_path) if one[1] == "supply_changed"]) is anyway


def test_after_the_change_a_test_slip_comes_out_if_he_wants_one(tmp_path: Path) -> None:
    printer = Printer(Supply.FULL)
    at_device = choose(f"device:{ROLL}", "change_paper", "changed", "test", "back", "back", "leave")
    play(tmp_path, key, *at_device, devices={ROLL: printer})
    (slip,) = printer.slips
    assert words("staff_slip.test_title").zh in slip
    assert [one[1:4] for one in acted(tmp_path) if one[1] == "device_tested"] == [
        ("device_tested", str(ROLL), ""),
        ("device_tested", str(ROLL), ""),
    ]


class Deaf(Printer):
    """It says that it is ready, and prints nothing."""

    broken = True

    def print_text(self, lines: Any, job: bytes, timeout: float = 30.0) -> None:
        if self.broken:
            raise DeviceError("device_timeout", "print")
        super().print_text(lines, job, timeout)


def test_given_a_printer_that_fails_its_test_then_he_reads_the_remedy_and_the_hall_hears_of_a_fault(
    tmp_path: Path,
) -> None:
    at_device = choose(f"device:{ROLL}", "test", "back", "back", "leave")
    seen = play(tmp_path, key, *at_device, devices={ROLL: Deaf(Supply.FULL)})
    found = sheets(seen)[1]
    assert found.condition is Condition.NOT_READY
    assert found.note is not None and found.note.zh
    assert ("FaultRaised", "device_test_failed", str(ROLL)) in faults(tmp_path)
    begun, ended = [one[3] for one in acted(tmp_path) if one[1] == "device_tested"]
    assert not begun and ended, "told before, and how it ended"


@pytest.mark.parametrize("way", [["back", "test"], ["again"]], ids=["by the device's page", "at once"])
def test_given_it_is_mended_then_its_test_clears_the_fault(tmp_path: Path, way: list[str]) -> None:
    printer = Deaf(Supply.FULL)
    *before, last = way

    def mend(prompt: Any) -> Any:
        printer.broken = False
        return choose(last)[0]

    at_device = [*choose(f"device:{ROLL}", "test", *before), mend, *choose("back", "back", "leave")]
    play(tmp_path, key, *at_device, devices={ROLL: printer})
    assert ("FaultCleared", "device_test_failed", str(ROLL)) in faults(tmp_path)
    assert len(printer.slips) == 1


def test_again_comes_next_when_something_was_found_and_each_test_is_told_with_his_number(
    tmp_path: Path,
) -> None:
    printer = Deaf(Supply.FULL)

    def mend(prompt: Any) -> Any:
        printer.broken = False
        return choose("again")[0]

    at_device = [*choose(f"device:{ROLL}", "test"), mend, *choose("again", "back", "back", "leave")]
    seen = play(tmp_path, key, *at_device, devices={ROLL: printer})
    tests = [one for one in sheets(seen) if "again" in [action.value for action in one.actions]]
    assert [one.main for one in tests] == ["again", "", ""], "after a good one it is an action like any other"
    told = [one for one in acted(tmp_path) if one[1] == "device_tested"]
    assert [(actor, bool(outcome)) for actor, _, _, outcome, _ in told] == [
        (NUMBER, False),
        (NUMBER, True),
        *[(NUMBER, False)] * 4,
    ]
    assert [one[4] for one in told[::2]] == ["begun"] * 3


def test_the_list_comes_back_at_the_device_that_he_left(tmp_path: Path) -> None:
    at_device = choose(f"device:{ROLL}", "back", "leave")
    seen = play(tmp_path, key, *at_device, devices={ROLL: Printer(Supply.FULL)})
    assert [one.at for one in seen.shown if isinstance(one, WorkList)] == ["", f"device:{ROLL}"]


def test_what_its_state_tells_already_is_no_second_fault(tmp_path: Path) -> None:
    at_device = choose(f"device:{ROLL}", "test", "back", "back", "leave")
    seen = play(tmp_path, key, *at_device, devices={ROLL: Printer(Supply.OUT)})
    assert "receipt_paper_out" in str(sheets(seen)[1].rows)
    assert "device_test_failed" not in str(faults(tmp_path))
    assert [one[3] for one in acted(tmp_path) if one[1] == "device_tested"] == ["", "receipt_paper_out"]


def test_its_last_faults_stand_on_its_page_the_newest_first(tmp_path: Path) -> None:
    stage = Hands(ways=[key, *choose(f"device:{ROLL}", "back", "leave")])

    async def run() -> None:
        async with terminal(tmp_path, stage, {ROLL: Printer(Supply.FULL)}) as one:
            for code, device in [("receipt_jam", ROLL), ("a4_jam", "a4"), ("receipt_cover_open", ROLL)]:
                await one.parts.ledger.tell("", FaultRaised(code, device))
            await receive_until_over(one, stage)

    asyncio.run(run())
    rows = [row.value.zh for row in sheets(stage)[0].rows if row.label == words("technician.earlier")]
    cover = fault("receipt_cover_open").name.zh
    assert [row.split(" · ")[0] for row in rows] == [cover, "receipt_jam"], "the second is in no table"
    assert all(re.fullmatch(r"\S+ · \d{4}-\d\d-\d\d \d\d:\d\d", row) for row in rows)


def test_the_list_tells_each_devices_condition(tmp_path: Path) -> None:
    broken = Gadget(DeviceState(Availability.FAULT, faults=("io_board_failed",)))
    devices = {ROLL: Printer(Supply.LOW), Kind.IO_BOARD: broken, Kind.LOCKER: Gadget()}
    seen = play(tmp_path, key, *choose("leave"), devices=devices)
    (page,) = [one for one in seen.shown if isinstance(one, WorkList)]
    conditions = {one.value: one.condition for one in page.lines}
    assert conditions[f"device:{ROLL}"] is Condition.ATTENTION
    assert conditions["device:io_board"] is Condition.NOT_READY
    assert conditions["device:locker"] is Condition.READY
    told = {one.value: one.told.zh for one in page.lines}
    assert told[f"device:{ROLL}"].endswith(f" · {fault('receipt_paper_low').name.zh}")
    assert told["device:io_board"].endswith(" · io_board_failed"), "of a code that no table has the code"
    assert len(page.actions) <= 6


class Pages(Gadget):
    """An A4 printer that has printed, and counts something of its maker's own besides."""

    def counts(self) -> dict[str, int]:
        return {"pages": 4, "stapled": 2}


def test_a_page_speaks_of_paper_and_counters_as_people_do(tmp_path: Path) -> None:
    state = DeviceState(Availability.ONLINE, supplies={"paper": Supply.FULL, "staples": Supply.LOW})
    a4 = str(Kind.A4_PRINTER)
    ways = choose(f"device:{a4}", "change_paper", "back", "back", "leave")
    seen = play(tmp_path, key, *ways, devices={Kind.A4_PRINTER: Pages(state)})
    page, change = sheets(seen)[:2]
    rows = {row.label.zh: row.value.zh for row in page.rows}
    assert rows["纸张"] == "充足" and rows["耗材 staples"] == "不多了"
    assert counted(Pages().counts()) == Words("共 4 页 · stapled 2", "4 pages · stapled 2")
    assert change.note is not None and "纸盒" in change.note.zh, "an A4 printer has a tray and no roll"


def test_a_pack_of_blanks_is_entered_and_what_does_not_fit_is_said(tmp_path: Path) -> None:
    name = str(Kind.SPECIAL_PRINTER)
    pack = Filled({"count": "200", "first": "Z0000001"})
    twice = Filled({"count": "5", "first": "Z0000100"})
    ways = [*choose(f"device:{name}", "blanks", "load"), pack, *choose("load"), twice, GoBack()]
    ways += choose("back", "back", "leave")
    seen = play(tmp_path, key, *ways, devices={Kind.SPECIAL_PRINTER: Gadget()})
    with read_only(tmp_path / "terminal") as read:
        now = stock.account(read, name)
    assert (now.blank, now.next_number) == (200, "Z0000001")
    told = [one for one in acted(tmp_path) if one[1] == "supply_changed"]
    assert told == [(NUMBER, "supply_changed", f"{name}:blanks", "", "loaded 200")]
    forms = [one for one in seen.shown if isinstance(one, FillForm)]
    assert forms[-1].fields[0].problem is not None


def test_given_a_store_that_cannot_be_written_then_nothing_is_done_that_nobody_would_hear_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer, stage = Printer(Supply.FULL), Hands(ways=[key])

    async def refused(ledger: Ledger, session: str, message: Data) -> None:
        raise StoreError("terminal_disk_full", "full")

    def full(prompt: Any) -> Any:
        monkeypatch.setattr(Ledger, "tell", refused)
        return choose("test")[0]

    async def run() -> None:
        async with terminal(tmp_path, stage, {ROLL: printer}) as one:
            stage.ways += [*choose(f"device:{ROLL}"), full]
            await receive_until_over(one, stage)
            assert one.health.stopped == "terminal_disk_full"

    asyncio.run(run())
    assert printer.slips == []
