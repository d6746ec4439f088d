"""What a stop left open is settled, each record by itself; what nobody can tell is handed to staff."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config.devices import Availability, DeviceState, Kind
from config.settings import DeviceSettings
from drivers.a4_job import JobState
from drivers.device import Device
from drivers.raster import raster
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from kiosk import reconcile
from kiosk.backstage import Backstage
from kiosk.data.ledger import OpenRecord
from kiosk.documents.receipts import Line, Receipt, draw
from kiosk.health import Health
from kiosk.printing import roll, slips, staff_slip
from kiosk.printing.print_job import Printer
from kiosk.reconcile import Reconciling
from tests.kiosk.small_visit import Script, backstage, service, visit
from tests.whose_paper import negative, owned

PAPER = Receipt(tuple(Line("text", f"receipt {number}", size="title") for number in range(4)))


@dataclass
class NeverDone:
    """An A4 printer whose job never ends."""

    finds: list[str] = field(default_factory=list)

    def open(self) -> None: ...
    def close(self) -> None: ...

    def status(self) -> DeviceState:
        return DeviceState(Availability.ONLINE)

    def find(self, name: str) -> int:
        self.finds.append(name)
        return 1

    def job(self, job: int) -> JobState:
        return JobState("processing")


@asynccontextmanager
async def terminal(
    folder: Path, printer: VirtualReceiptPrinter | None = None, a4: Device | None = None, **options: object
) -> AsyncIterator[tuple[Backstage, Reconciling, Health]]:
    """The parts with these printers, ready, and what settles open records."""
    devices = {}
    if a4 is not None:
        devices["a4"] = DeviceSettings(kind=Kind.A4_PRINTER, driver="of the test")
    if printer is not None:
        port = f"127.0.0.1:{printer.port}"
        devices["roll"] = DeviceSettings(
            kind=Kind.RECEIPT_PRINTER, driver="receipt_printer_tcp", port=port, options=options
        )
    from drivers import registry

    def make(one: DeviceSettings) -> Device:
        return a4 if a4 is not None and one.kind is Kind.A4_PRINTER else registry.make(one)

    async with backstage(folder, Script(), devices, make) as parts:
        health = Health(parts.settings, parts.stage, parts.devices, parts.platform, parts.ledger, lambda: 0)
        reconciling = Reconciling(parts, health)
        parts.devices.start()
        try:
            for one in devices.values():
                assert await parts.devices.becomes_ready(one.kind, 60)
            yield parts, reconciling, health
        finally:
            await reconciling.close()
            await parts.mouth.forget()
            await parts.doings.close(0)
            await health.close()
            await parts.devices.close()


async def sent(stage: Backstage, document: str, key: str, device: str = "") -> OpenRecord:
    """A print that a stop has left open."""
    record = await stage.ledger.intend("print", key, "s0", "SB01", document=document, device=device)
    await stage.ledger.sent(record)
    return record


async def state_of(stage: Backstage, record: OpenRecord) -> str:
    return (await asyncio.to_thread(stage.ledger.get, record.id)).state


async def becomes(stage: Backstage, record: OpenRecord, state: str) -> None:
    async with asyncio.timeout(60):
        while await state_of(stage, record) != state:  # noqa: ASYNC110 (tasks of their own bring it about)
            await asyncio.sleep(0.02)


async def looks_for(printer: NeverDone, *ids: str) -> None:
    """Until the printer was asked for exactly these, which a thread of its own brings about."""
    async with asyncio.timeout(60):
        while printer.finds != list(ids):  # noqa: ASYNC110 (another thread brings it about)
            await asyncio.sleep(0.02)


def test_one_long_certificate_holds_up_no_other_record_and_is_asked_after_once(tmp_path: Path) -> None:
    async def play() -> None:
        printer = NeverDone()
        async with terminal(tmp_path, a4=printer) as (stage, reconciling, _):
            long = await sent(stage, "certificate", "N-1/1", "a4")
            short = await stage.ledger.intend("print", "N-2/1", "s0", "SB01", document="certificate")
            await reconciling.round()
            await becomes(stage, short, "failed")
            await looks_for(printer, long.id)
            await reconciling.round()
            await asyncio.sleep(0.1)
            assert printer.finds == [long.id]
            assert await state_of(stage, long) == "sent"

    asyncio.run(play())


def test_what_a_living_doing_holds_is_left_alone_and_what_it_let_go_of_unended_is_asked_after(
    tmp_path: Path,
) -> None:
    async def play() -> None:
        printer = NeverDone()
        async with terminal(tmp_path, a4=printer) as (stage, reconciling, _):
            with stage.ledger.holding("N-1/1"):
                with stage.ledger.holding("N-1/1"):  # another had the same in mind, and was refused
                    pass
                record = await sent(stage, "certificate", "N-1/1", "a4")
                await reconciling.round()
                await asyncio.sleep(0.1)
                assert printer.finds == []
            await reconciling.round()  # the disk was full when its end was to be written
            await looks_for(printer, record.id)

    asyncio.run(play())


@pytest.mark.parametrize(
    ("printed", "rebooted", "end"),
    [
        ("whole", False, "confirmed"),
        ("part", False, "failed"),
        ("none", False, "failed"),
        ("part", True, "unknown"),
    ],
)
def test_after_a_crash_the_printers_own_count_tells_whether_the_receipt_came_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: str, rebooted: bool, end: str
) -> None:
    picture = raster(draw(PAPER))

    async def play(printer: VirtualReceiptPrinter) -> None:
        async with terminal(tmp_path, printer) as (stage, reconciling, _):
            record = await sent(stage, "receipt", "R-1/1", "roll")
            one = Printer(stage.devices, Kind.RECEIPT_PRINTER, "roll")
            await roll.begin(one, stage.ledger, record)
            if printed == "part":
                printer.act("at_row", rows=100, hand="open_cover")
            if printed != "none":
                try:
                    await one.ask("print_image", picture, b"JOB1")
                except Exception:
                    printer.act("close_cover")
                    assert await stage.devices.becomes_ready(Kind.RECEIPT_PRINTER, 60) or True
        if rebooted:
            monkeypatch.setattr(roll, "boot", lambda: "another run")
        async with terminal(tmp_path, printer) as (stage, reconciling, _):
            await reconciling.first()
            assert await state_of(stage, record) == end

    printer = VirtualReceiptPrinter(real_time=False)
    printer.start()
    try:
        asyncio.run(play(printer))
        pieces = [owned(piece.png, {"it": negative(picture)}) for piece in printer.paper()]
        assert [piece.whole for piece in pieces if piece.prints] == {"whole": [True], "part": [False]}.get(
            printed, []
        )
        assert all(piece.cut for piece in printer.paper()), "something hangs from the mouth"
    finally:
        printer.stop()


def test_a_receipt_whose_printer_is_no_longer_there_is_not_called_failed(tmp_path: Path) -> None:
    """What another printer noted says nothing of it."""
    printer = VirtualReceiptPrinter(real_time=False)

    async def play() -> None:
        async with terminal(tmp_path, printer) as (stage, reconciling, _):
            other = await sent(stage, "receipt", "R-1/1", "roll")
            await roll.begin(Printer(stage.devices, Kind.RECEIPT_PRINTER, "roll"), stage.ledger, other)
            gone = await sent(stage, "receipt", "R-2/1", "a printer that was taken away")
            await reconciling.round()
            await becomes(stage, gone, "unknown")

    printer.start()
    try:
        asyncio.run(play())
    finally:
        printer.stop()


def test_staff_get_one_slip_for_a_print_that_nobody_can_tell_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "UNKNOWN_SECONDS", 0.0)
    printer = VirtualReceiptPrinter(real_time=False)

    async def play() -> None:
        async with terminal(tmp_path, printer, text=True) as (stage, reconciling, health):
            record = await sent(stage, "certificate", "330100-2026-00001234/1")
            await stage.ledger.advance(record, "unknown", None)
            with health.session():
                await reconciling.round()
                await asyncio.sleep(0.2)
                assert printer.paper() == [], "a slip came out while somebody was served"
            await reconciling.round()
            async with asyncio.timeout(60):
                while not (printer.paper() and printer.paper()[-1].cut):  # noqa: ASYNC110 (a thread does)
                    await asyncio.sleep(0.02)
            await reconciling.round()
            await asyncio.sleep(0.3)
            told = "".join("".join(piece.text) for piece in printer.paper()).replace(" ", "")
            assert told.count("main.pypaperssettle") == 2, told  # one slip, two ways
            assert record.id in told and "…1234" in told and "00001234" not in told

    printer.start()
    try:
        asyncio.run(play())
    finally:
        printer.stop()


def test_a_slip_that_surely_was_not_printed_is_printed_when_there_is_paper_again(tmp_path: Path) -> None:
    printer = VirtualReceiptPrinter(real_time=False)

    async def play() -> None:
        async with terminal(tmp_path, printer) as (stage, _, _):
            record = await sent(stage, "certificate", "N-1/1")
            await stage.ledger.advance(record, "unknown", None)
            printer.act("paper_out")  # the terminal has not heard of it yet
            await staff_slip.tell(stage, [record], lambda: False)
            assert [one.state for one in stage.ledger.open_records()] == ["unknown"]
            await asyncio.to_thread(printer.act, "refill")
            async with asyncio.timeout(60):
                while not printer.paper():
                    await staff_slip.tell(stage, [record], lambda: False)
                    await asyncio.sleep(0.05)
            await staff_slip.tell(stage, [record], lambda: False)
            assert len(printer.paper()) == 1

    printer.start()
    try:
        asyncio.run(play())
    finally:
        printer.stop()


def test_a_terminal_that_stops_draws_in_what_lies_in_the_mouth_at_once(tmp_path: Path) -> None:
    printer = VirtualReceiptPrinter(real_time=False, presenter=True)

    async def play() -> None:
        async with terminal(tmp_path, printer, presenter="custom") as (stage, _, _):
            await slips.print_slip(visit(stage, service("SB01")), "receipt", PAPER)
            assert [piece.place for piece in printer.paper()] == ["mouth"]
            await slips.put_away(stage)
            await stage.doings.close(20)
            assert [piece.place for piece in printer.paper()] == ["bin"]

    printer.start()
    try:
        begun = time.monotonic()
        asyncio.run(play())
        assert time.monotonic() - begun < slips.LEFT_SECONDS
    finally:
        printer.stop()


def test_what_a_kill_left_in_the_mouth_is_drawn_in_before_the_next_person_reads_it(tmp_path: Path) -> None:
    printer = VirtualReceiptPrinter(real_time=False, presenter=True)

    async def play() -> None:
        async with terminal(tmp_path, printer, presenter="custom") as (stage, reconciling, _):
            await slips.print_slip(visit(stage, service("SB01")), "receipt", PAPER)
            await reconciling.round()
            assert [piece.place for piece in printer.paper()] == ["mouth"], "it is watched, and its owner's"
        async with terminal(tmp_path, printer, presenter="custom") as (stage, reconciling, _):
            async with asyncio.timeout(60):
                while [piece.place for piece in printer.paper()] != ["bin"]:
                    await reconciling.round()
                    await asyncio.sleep(0.05)

    printer.start()
    try:
        asyncio.run(play())
    finally:
        printer.stop()
