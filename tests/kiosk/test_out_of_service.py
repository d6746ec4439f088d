"""Out of service is a page: why, when it opens next, whom to call, where else; and it goes by itself."""

from __future__ import annotations

import asyncio
import errno
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.configuration import is_open
from config.devices import Availability, DeviceState, Kind
from config.faults import Severity, fault, faults
from config.settings import DeviceSettings
from config.words import LANGUAGES, Words
from kiosk import doors as doors_
from kiosk import health as healths
from kiosk.availability import nothing_works, why_not
from kiosk.data.store import Store, StoreError
from kiosk.data.vault import FILE, Vault, VaultError
from kiosk.doors import Doors, opening
from kiosk.health import Health
from kiosk.prompts import Chosen, Home, OutOfService
from kiosk.reception import receive
from tests.kiosk.small_terminal import eventually
from tests.kiosk.small_visit import backstage, service
from tests.kiosk.test_doors import NOTICE, Watched

STOPPING = [row.code for row in faults().values() if row.closes]
ELSEWHERE = Words("二楼服务台旁", "Beside the desk on the second floor")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors_, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(healths, "PING_SECONDS", 0.02)


def test_whatever_the_cause_the_page_says_whom_to_call_when_it_opens_and_where_else(tmp_path: Path) -> None:
    async def play() -> None:
        stopped, hours, now = "", "09:00-17:00", datetime(2026, 11, 22, 10, 0)
        async with backstage(tmp_path, Watched()) as parts:
            doors = Doors(
                parts.ledger, lambda: "12345", lambda: hours, lambda: now, lambda: stopped, lambda: ELSEWHERE
            )

            def page() -> OutOfService:
                closed = doors.closed()
                assert closed is not None
                assert "12345" in closed.call.zh and "12345" in closed.call.en
                assert closed.elsewhere is not None and ELSEWHERE.en in closed.elsewhere.en
                assert closed.hours is not None and hours.replace("-", "–") in closed.hours.zh
                return closed

            assert doors.closed() is None
            for stopped in STOPPING:
                assert page().note == fault(stopped).citizen
            stopped = ""
            with doors.held():
                assert page().note is None
            await doors.lock(NOTICE)
            stopped = "terminal_store_failed"
            assert page().note == NOTICE, "what somebody wrote for the citizens comes first"
            await doors.unlock()
            stopped, now = "", datetime(2026, 11, 22, 17, 0)
            assert "明天 09:00" in str(page().hours)
            now = datetime(2026, 11, 23, 0, 1)
            assert "今天 09:00" in str(page().hours), "at midnight it says so by itself"

    asyncio.run(play())


_MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


@given(
    st.one_of(st.just("always"), st.builds("{}-{}".format, _MINUTES, _MINUTES)),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
)
def test_what_the_page_says_of_the_hours_is_so(hours: str, now: datetime) -> None:
    told = opening(hours, now)
    if hours == "always":
        assert told is None
        return
    read = hours.replace("-", "–")
    assert told is not None and read in told.zh and read in told.en
    day = {"today": "今天", "tomorrow": "明天"}
    assert [one in told.en for one in day] == [one in told.zh for one in day.values()]
    if is_open(hours, now.strftime("%H:%M")):
        assert not any(one in told.en for one in day)
    else:
        begin = hours[:5]
        assert f"{'today' if now.strftime('%H:%M') < begin else 'tomorrow'} at {begin}" in told.en


def test_what_stops_a_terminal_is_told_in_words_of_its_own_and_calls_somebody_now() -> None:
    for code in STOPPING:
        row = fault(code)
        assert row.severity is Severity.STOP
        for language in LANGUAGES:
            assert 8 < len(row.citizen[language]) <= 90, "a line or two under the heading"
    assert {"terminal_disk_full", "terminal_store_failed", "terminal_key_missing"} <= set(STOPPING)
    assert len({fault(code).citizen for code in STOPPING}) == len(STOPPING) - 1, "disk and outbox are one"


