"""The bench over HTTP and in a browser: what a hand does is what the devices then are."""

from __future__ import annotations

import io
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from config.people import people
from drivers.a4_printer import A4Printer
from drivers.id_card_reader import IdCardReader
from drivers.raster import raster
from drivers.receipt_printer import ReceiptPrinter
from drivers.special_printer_escpos import EscposSpecialPrinter
from drivers.virtual.bench import BenchSettings, serve
from drivers.virtual.demo_settings import Ports, choose_ports, wires

REPO = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Running:
    """A bench in a process of its own."""

    ports: Ports
    folder: Path
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.ports.bench}"

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.address + path, trust_env=False, timeout=60)

    def post(self, path: str, body: object) -> httpx.Response:
        return httpx.post(self.address + path, json=body, trust_env=False, timeout=60)

    def act(self, device: str, action: str, **more: object) -> httpx.Response:
        return self.post("/act", {"device": device, "action": action, **more})

    def state(self, device: str) -> dict[str, Any]:
        state: dict[str, Any] = self.get("/state").json()[device]
        return state


@contextmanager
def _bench(folder: Path) -> Iterator[Running]:
    ports = choose_ports(0)
    command = [sys.executable, "-m", "drivers.virtual.bench", "--fast", "--folder", str(folder)]
    command += [f"--port={ports.bench}", *wires(ports)]
    process = subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"bench ready http://127.0.0.1:{ports.bench}/\n"
        yield Running(ports, folder, process)
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with _bench(tmp_path_factory.mktemp("bench")) as running:
        yield running


def _until(what: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.03)


# ── hands ────────────────────────────────────────────────────────────────────


def test_a_card_put_on_the_reader_is_read_by_the_terminals_driver(bench: Running) -> None:
    assert bench.act("id_card_reader", "put", person="zhang").status_code == 204
    assert bench.state("id_card_reader")["card"] == "zhang"
    reader = IdCardReader(port=str(bench.folder / "id-card-reader"))
    reader.open()
    try:
        assert reader.read_card().number == people()["zhang"].number
    finally:
        reader.close()
    assert bench.act("id_card_reader", "take").status_code == 204
    assert bench.state("id_card_reader")["card"] is None


def test_a_receipt_is_shown_as_it_came_out(bench: Running) -> None:
    printer = ReceiptPrinter(port=f"127.0.0.1:{bench.ports.receipt}")
    printer.open()
    try:
        assert printer.print_image(raster(Image.new("L", (576, 100), 0)), b"R001").finished
    finally:
        printer.close()
    [piece] = bench.state("receipt_printer")["receipts"]
    picture = bench.get(f"/paper/receipt/{piece['number']}.png")
    assert picture.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(picture.content)) as shown:
        assert shown.crop((0, 0, 576, 100)).convert("L").getextrema() == (0, 0)
    bench.act("receipt_printer", "tear")
    assert bench.get(f"/paper/receipt/{piece['number']}.png").status_code == 404


def test_a_page_is_shown_as_pdf_and_as_picture_and_lies_before_the_trays_sensor(bench: Running) -> None:
    page = io.BytesIO()
    Image.new("L", (595, 842), 255).save(page, "PDF")
    printer = A4Printer(port=f"ipp://127.0.0.1:{bench.ports.a4}/ipp/print")
    printer.open()
    try:
        job = printer.submit(page.getvalue(), "KT-0001")
        _until(lambda: printer.job(job).state == "completed")
    finally:
        printer.close()
    [shown] = bench.state("a4_printer")["pages"]
    assert shown["job_name"] == "KT-0001"
    assert bench.get(f"/paper/a4/{shown['number']}.pdf").content == page.getvalue()
    with Image.open(io.BytesIO(bench.get(f"/paper/a4/{shown['number']}.png").content)) as picture:
        assert picture.height > picture.width > 500
    assert bench.get("/paper/a4/999.pdf").status_code == 404
    assert bench.state("io_board")["inputs"]["tray"] is True
    bench.act("a4_printer", "take")
    assert bench.state("io_board")["inputs"]["tray"] is False


def test_a_certificate_lies_on_the_next_numbered_blank_and_its_picture_is_shown(bench: Running) -> None:
    bench.act("special_printer", "load", first="YZ000009", count=2)
    page = io.BytesIO()
    Image.new("L", (595, 842), 0).save(page, "PDF")
    printer = EscposSpecialPrinter(port=f"127.0.0.1:{bench.ports.special}", width=1656)
    printer.open()
    try:
        assert printer.job(printer.submit(page.getvalue(), "KT-0002")).state == "completed"
    finally:
        printer.close()
    told = bench.state("special_printer")
    assert (told["blanks"], told["next"]) == (1, "YZ000010")
    assert told["sheets"] == [{"number": "YZ000009", "document": 1}]
    with Image.open(io.BytesIO(bench.get("/paper/special/1.png").content)) as picture:
        assert picture.width == 1656
    bench.act("special_printer", "tear")
    assert bench.get("/paper/special/1.png").status_code == 404
    bench.act("special_printer", "empty")
    assert bench.state("special_printer")["blanks"] == 0


