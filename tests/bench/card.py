"""From a card on the reader to its data, at the line's real speed; what the line itself takes is taken off.

Once to the core (the driver, its worker, the loop), once to the changed picture of a whole terminal. In the
second the bench's own HTTP, by which the card is laid down, is counted as if it were ours.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from config.devices import Kind
from config.people import person
from config.settings import DeviceSettings
from drivers import id_card, sam_frames
from drivers.virtual.id_card_reader import VirtualIdCardReader, card_of
from kiosk.card_readers import first_card
from kiosk.devices.devices import Devices
from tests.bench.glass import Glass
from tests.bench.surroundings import surroundings, wait_page
from tests.bench.table import Row
from tests.smoke.citizen import Bench, Citizen
from tests.smoke.window import Window

READS, SCREEN_READS = 30, 8
BAUD, BITS = 115200, 10
WHO, THEME, SERVICE = "zhang", 1, "SB01"


def run() -> list[Row]:
    """Medians above the wire time."""
    wire = wire_milliseconds()
    with tempfile.TemporaryDirectory() as folder:
        core = asyncio.run(_to_core(Path(folder) / "reader"))
        screen = _to_screen(Path(folder) / "terminal")
    return [
        _row("card on reader → data on screen", screen, wire, at_most=20, aim="10"),
        _row("card on reader → data in the core", core, wire, at_most=20, aim="10"),
        Row(f"the card's own time on the wire, {wire_bytes():,} bytes", wire, "ms"),
    ]


def wire_milliseconds() -> float:
    """The least that a reader's line needs for one card."""
    return wire_bytes() * BITS / BAUD * 1000


def wire_bytes() -> int:
    """What one card takes on the line: find, select, read, and their answers."""
    card = id_card.encode(card_of(person(WHO)))
    questions = (sam_frames.FIND, sam_frames.SELECT, sam_frames.READ)
    data = (bytes(4), bytes(8), bytes(4) + card + bytes(id_card.PHOTO_BYTES))
    asked = sum(len(sam_frames.request(question)) for question in questions)
    answered = sum(len(sam_frames.answer_frame(sam_frames.OK, one)) for one in data)
    return asked + answered


async def _to_core(link: Path) -> list[float]:
    """Milliseconds until a step has the data, through supervisor and driver."""
    reader = VirtualIdCardReader(link, baud=BAUD)
    reader.start()
    settings = DeviceSettings(kind=Kind.ID_CARD_READER, driver="id_card_reader_serial", port=str(link))
    devices = Devices({"reader": settings})
    devices.start()
    try:
        assert await devices.becomes_ready(Kind.ID_CARD_READER, 5.0)
        taken = []
        for _ in range(READS):
            waiting = asyncio.create_task(first_card(devices, lambda _: None))
            await asyncio.sleep(random.uniform(0.05, 0.15))
            laid = time.perf_counter()
            reader.act("put", person=WHO)
            await waiting
            taken.append((time.perf_counter() - laid) * 1000)
            reader.act("take")
        return taken
    finally:
        await devices.close()
        reader.stop()


def _to_screen(folder: Path) -> list[float]:
    """Milliseconds until the page of a whole terminal says that the card has been read."""
    with surroundings(folder) as hall, hall.terminal("terminal"), Glass(hall.display, side=64) as glass:
        with closing(Bench(hall.ports.bench)) as bench:
            citizen = Citizen(WHO, Window(hall.display, hall.outline), bench)
            wait_page(hall.outline, "Home")
            return [_one_card(citizen, glass) for _ in range(SCREEN_READS)]


def _one_card(citizen: Citizen, glass: Glass) -> float:
    citizen.open_guide(SERVICE, THEME)
    citizen.window.tap("start")
    page = citizen.window.page("PlaceCard")
    question = max((item for item in page.items if item.role == "text"), key=lambda item: item.rect[3])
    x, y = round(question.rect[0]), round(question.rect[1])
    time.sleep(random.uniform(0.4, 0.6))
    before = glass.look(x, y)
    laid = time.perf_counter()
    citizen.bench.act("id_card_reader", "put", person=WHO)
    glass.changed(x, y, before)  # it says that it reads
    time.sleep(0.03)  # until that picture is whole
    taken = (glass.changed(x, y, glass.look(x, y)) - laid) * 1000
    citizen.go_home()
    return taken


def _row(what: str, taken: list[float], wire: float, at_most: float | None = None, aim: str = "") -> Row:
    return Row(f"{what}, above the wire", statistics.median(taken) - wire, "ms", at_most=at_most, aim=aim)