# ── the store breaks, and comes back ────────────────────────────────────────
def test_a_store_that_breaks_under_a_citizen_closes_the_doors_until_it_writes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> None:
        stage = Watched()
        async with backstage(tmp_path, stage) as parts:
            health = Health(parts.settings, stage, parts.devices, parts.platform, parts.ledger, lambda: 0)
            doors = Doors(parts.ledger, lambda: "12345", stopped=lambda: health.stopped)
            write = Store.write
            broken = True

            async def failing(self: Store, work: Any) -> Any:
                if broken:
                    raise StoreError("terminal_store_failed", str(OSError(errno.EIO, "of the disk")))
                return await write(self, work)

            monkeypatch.setattr(Store, "write", failing)
            serving = asyncio.ensure_future(receive(parts, health, doors))
            watching = asyncio.ensure_future(health._for_ever(health._watch))
            try:
                await stage.until(Home)
                stage.touch.put_nowait(Chosen("1"))
                page = await stage.until(OutOfService)
                assert page.note == fault("terminal_store_failed").citizen and not health.serving
                broken = False
                await stage.until(Home)
            finally:
                for task in (serving, watching):
                    task.cancel()
                await asyncio.gather(serving, watching, return_exceptions=True)

    asyncio.run(play())


def test_a_master_key_of_another_terminal_is_told_before_anybody_is_received(tmp_path: Path) -> None:
    ours, theirs = Vault(tmp_path), Vault(tmp_path / "other")
    store = Store(tmp_path)
    try:
        with store.read() as read:
            ours.check(read)  # nothing was sealed yet
        store.write_sync(lambda tx: ours.seal_message(tx, "m1", b"something"))
        with store.read() as read:
            Vault(tmp_path).check(read)
            with pytest.raises(VaultError) as caught:
                theirs.check(read)
        assert caught.value.code == "terminal_key_missing" and (tmp_path / FILE).exists()
    finally:
        store.close()


# ── nothing works ───────────────────────────────────────────────────────────
class Part:
    """A device that is there or not."""

    def __init__(self) -> None:
        self.there = True

    def open(self) -> None: ...
    def close(self) -> None: ...
    def status(self) -> DeviceState:
        if self.there:
            return DeviceState(Availability.ONLINE)
        return DeviceState(Availability.FAULT, faults=("device_offline",))


def test_without_any_reader_or_printer_the_terminal_closes_and_with_one_of_them_it_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(healths, "NOTHING_SECONDS", 0.1)
    parts_of = {Kind.ID_CARD_READER: Part(), Kind.A4_PRINTER: Part(), Kind.SPEAKER: Part()}
    told = {
        str(kind): DeviceSettings(kind=kind, driver="of the test", poll_seconds=0.02) for kind in parts_of
    }

    async def play() -> None:
        stage = Watched()
        async with backstage(tmp_path, stage, told, lambda one: parts_of[one.kind]) as parts:
            assert not nothing_works(parts.devices), "they are only just being opened"
            health = Health(parts.settings, stage, parts.devices, parts.platform, parts.ledger, lambda: 0)
            doors = Doors(parts.ledger, lambda: "12345", stopped=lambda: health.stopped)
            parts.devices.start()
            serving = asyncio.ensure_future(receive(parts, health, doors))
            watching = asyncio.ensure_future(health._for_ever(health._watch))
            try:
                assert await parts.devices.becomes_ready(Kind.A4_PRINTER, 60)
                await stage.until(Home)
                parts_of[Kind.A4_PRINTER].there = False
                await eventually(lambda: not parts.devices.ready(Kind.A4_PRINTER))
                await asyncio.sleep(0.3)
                assert isinstance(stage.shown[-1], Home), "cards can be read: services are greyed one by one"
                assert why_not(service("SB01"), parts.devices, datetime(2026, 11, 22, 10)) is not None
                parts_of[Kind.ID_CARD_READER].there = False
                page = await stage.until(OutOfService)
                assert page.note == fault("terminal_nothing_works").citizen
                parts_of[Kind.A4_PRINTER].there = True
                await stage.until(Home)
            finally:
                for task in (serving, watching):
                    task.cancel()
                await asyncio.gather(serving, watching, return_exceptions=True)
                await parts.devices.close()

    asyncio.run(play())


def test_each_reason_of_a_greyed_service_reads_as_one_line_in_both_languages() -> None:
    """What may stand beneath a service: the citizen's words of each fault that a device can have."""
    beneath = [row for row in faults().values() if row.citizen.zh and row.severity is not Severity.NOTICE]
    assert len(beneath) > 60
    for row in beneath:
        assert len(row.citizen.zh) <= 60 and len(row.citizen.en) <= 150, row.code
        assert row.citizen.en.endswith((".", "?")) and row.citizen.en[0].isupper(), row.code
