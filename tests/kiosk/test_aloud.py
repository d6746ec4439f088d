"""A citizen who cannot read the screen: what is said aloud, when it stops, and what is never said."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.devices import Kind
from config.settings import DeviceSettings, ScreenSettings
from config.words import LANGUAGES, Words, same, words
from kiosk import prompts as p
from kiosk.aloud import SpokenStage, sentence
from kiosk.devices.devices import Devices
from kiosk.prompts import CardKind, CardScene, ChooseOne, Home, Option, Place, PlaceCard, Row
from tests.kiosk.small_visit import Script
from tests.screens.samples import SAMPLES, Sample

LONG = Words("请选择您要办理的事项。" * 6, "What would you like to do here today? " * 6)
TECHNICIANS = p.TechnicianKey | p.WorkList | p.WorkSheet | p.TouchCrosses | p.CameraSight
DIGITS = [words(f"spoken.digit_{digit}").zh for digit in range(10)]
HOME, QUESTION = Home((), same("大厅")), ChooseOne(LONG, ())


@pytest.fixture
def pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The far end of a sound card that takes its time: its pipe is full after a moment."""
    card = tmp_path / "card"
    os.mkfifo(card)
    far_end = os.open(card, os.O_RDWR | os.O_NONBLOCK)
    settings = tmp_path / "asound.conf"
    settings.write_text(
        f'pcm.card {{ type file slave.pcm {{ type null }} file "{card}" format "raw" }}\n', encoding="utf-8"
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(settings))
    yield far_end
    os.close(far_end)


@asynccontextmanager
async def speaking(script: Script) -> AsyncIterator[tuple[SpokenStage, Devices]]:
    speaker = DeviceSettings(kind=Kind.SPEAKER, driver="speaker_espeak", port="card", poll_seconds=0.1)
    devices = Devices({"speaker": speaker})
    devices.start()
    assert await devices.becomes_ready(Kind.SPEAKER, 60)
    stage = SpokenStage(script, devices, lambda: "zh")
    try:
        yield stage, devices
    finally:
        await stage.close()
        await devices.close()


async def voice(pipe: int) -> None:
    """Until something but silence has come out of the sound card."""
    while True:
        with suppress(BlockingIOError):
            if any(os.read(pipe, 65536)):
                return
        await asyncio.sleep(0.02)


async def becomes(devices: Devices, speaks: bool) -> None:
    async def is_so() -> bool:
        return await devices.call(Kind.SPEAKER, "speaking") is speaks

    while not await is_so():  # noqa: ASYNC110 (the device tells nobody by itself)
        await asyncio.sleep(0.02)


def test_a_question_is_said_and_falls_silent_with_the_page(pipe: int) -> None:
    async def run() -> None:
        script = Script()
        async with speaking(script) as (stage, devices):
            stage.show(QUESTION, Place())
            await becomes(devices, True)
            await voice(pipe)
            stage.show(HOME, Place())
            await becomes(devices, False)
            assert script.shown == [QUESTION, HOME]

    asyncio.run(asyncio.wait_for(run(), 100))


def test_a_page_that_is_drawn_again_is_not_said_again(pipe: int) -> None:
    async def run() -> None:
        async with speaking(Script()) as (stage, devices):
            stage.show(QUESTION, Place())
            await becomes(devices, True)
            await devices.call(Kind.SPEAKER, "stop")
            stage.show(QUESTION, Place())
            await asyncio.sleep(0.3)
            assert await devices.call(Kind.SPEAKER, "speaking") is False

    asyncio.run(asyncio.wait_for(run(), 100))


def test_a_terminal_without_a_speaker_is_as_it_was() -> None:
    async def run() -> None:
        script = Script([p.Chosen("one")])
        stage = SpokenStage(script, Devices({}), lambda: "zh")
        assert await stage.ask(QUESTION, Place()) == p.Chosen("one")
        await stage.close()

    asyncio.run(run())
    assert ScreenSettings().speak is False


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_nothing_personal_is_ever_said(sample: Sample) -> None:
    """Rows, values, masked numbers and options stay on the screen."""
    prompt = sample.prompt
    said = sentence(prompt)
    if isinstance(prompt, p.Home | p.ChooseService | p.Masked | TECHNICIANS):
        assert said is None
        return
    assert said is not None
    for language in LANGUAGES:
        assert said[language].strip()
        assert "*" not in said[language]
        if not isinstance(prompt, p.OutOfService):  # it has hours, and nothing of a person
            assert not any(letter.isdigit() for letter in said[language])


