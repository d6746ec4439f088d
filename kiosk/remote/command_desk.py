"""Takes the hall's commands one by one: kept before it runs, run once, its end told, whatever is killed.

accepted → running → done | failed. One task keeps what arrives, gives up what is too late, and begins the
oldest that may begin: a command waits while a citizen is served or a technician is there, as the table in
`config/commands.py` says. The first citizen after that waits too, until it is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from config.commands import COMMANDS, MOST_BYTES
from drivers.device import DeviceError
from kiosk.data.ledger import Ledger
from kiosk.data.store import Transaction
from kiosk.doors import Doors
from kiosk.presence import Attendance
from kiosk.remote import after_stop, commands
from kiosk.remote.after_stop import Start
from kiosk.remote.commands import Kept
from mqtt.messages import PART_BYTES, CommandGiven, CommandPart, Data

LOOK_SECONDS = 1.0  # between looks at who is there and what is too late
PAUSE_AFTER_FAILURE = 1.0
FORGET_SECONDS = 86_400.0
_log = structlog.get_logger("kiosk.remote.commands")
Tell = Callable[[Data], None]


@dataclass(frozen=True)
class Done:
    """A command has been obeyed. `file` is what it brings; `restart`: the terminal's next start ends it."""

    detail: str = ""  # a short technical word, nothing personal
    file: bytes = b""
    restart: bool = False


