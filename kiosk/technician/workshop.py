"""What the technician's mode takes hold of, and one technician's time in it.

Everything that he does is told with his number, to the journal and to the hall in one commit. What prints or
changes something is told twice: before, with the detail `begun`, and when it has ended, with how.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
import structlog

from config.faults import any_fault
from config.settings import SessionSettings
from config.words import Words, same, words
from drivers.device import DeviceError
from kiosk.backstage import Backstage
from kiosk.data.ledger import Ledger, note
from kiosk.data.store import Transaction
from kiosk.devices.counters import Counters
from kiosk.doors import Doors
from kiosk.health import Health
from kiosk.presence import Attendance
from kiosk.prompts import (
    Answer,
    Chosen,
    Condition,
    Filled,
    FillForm,
    Option,
    Place,
    Prompt,
    Row,
    Working,
    WorkSheet,
)
from kiosk.remote.command_desk import NotDone
from kiosk.remote.configuration import Configuration
from kiosk.remote.remote import Remote
from kiosk.session import IdleClock
from kiosk.stage import GoBack, HearsGesture, Stage
from kiosk.technician import running_time
from kiosk.technician.admission import Memory
from kiosk.technician.fault_rows import fault_rows
from kiosk.technician.running_time import Ran
from mqtt.messages import Data, TechnicianActed

INSIDE = Place(back=True, home=False)
BEGUN = "begun"
_MEMORY = "technician"
_log = structlog.get_logger("kiosk.technician")


class Ended(NamedTuple):
    """How an act ended: `code` of faults.toml when not well; `detail` is a short technical word."""

    code: str = ""
    detail: str = ""


@dataclass
class Workshop:
    """The parts. `stage` speaks no word aloud; `changed` has the hall hear who is there, and what waited for
    him go on; `restart` ends this run of the program, which is then started again."""

    backstage: Backstage
    stage: Stage
    doors: Doors
    there: Attendance
    counters: Counters
    health: Health
    configuration: Configuration
    changed: Callable[[], None] = lambda: None
    restart: Callable[[], None] = lambda: None
    clock: Callable[[], float] = time.time
    ran: Callable[[Ledger], Ran] = running_time.now  # the clock for wrong tries
    knocked: asyncio.Event = field(default_factory=asyncio.Event)

    def knock(self) -> None:
        """The hidden gesture was made. It does nothing while a citizen is served."""
        if not self.health.serving:
            self.knocked.set()

    def memory(self) -> Memory:
        """What lasts from one entry to the next."""
        kept = self.backstage.ledger.recall(_MEMORY)
        return msgspec.json.decode(kept, type=Memory) if kept else Memory()

    async def keep(self, memory: Memory, acted: TechnicianActed) -> None:
        """Keeps it, and tells what happened, in one commit."""
        ledger = self.backstage.ledger
        kept, ran = msgspec.json.encode(memory).decode(), self.ran(ledger)

        def work(tx: Transaction, tell: Callable[[Data], None]) -> None:
            note(tx, _MEMORY, kept)
            running_time.keep(tx, ran)
            tell(acted)

        await ledger.together(work)
        _told(acted)

    async def leave(self, how: str) -> None:
        """Whoever was inside has left; nothing when nobody was. `how`: asked, idle, ended, restarted."""
        memory = self.memory()
        if memory.inside:
            acted = TechnicianActed(memory.inside, "left", detail=how)
            await self.keep(msgspec.structs.replace(memory, inside=""), acted)


@dataclass
class Shift:
    """One technician's time: from his entry until he leaves."""

    shop: Workshop
    actor: str
    idle: IdleClock

    async def ask(self, prompt: Prompt, place: Place = INSIDE) -> Answer:
        """As `Stage.ask`. GoBack, GoHome."""
        return await self.shop.stage.ask(prompt, place)

    async def choose(self, prompt: Prompt, place: Place = INSIDE) -> str:
        """The value that was touched: `back` for that touch too, empty for any other answer. GoHome."""
        try:
            answer = await self.ask(prompt, place)
        except GoBack:
            return "back"
        return answer.value if isinstance(answer, Chosen) else ""

    async def fill(self, form: FillForm) -> Mapping[str, str]:
        """What was filled in; nothing when he went back. GoHome."""
        try:
            answer = await self.ask(form)
        except GoBack:
            return {}
        values = answer.values if isinstance(answer, Filled) else {}
        return {name: value for name, value in values.items() if isinstance(value, str)}

    def show(self, prompt: Prompt) -> None:
        """As `Stage.show`."""
        self.shop.stage.show(prompt, INSIDE)

    async def tell(self, act: str, subject: str = "", outcome: str = "", detail: str = "") -> None:
        """Tells that he did it; `outcome` is a code of faults.toml when it did not come to a good end."""
        acted = TechnicianActed(self.actor, act, subject, outcome, detail[:80])
        await self.shop.backstage.ledger.tell("", acted)
        _told(acted)

    async def does(self, act: str, subject: str, work: Coroutine[Any, Any, Ended]) -> Ended:
        """Tells that it begins, does it, tells how it ended, and returns that. The idle clock stands still.

        DeviceError and NotDone of the work are an end like another; what else it raises is told, and raised.
        """
        ended = Ended("terminal_internal", "stopped")
        with self.idle.hold():
            try:
                await self.tell(act, subject, detail=BEGUN)
                ended = await work
            except (DeviceError, NotDone) as error:
                ended = Ended(error.code, error.detail)
            finally:
                work.close()  # when even its beginning could not be told
                await self.tell(act, subject, ended.code, ended.detail)
        return ended

    async def result(self, title: Words, ended: Ended, *rows: Row) -> None:
        """Shows how something ended, with what to do about it."""
        told = [*rows]
        told += [Row(words("technician.detail"), same(ended.detail))] if ended.detail else []
        told += fault_rows([ended.code])
        what = words("technician.not_done" if ended.code else "technician.done")
        how = Condition.NOT_READY if ended.code else Condition.READY
        note = any_fault(ended.code).technician if ended.code else None
        rows = (Row(words("technician.found"), what), *told)
        await self.choose(WorkSheet(title, rows, (action("back"),), how, note))

    async def sure(self, title: Words, act: str, note: Words | None = None) -> bool:
        """Asks before something that cannot be taken back."""
        page = WorkSheet(title, (), (action(act), action("back")), Condition.ATTENTION, note)
        return await self.choose(page) == act

    def busy(self, doing: Words, seconds: int = 10) -> None:
        """Shows that something takes a while."""
        self.show(Working(doing, seconds))


async def open_workshop(
    window: Stage, backstage: Backstage, health: Health, remote: Remote, silent: Stage, counters: Counters
) -> Workshop:
    """The technician's mode; its pages are not said aloud. Whoever a stop found in it has left."""
    shop = Workshop(
        backstage=backstage,
        stage=silent,
        doors=remote.doors,
        there=remote.there,
        counters=counters,
        health=health,
        configuration=remote.configuration,
        changed=remote.news,
        restart=remote.desk.restart.set,
    )
    if isinstance(window, HearsGesture):
        window.on_gesture(shop.knock)
    await shop.leave("restarted")
    return shop


def idle_clock(seconds: float) -> IdleClock:
    """A clock of so many seconds, at least half a minute."""
    return IdleClock(SessionSettings(idle_seconds=max(30.0, seconds)))


def action(name: str) -> Option:
    """An action whose words are the row `act_…` of `locale/technician.toml`."""
    return Option(name, words(f"technician.act_{name}"))


def _told(acted: TechnicianActed) -> None:
    _log.info("technician", actor=acted.actor, act=acted.act, subject=acted.subject, outcome=acted.outcome)
