"""A certificate on a numbered blank: the account, the tray, the terminal and the hall tell the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.catalogue_files import BUILT_IN
from config.devices import Kind
from config.settings import Settings
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.demo_settings import choose_ports
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from drivers.virtual.special_printer import Sheet, VirtualSpecialPrinter
from kiosk import doctor
from kiosk.data import journal, stock
from kiosk.data.stock import Account
from kiosk.data.store import read_only
from kiosk.data.vault import Vault
from kiosk.printing import stock_desk
from kiosk.prompts import ChooseService, Home, TakePaper, Trouble, Working
from kiosk.readiness.finding import Finding
from tests.journeys.citizen import HOME, Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall, until
from tests.journeys.test_journeys import told


@dataclass
class Books:
    """A printer of certificate books beside the bench, and the settings of a terminal that has it."""

    bench: VirtualSpecialPrinter
    changes: dict[str, Any]

    def load(self, settings: Settings, first: str, count: int) -> None:
        """What a technician does: a pack into the tray, and into the account."""
        self.bench.act("load", first=first, count=count)
        assert stock_desk.load(settings, "", count, first) == 0


def _services(folder: Path) -> str:
    """The proof of insurance as another province hands it out: on a numbered book."""
    text = (BUILT_IN / "sb01.toml").read_text(encoding="utf-8")
    folder.mkdir()
    (folder / "sb01.toml").write_text(text.replace('"a4_printer"', '"special_printer"'), encoding="utf-8")
    return str(folder)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    printer = VirtualA4Printer(choose_ports(0).a4, tmp_path / "printer", page_seconds=0.2)
    port = f"ipp://127.0.0.1:{printer.port}/ipp/print"
    yield from _standing(VirtualSpecialPrinter(printer), "special_printer_ipp", port, tmp_path)


@pytest.fixture
def cards(tmp_path: Path) -> Iterator[Books]:
    printer = VirtualReceiptPrinter(choose_ports(0).receipt, real_time=False)
    port = f"127.0.0.1:{printer.port}"
    yield from _standing(VirtualSpecialPrinter(printer), "special_printer_escpos", port, tmp_path)


def _standing(bench: VirtualSpecialPrinter, driver: str, port: str, folder: Path) -> Iterator[Books]:
    device = {"kind": "special_printer", "driver": driver, "port": port, "poll_seconds": 0.3}
    changes = {"devices__books": device, "catalogue": [_services(folder / "services")]}
    bench.start()
    yield Books(bench, changes)
    bench.stop()


def account(settings: Settings) -> Account:
    with read_only(settings.data) as read:
        return stock.account(read, "books")


def printed(hall: Hall, kiosk: str) -> list[tuple[str, str, str]]:
    """What the hall was told of the certificates of a terminal."""
    rows = hall.rows(hall.hall_database, "SELECT * FROM prints WHERE terminal LIKE ?", f"%/{kiosk}")
    return [(row["device"], row["state"], row["code"]) for row in rows if row["document"] == "certificate"]


def sheets_told(settings: Settings) -> list[str]:
    """The numbers of the sheets in the messages about prints, as the journal has them."""
    vault = Vault(settings.data)
    with read_only(settings.data) as read:
        bodies = [journal.body(read, vault, one) for one in journal.entries(read)]
    return [body["sheet"] for body in bodies if body.get("sheet")]


def test_a_certificate_comes_out_on_the_next_numbered_book(
    hall: Hall, play: Play, kiosk: str, books: Books
) -> None:
    settings = hall.settings(kiosk, **books.changes)
    books.load(settings, "GZ000101", 3)
    citizen = Citizen(hall)
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"), **books.changes)
    assert citizen.last(TakePaper).device is Kind.SPECIAL_PRINTER
    assert Kind.SPECIAL_PRINTER in [page.device for page in citizen.trail if isinstance(page, Working)]
    assert books.bench.sheets() == [Sheet("GZ000101", 1)]
    assert account(settings) == Account("books", blank=2, used=1, next_number="GZ000102")
    assert printed(hall, kiosk) == [("special_printer", "confirmed", "")]
    assert sheets_told(settings) == ["GZ000101"]


def test_a_card_printer_on_esc_pos_serves_the_same_service(
    hall: Hall, play: Play, kiosk: str, cards: Books
) -> None:
    settings = hall.settings(kiosk, **cards.changes)
    cards.load(settings, "K01", 2)
    play(Citizen(hall), after=lambda: told(hall, kiosk, "hall.session.ended"), **cards.changes)
    assert cards.bench.sheets() == [Sheet("K01", 1)]
    assert account(settings) == Account("books", blank=1, used=1, next_number="K02")


def test_without_a_blank_in_the_account_the_service_is_greyed_before_anybody_shows_a_card(
    hall: Hall, play: Play, kiosk: str, books: Books
) -> None:
    books.bench.act("load", first="GZ000101", count=3)  # in the tray, and never entered
    citizen = Citizen(hall)
    citizen.patient = False
    play(citizen, **books.changes)
    (option,) = [one for one in citizen.last(ChooseService).options if one.value == "SB01"]
    assert option.reason is not None
    assert "PlaceCard" not in citizen.pages


def test_a_book_that_went_wrong_stops_the_service_until_somebody_has_looked(
    hall: Hall, play: Play, kiosk: str, books: Books
) -> None:
    settings = hall.settings(kiosk, **books.changes)
    books.load(settings, "GZ000101", 3)
    books.bench.act("abort_next")
    citizen = Citizen(hall, ways={Trouble: HOME})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"), **books.changes)
    assert citizen.troubles() == ["special_failed"]
    assert account(settings).doubtful_number == "GZ000101"
    assert printed(hall, kiosk) == [("special_printer", "failed", "special_failed")]
    books.bench.act("spoil")  # the crumpled one is pulled out

    greyed = Citizen(hall)
    greyed.patient = False
    play(greyed, **books.changes)
    (option,) = [one for one in greyed.last(ChooseService).options if one.value == "SB01"]
    assert option.reason is not None

    assert stock_desk.settle(settings, "books", "spoiled") == 0
    play(Citizen(hall), after=lambda: until(lambda: len(printed(hall, kiosk)) == 2), **books.changes)
    assert books.bench.sheets() == [Sheet("GZ000101", 0), Sheet("GZ000102", 1)]
    assert account(settings) == Account("books", blank=1, used=1, spoiled=1, next_number="GZ000103")


def test_the_account_is_shown_at_any_time_and_changed_only_between_two_runs(
    hall: Hall, play: Play, kiosk: str, books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = hall.settings(kiosk, **books.changes)
    assert stock_desk.show(settings) == 0
    assert capsys.readouterr().out == "books: 0 blank, 0 used, 0 spoiled\n"
    assert "blanks 0" in _doctor(settings).found.en
    assert any("stock load" in told.en for told in _doctor(settings).remedies)
    assert stock_desk.load(settings, "", 2, "编号") == 1
    assert "no number of a sheet" in capsys.readouterr().out
    assert stock_desk.load(settings, "a4_printer", 2, "") == 1
    assert "--device books" in capsys.readouterr().out
    assert stock_desk.load(settings, "", 2, "GZ000101") == 0
    assert capsys.readouterr().out == "books: 2 blank, 0 used, 0 spoiled; the next is GZ000101\n"
    assert "blanks 2" in _doctor(settings).found.en
    tried: list[int] = []

    def at_home(citizen: Citizen, prompt: Home) -> None:
        tried.append(stock_desk.withdraw(settings, ""))
        citizen.finished.set()

    play(Citizen(hall, ways={Home: at_home}), **books.changes)
    assert tried[0] == 1
    assert "the terminal is running" in capsys.readouterr().out
    assert account(settings).blank == 2


def _doctor(settings: Settings) -> Finding:
    (finding,) = doctor.examine(settings, only=("books",))
    return finding
