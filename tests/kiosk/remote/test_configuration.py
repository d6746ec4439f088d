"""The hall sets a few things from afar: what can, holds; the rest is refused by name or falls back."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.configuration import ITEMS, is_open, next_opening, objection
from config.devices import Availability, DeviceState, Kind
from config.settings import DeviceSettings, RemoteSettings, Settings
from config.words import Words
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.devices.devices import Devices
from kiosk.remote.configuration import Configuration, overlaid, refusals
from mqtt import messages
from mqtt.messages import ConfigurationDesired, ConfigurationReported
from tests.kiosk.small_visit import PATH, settings

ALL: Mapping[str, str | int] = {
    "hours": "08:30-17:30",
    "language": "en",
    "speak": "on",
    "help_phone": "0571 8888",
    "elsewhere_zh": "一楼大厅东侧，另有两台",
    "elsewhere_en": "Two more on the ground floor, east side",
    "idle_seconds": 120,
    "health_seconds": 7,
}


@dataclass
class SmallLink:
    """A line to the broker that keeps what it is handed; `room` False turns it away."""

    connected: bool = True
    room: bool = True
    told: list[ConfigurationReported] = field(default_factory=list)

    def publish(self, leaf: str, payload: bytes, *, retain: bool = False) -> bool:
        assert (leaf, retain) == ("cfg/reported", True)
        if self.room:
            envelope = messages.decode(payload)
            assert envelope.boot > 0, "the hall orders reports by the terminal's start"
            data = envelope.data
            assert isinstance(data, ConfigurationReported)
            self.told.append(data)
        return self.room


class Box:
    """A loudspeaker whose knob can be seen."""

    def __init__(self) -> None:
        self.volumes: list[int | None] = []

    def open(self) -> None: ...
    def close(self) -> None: ...
    def status(self) -> DeviceState:
        return DeviceState(Availability.ONLINE)

    def set_volume(self, percent: int | None) -> None:
        self.volumes.append(percent)


@dataclass
class Room:
    configuration: Configuration
    link: SmallLink
    used: list[Settings]
    box: Box

    async def desire(self, version: int, values: Mapping[str, Any]) -> ConfigurationReported:
        """Says what is desired and waits until that version is told."""
        self.configuration.take(ConfigurationDesired(version, dict(values)))
        return await self.told(version)

    async def told(self, version: int) -> ConfigurationReported:
        async with asyncio.timeout(60):
            while not (self.link.told and self.link.told[-1].version == version):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return self.link.told[-1]


@asynccontextmanager
async def room(folder: Path, speaker: bool = False, **remote: Any) -> AsyncIterator[Room]:
    """A terminal's configuration after a start, with its line up."""
    store, box = await asyncio.to_thread(Store, folder), Box()
    told = {"speaker": DeviceSettings(kind=Kind.SPEAKER, driver="box")} if speaker else {}
    devices = Devices(told, lambda _: box)
    file = settings(folder).model_copy(update={"remote": RemoteSettings(**remote)})
    used: list[Settings] = []
    ledger = Ledger(store, Vault(folder), PATH)
    configuration = Configuration(ledger, devices, file, used.append)
    link = SmallLink()
    devices.start()
    try:
        configuration.start(link)  # type: ignore[arg-type]
        configuration.connection(True)
        yield Room(configuration, link, used, box)
    finally:
        await configuration.close()
        await devices.close()
        await asyncio.to_thread(store.close)


def test_what_is_desired_holds_while_the_terminal_runs_and_is_told(tmp_path: Path) -> None:
    async def play() -> None:
        async with room(tmp_path) as parts:
            assert (await parts.told(0)).values["help_phone"] == "12345", "told on each connection"
            said = await parts.desire(1, ALL)
            assert said.values == dict(ALL) and said.refused == {}
            now = parts.used[-1]
            assert (now.screen.language, now.screen.speak, now.identity.help_phone) == (
                "en",
                True,
                "0571 8888",
            )
            assert (now.session.idle_seconds, now.link.health_seconds) == (120.0, 7.0)
            assert parts.configuration.hours == "08:30-17:30"

    asyncio.run(play())


