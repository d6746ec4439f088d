"""A line that is as bad as lines get: TCP passed on with delays, cuts, silence and old connections kept.

Each client has a proxy of its own, so that its n-th connection meets the same fate in every run of a seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["none", "cut", "half_close", "black_hole", "beside", "late"]
CHUNK = 16 * 1024
BESIDE = 10.0  # seconds that the broker's end of a connection stays open after the client's has gone
SILENCE = 30.0  # the longest that a line swallows everything and says nothing
LATE = 12.0  # the longest that a first packet is held back for the client's next connection
TOLD = {
    "cut": "cut in mid-packet",
    "half_close": "closed in one direction",
    "black_hole": "swallowed everything, said nothing",
    "beside": "old connection kept beside the new",
    "late": "old CONNECT delivered after the new one",
    "slow": "throttled",
    "delayed": "delayed",
}


@dataclass(frozen=True)
class Fate:
    """What becomes of one connection: after so many bytes in one direction it ends, one way or another."""

    kind: Kind = "none"
    after: int = 0
    upwards: bool = True  # the direction whose bytes count: to the broker
    delay: float = 0.0  # seconds on each piece
    rate: float = 0.0  # bytes per second; 0: as fast as it goes


@dataclass(frozen=True)
class Weather:
    """How bad the lines are. Weights of the endings, and the mean number of bytes until they come."""

    cut: int = 8
    half_close: int = 3
    black_hole: int = 2
    beside: int = 5
    late: int = 1
    none: int = 1
    bytes: float = 30_000.0
    slow: bool = True  # some are throttled, some delayed

    def fate(self, seed: str) -> Fate:
        """The fate that this seed stands for."""
        chance = random.Random(seed)
        kinds: list[Kind] = ["cut", "half_close", "black_hole", "beside", "late", "none"]
        weights = [self.cut, self.half_close, self.black_hole, self.beside, self.late, self.none]
        (kind,) = chance.choices(kinds, weights)
        after = 0 if kind == "late" else int(chance.expovariate(1 / self.bytes))
        delay = chance.choice((0.0, 0.0, 0.005, 0.05)) * self.slow
        rate = chance.choice((0.0, 0.0, 0.0, 40_000.0)) * self.slow
        return Fate(kind, after, chance.random() < 0.7, delay, rate)


class Proxy:
    """Passes one client's connections on. `start()` on the loop, `close()` to end it."""

    def __init__(self, name: str, seed: int, port: int, weather: Weather, counted: Counter[str]) -> None:
        """To `port` on this machine. What happens to connections is added to `counted`, as in `TOLD`."""
        self.port = 0
        self._name, self._seed, self._target = name, seed, port
        self._weather, self._counted = weather, counted
        self._connections = 0
        self._next = asyncio.Event()  # set and replaced with each new connection
        self._calm = False
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens on a free port of this machine, which `port` then is."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]

    def calm(self) -> None:
        """From now on the line is a good one."""
        self._calm = True

    async def close(self) -> None:
        """Ends the listening and every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        fate = Fate() if self._calm else self._weather.fate(f"{self._seed}/{self._name}/{self._connections}")
        self._next.set()
        self._next = asyncio.Event()
        with contextlib.suppress(OSError), _aborting(writer):
            if fate.kind == "late":
                await self._deliver_late(reader, writer)
            else:
                await self._pass_on(reader, writer, fate)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fate: Fate) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target, limit=CHUNK)
        with _aborting(up_writer):
            self._counted[TOLD["slow"]] += fate.rate > 0
            self._counted[TOLD["delayed"]] += fate.delay > 0
            ended = asyncio.Event()
            pumps = [
                asyncio.create_task(self._pump(reader, up_writer, fate, True, ended)),
                asyncio.create_task(self._pump(up_reader, writer, fate, False, ended)),
            ]
            try:
                over = asyncio.create_task(ended.wait())
                await asyncio.wait([*pumps, over], return_when=asyncio.FIRST_COMPLETED)
                if ended.is_set():
                    self._counted[TOLD[fate.kind]] += 1
                    await self._end(fate, reader, writer, up_reader, up_writer, pumps)
            finally:
                for task in (*pumps, over):
                    task.cancel()
                await asyncio.gather(*pumps, over, return_exceptions=True)

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        fate: Fate,
        upwards: bool,
        ended: asyncio.Event,
    ) -> None:
        """Passes one direction on until it ends, or `fate` has it ended in the middle of a piece."""
        passed = 0
        while chunk := await reader.read(CHUNK):
            if not self._calm:
                await asyncio.sleep(fate.delay + (len(chunk) / fate.rate if fate.rate else 0.0))
            passed += len(chunk)
            due = fate.kind != "none" and upwards == fate.upwards and passed > fate.after
            if due and not self._calm:
                writer.write(chunk[: len(chunk) // 2])
                await writer.drain()
                ended.set()
                return
            writer.write(chunk)
            await writer.drain()

    async def _end(
        self,
        fate: Fate,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        up_reader: asyncio.StreamReader,
        up_writer: asyncio.StreamWriter,
        pumps: list[asyncio.Task[None]],
    ) -> None:
        """The end of a connection; both sides are aborted when this returns."""
        if fate.kind == "half_close":
            (up_writer if fate.upwards else writer).write_eof()
            await asyncio.wait(pumps, timeout=2.0)  # the other direction still passes
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        if fate.kind == "black_hole":
            await self._until_closed(reader, SILENCE)
        if fate.kind == "beside":
            writer.transport.abort()
            await self._until_closed(up_reader, BESIDE)

    async def _deliver_late(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Holds back what the client says until it is there anew; then the broker hears the old one."""
        said = await reader.read(CHUNK)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LATE):
                await self._next.wait()
        writer.transport.abort()
        await asyncio.sleep(0.3)
        if self._calm or not said:
            return
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target, limit=CHUNK)
        with _aborting(up_writer):
            self._counted[TOLD["late"]] += 1
            up_writer.write(said)
            await self._until_closed(up_reader, BESIDE)

    async def _until_closed(self, reader: asyncio.StreamReader, longest: float) -> None:
        """Swallows what comes until that side closes, it is time, or the weather is good again."""
        end = asyncio.get_running_loop().time() + longest
        while not self._calm and asyncio.get_running_loop().time() < end:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    if not await reader.read(CHUNK):
                        return


@contextlib.contextmanager
def _aborting(writer: asyncio.StreamWriter) -> Iterator[None]:
    try:
        yield
    finally:
        writer.transport.abort()
