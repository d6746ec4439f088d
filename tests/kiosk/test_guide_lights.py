"""Given an I/O board at the bench: what the page is about is lit, and a missing board is no matter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from config.devices import Kind
from config.settings import DeviceSettings
from config.words import same
from drivers.virtual.io_board import LIGHTS, VirtualIoBoard
from kiosk.devices.devices import Devices
from kiosk.guide_lights import GuideLights, light_for
from kiosk.prompts import (
    CardScene,
    Chosen,
    Field,
    FieldKind,
    FillForm,
    HoldCode,
    Home,
    Place,
    PlaceCard,
    TakePaper,
    Working,
)
from tests.kiosk.small_visit import Script

HOME = Home((), same("大厅"))
CARD = PlaceCard(CardScene.PLACE)
PAPER = TakePaper(same("请取走"), Kind.RECEIPT_PRINTER)


def lit(board: VirtualIoBoard) -> list[str]:
    lights = board.state()["lights"]
    assert isinstance(lights, dict)
    return [name for name, on in lights.items() if on]


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not what():  # noqa: ASYNC110 - the bench has no event for it
            await asyncio.sleep(0.01)


@asynccontextmanager
async def lights(link: Path, stage: Script) -> AsyncIterator[GuideLights]:
    told = DeviceSettings(
        kind=Kind.IO_BOARD,
        driver="io_board_modbus",
        port=str(link),
        poll_seconds=0.2,
        options={"lights": LIGHTS, "timeout": 2.0},
    )
    devices = Devices({"board": told})
    made = GuideLights(stage, devices, refresh=0.3)
    devices.start()
    keeping = asyncio.create_task(made.keep())
    try:
        yield made
    finally:
        keeping.cancel()
        await devices.close()


def test_the_light_goes_with_the_page_and_home_is_dark(tmp_path: Path) -> None:
    board, stage = VirtualIoBoard(tmp_path / "board"), Script([Chosen("done")])
    board.start()

    async def session() -> None:
        async with lights(tmp_path / "board", stage) as lit_stage:
            lit_stage.show(CARD, Place())
            await until(lambda: lit(board) == ["id_card_reader"])
            assert await lit_stage.ask(PAPER, Place()) == Chosen("done")
            await until(lambda: lit(board) == ["receipt_printer"])
            board.act("unplug")
            board.act("plug")  # without current meanwhile: dark
            await until(lambda: lit(board) == ["receipt_printer"])
            lit_stage.show(HOME, Place())
            await until(lambda: lit(board) == [])

    asyncio.run(session())
    board.stop()
    assert stage.shown == [CARD, PAPER, HOME]


def test_without_its_board_the_pages_go_on(tmp_path: Path) -> None:
    stage = Script([Chosen("done")])

    async def session() -> None:
        async with lights(tmp_path / "nothing", stage) as lit_stage:
            assert await lit_stage.ask(CARD, Place()) == Chosen("done")

    asyncio.run(session())


def test_a_scanner_is_lit_while_a_field_can_be_scanned() -> None:
    plain = Field("case_no", FieldKind.TEXT, same("办件编号"))
    scanned = Field("case_no", FieldKind.TEXT, same("办件编号"), scan=True)
    assert light_for(FillForm(same("?"), (plain, scanned), same("!"))) == "code_scanner"
    assert light_for(FillForm(same("?"), (plain,), same("!"))) == ""
    assert light_for(Working(same("正在打印"), 4, Kind.RECEIPT_PRINTER)) == "", "not to be taken yet"


def test_each_thing_that_is_laid_down_has_the_light_of_its_own_device() -> None:
    assert light_for(replace(CARD, card="social")) == "social_card_reader"
    assert light_for(replace(CARD, card="both")) == "id_card_reader"
    assert light_for(TakePaper(same("请取走证书"), Kind.SPECIAL_PRINTER)) == "special_printer"


def test_an_app_s_code_is_held_where_the_light_is() -> None:
    assert light_for(HoldCode(same("请出示"), same("对准扫码口"))) == Kind.CODE_SCANNER
