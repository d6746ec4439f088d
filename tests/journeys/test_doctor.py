"""The readiness report as a technician gets it: what was tried, what was found, what to do."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

import main
from config.devices import Kind
from config.faults import fault
from config.settings import Settings
from config.words import words
from drivers.virtual.demo_settings import REPO, DemoSettings, choose_ports, write_terminal
from kiosk.data.store import FILE
from kiosk.prompts import PlaceCard
from kiosk.stage import GoHome
from tests.journeys.citizen import Citizen
from tests.journeys.conftest import Play, serve_one
from tests.journeys.hall import Hall, until
from tests.kiosk.doctor.bench import REPAIRS
from tests.kiosk.doctor.bench_rows import RUNNING, Row

DEVICES = (  # in the order of the profile; these terminals have no special-paper printer
    "id_card_reader",
    "code_scanner",
    "io_board",
    "person_camera",
    "document_camera",
    "receipt_printer",
    "a4_printer",
)
PARTS = ("version", "settings", "catalogue", "fonts", "memory", "disk", "store", "journal", "display", "time")
WAYS_OUT = ("network", "broker", "platform")
SURROUNDINGS = (*PARTS, *WAYS_OUT)
_TITLES = {words(f"doctor.part_{part}").en: part for part in SURROUNDINGS}
_TITLES |= {words(f"desk.kind_{kind}").en: kind.value for kind in Kind}


@dataclass(frozen=True)
class Line:
    """What the report says of one thing."""

    ready: bool
    tried: str
    found: str
    left: str
    to_do: str


@dataclass(frozen=True)
class Report:
    """What was printed, and how it ended."""

    code: int
    lines: dict[str, Line]
    printed: str

    @property
    def not_ready(self) -> set[str]:
        return {name for name, line in self.lines.items() if not line.ready}


_FINDING = re.compile(
    r"^(?P<state>ready|look|NOT READY) +(?P<title>[^ ].*)\n"
    r" +tried +(?P<tried>.+)\n +found +(?P<found>.+)\n"
    r"(?: +left +(?P<left>.+)\n)?(?P<todo>(?: +(?:fault|to do) +.+\n)*)",
    re.MULTILINE,
)


def examined(settings: Path, *arguments: str) -> Report:
    """What `main.py doctor` says of a settings file."""
    with redirect_stdout(StringIO()) as said:
        code = main.main(["--settings", str(settings), "doctor", "--language", "en", *arguments])
    return _read(code, said.getvalue())


def examined_as_typed(settings: Path, *arguments: str) -> Report:
    """The same, as a technician types it."""
    command = [sys.executable, "main.py", "doctor", "--settings", str(settings), "--language", "en"]
    done = subprocess.run([*command, *arguments], cwd=REPO, capture_output=True, text=True, timeout=100)
    assert done.stderr == "", "no traceback, no warning"
    return _read(done.returncode, done.stdout)


def _read(code: int, printed: str) -> Report:
    lines = {
        _TITLES[one["title"]]: Line(
            one["state"] != "NOT READY", one["tried"], one["found"], one["left"] or "", one["todo"]
        )
        for one in _FINDING.finditer(printed)
    }
    for name, line in lines.items():
        assert line.ready or line.to_do, f"{name}: nothing is said of what to do"
    return Report(code, lines, printed)


def file_of(settings: Settings) -> Path:
    return settings.data.parent / "terminal.toml"


def remedy(code: str) -> str:
    """How the report says what is wrong and what to do."""
    row = fault(code)
    return f"fault  {row.name.en}\n{' ' * 11}to do  {row.technician.en} [{code}]"


@contextmanager
def stopped(hall: Hall, *names: str) -> Iterator[None]:
    for name in names:
        hall.children[name].stop()
    try:
        yield
    finally:
        for name in names:
            hall.children[name].restart(60)


def test_given_all_in_order_then_each_thing_tells_what_was_tried_and_found(hall: Hall, kiosk: str) -> None:
    settings = hall.settings(kiosk)
    report = examined_as_typed(file_of(settings))
    assert (report.code, report.not_ready) == (0, set())
    assert tuple(report.lines) == (*SURROUNDINGS, *DEVICES)
    for name in DEVICES:
        assert settings.devices[name].driver in report.lines[name].tried
        assert settings.devices[name].port in report.lines[name].tried
        assert "online" in report.lines[name].found
    assert "paper full" in report.lines["a4_printer"].found
    assert report.printed.rstrip().endswith("20 ready, 0 not ready")
    assert not settings.data.exists(), "looking leaves nothing behind"


def test_given_trouble_on_every_side_then_each_is_told_with_its_remedy(hall: Hall, kiosk: str) -> None:
    hall.act("id_card_reader", "unplug")
    hall.act("code_scanner", "unplug")
    hall.act("io_board", "silence")
    hall.act("person_camera", "cover")
    hall.act("document_camera", "unplug")
    hall.act("receipt_printer", "open_cover")
    hall.act("a4_printer", "paper_out")
    with stopped(hall, "platform", "broker"):
        report = examined(file_of(hall.settings(kiosk)))
    assert report.code == 1
    assert report.not_ready == {"broker", "platform", *DEVICES}
    told = {name: line.to_do.strip() for name, line in report.lines.items() if not line.ready}
    assert told == {
        "broker": remedy("link_down"),
        "platform": remedy("platform_down"),
        "id_card_reader": remedy("device_absent"),
        "code_scanner": remedy("device_absent"),
        "io_board": remedy("device_timeout"),
        "person_camera": remedy("camera_dark"),
        "document_camera": remedy("device_absent"),
        "receipt_printer": remedy("receipt_cover_open"),
        "a4_printer": remedy("a4_paper_out"),
    }
    assert "paper out" in report.lines["a4_printer"].found
    assert report.printed.rstrip().endswith("11 ready, 9 not ready")


def test_given_an_optional_device_that_is_missing_then_nobody_is_sent_for_it(hall: Hall, kiosk: str) -> None:
    hall.act("id_card_reader", "unplug")
    report = examined(file_of(hall.settings(kiosk, **{"devices.id_card_reader.optional": True})))
    assert report.code == 0
    assert report.lines["id_card_reader"].found == "absent, and optional"
    hall.act("id_card_reader", "plug")


def test_given_a_terminal_that_has_served_then_the_report_tells_what_its_devices_have_done(
    hall: Hall, kiosk: str, play: Play
) -> None:
    capacity = {"devices.a4_printer.capacity": {"toner_pages": 3000}}
    report = examined(file_of(play(Citizen(hall, service="SB01"), **capacity)))
    assert " · 1 cards" in report.lines["id_card_reader"].found
    assert " · 1 pages" in report.lines["a4_printer"].found
    assert re.search(r" · 1 cuts · \d+ mm of paper", report.lines["receipt_printer"].found)
    assert "until about" not in report.printed, "one day says nothing of how long the toner lasts"


def test_given_paper_that_runs_low_then_the_printer_is_ready_and_the_refill_is_asked_for(
    hall: Hall, kiosk: str
) -> None:
    hall.act("a4_printer", "paper_low")
    report = examined(file_of(hall.settings(kiosk)))
    assert report.code == 0
    assert report.lines["a4_printer"].to_do.strip() == remedy("a4_paper_low")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {
                "platform__token": "nobody's",
                "remote__reboot": ["reboot-program"],
                "devices.a4_printer.driver": "a4_printer_fax",
                "devices.code_scanner.options": {"colour": 1},
            },
            {
                "platform": ("HTTP 401", "platform_token"),
                "settings": ("there is no program reboot-program", "settings_wrong"),
                "a4_printer": ("no driver a4_printer_fax; there are", "device_misconfigured"),
                "code_scanner": ("has no option colour; it has", "device_misconfigured"),
            },
        ),
        (
            {"platform__trust": "/nowhere/root.pem"},
            {"platform": ("/nowhere/root.pem is missing", "platform_trust_missing")},
        ),
    ],
    ids=["several", "trust"],
)
def test_given_settings_that_do_not_fit_then_each_thing_is_named(
    hall: Hall, kiosk: str, change: dict[str, object], told: dict[str, tuple[str, str]]
) -> None:
    report = examined(file_of(hall.settings(kiosk, **change)))
    assert (report.code, report.not_ready) == (1, set(told))
    for name, (found, code) in told.items():
        assert found in report.lines[name].found
        assert remedy(code) in report.lines[name].to_do


def test_given_a_running_terminal_then_it_tries_its_devices_itself_and_none_is_opened_twice(
    hall: Hall, kiosk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal has the reader open, which serves one; a second opener would take bytes from it."""

    def opened(settings: object) -> None:
        raise AssertionError("the doctor opened a device that the terminal holds")

    monkeypatch.setattr("kiosk.printing.printing.RECEIPT_SECONDS", 6.0)  # a fence that never comes
    settings = hall.settings(kiosk)
    reports: list[Report] = []

    def look() -> None:
        file = file_of(settings)
        until(lambda: examined(file).code == 0, why="the terminal never had all its devices")
        with monkeypatch.context() as patched:
            patched.setattr("drivers.registry.make", opened)
            reports.append(examined(file, "--paper"))
        for row in RUNNING:
            _played(hall, file, row)
        hall.act("a4_printer", "paper_out")
        reports.append(examined(file, "--report"))
        until(lambda: hall.rows(hall.hall_database, *_reports_of(kiosk)), why="the hall never heard of it")

    asyncio.run(serve_one(settings, Citizen(hall, service="ZH03"), 300.0, look))
    sound, last = reports
    assert (sound.code, tuple(sound.lines)) == (0, (*SURROUNDINGS, *DEVICES))
    assert "slip printed" in sound.lines["receipt_printer"].found
    assert "page printed" in sound.lines["a4_printer"].found
    assert re.fullmatch(r"\d+ entries, 0 problems", sound.lines["journal"].found)
    assert (last.code, last.not_ready) == (1, {"a4_printer"})
    assert last.lines["a4_printer"].to_do.strip() == remedy("a4_paper_out")
    assert "noted: the hall will be told\nthe report was printed\n" in last.printed
    after = examined(file_of(settings))
    assert settings.devices["id_card_reader"].port in after.lines["id_card_reader"].tried


