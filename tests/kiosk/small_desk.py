"""A command desk over a real store, with acts that a test can see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from config.commands import COMMANDS
from kiosk.data import journal
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.devices.devices import Devices
from kiosk.doors import Doors
from kiosk.presence import Attendance
from kiosk.remote import commands
from kiosk.remote.after_stop import Start
from kiosk.remote.command_desk import Act, CommandDesk, Done
from kiosk.remote.commands import Kept
from mqtt.messages import CommandGiven
from tests.kiosk.small_visit import PATH

ARGUMENTS: Mapping[str, dict[str, str | int]] = {
    "lock": {"notice_zh": "设备检修", "notice_en": "Being repaired"},
    "test_device": {"device": "receipt_printer"},
    "logs": {"hours": 2},
    "update": {"version": "2.0"},
}
LATER = "2099-01-01T00:00:00Z"


def given(name: str, id: str = "", deadline: str = LATER, **arguments: str | int) -> CommandGiven:
    """A command of the hall with what it needs."""
    return CommandGiven(id or f"c-{name}", name, deadline, arguments or dict(ARGUMENTS.get(name, {})))


def at(seconds: float) -> str:
    """A time as it stands in a message."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@dataclass
class Room:
    """A desk in its surroundings. `ran` are the commands that were obeyed, in order."""

    ledger: Ledger
    doors: Doors
    there: Attendance
    desk: CommandDesk
    vault: Vault
    ran: list[str] = field(default_factory=list)

    def kept(self, id: str) -> Kept | None:
        return self.ledger.look(lambda read: commands.find(read, id))

    def state(self, id: str) -> str:
        kept = self.kept(id)
        return "" if kept is None else f"{kept.state} {kept.code} {kept.detail}".strip()

    def told(self, id: str) -> list[str]:
        """What the hall was told of this command, in order: state, code, detail; parts by number."""
        return told(self.ledger, self.vault, id)

    async def until(self, id: str, state: str) -> None:
        """Waits for a state as `state()` spells it."""
        async with asyncio.timeout(60):
            while self.state(id) != state:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


def told(ledger: Ledger, vault: Vault, id: str) -> list[str]:
    """Out of the journal, where everything that was told stands beside its message in the outbox."""

    def look(read: object) -> list[str]:
        found = []
        for entry in journal.entries(read):  # type: ignore[arg-type]
            body = journal.body(read, vault, entry)  # type: ignore[arg-type]
            if body.get("command") != id:
                continue
            assert entry.stream == "res"
            if entry.type == "CommandPart":
                found.append(f"part {body['number']}")
            else:
                found.append(f"{body['state']} {body['code']} {body['detail']}".strip())
        return found

    return ledger.look(look)


@asynccontextmanager
async def room(
    folder: Path,
    acts: Mapping[str, Act] | None = None,
    serving: Callable[[], bool] = lambda: False,
    machine: str = "machine-1",
    software: str = "1.0",
    clock: Callable[[], float] | None = None,
) -> AsyncIterator[Room]:
    """The desk of a terminal that has just started in `folder`; it ends as one that is closed."""
    store = await asyncio.to_thread(Store, folder)
    vault = Vault(folder)
    ledger = Ledger(store, vault, PATH)
    ran: list[str] = []

    def plain(name: str) -> Act:
        async def act(kept: Kept) -> Done:
            ran.append(kept.id)
            return await acts[name](kept) if acts and name in acts else Done()

        return act

    doors = Doors(ledger, lambda: "12345")
    there = Attendance(Devices({}), ledger, serving)
    own = {name: plain(name) for name in COMMANDS}
    extra = {} if clock is None else {"clock": clock}
    desk = CommandDesk(ledger, doors, there, own, Start(store.boot, machine, software), **extra)
    try:
        await desk.start()
        yield Room(ledger, doors, there, desk, vault, ran)
    finally:
        await desk.close()
        await asyncio.to_thread(store.close)
