"""How the terminal is, as the hall hears it: over a real broker, with a hall that keeps what comes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from config.devices import Availability, DeviceState, Kind, Supply
from config.settings import DeviceSettings, LinkSettings, Settings
from drivers.device import DeviceError
from kiosk import health as healths
from kiosk.data import journal
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.devices.counters import Counters
from kiosk.devices.devices import Devices
from kiosk.health import HUNG_AFTER, Health
from kiosk.link.sender import Sender
from kiosk.platform import Platform
from mqtt import link as links
from mqtt import messages, outbox
from mqtt.link import Link
from mqtt.messages import DeviceHealth, HostState
from mqtt.messages import Health as Report
from tests.kiosk import small_visit
from tests.kiosk.small_visit import PATH, Script
from tests.mqtt.small_hall import SmallHall, small_hall
from tests.peers.broker import Broker, broker

PRINTER = {
    "a4": DeviceSettings(
        kind=Kind.A4_PRINTER, driver="of the test", poll_seconds=0.02, capacity={"paper_pages": 500}
    )
}


class Printer:
    """A printer whose paper and cable the test holds."""

    def __init__(self) -> None:
        self.paper, self.plugged, self.pages = Supply.FULL, True, 0

    def open(self) -> None:
        if not self.plugged:
            raise DeviceError("device_absent")

    def close(self) -> None:
        pass

    def counts(self) -> dict[str, int]:
        return {"pages": self.pages}

    def status(self) -> DeviceState:
        if not self.plugged:
            raise DeviceError("device_offline", lost=True)
        faults = ("a4_paper_out",) if self.paper is Supply.OUT else ()
        levels = {"paper": 40, "paper:main": 40}
        return DeviceState(Availability.ONLINE, supplies={"paper": self.paper}, faults=faults, levels=levels)


@dataclass
class Terminal:
    """What of a terminal is needed to be well or not."""

    health: Health
    stage: Script
    printer: Printer
    store: Store
    hall: SmallHall

    def heard(self) -> list[tuple[str, str, str]]:
        """The faults that the hall was told of, in the order of their numbers: type, code, device."""
        rows = sorted(self.hall.rows.values(), key=lambda row: row.seq)
        return [
            (row.type.rpartition(".")[2], row.data.code, row.data.device)  # type: ignore[attr-defined]
            for row in rows
            if row.type.startswith("hall.fault.")
        ]

    def reports(self) -> list[Report]:
        """Every health report that came, in the order of their coming."""
        return [row.data for row in self.hall.rows.values() if isinstance(row.data, Report)]


def settings(folder: Path, running: Broker, optional: bool = False) -> Settings:
    link = LinkSettings(host=running.host, port=running.port, health_seconds=1.0)
    devices = {name: one.model_copy(update={"optional": optional}) for name, one in PRINTER.items()}
    return small_visit.settings(folder, devices).model_copy(update={"link": link})


@asynccontextmanager
async def terminal(folder: Path, running: Broker, optional: bool = False) -> AsyncIterator[Terminal]:
    told, stage, printer = settings(folder, running, optional), Script(), Printer()
    store = await asyncio.to_thread(Store, folder)
    counters = Counters(store, told.devices)
    devices = Devices(told.devices, lambda one: printer, counters.add)
    platform = Platform(told.platform)
    ledger, sender = Ledger(store, Vault(folder), PATH), Sender(store, PATH, keep_days=30)
    health = Health(told, stage, devices, platform, ledger, lambda: 0, counters)

    def connection(connected: bool) -> None:
        sender.on_connection(connected)
        health.connection(connected)

    listeners = replace(sender.listeners, connection=connection, birth_asked=health.report_soon)
    link = Link(told.link, PATH, store.boot, "0.1.0", listeners, asyncio.get_running_loop())
    with small_hall(running.host, running.port, PATH) as hall:
        devices.start()
        sender.attach(link)
        health.start(link, sender.keep_health)
        try:
            yield Terminal(health, stage, printer, store, hall)
        finally:
            await health.close()
            await sender.close()
            await asyncio.to_thread(link.close)
            await devices.close()
            await platform.close()
            await asyncio.to_thread(store.close)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with broker(tmp_path_factory.mktemp("broker")) as one:
        yield one


async def eventually(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - what it waits for comes over a wire
            await asyncio.sleep(0.01)


def test_given_a_window_that_hangs_then_reports_go_on_and_say_so_until_it_answers_again(
    tmp_path: Path, running: Broker
) -> None:
    async def hour() -> None:
        async with terminal(tmp_path, running) as one:
            await eventually(one.reports)
            assert "terminal_screen_hung" not in one.reports()[0].faults
            one.stage.age = HUNG_AFTER + 1
            await eventually(lambda: "terminal_screen_hung" in one.reports()[-1].faults)
            assert one.reports()[-1].screen_age > HUNG_AFTER
            before = len(one.reports())
            await eventually(lambda: len(one.reports()) > before + 1)
            one.stage.age = 0.0
            await eventually(lambda: ("cleared", "terminal_screen_hung", "") in one.heard())
            await eventually(lambda: "terminal_screen_hung" not in one.reports()[-1].faults)
            told = [type for type, code, _ in one.heard() if code == "terminal_screen_hung"]
            assert told == ["raised", "cleared"]

    asyncio.run(hour())


def test_given_paper_that_ends_then_the_fault_is_told_once_with_its_device_and_once_when_it_is_over(
    tmp_path: Path, running: Broker
) -> None:
    async def hour() -> None:
        async with terminal(tmp_path, running) as one:
            await eventually(lambda: one.reports() and one.reports()[-1].devices[0].availability == "online")
            one.printer.paper = Supply.OUT
            await eventually(lambda: ("raised", "a4_paper_out", "a4") in one.heard())
            await eventually(lambda: one.reports()[-1].devices[0].supplies == {"paper": "out"})
            one.printer.paper = Supply.FULL
            await eventually(lambda: ("cleared", "a4_paper_out", "a4") in one.heard())
            paper = [row for row in one.heard() if row[1] == "a4_paper_out"]
            assert len(paper) == 2, "the polls in between told nothing"
            with one.store.read() as read:
                assert journal.verify(read).sound
                raised = [entry for entry in journal.entries(read) if entry.type == "FaultRaised"]
            assert raised, "a fault is journalled before it is told"

    asyncio.run(hour())


def test_given_a_platform_that_is_down_then_the_citizens_pages_and_the_hall_know(
    tmp_path: Path, running: Broker
) -> None:
    async def hour() -> None:
        async with terminal(tmp_path, running) as one:
            await eventually(lambda: ("raised", "platform_down", "") in one.heard())
            assert not one.health.platform_open

    asyncio.run(hour())


def test_given_somebody_at_the_terminal_then_the_report_says_so_and_not_who(
    tmp_path: Path, running: Broker
) -> None:
    async def hour() -> None:
        async with terminal(tmp_path, running) as one:
            await eventually(one.reports)
            with one.health.session():
                await eventually(lambda: one.reports()[-1].session)
            await eventually(lambda: not one.reports()[-1].session)

    asyncio.run(hour())


@pytest.mark.parametrize("optional", [True, False])
def test_a_missing_device_is_a_fault_unless_it_is_optional(
    tmp_path: Path, running: Broker, optional: bool
) -> None:
    async def hour() -> None:
        async with terminal(tmp_path, running, optional=optional) as one:
            await eventually(lambda: one.reports() and one.reports()[-1].devices[0].availability == "online")
            one.printer.plugged = False
            await eventually(lambda: one.reports()[-1].devices[0].availability in ("absent", "offline"))
            told = [row for row in one.heard() if row[2] == "a4"]
            if optional:
                assert one.reports()[-1].devices[0].faults == []
                assert told == []
            else:
                await eventually(lambda: ("raised", "device_absent", "a4") in one.heard())
            one.printer.plugged, one.printer.paper = True, Supply.OUT
            await eventually(lambda: ("raised", "a4_paper_out", "a4") in one.heard())

    asyncio.run(hour())


def test_a_fault_that_a_device_does_not_know_itself_stands_in_its_report(
    tmp_path: Path, running: Broker
) -> None:
    async def hour() -> None:
        async with terminal(tmp_path, running) as one:
            await eventually(lambda: one.reports() and one.reports()[-1].devices[0].availability == "online")
            one.health.set_fault("paper_left", True, "a4")
            await eventually(lambda: one.reports()[-1].devices[0].faults == ["paper_left"])
            assert "paper_left" not in one.reports()[-1].faults
            one.health.set_fault("paper_left", False, "a4")
            await eventually(lambda: one.reports()[-1].devices[0].faults == [])

    asyncio.run(hour())


def test_what_a_device_has_done_and_how_long_its_paper_lasts_stands_in_the_report(
    tmp_path: Path, running: Broker
) -> None:
    async def hour() -> None:
        async with terminal(tmp_path, running) as one:
            await eventually(lambda: one.reports() and one.reports()[-1].devices[0].availability == "online")
            one.printer.pages += 7
            await eventually(lambda: one.reports()[-1].devices[0].counts == {"pages": 7})
            assert one.reports()[-1].devices[0].runs_out == {"paper": "unknown"}
            assert one.reports()[-1].devices[0].levels == {"paper": 40, "paper:main": 40}

    asyncio.run(hour())


def test_given_a_running_terminal_then_the_doctor_finds_its_devices_in_the_store(
    tmp_path: Path, running: Broker
) -> None:
    async def hour() -> None:
        async with terminal(tmp_path, running) as one:

            def remembered() -> list[DeviceHealth]:
                with one.store.read() as read:
                    row = read.execute("SELECT value FROM meta WHERE name = 'devices'").fetchone()
                return msgspec.json.decode(row[0], type=list[DeviceHealth]) if row else []

            await eventually(lambda: [device.availability for device in remembered()] == ["online"])
            one.printer.paper = Supply.OUT
            await eventually(lambda: remembered()[0].faults == ["a4_paper_out"])

    asyncio.run(hour())


def test_whether_the_hall_is_reached_at_this_moment_is_known(tmp_path: Path) -> None:
    """By it a paper says 待同步."""

    async def run() -> None:
        (tmp_path / "broker").mkdir()
        with contextlib.ExitStack() as plugged:
            own = plugged.enter_context(broker(tmp_path / "broker"))
            async with terminal(tmp_path, own) as one:
                await eventually(lambda: one.health.linked)
                plugged.close()
                await eventually(lambda: not one.health.linked)

    asyncio.run(run())


def test_given_hours_without_a_line_then_what_changed_is_told_late_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(healths, "LATE_EVERY", 0.0)
    monkeypatch.setattr(links, "FIRST_WAIT", 0.05)

    async def hours() -> None:
        with broker(tmp_path / "broker") as own:
            async with terminal(tmp_path, own) as one:

                def kept() -> int:
                    with one.store.read() as read:
                        return len(outbox.late_health(read, 100))

                def kept_since(before: int, paper: str) -> bool:
                    """Whether a report with such paper is among those that were kept after the first ones."""
                    with one.store.read() as read:
                        rows, vault = outbox.late_health(read, 100)[before:], Vault(tmp_path)
                        told = [messages.decode(vault.open_message(read, r.id, r.payload)).data for r in rows]
                    papers = [data.devices[0].supplies for data in told if isinstance(data, Report)]
                    return {"paper": paper} in papers

                await eventually(lambda: one.reports() and one.reports()[-1].devices[0].faults == [])
                own.kill()
                await eventually(lambda: not one.health.linked)
                await eventually(kept)  # it has no line any more: that is news
                before = kept()
                one.printer.paper = Supply.OUT
                await eventually(lambda: kept_since(before, "out"))
                before = kept()
                one.printer.paper = Supply.FULL
                await eventually(lambda: kept_since(before, "full"))
                same = kept()
                one.health.report_soon()
                own.start()
                await eventually(lambda: one.health.linked)
                one.hall.say_state(HostState(online=True))
                await eventually(lambda: kept() == 0)
                told = one.reports()
                assert same <= sum("link_down" in report.faults for report in told)
                assert [report for report in told if report.devices[0].supplies == {"paper": "out"}]
                numbers = [report.number for report in told]
                assert len(set(numbers)) == len(numbers)  # by them the hall puts each in its place
                assert len({report.connection for report in told}) > 1

    asyncio.run(hours())


def test_given_a_full_outbox_or_disk_then_no_session_should_begin(tmp_path: Path, running: Broker) -> None:
    async def hour() -> None:
        async with terminal(tmp_path, running) as one:
            said = [one.health.stopped]
            for full in (True, False):
                one.health.set_fault("outbox_full", full)
                said.append(one.health.stopped)
            assert said == ["", "outbox_full", ""]

    asyncio.run(hour())