def _played(hall: Hall, file: Path, row: Row) -> None:
    """A fault that a running terminal tells, and that it is gone when the bench is as it was."""
    hall.act(row.device, row.hand, **row.arguments)
    options = ["--paper"] if row.allowed.paper else []
    line = examined(file, "--device", row.device, *options).lines[row.device]
    assert not line.ready and f"[{row.code}]" in line.to_do and row.remedy in line.to_do, (row, line)
    for repair in REPAIRS[row.device]:
        hall.act(row.device, repair)
    until(
        lambda: examined(file, "--device", row.device).lines[row.device].ready,
        why=f"{row} was never mended",
    )


def test_given_a_citizen_who_is_served_then_nothing_is_tried_and_what_was_seen_last_is_told(
    hall: Hall, kiosk: str, play: Play
) -> None:
    settings = hall.settings(kiosk)
    seen: list[Report] = []

    async def meanwhile(citizen: Citizen, prompt: PlaceCard) -> GoHome:
        asked = ("--device", "receipt_printer", "--paper")

        def heard() -> bool:
            """A terminal that has just started may not have heard of its printer yet."""
            seen.append(examined(file_of(settings), *asked))
            return seen[-1].lines["receipt_printer"].found.startswith("online")

        await asyncio.to_thread(until, heard, why="the printer never came")
        return GoHome()

    before = len(hall.state()["receipt_printer"]["receipts"])
    play(Citizen(hall, service="SB01", ways={PlaceCard: meanwhile}))
    line = seen[-1].lines["receipt_printer"]
    assert line.left == words("doctor.serving").en
    assert line.tried.startswith(words("doctor.tried_told").en) and line.found.startswith("online")
    assert len(hall.state()["receipt_printer"]["receipts"]) == before, "nobody is given a test slip"


