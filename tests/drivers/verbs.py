"""The verbs of devices as the terminal uses them, each with what is right."""

from __future__ import annotations

import asyncio
import io
import time
from itertools import cycle

from PIL import Image

from config.people import person
from drivers.device import DeviceError
from drivers.raster import RasterImage
from drivers.receipt_text import Pair
from drivers.virtual.id_card_reader import VirtualIdCardReader
from tests.drivers.rig import Call, Verb


def _sheet() -> bytes:
    """A PDF of one small page: print servers look into it."""
    sheet = io.BytesIO()
    Image.new("1", (288, 200), 1).save(sheet, "PDF")
    return sheet.getvalue()


def id_card_verbs(bench: VirtualIdCardReader) -> dict[str, Verb]:
    cards = cycle(("zhang", "wang"))  # two in turn, so that the answer for the one before is wrong
    lying = ""

    def lay_anew() -> None:
        nonlocal lying
        bench.act("take")
        lying = next(cards)
        bench.act("put", person=lying)

    async def finds(call: Call) -> None:
        assert await call("find_card", 3.0) is True

    async def reads(call: Call) -> None:
        assert (await call("read_card", 3.0)).name == person(lying).name

    async def waits(call: Call) -> None:
        await call("read_card", 3.0)
        assert await call("wait_removed", 0.05) is False
        bench.act("take")
        assert await call("wait_removed", 3.0) is True

    async def tells_its_number(call: Call) -> None:
        assert await call("sam_id") == "05.01-20260101-0000000001-0000000002"

    return {
        "find_card": Verb(finds, 1.5, lay_anew),
        "read_card": Verb(reads, 2.5, lay_anew),
        "wait_removed": Verb(waits, 4.0, lay_anew),
        "sam_id": Verb(tells_its_number, 0.5),
    }


async def sees(call: Call) -> None:
    """Pictures of the right size keep coming; while the camera wakes there is none yet."""
    end = time.monotonic() + 3.0
    first, frame = None, None
    while first is None or frame is None or frame.sequence < first + 6:
        if time.monotonic() > end:
            raise DeviceError("device_timeout", "no new pictures")
        frame = await call("latest")
        if frame is not None:
            assert frame.image.shape == (480, 640, 3)
            first = frame.sequence if first is None else first
        await asyncio.sleep(0.02)


def receipt_verbs() -> dict[str, Verb]:
    image = RasterImage(576, 200, bytes(range(72)) * 200)

    async def prints(call: Call) -> None:
        await call("clear")
        outcome = await call("print_image", image, b"TEST", 2.0)
        assert outcome.finished and outcome.bands == outcome.total == 4

    async def cuts(call: Call) -> None:
        await call("clear")
        await call("cut", 1.0)

    async def clears(call: Call) -> None:
        assert isinstance(await call("clear"), bool)

    async def counts(call: Call) -> None:
        await call("clear")
        before = await call("cuts", 1.0)
        assert before is None or before >= 1000  # an answer that was spoilt is none

    return {
        "print_image": Verb(prints, 4.0),
        "cut": Verb(cuts, 3.0),
        "clear": Verb(clears, 2.0),
        "cuts": Verb(counts, 3.0),
    }


def slip_verbs() -> dict[str, Verb]:
    """Of a receipt printer with a presenter, that is given text."""
    lines = tuple(Pair(f"第{number}项", "内容") for number in range(20))

    async def prints(call: Call) -> None:
        await call("clear")
        outcome = await call("print_text", lines, b"TEST", 2.0)
        assert outcome.finished and outcome.bands == outcome.total == 3

    async def draws_in(call: Call) -> None:
        await call("clear")
        await call("retract", 1.0)

    async def looks(call: Call) -> None:
        await call("clear")
        assert isinstance(await call("taken", 0.0), bool)  # whatever the mouth says: it may not be known

    return {"print_text": Verb(prints, 4.0), "retract": Verb(draws_in, 3.0), "taken": Verb(looks, 3.0)}


def a4_verbs(nobody: int | str) -> dict[str, Verb]:
    """Of printers that keep a list of their jobs; `nobody` is a job that none of them knows."""
    names = iter(f"job-{number}" for number in range(1000))
    first: list[int] = []

    async def submits(call: Call) -> None:
        name = next(names)
        job = await call("submit", _sheet(), name)
        assert await call("find", name) == job

    async def knows_the_job(call: Call) -> None:
        if not first:
            first.append(await call("submit", _sheet(), "the first"))
        assert (await call("job", first[0])).state in ("pending", "processing", "completed")

    async def finds_none(call: Call) -> None:
        assert await call("find", "never sent") is None

    async def cancels(call: Call) -> None:
        await call("cancel", nobody)

    return {
        "submit": Verb(submits, 3.0),
        "job": Verb(knows_the_job, 2.0),
        "find": Verb(finds_none, 2.0),
        "cancel": Verb(cancels, 1.5),
    }


def special_verbs() -> dict[str, Verb]:
    """Of a printer that keeps no list: how a job ended is asked at once."""
    names = iter(f"sheet-{number}" for number in range(1000))

    async def prints(call: Call) -> None:
        name = next(names)
        await call("submit", _sheet(), name)
        state = (await call("job", name)).state
        if state in ("aborted", "unknown"):
            raise DeviceError("special_failed", state)
        assert state == "completed"

    return {"submit and job": Verb(prints, 6.0)}