def test_what_is_not_desired_any_more_falls_back_to_the_settings_file(tmp_path: Path) -> None:
    async def play() -> None:
        async with room(tmp_path) as parts:
            before = parts.configuration.settings
            await parts.desire(1, ALL)
            said = await parts.desire(2, {"help_phone": "0571 8888"})
            assert said.values["language"] == "zh" and said.values["hours"] == "always"
            await parts.desire(3, {})
            assert parts.used[-1] == before

    asyncio.run(play())


def test_it_outlives_a_stop(tmp_path: Path) -> None:
    async def before() -> None:
        async with room(tmp_path) as parts:
            await parts.desire(4, ALL)

    async def after() -> None:
        async with room(tmp_path) as parts:
            assert parts.configuration.hours == "08:30-17:30", "before any line is up"
            assert (await parts.told(4)).values == dict(ALL)
            assert parts.used[-1].identity.help_phone == "0571 8888"

    asyncio.run(before())
    asyncio.run(after())


def test_an_older_version_changes_nothing(tmp_path: Path) -> None:
    async def play() -> None:
        async with room(tmp_path) as parts:
            await parts.desire(5, ALL)
            parts.configuration.take(ConfigurationDesired(4, {"help_phone": "110"}))
            parts.configuration.take(ConfigurationDesired(5, {"help_phone": "110"}))
            said = await parts.desire(6, ALL)
            assert said.values["help_phone"] == "0571 8888"
            assert all(settings.identity.help_phone != "110" for settings in parts.used)

    asyncio.run(play())


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("dance", 1, "unknown"),
        ("language", "fr", "must be like zh, en"),
        ("idle_seconds", 5, "must be a whole number from 30 to 600"),
        ("help_phone", "call me", "must be like 0571 12345"),
        ("hours", "24:00-25:00", "must be like"),
        ("volume", 50, "not_supported"),
        ("brightness", 50, "not_supported"),
    ],
)
def test_what_cannot_be_set_is_refused_by_name_and_the_rest_holds(
    tmp_path: Path, name: str, value: Any, why: str
) -> None:
    async def play() -> None:
        async with room(tmp_path) as parts:
            said = await parts.desire(1, {**ALL, name: value})
            assert list(said.refused) == [name] and said.refused[name].startswith(why)
            rest = {key: one for key, one in ALL.items() if key != name}
            assert {key: said.values[key] for key in rest} == rest
            assert said.values.get(name) != value

    asyncio.run(play())


def test_a_time_out_that_leaves_no_room_for_its_warning_is_refused(tmp_path: Path) -> None:
    file = settings(tmp_path)
    file = file.model_copy(update={"session": file.session.model_copy(update={"warn_seconds": 40.0})})
    assert "idle_seconds" in refusals(file, {"idle_seconds": 40}, True)
    assert refusals(file, {"idle_seconds": 41}, True) == {}


def test_the_speaker_is_set_and_set_back_and_set_again_when_it_comes_back(tmp_path: Path) -> None:
    async def play() -> None:
        async with room(tmp_path, speaker=True) as parts:
            async with asyncio.timeout(60):
                while None not in parts.box.volumes:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert (await parts.desire(1, {"volume": 30})).values["volume"] == 30
            assert parts.box.volumes[-1] == 30
            assert "volume" not in (await parts.desire(2, {})).values
            assert parts.box.volumes[-1] is None, "as its own settings say"

    asyncio.run(play())


def test_brightness_is_the_business_of_a_program(tmp_path: Path) -> None:
    into = tmp_path / "level"
    program = (
        sys.executable,
        "-c",
        f"import sys; open({str(into)!r}, 'a').write(sys.argv[1] + ' ')",
        "{level}",
    )

    async def play() -> None:
        async with room(tmp_path, brightness=program) as parts:
            assert (await parts.desire(1, {"brightness": 40})).values["brightness"] == 40
            await parts.desire(2, {"brightness": 40, "speak": "on"})
            await parts.desire(3, {"brightness": 60})
        async with room(tmp_path, brightness=(sys.executable, "-c", "raise SystemExit(3)")) as parts:
            assert (await parts.told(3)).refused == {"brightness": "failed"}

    asyncio.run(play())
    assert into.read_text() == "40 60 ", "called when it changes, and not otherwise"