def test_given_no_terminal_that_runs_then_the_report_is_kept_for_the_hall_until_one_does(
    hall: Hall, kiosk: str
) -> None:
    hall.act("code_scanner", "unplug")
    settings = hall.settings(kiosk)
    report = examined_as_typed(file_of(settings), "--report")
    assert report.not_ready == {"code_scanner"}
    assert hall.rows(hall.hall_database, *_reports_of(kiosk)) == []
    hall.act("code_scanner", "plug")

    def heard() -> None:
        rows = until(lambda: hall.rows(hall.hall_database, *_reports_of(kiosk)), why="the hall never heard")
        assert "code_scanner" in str(rows[0]) and "device_absent" in str(rows[0])

    asyncio.run(serve_one(settings, Citizen(hall, service="ZH03"), 200.0, heard))


def _reports_of(kiosk: str) -> tuple[str, str]:
    return "SELECT * FROM readiness WHERE terminal LIKE ?", f"%/{kiosk}"


def test_given_a_journal_that_somebody_has_changed_then_it_is_told_and_left_as_it_is(
    hall: Hall, kiosk: str, play: Play
) -> None:
    settings = play(Citizen(hall, service="ZH03"))
    with closing(sqlite3.connect(settings.data / FILE)) as store, store:
        store.execute("UPDATE journal SET type = 'SessionEnded' WHERE n = 1")
    report = examined(file_of(settings))
    assert (report.code, report.not_ready) == (1, {"journal"})
    assert report.lines["journal"].to_do.strip() == remedy("terminal_journal_broken")


def test_on_a_fresh_computer_with_nothing_running_the_demo_profile_is_examined_to_its_end(
    tmp_path: Path,
) -> None:
    """On ports of its own: a demo may be running beside the tests."""
    demo = DemoSettings(data=tmp_path / "demo", port_base=0)
    report = examined_as_typed(write_terminal(demo, choose_ports(demo.port_base)))
    assert report.code == 1
    devices = (*DEVICES, "special_printer")
    assert tuple(report.lines) == (*SURROUNDINGS, *devices)
    assert {"broker", "platform", *devices} == report.not_ready