def test_text_messages_arrive_newest_first_and_can_be_cleared(bench: Running) -> None:
    for code in ("111111", "222222"):
        assert bench.post("/sms", {"to": "13800000001", "text": f"code {code}"}).status_code == 204
    assert [message["text"] for message in bench.get("/sms").json()] == ["code 222222", "code 111111"]
    bench.act("phone", "unplug")
    assert bench.post("/sms", {"to": "13800000001", "text": "lost"}).status_code == 503
    bench.act("phone", "plug")
    bench.act("phone", "clear")
    assert bench.get("/sms").json() == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"device": "coffee_machine", "action": "plug"}, "id_card_reader"),
        ({"device": "phone"}, "action is missing"),
        ({"device": "phone", "action": "scan", "code": "http://example.com/"}, "this computer only"),
        ({"device": "phone", "action": "pay"}, "scan a code first"),
        ({"device": "receipt_printer", "action": "fly"}, "cannot 'fly'"),
        ({"device": "a4_printer", "action": "fly"}, "cannot 'fly'"),
        ({"device": "id_card_reader", "action": "put", "person": "nobody-we-know"}, "nobody-we-know"),
        ({"device": "receipt_printer", "action": "paper_out_after", "rows": "some"}, "whole number"),
        (["not", "an", "object"], "not a JSON object"),
    ],
)
def test_a_hand_that_cannot_be_moved_says_why(bench: Running, body: object, words: str) -> None:
    answer = bench.post("/act", body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


def test_a_site_of_the_internet_cannot_reach_it_under_a_name_of_its_own(bench: Running) -> None:
    headers = {"Host": "evil.example"}
    answer = httpx.get(bench.address + "/state", headers=headers, trust_env=False, timeout=60)
    assert answer.status_code == 400


@pytest.mark.parametrize("device", ["person_camera", "receipt_printer", "a4_printer", "special_printer"])
def test_a_pulled_cable_closes_the_wire_and_putting_it_back_opens_it(bench: Running, device: str) -> None:
    wires = {
        "person_camera": bench.ports.camera,
        "receipt_printer": bench.ports.receipt,
        "a4_printer": bench.ports.a4,
        "special_printer": bench.ports.special,
    }
    bench.act(device, "unplug")
    assert not bench.state(device)["plugged"]
    with socket.socket() as wire:
        assert wire.connect_ex(("127.0.0.1", wires[device])) != 0
    bench.act(device, "plug")
    with socket.socket() as wire:
        assert wire.connect_ex(("127.0.0.1", wires[device])) == 0


# ── the page ─────────────────────────────────────────────────────────────────


def test_on_the_page_a_card_is_laid_down_paper_runs_out_and_a_message_is_read(bench: Running) -> None:
    bench.post("/sms", {"to": people()["zhang"].phone, "text": "您的验证码是 482913"})
    troubles: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page.goto(bench.address)
        cards = page.locator("#wallet .card")
        cards.nth(len(people()) - 1).wait_for()
        marked = [card.locator(".mark.face").count() == 1 for card in cards.all()]
        both = sum(bool(one.reference and one.live) for one in people().values())
        assert marked == [True] * both + [False] * (len(people()) - both), "faces first"
        page.get_by_label("张明远的身份证").click()
        page.locator("#pad .card").wait_for()
        assert bench.state("id_card_reader")["card"] == "zhang"
        page.locator("#receipt_printer").get_by_role("button", name="缺纸").click()
        page.locator("#receipt_printer .status").get_by_text("缺纸").wait_for()
        assert bench.state("receipt_printer")["paper"] == "out"
        assert page.locator("#messages b").inner_text() == "482913"
        books = page.locator("#special_printer")
        if (out := books.get_by_role("button", name="取出空白证")).is_enabled():
            out.click()  # what another test has left there
            page.locator("#tray", has_text="纸仓已空").wait_for()
        books.get_by_label("首张编号").fill("YZ000101")
        books.get_by_role("button", name="装入空白证").click()
        page.locator("#tray", has_text="纸仓 50 张，下一张 YZ000101").wait_for()
        page.locator("#a4_printer .cable").click()
        page.locator("#a4_printer.unplugged").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        browser.close()
    assert troubles == []
    for device, action in (
        ("id_card_reader", "take"),
        ("receipt_printer", "refill"),
        ("a4_printer", "plug"),
        ("special_printer", "empty"),
        ("phone", "clear"),
    ):
        assert bench.act(device, action).status_code == 204


# ── where it may run, and how it ends ────────────────────────────────────────


def test_it_refuses_to_run_beside_an_enrolled_terminal(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="enrolled"):
        serve(BenchSettings(folder=tmp_path, enrolled=True))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.20", "::"])
def test_it_refuses_to_listen_to_other_computers(tmp_path: Path, host: str) -> None:
    with pytest.raises(SystemExit, match="not this computer alone"):
        serve(BenchSettings(folder=tmp_path, host=host))


def test_a_port_that_is_taken_is_named_and_nothing_stays_up(tmp_path: Path) -> None:
    ports = choose_ports(0)
    settings = BenchSettings(
        tmp_path,
        port=ports.bench,
        receipt_port=ports.receipt,
        a4_port=ports.a4,
        camera_port=ports.camera,
        document_port=ports.document,
        special_port=ports.special,
    )
    with (
        socket.create_server(("127.0.0.1", ports.receipt)),
        pytest.raises(SystemExit, match="receipt_printer"),
    ):
        serve(settings)
    assert not (tmp_path / "id-card-reader").is_symlink()
    with socket.create_server(("127.0.0.1", ports.camera)):
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_however_it_ends_no_process_stays_and_no_port(tmp_path: Path, number: signal.Signals) -> None:
    with _bench(tmp_path) as running:
        children = psutil.Process(running.process.pid).children(recursive=True)
        assert {"ippeveprinter", "dbus-daemon"} <= {child.name() for child in children}
        running.process.send_signal(number)
        code = running.process.wait(60)
        gone, alive = psutil.wait_procs(children, 30)
        assert (len(gone), alive) == (len(children), [])
    assert code == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    for port in (running.ports.bench, running.ports.receipt, running.ports.a4, running.ports.camera):
        with socket.create_server(("127.0.0.1", port)):
            pass
    if number != signal.SIGKILL:
        assert not (tmp_path / "id-card-reader").is_symlink()
