"""A special-paper printer together with the account of its blanks: its state says how many are left.

The driver knows whether its tray is empty, never how many lie in it nor which number comes next. The account
is read at each poll, so that a service that needs a blank is greyed before anybody identifies himself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from config.devices import Availability, DeviceState, Kind, Supply
from config.print_layout import PrintLayout
from config.settings import DeviceSettings
from drivers import registry
from drivers.device import Device
from kiosk.data import stock
from kiosk.data.stock import Account
from kiosk.data.store import Store

BLANKS = "blanks"
_WORST = (Supply.OUT, Supply.LOW, Supply.FULL)


class SpecialPrinter(Device, Protocol):
    """What a driver of this kind offers; see `drivers/special_printer_ipp.py`. A job's handle is its own."""

    def submit(self, pdf: bytes, job_name: str, layout: PrintLayout = ...) -> Any: ...
    def job(self, job: Any) -> Any: ...
    def find(self, job_name: str) -> Any: ...
    def cancel(self, job: Any) -> None: ...
    def counts(self) -> Mapping[str, int]: ...


class StockedPrinter:
    """`driver` with the account that `account()` reads; its verbs are the driver's."""

    def __init__(self, driver: SpecialPrinter, account: Callable[[], Account]) -> None:
        self._driver, self._account = driver, account
        self.open, self.close = driver.open, driver.close
        self.submit, self.job, self.find, self.cancel = driver.submit, driver.job, driver.find, driver.cancel
        self.counts = driver.counts

    def status(self) -> DeviceState:
        """The driver's state and the account's. DeviceError as the driver."""
        return with_stock(self._driver.status(), self._account())


def with_stock(state: DeviceState, account: Account) -> DeviceState:
    """A printer's state with what the account adds: blanks low or out, and a sheet that is in doubt."""
    level = Supply.OUT if account.blank == 0 else Supply.LOW if account.blank <= stock.LOW else Supply.FULL
    told = state.supplies.get(BLANKS, Supply.UNKNOWN)
    worst = next(one for one in _WORST if one in (level, told))
    faults = [code for code in state.faults if code not in ("special_blank_out", "special_blank_low")]
    if worst is not Supply.FULL:
        faults.insert(0, "special_blank_out" if worst is Supply.OUT else "special_blank_low")
    availability = state.availability
    if account.unclear:
        faults.insert(0, "special_sheet_unclear")
        if availability in (Availability.ONLINE, Availability.BUSY):
            availability = Availability.FAULT
    faults.sort(key=lambda code: code == "special_blank_low")  # worst first
    return replace(
        state,
        availability=availability,
        supplies={**state.supplies, BLANKS: worst},
        faults=tuple(faults),
        detail="; ".join(filter(None, (state.detail, f"{BLANKS} {account.blank}"))),
    )


def maker(
    settings: Mapping[str, DeviceSettings],
    store: Store,
    make: Callable[[DeviceSettings], Device] = registry.make,
) -> Callable[[DeviceSettings], Device]:
    """`make` for `Devices`: as the registry, with the account where a device prints on counted blanks."""

    def made(one: DeviceSettings) -> Device:
        driver: Any = make(one)
        if one.kind is not Kind.SPECIAL_PRINTER:
            return driver  # type: ignore[no-any-return]
        name = next(name for name, each in settings.items() if each is one)

        def account() -> Account:
            with store.read() as read:
                return stock.account(read, name)

        return StockedPrinter(driver, account)

    return made
