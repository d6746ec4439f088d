"""Commands of the hall, over the real broker, while people are served."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.catalogue_files import load_catalogue
from config.people import person
from config.settings import Settings
from kiosk import prompts as p
from kiosk import terminal
from kiosk.data.store import read_only
from kiosk.prompts import Chosen
from kiosk.remote import maintenance_desk, screenshot
from mqtt import outbox
from mqtt.topics import TerminalPath
from tests.journeys.citizen import Citizen
from tests.journeys.hall import Hall
from tests.journeys.hall_voice import HallVoice, hall_voice
from tests.journeys.test_new_service import LENDING
from tests.journeys.traces import spellings
from tests.mqtt.small_hall import eventually

TRIED = (b"receipt_printer", b"a4_printer", b"id_card_reader", b"person_camera", b"io_board")
LOCK = {"notice_zh": "设备检修，请用旁边的机器", "notice_en": "Being repaired, use the next machine"}


def serve(
    hall: Hall, settings: Settings, citizen: Citizen, act: Callable[[HallVoice], None], restart: bool = False
) -> list[bool]:
    """Runs a terminal while `act` plays the hall; returns whether it wants to be started again."""
    ended: list[bool] = []

    async def run() -> None:
        core = asyncio.create_task(terminal.serve(settings, load_catalogue(settings.catalogue), citizen))
        path = TerminalPath("330100", "demo", settings.identity.kiosk)
        with hall_voice(hall.ports.broker, path) as voice:
            acting = asyncio.create_task(asyncio.to_thread(act, voice))
            done, _ = await asyncio.wait({core, acting}, timeout=200, return_when=asyncio.FIRST_COMPLETED)
            if core in done and not restart:
                core.result()
            async with asyncio.timeout(100):
                await acting
                if restart:
                    ended.append(await core)
            core.cancel()
            await asyncio.gather(core, return_exceptions=True)

    asyncio.run(run())
    return ended


def shows(citizen: Citizen, page: type) -> Callable[[], bool]:
    return lambda: bool(citizen.trail) and isinstance(citizen.trail[-1], page)


class Slow(Citizen):
    """Stays at the form until the test lets him go on."""

    def __init__(self, hall: Hall, **told: Any) -> None:
        super().__init__(hall, ways={p.Consent: Chosen("other"), p.FillForm: Slow.wait}, **told)
        self.at_the_form, self.go_on = asyncio.Event(), asyncio.Event()

    @staticmethod
    async def wait(citizen: Citizen, prompt: p.FillForm) -> p.Answer:
        assert isinstance(citizen, Slow)
        citizen.at_the_form.set()
        while not citizen.go_on.is_set():  # noqa: ASYNC110  (set from another thread)
            await asyncio.sleep(0.02)
        return await citizen.fill(prompt)


def test_while_a_citizen_is_served_a_restart_waits_a_lock_is_for_the_next_and_a_picture_is_asked_for(
    hall: Hall, kiosk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    citizen = Slow(hall)

    def act(voice: HallVoice) -> None:
        eventually(citizen.at_the_form.is_set)
        restart = voice.give("restart")
        lock = voice.give("lock", **LOCK)
        eventually(lambda: voice.told(restart) == ["accepted  citizen"])
        voice.until(lock, "done")

        citizen.aside = Chosen("other")
        assert voice.until(voice.give("screenshot"), "failed").code == "command_no_consent"
        citizen.aside = None
        monkeypatch.setattr(screenshot, "CONSENT_SECONDS", 0.2)
        unanswered = voice.until(voice.give("screenshot"), "failed")
        assert (unanswered.code, unanswered.detail) == ("command_no_consent", "no answer")
        monkeypatch.setattr(screenshot, "CONSENT_SECONDS", 60.0)
        citizen.aside = Chosen("agree")
        seen = voice.give("screenshot")
        assert voice.until(seen, "done").parts == 1
        picture = voice.file(seen)
        assert b"Masked(kind='FillForm'" in picture
        zhang = person("zhang")
        for text in (zhang.name, zhang.number, zhang.phone, zhang.address):
            assert not [name for name, raw in spellings(text).items() if raw in picture]
        assert isinstance(citizen.trail[-1], p.FillForm), "the page that he was at is still his"

        citizen.go_on.set()

    settings = hall.settings(kiosk)
    assert serve(hall, settings, citizen, act, restart=True) == [True]
    assert "Goodbye" in citizen.pages and not citizen.troubles(), "he was served to the end"

    # Started again: the restart is done, the lock still holds, and an unlock brings home by itself.
    nobody = Citizen(hall, visits=0)

    def later(voice: HallVoice) -> None:
        eventually(lambda: [s.state for s in voice.states if s.state == "done"])
        eventually(shows(nobody, p.OutOfService))
        page = nobody.last(p.OutOfService)
        assert page.note.zh == LOCK["notice_zh"] and "12345" in page.call.zh
        idle = voice.give("screenshot")
        voice.until(idle, "done")
        assert "设备检修" in voice.file(idle).decode("utf-8", "replace")
        voice.until(voice.give("unlock"), "done")
        eventually(shows(nobody, p.Home))

    serve(hall, settings, nobody, later)


def test_the_hall_gets_report_logs_and_a_tried_printer_and_a_new_service(hall: Hall, kiosk: str) -> None:
    nobody = Citizen(hall, visits=0)

    def act(voice: HallVoice) -> None:
        eventually(shows(nobody, p.Home))
        before = nobody.last(p.Home).tiles
        eventually(lambda: all(b'"%b"' % device in log_of(settings) for device in TRIED))
        tried = voice.give("test_device", device="receipt_printer")
        assert voice.until(tried, "done").detail.startswith("slip printed")
        sheet = voice.give("test_device", device="a4_printer")
        assert voice.until(sheet, "done").detail.startswith("page printed")
        reader = voice.give("test_device", device="id_card_reader")
        assert voice.until(reader, "done").detail.startswith("module 05.01-")
        camera = voice.give("test_device", device="person_camera")
        assert "picture 640x480, light" in voice.until(camera, "done").detail
        assert "cabinet_door=0" in voice.until(voice.give("test_device", device="io_board"), "done").detail
        assert voice.until(voice.give("test_device", device="toaster"), "failed").code == "device_absent"

        report = voice.give("readiness_report")
        assert voice.until(report, "done").parts
        text = voice.file(report).decode()
        assert text.startswith("就绪报告 · 终端 330100/demo/") and "id_card_reader" in text
        assert "Readiness report · terminal 330100/demo/" in text

        logs = voice.give("logs", hours=1)
        voice.until(logs, "done")
        assert '"device": "receipt_printer"' in gzip.decompress(voice.file(logs)).decode()

        (hall.catalogue / "sb99.toml").write_text("id = ", encoding="utf-8")
        broken = voice.until(voice.give("sync_catalogue"), "failed")
        assert (broken.code, broken.detail) == ("catalogue_broken", "sb99.toml")
        (hall.catalogue / "sb99.toml").unlink()
        (hall.catalogue / "sb98.toml").write_text(LENDING.replace("SB90", "SB98"), encoding="utf-8")
        voice.until(voice.give("sync_catalogue"), "done")
        eventually(lambda: nobody.last(p.Home).tiles != before)
        eventually(lambda: told_all(settings))

    settings = hall.settings(kiosk)
    try:
        serve(hall, settings, nobody, act)
    finally:
        for name in ("sb98.toml", "sb99.toml"):  # its own: others lay theirs there, too
            (hall.catalogue / name).unlink(missing_ok=True)


def test_while_a_technician_works_on_it_commands_wait_and_the_hall_knows_for_whom(
    hall: Hall, kiosk: str
) -> None:
    nobody = Citizen(hall, visits=0)
    settings = hall.settings(kiosk)

    def act(voice: HallVoice) -> None:
        eventually(shows(nobody, p.Home))
        eventually(lambda: b'"io_board"' in log_of(settings))
        hall.act("io_board", "on", input="cabinet_door")
        eventually(lambda: b"io_cabinet_open" in log_of(settings))
        lock = voice.give("lock", **LOCK)
        eventually(lambda: voice.told(lock) == ["accepted  technician"])
        assert maintenance_desk.say(settings, True) == 0
        hall.act("io_board", "off", input="cabinet_door")
        tried = voice.give("test_device", device="io_board")
        eventually(lambda: voice.told(tried) == ["accepted  technician"])
        eventually(lambda: voice.healthy and voice.healthy[-1].technician)
        assert maintenance_desk.say(settings, False) == 0
        voice.until(lock, "done")
        voice.until(tried, "done")
        eventually(lambda: not voice.healthy[-1].technician)

    serve(hall, settings, nobody, act)
    assert maintenance_desk.say(settings, True) == 1, "nobody is there to be told"


def test_configuration_holds_is_told_and_falls_back(hall: Hall, kiosk: str) -> None:
    nobody = Citizen(hall, visits=0)

    def act(voice: HallVoice) -> None:
        eventually(lambda: voice.reported)
        assert voice.reported[-1].values["help_phone"] == "12345"
        voice.desire(4, {"help_phone": "0571 8888", "hours": "00:00-00:01", "brightness": 50, "dance": 1})
        eventually(lambda: voice.reported[-1].version == 4)
        assert voice.reported[-1].refused == {"brightness": "not_supported", "dance": "unknown"}
        eventually(shows(nobody, p.OutOfService))
        assert "0571 8888" in nobody.last(p.OutOfService).call.zh
        voice.desire(3, {"help_phone": "110"})
        voice.desire(5, {})
        eventually(lambda: voice.reported[-1].version == 5)
        eventually(shows(nobody, p.Home))
        assert voice.reported[-1].values["help_phone"] == "12345"
        assert 3 not in [one.version for one in voice.reported]

    serve(hall, hall.settings(kiosk), nobody, act)


def told_all(settings: Settings) -> bool:
    """The hall has taken everything, files too, and refused nothing."""
    with read_only(settings.data) as read:
        assert outbox.dead(read) == []
        return outbox.depth(read) == 0


def log_of(settings: Settings) -> bytes:
    path = Path(settings.data) / "logs" / "terminal.log"
    return path.read_bytes() if path.exists() else b""
