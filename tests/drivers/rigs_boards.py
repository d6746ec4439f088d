"""Rigs of the boards behind the panels: I/O board and locker. See `rigs.py`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from config.devices import Kind
from drivers.locker import Door
from drivers.virtual.io_board import INPUTS, LIGHTS, STRIKES, VirtualIoBoard
from drivers.virtual.locker import LOCKS, VirtualLocker
from tests.drivers.rig import Call, Rig, Verb, behind_pty, settings_of


@contextmanager
def io_board_modbus(folder: Path) -> Iterator[Rig]:
    bench = VirtualIoBoard(folder / "bench")
    with behind_pty(folder, bench) as (port, meddler):
        settings = settings_of(
            Kind.IO_BOARD,
            "io_board_modbus",
            port,
            timeout=0.2,
            inputs=INPUTS,
            lights=LIGHTS,
            strikes=STRIKES,
        )
        yield Rig(settings, meddler, _io_verbs(bench))


def _io_verbs(bench: VirtualIoBoard) -> dict[str, Verb]:
    hands = cycle(("on", "off"))  # in turn, so that the answer of before is wrong
    there = "off"

    def come_or_go() -> None:
        nonlocal there
        there = next(hands)
        bench.act(there, input="presence")

    async def reads(call: Call) -> None:
        assert (await call("inputs"))["presence"] is (there == "on")

    async def lights(call: Call) -> None:
        await call("light_only", "a4_printer")
        assert bench.state()["lights"] == {name: name == "a4_printer" for name in LIGHTS}

    async def opens(call: Call) -> None:
        await call("open_strike", "hall_door", 0.05)
        assert bench.state()["strikes"] == {"hall_door": False}

    return {
        "inputs": Verb(reads, 0.5, come_or_go),
        "light_only": Verb(lights, 0.5),
        "open_strike": Verb(opens, 2.0),
    }


@contextmanager
def locker_8a(folder: Path) -> Iterator[Rig]:
    bench = VirtualLocker(folder / "bench", pulse=0.02)
    with behind_pty(folder, bench) as (port, meddler):
        settings = settings_of(Kind.LOCKER, "locker_8a", port, timeout=0.2, open_timeout=0.4, locks=[LOCKS])
        yield Rig(settings, meddler, _locker_verbs(bench))


def _locker_verbs(bench: VirtualLocker) -> dict[str, Verb]:
    hands = cycle(("open", "close"))
    stands = "close"

    def move() -> None:
        nonlocal stands
        stands = next(hands)
        bench.act(stands, door=2)

    def expected() -> Door:
        return Door.OPEN if stands == "open" else Door.CLOSED

    async def opens(call: Call) -> None:
        await call("open_door", 1)
        assert bench.state()["doors"]["1"] == "open"  # type: ignore[index]

    async def asks(call: Call) -> None:
        assert await call("door_state", 2) is expected()

    async def asks_all(call: Call) -> None:
        assert (await call("all_states"))[2] is expected()

    return {
        "open_door": Verb(opens, 1.0, lambda: bench.act("close", door=1)),
        "door_state": Verb(asks, 0.5, move),
        "all_states": Verb(asks_all, 0.5, move),
    }
