"""One process of a simulated fleet: its terminals on one asyncio loop, its figures to whoever started it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
import signal
import ssl
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from hall.fleet.figures import Figures
from hall.fleet.plan import Plan, path
from hall.fleet.terminal import Terminal

TELL_SECONDS = 1.0
SPARE_FILES = 200
LEAVE_SECONDS = 3.0  # for goodbyes to leave

Numbers = dict[str, dict[str, int]]  # by terminal and stream: the last number given


def work(plan: Plan, line: Connection) -> None:
    """Run `plan`; tell Figures every second, (Figures, Numbers) at the end. Any word on `line` ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: our starter tells us
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with contextlib.suppress(BrokenPipeError):
        asyncio.run(_Fleet(plan, line).run())


def room() -> int:
    """How many terminals one process may hold: each is an open file."""
    return int(resource.getrlimit(resource.RLIMIT_NOFILE)[1]) - SPARE_FILES


class _Fleet:
    def __init__(self, plan: Plan, line: Connection) -> None:
        self._plan, self._line = plan, line
        self._figures = Figures(terminals=plan.terminals)
        trust = trusted(plan.tls) if plan.tls else None
        numbers = range(plan.first, plan.first + plan.terminals)
        self._terminals = [Terminal(plan, path(plan, n), self._figures, trust) for n in numbers]
        self._ending = asyncio.Event()
        self._producing = True

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._line.fileno(), self._end)
        tasks = [loop.create_task(self._enter()), loop.create_task(self._tick())]
        if self._plan.storm_after:
            loop.call_later(self._plan.storm_after, self._storm)
        try:
            await _within(self._plan.seconds, self._ending)
            self._producing = False
            patience = time.monotonic() + self._plan.patience
            while self._unfinished() and time.monotonic() < patience:  # noqa: ASYNC110 (counts of many)
                await asyncio.sleep(0.2)
        finally:
            for task in tasks:
                task.cancel()
            loop.remove_reader(self._line.fileno())
        self._count()
        last = Figures(**vars(self._figures))
        for terminal in self._terminals:
            terminal.farewell()
        await asyncio.sleep(min(LEAVE_SECONDS, 0.2 + self._plan.terminals / 5000))
        self._line.send((last, {str(t.mailbox.path): t.mailbox.numbers for t in self._terminals}))

    def _unfinished(self) -> bool:
        """The hall owes us an answer: to a message, or to the birth of one that has just come back."""
        return self._figures.unacked > 0 or self._figures.greeted < self._figures.terminals

    def _end(self) -> None:
        """Our starter wants an end, or is gone."""
        asyncio.get_running_loop().remove_reader(self._line.fileno())
        self._ending.set()

    async def _enter(self) -> None:
        """All come in at an even pace; from then on each lives by its own clock."""
        begun = time.monotonic()
        for number, terminal in enumerate(self._terminals):
            ahead = number / self._plan.connects_per_second - (time.monotonic() - begun)
            if ahead > 0:
                await asyncio.sleep(ahead)
            terminal.start()
            self._later(self._plan.health_seconds * random.random(), self._health, terminal)
            if self._plan.transactions_per_day:
                self._later(self._until_next(), self._message, terminal)

    def _later(self, seconds: float, act: Callable[[Terminal], None], terminal: Terminal) -> None:
        asyncio.get_running_loop().call_later(seconds, act, terminal)

    def _health(self, terminal: Terminal) -> None:
        if self._producing:
            terminal.say_health()
            self._later(self._plan.health_seconds * random.uniform(0.9, 1.1), self._health, terminal)

    def _message(self, terminal: Terminal) -> None:
        if self._producing:
            terminal.write()
            self._later(self._until_next(), self._message, terminal)

    def _until_next(self) -> float:
        return random.expovariate(self._plan.transactions_per_day / 86400)

    def _storm(self) -> None:
        for terminal in self._terminals:
            terminal.cut()

    async def _tick(self) -> None:
        """Every second: pings for those whose turn it is, repetitions, and a word to our starter."""
        turns = max(1, self._plan.keepalive_seconds // 2)
        turn = 0
        while True:
            turn = (turn + 1) % turns
            since = time.monotonic() - turns
            for terminal in self._terminals[turn::turns]:
                terminal.stay_alive(since)
            for terminal in self._terminals:
                terminal.send_due()
            self._count()
            self._line.send(self._figures)
            await asyncio.sleep(TELL_SECONDS)

    def _count(self) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self._figures.memory = pages * resource.getpagesize()


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Until the event, or the time is over."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def trusted(folder: Path) -> ssl.SSLContext:
    """A folder with ca.pem, client.pem and client.key: one certificate for the whole fleet. OSError."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(folder / "ca.pem"))
    context.load_cert_chain(folder / "client.pem", folder / "client.key")
    return context
