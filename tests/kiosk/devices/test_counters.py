"""What devices have done and used up: counted, kept over a stop, zeroed when a roll is changed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.devices import Availability, DeviceState, Kind, Supply
from config.settings import DeviceSettings
from drivers.raster import RasterImage
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from kiosk.data.store import Store
from kiosk.devices.counters import KEEP_DAYS, Counters
from kiosk.devices.devices import Devices

TODAY = date(2026, 11, 22)
PRINTER = DeviceSettings(
    kind=Kind.RECEIPT_PRINTER, driver="receipt_printer_tcp", capacity={"paper_mm": 80_000}, poll_seconds=0.1
)


class Terminal:
    """A store and its counters; `later` is another start on the same disk, days afterwards."""

    def __init__(self, folder: Path, today: date = TODAY) -> None:
        self.folder, self.today = folder, today
        self.store = Store(folder)
        self.counters = Counters(self.store, {"receipt": PRINTER}, lambda: self.today)

    def save(self) -> None:
        asyncio.run(self.counters.save())

    def pull_the_plug(self) -> None:
        self.store.close()

    def later(self, days: int = 0) -> Terminal:
        self.pull_the_plug()
        return Terminal(self.folder, self.today + timedelta(days=days))

    def paper(self, level: Supply | None) -> None:
        """The printer says how its paper is; None: it is away."""
        supplies = {} if level is None else {"paper": level}
        state = DeviceState(Availability.ONLINE, supplies=supplies)
        self.counters.on_change("receipt", Kind.RECEIPT_PRINTER, DeviceState(), state)


def test_what_was_saved_outlives_a_stop_and_what_was_not_is_all_that_is_lost(tmp_path: Path) -> None:
    one = Terminal(tmp_path)
    one.counters.add("receipt", {"cuts": 1, "paper_mm": 120})
    one.save()
    one.counters.add("receipt", {"cuts": 1, "failed:device_timeout": 1})
    one = one.later()
    assert one.counters.counts("receipt") == {"cuts": 1, "paper_mm": 120}
    one.counters.add("receipt", {"cuts": 1})
    asyncio.run(one.counters.close())
    one = one.later()
    assert one.counters.counts("receipt")["cuts"] == 2, "a proper stop loses nothing"
    one.pull_the_plug()


def test_many_threads_count_and_nothing_is_lost_while_it_is_saved(tmp_path: Path) -> None:
    one = Terminal(tmp_path)

    def read() -> None:
        for _ in range(500):
            one.counters.add("reader", {"cards": 1})

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        one.save()
    one.save()
    one = one.later()
    assert one.counters.counts("reader") == {"cards": 2000}
    one.pull_the_plug()


@pytest.mark.parametrize("between", [[], [None], [Supply.OUT, None], [Supply.UNKNOWN], ["stop"]])
def test_a_new_roll_zeroes_what_was_used_whatever_lay_between(
    tmp_path: Path, between: list[Supply | str | None]
) -> None:
    """The printer is switched off for the change, or the whole terminal."""
    one = Terminal(tmp_path)
    one.paper(Supply.FULL)
    one.counters.add("receipt", {"paper_mm": 70_000})
    one.paper(Supply.LOW)
    one.counters.add("receipt", {"paper_mm": 5_000})
    assert one.counters.used("receipt", "paper", "paper_mm") == 75_000
    for level in between:
        if level == "stop":
            one.save()
            one = one.later()
        else:
            one.paper(level if isinstance(level, Supply) else None)
    one.paper(Supply.FULL)
    assert one.counters.used("receipt", "paper", "paper_mm") == 0
    assert one.counters.counts("receipt")["paper_mm"] == 75_000, "the total goes on"
    one.counters.add("receipt", {"paper_mm": 100})
    one.save()
    one = one.later()
    assert one.counters.used("receipt", "paper", "paper_mm") == 100
    one.pull_the_plug()


def test_a_printer_that_went_away_with_a_full_roll_still_has_the_same_roll(tmp_path: Path) -> None:
    one = Terminal(tmp_path)
    one.paper(Supply.FULL)
    one.counters.add("receipt", {"paper_mm": 30_000})
    one.paper(None)
    one.paper(Supply.FULL)
    assert one.counters.used("receipt", "paper", "paper_mm") == 30_000
    one.pull_the_plug()


def test_when_the_paper_runs_out_is_unknown_at_first_then_a_day_and_today_when_it_is_out(
    tmp_path: Path,
) -> None:
    one = Terminal(tmp_path)
    one.paper(Supply.FULL)
    assert one.counters.runs_out("receipt") == {"paper": "unknown"}
    for _ in range(3):
        one.counters.add("receipt", {"paper_mm": 10_000})
        one.save()
        one = one.later(days=1)
    assert one.counters.runs_out("receipt") == {"paper": (one.today + timedelta(days=5)).isoformat()}
    one.paper(Supply.OUT)
    assert one.counters.runs_out("receipt") == {"paper": one.today.isoformat()}
    one.pull_the_plug()


def test_days_long_past_are_folded_and_the_total_stays(tmp_path: Path) -> None:
    one = Terminal(tmp_path)
    for _ in range(3):
        one.counters.add("receipt", {"cuts": 5})
        one.save()
        one = one.later(days=1)
    one = one.later(days=KEEP_DAYS + 5)
    one = one.later()
    with one.store.read() as read:
        rows = read.execute("SELECT day, amount FROM counters").fetchall()
    assert rows == [("", 15)]
    assert one.counters.counts("receipt") == {"cuts": 15}
    one.pull_the_plug()


def test_a_full_disk_loses_nothing_that_was_counted(tmp_path: Path) -> None:
    one = Terminal(tmp_path)
    one.counters.add("receipt", {"cuts": 3})
    one.pull_the_plug()
    one.save()  # the store takes nothing now
    assert one.counters._unsaved[("receipt", "cuts", TODAY)] == 3


def test_a_capacity_that_nothing_counts_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(ValidationError, match="must be one of paper_mm"):
        DeviceSettings(kind=Kind.RECEIPT_PRINTER, driver="receipt_printer_tcp", capacity={"paper_km": 1})


def test_given_a_real_driver_then_its_cuts_paper_and_failures_are_counted_over_a_replug(
    tmp_path: Path,
) -> None:
    printer = VirtualReceiptPrinter(real_time=False)
    printer.start()
    settings = {"receipt": PRINTER.model_copy(update={"port": f"127.0.0.1:{printer.port}"})}
    image = RasterImage(576, 80, b"\x0f" * (72 * 80))

    async def hour(store: Store) -> dict[str, int]:
        counters = Counters(store, settings, pause=0.05)
        counters.start()
        devices = Devices(settings, counted=counters.add)
        devices.start()
        kind = Kind.RECEIPT_PRINTER

        async def printed(job: bytes) -> None:
            assert await devices.becomes_ready(kind, 60.0)
            await devices.call(kind, "print_image", image, job, 30.0)

        try:
            await printed(b"AAAA")
            printer.act("unplug")
            await until(lambda: not devices.ready(kind))
            printer.act("plug")
            await printed(b"BBBB")
        finally:
            await devices.close()
            await counters.close()
        with store.read() as read:
            return Counters.read(read, settings).counts("receipt")

    with closing(Store(tmp_path)) as store:
        kept = asyncio.run(hour(store))
    printer.stop()
    assert kept["cuts"] == 2
    assert 15 <= kept["paper_mm"] <= 80, "two receipts of 10 mm, and the way to the knife"
    assert any(name.startswith("failed:device_") for name in kept)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - a thread answers
            await asyncio.sleep(0.01)