def test_a_report_that_found_no_room_is_told_later(tmp_path: Path) -> None:
    async def play() -> None:
        async with room(tmp_path) as parts:
            parts.link.room = False
            parts.configuration.take(ConfigurationDesired(1, dict(ALL)))
            async with asyncio.timeout(60):
                while not parts.used or parts.used[-1].screen.language != "en":  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            parts.link.room = True
            assert (await parts.told(1)).values == dict(ALL)

    asyncio.run(play())


_VALUES = st.dictionaries(
    st.one_of(st.sampled_from(sorted(ITEMS)), st.text(max_size=8)),
    st.one_of(st.integers(), st.text(max_size=12), st.sampled_from(["zh", "on", "always", "09:00-17:00"])),
)


@given(_VALUES)
def test_whatever_is_desired_settings_that_hold_are_settings(values: dict[str, Any]) -> None:
    """What is left after the refusals always fits, and goes through JSON as it is."""
    file = settings(Path("/nowhere"))
    refused = refusals(file, values, has_speaker=True)
    held = {name: value for name, value in values.items() if name not in refused}
    now = overlaid(file, held)
    assert Settings.model_validate(now.model_dump()) == now
    assert set(held) <= set(ITEMS)
    assert json.loads(json.dumps(held)) == held


@pytest.mark.parametrize(
    ("hours", "clock", "open_"),
    [
        ("always", "03:00", True),
        ("09:00-17:00", "08:59", False),
        ("09:00-17:00", "09:00", True),
        ("09:00-17:00", "17:00", False),
        ("22:00-06:00", "23:30", True),
        ("22:00-06:00", "05:59", True),
        ("22:00-06:00", "12:00", False),
        ("00:00-00:00", "12:00", True),
    ],
)
def test_opening_hours_may_pass_midnight(hours: str, clock: str, open_: bool) -> None:
    assert is_open(hours, clock) is open_


_MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
_HOURS = st.one_of(st.just("always"), st.builds("{}-{}".format, _MINUTES, _MINUTES))
_NOW = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1))


@given(_HOURS, _NOW)
def test_the_next_opening_is_the_first_minute_at_which_it_is_open_again(hours: str, now: datetime) -> None:
    assert objection("hours", hours) == ""
    opening = next_opening(hours, now)
    if opening is None:
        assert is_open(hours, now.strftime("%H:%M"))
        return
    assert now < opening <= now + timedelta(days=1) and opening.second == 0
    assert is_open(hours, opening.strftime("%H:%M"))
    before = opening - timedelta(minutes=1)
    assert not is_open(hours, before.strftime("%H:%M")) and before <= now + timedelta(days=1)
    between = now + (before - now) / 2
    if between > now:
        assert not is_open(hours, between.strftime("%H:%M")), "it did not open earlier"


def test_where_the_next_terminal_is_may_be_told_in_one_language_and_is_no_text_that_draws_badly() -> None:
    file = settings(Path("/nowhere"))
    assert overlaid(file, {}).identity.elsewhere is None
    assert overlaid(file, {"elsewhere_zh": "东侧"}).identity.elsewhere == Words("东侧", "东侧")
    known = file.model_copy(
        update={"identity": file.identity.model_copy(update={"elsewhere": Words("西侧", "West")})}
    )
    assert overlaid(known, {"elsewhere_zh": "东侧"}).identity.elsewhere == Words("东侧", "West")
    for bad in (
        "",
        " ",
        "东",
        "a" * 81,
        " 东侧",
        "东侧 ",
        "东\n侧",
        "东侧\n",
        "\u202e东侧",
        "东侧\x00",
        "东\ud800侧",
    ):
        assert objection("elsewhere_zh", bad), repr(bad)
    for good in ("东侧", "二楼 3 号窗口旁（共 2 台）", "a" * 80):
        assert not objection("elsewhere_zh", good)
