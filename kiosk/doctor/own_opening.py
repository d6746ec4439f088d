"""The devices of a terminal that does not run, opened for as long as they are examined, each in its worker.

They are tried by the same trials as in a running terminal. A miss is told at once, and the device is
not opened again: one that comes and goes must not look well.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from config.catalogue_files import Catalogue, load_catalogue
from config.devices import Kind
from config.settings import DeviceSettings, Settings
from config.toml_file import ConfigError
from drivers import registry
from drivers.device import Device
from kiosk.data import originals, records
from kiosk.data.store import FILE, StoreError, read_only
from kiosk.devices.device_worker import Pace
from kiosk.devices.devices import Devices
from kiosk.documents.receipts import Receipt
from kiosk.printing import stock_desk
from kiosk.printing.print_job import Printed
from kiosk.printing.stocked_printer import StockedPrinter
from kiosk.readiness import readiness_paper
from kiosk.readiness.device_trial import try_device
from kiosk.readiness.finding import Finding
from kiosk.readiness.trial_prints import print_alone
from kiosk.readiness.workplace import NOTHING, Allowed, Ask, PrintSlip, Workplace, nobody

PACE = Pace(misses=1, first_back_off=60.0, last_back_off=60.0, call=15.0, stuck=10.0)


def examine(settings: Settings, names: Sequence[str], allowed: Allowed, ask: Ask) -> Iterator[Finding]:
    """Each of these devices, tried. They are opened together and closed at the end, however it comes."""
    with asyncio.Runner() as runner, _opened(runner, settings, names, ask) as place:
        for name in names:
            yield runner.run(try_device(place, name, allowed))


def print_report(settings: Settings, findings: Sequence[Finding], language: str) -> str:
    """On the roll or on a page; empty when it is out, else the code of why not."""
    kinds = (Kind.RECEIPT_PRINTER, Kind.A4_PRINTER)
    names = [name for name, one in settings.devices.items() if one.kind in kinds]
    with asyncio.Runner() as runner, _opened(runner, settings, names, nobody) as place:
        for name in names:  # each says how it is first
            runner.run(try_device(place, name, NOTHING))
        made = readiness_paper.paper(place, findings, language)
        printed = runner.run(readiness_paper.print_paper(place.devices, place.print_slip, made))
    return "" if printed.came else printed.code or printed.state


@contextlib.contextmanager
def _opened(
    runner: asyncio.Runner, settings: Settings, names: Sequence[str], ask: Ask
) -> Iterator[Workplace]:
    devices = Devices({name: settings.devices[name] for name in names}, _maker(settings), pace=PACE)
    runner.run(_start(devices))
    try:
        print_slip = _print_slip(settings, devices)
        kept = partial(_kept, settings)
        yield Workplace(settings, _catalogue(settings), devices, print_slip, ask=ask, kept=kept)
    finally:
        runner.run(devices.close())


async def _start(devices: Devices) -> None:
    devices.start()


def _maker(settings: Settings) -> Callable[[DeviceSettings], Device]:
    """As the terminal makes them; the account of blanks is only read."""

    def made(one: DeviceSettings) -> Device:
        registry.check_kind(one)
        if one.kind is not Kind.SPECIAL_PRINTER:
            return registry.make(one)
        driver: Any = registry.make(one)
        name = next(name for name, each in settings.devices.items() if each is one)
        return StockedPrinter(driver, lambda: stock_desk.account(settings, name))

    return made


def _print_slip(settings: Settings, devices: Devices) -> PrintSlip:
    async def print_slip(device: str, receipt: Receipt) -> Printed:
        if await asyncio.to_thread(_has_open_print, settings, device):
            return Printed("failed", "print_under_way", begun=False)
        return await print_alone(devices, device, receipt)

    return print_slip


def _has_open_print(settings: Settings, device: str) -> bool:
    """Whether a stop has left a receipt open: by the printer's count of cuts it will be told how it ended."""
    try:
        with read_only(settings.data) as read:
            return any(
                one.kind == "print" and one.device in ("", device) for one in records.open_records(read)
            )
    except (StoreError, sqlite3.Error):
        return False


def _kept(settings: Settings) -> frozenset[int] | None:
    """Which compartments a citizen's papers may lie in; None when a store is there that cannot be read."""
    if not (settings.data / FILE).exists():
        return frozenset()
    try:
        with read_only(settings.data) as read:
            return originals.of_store(read)
    except (StoreError, sqlite3.Error, ValueError):
        return None


def _catalogue(settings: Settings) -> Catalogue:
    """For the papers; a broken folder of the hall's own is another finding's."""
    try:
        return load_catalogue(settings.catalogue)
    except ConfigError:
        return load_catalogue(())