OUT = p.OutOfService(
    words("journey.locked"),
    words("journey.call", phone="0571-8812345"),
    Words("设备检修，预计 14:00 恢复。", "Under repair until about 14:00."),
    words("journey.opening_today", hours="09:00–17:30", time="09:00"),
    words("journey.elsewhere", place=Words("二楼 3 号窗口旁", "beside window 3 on the second floor")),
)


def test_out_of_service_says_all_that_the_page_shows_as_people_say_it() -> None:
    said = sentence(OUT)
    assert said == Words(
        "本机暂停服务。设备检修，预计 14点 恢复。办理时间：9点到17点30分，今天 9点 开始办理。"
        "其他自助终端：二楼 3 号窗口旁。"
        "需要帮助请拨打 零 五 七 幺，八 八 幺 二 三 四 五 或找工作人员",
        "This terminal is out of service. Under repair until about 14 o'clock. "
        "Open 9 o'clock to 17 30. It opens today at 9 o'clock. "
        "Other terminals: beside window 3 on the second floor. "
        "For help call zero five seven one, eight eight one two three four five or ask the staff",
    )


def test_out_of_service_without_more_to_say_says_what_there_is() -> None:
    said = sentence(p.OutOfService(words("journey.held"), words("journey.call_desk")))
    assert said is not None
    assert said.zh == f"{words('journey.held').zh}。{words('journey.call_desk').zh}"


@given(st.text("0123456789１２ -:.~+()转ab", max_size=40))
def test_whatever_a_hall_writes_no_figure_of_its_telephone_is_lost_or_read_as_a_number(text: str) -> None:
    said = sentence(p.OutOfService(same("。"), same(text)))
    assert said is not None
    assert not any(letter.isdigit() for letter in said.en)
    names = [words(f"spoken.digit_{int(digit)}").zh for digit in text if digit.isdigit()]
    assert [letter for letter in said.zh if letter in DIGITS] == names


def test_at_midnight_an_empty_hall_hears_nothing(pipe: int) -> None:
    """The page tells its hours anew; why nobody is served is no news."""
    tomorrow = words("journey.opening_tomorrow", hours="09:00–17:30", time="09:00")

    async def run() -> None:
        async with speaking(Script()) as (stage, devices):
            stage.show(replace(OUT, hours=tomorrow), Place())
            await becomes(devices, True)
            await devices.call(Kind.SPEAKER, "stop")
            stage.show(OUT, Place())
            await asyncio.sleep(0)  # what it would ask of the speaker stands before the next question
            assert await devices.call(Kind.SPEAKER, "speaking") is False
            stage.show(replace(OUT, note=same("换纸")), Place())
            await becomes(devices, True)

    asyncio.run(asyncio.wait_for(run(), 100))


def test_what_the_platform_says_of_a_person_is_not_read_out() -> None:
    told = p.Trouble(
        same("张三未满十六周岁"), same("-"), same("请到窗口"), same("-"), (), code="platform_refused"
    )
    said = sentence(told)
    assert said is not None and "张三" not in said.zh


def test_every_scene_of_every_card_has_its_words() -> None:
    cards: tuple[CardKind, ...] = ("id", "social", "both")
    for card in cards:
        for scene in CardScene:
            if card == "both" and scene not in (CardScene.PLACE, CardScene.REFUSED):
                continue  # once a card is there, it is one of the two
            said = sentence(PlaceCard(scene, card=card))
            assert said is not None and said.zh


def test_a_row_is_shown_and_not_said() -> None:
    shown = p.Confirm(words("journey.confirm_question"), (Row(same("姓名"), same("张三")),), same("提交"))
    options = ChooseOne(same("哪一个？"), (Option("1", same("张三")),))
    for prompt in (shown, options):
        said = sentence(prompt)
        assert said is not None and "张三" not in said.zh