class NotDone(Exception):
    """It could not be obeyed. `code` is a row of `config/faults.toml`, `detail` a short technical word."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


Act = Callable[[Kept], Awaitable[Done]]


class CommandDesk:
    """Owns the task. `start` settles what a stop left, then begins; `restart` is set when it shall end.

    `acts` says how each command is obeyed; `clock` is in seconds since 1970.
    """

    def __init__(
        self,
        ledger: Ledger,
        doors: Doors,
        there: Attendance,
        acts: Mapping[str, Act],
        now: Start,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.restart = asyncio.Event()
        self._ledger, self._doors, self._there, self._acts = ledger, doors, there, acts
        self._now, self._clock = now, clock
        self._arrived: list[CommandGiven] = []
        self._wake = asyncio.Event()
        self._working: asyncio.Task[None] | None = None
        self._obeying: asyncio.Task[None] | None = None
        self._forgot = 0.0

    async def start(self) -> None:
        """What was running when the terminal stopped is settled, then the task begins."""
        await self._settle()
        self._working = asyncio.get_running_loop().create_task(self._work(), name="command desk")

    async def close(self) -> None:
        """Ends both tasks. What was running stays so in the store, for the next start to settle."""
        tasks = [task for task in (self._working, self._obeying) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def take(self, given: CommandGiven) -> None:
        """The hall has given a command; on the loop. Any number of copies of one are one."""
        if not 0 < len(given.command) <= commands.LONGEST_ID:
            _log.warning("a command without a usable id")
            return
        self._arrived.append(given)
        self.look()

    def look(self) -> None:
        """Something has changed: who is there, what has come."""
        self._wake.set()

    # ── the task ────────────────────────────────────────────────────────────
    async def _work(self) -> None:
        while True:
            self._wake.clear()
            try:
                waits = await self._turn()
            except Exception as error:
                _log.error("command desk", error=type(error).__name__)
                await asyncio.sleep(PAUSE_AFTER_FAILURE)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS if waits else FORGET_SECONDS):
                    await self._wake.wait()

    async def _turn(self) -> bool:
        """Does what can be done now. True when a command waits, for somebody to go or for its deadline."""
        while self._arrived:
            await self._keep(self._arrived[0])
            del self._arrived[0]
        waiting = [one for one in self._ledger.look(commands.open_commands) if one.state == "accepted"]
        for one in waiting:
            if self._too_late(one):
                await self._end(one, "command_expired")
            elif self._obeying is None and self._may_begin(one):
                self._begin(one)
            else:
                await self._tell_waiting(one)
        await self._forget()
        return bool(waiting)

    async def _keep(self, given: CommandGiven) -> None:
        def work(tx: Transaction, tell: Tell) -> Kept:
            kept, is_new = commands.arrive(tx, given, self._clock())
            if is_new and kept.state == "accepted":
                kept = commands.wait(tx, kept.id, self._there.first(COMMANDS[kept.name].waits_for) or "")
            tell(kept.told)
            return kept

        kept = await self._ledger.together(work)
        _log.info("command", name=kept.name, command=kept.id, state=kept.state, code=kept.code)

    def _too_late(self, kept: Kept) -> bool:
        """One that had begun once is not late, whenever it goes on."""
        return not kept.runs and self._clock() > kept.deadline and not self._is_obeyed(kept)

    def _is_obeyed(self, kept: Kept) -> bool:
        return self._obeying is not None and self._obeying.get_name() == kept.id

    def _may_begin(self, kept: Kept) -> bool:
        return self._there.first(COMMANDS[kept.name].waits_for) is None and not self.restart.is_set()

    async def _tell_waiting(self, kept: Kept) -> None:
        """For whom it waits, when that has changed."""
        who = self._there.first(COMMANDS[kept.name].waits_for) or ""
        if self._is_obeyed(kept) or kept.runs or who == kept.detail or not who:
            return
        await self._ledger.together(lambda tx, tell: tell(commands.wait(tx, kept.id, who).told))

    def _begin(self, kept: Kept) -> None:
        """Not one await lies between the look at who is there and the shut doors."""
        hold = contextlib.ExitStack()
        if "citizen" in COMMANDS[kept.name].waits_for:
            hold.enter_context(self._doors.held())
        obeying = asyncio.get_running_loop().create_task(self._obey(kept, hold), name=kept.id)
        self._obeying = obeying
        obeying.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._obeying = None
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a command was not ended", error=type(error).__name__)
        self.look()

    async def _obey(self, kept: Kept, hold: contextlib.ExitStack) -> None:
        with hold:
            here = self._now

            def begin(tx: Transaction, tell: Tell) -> Kept:
                begun = commands.begin(tx, kept.id, here.boot, here.machine)
                tell(begun.told)
                return begun

            begun = await self._ledger.together(begin)
            if begun.state != "running":
                return  # it has ended in the meantime
            try:
                done = await self._acts[kept.name](begun)
                if len(done.file) > MOST_BYTES:
                    raise NotDone("command_too_large", f"{len(done.file)} bytes")
            except (NotDone, DeviceError) as error:
                await self._end(kept, error.code, error.detail)
            except Exception as error:
                _log.error("command failed", name=kept.name, error=type(error).__name__)
                await self._end(kept, "terminal_internal", type(error).__name__)
            else:
                if done.restart:
                    self.restart.set()
                    await asyncio.Event().wait()  # with the doors shut, until the terminal ends
                await self._end(kept, "", done.detail, done.file)

    async def _end(self, kept: Kept, code: str, detail: str = "", file: bytes = b"") -> None:
        """Its file and its end are told in one transaction: all of it, or it has not ended."""
        pieces = [file[at : at + PART_BYTES] for at in range(0, len(file), PART_BYTES)]

        def work(tx: Transaction, tell: Tell) -> Kept:
            for number, piece in enumerate(pieces, start=1):
                tell(CommandPart(kept.id, number, piece))
            ended = commands.end(tx, kept.id, code, detail, len(pieces))
            tell(ended.told)
            return ended

        ended = await self._ledger.together(work)
        _log.info("command", name=ended.name, command=ended.id, state=ended.state, code=ended.code)

    # ── after a stop ────────────────────────────────────────────────────────
    async def _settle(self) -> None:
        for kept in self._ledger.look(commands.open_commands):
            if kept.state != "running":
                continue
            settled = after_stop.settle(kept, self._now)
            if settled.fate == "again":
                await self._once_more(kept)
            else:
                await self._end(kept, settled.code, settled.detail)

    async def _once_more(self, kept: Kept) -> None:
        await self._ledger.together(lambda tx, tell: commands.again(tx, kept.id))

    async def _forget(self) -> None:
        if not self._forgot or time.monotonic() - self._forgot > FORGET_SECONDS:
            self._forgot = time.monotonic()
            await self._ledger.together(lambda tx, tell: commands.forget(tx, self._clock()))
