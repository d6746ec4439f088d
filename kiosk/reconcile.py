"""What a stop or a lost answer left open is settled: each record by a task of its own, never two for one.

One long certificate holds up no other record. What a living doing has in its hands is left alone
(`Ledger.holding`); what a doing let go of with its end unwritten, a full disk say, is asked after too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog

from config.devices import Availability
from kiosk import filing
from kiosk.backstage import Backstage
from kiosk.data.ledger import OpenRecord
from kiosk.health import Health
from kiosk.printing import roll, slips, staff_slip, unfinished
from kiosk.printing.unfinished import CallBack, printer_of

RECONCILE_SECONDS = 5.0  # between questions after open records
FIRST_SECONDS = 10.0  # that prints left open may keep the first citizen after a start
UNKNOWN_SECONDS = 15.0  # that a print has stayed unknown before staff get a slip
_SOON = 0.2
_OPEN = ("intended", "sent")
_log = structlog.get_logger("kiosk")


class Reconciling:
    """The tasks, one for each open record. `health` knows whether anybody is being served."""

    def __init__(self, stage: Backstage, health: Health) -> None:
        self._stage, self._health = stage, health
        self._call_back = CallBack(stage.devices, stage.ledger)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._unknown_since: dict[str, float] = {}  # by record

    async def round(self) -> None:
        """Begins what is not under way: a task for each open record, one for what hangs from the roll, one
        for what lies in a mouth unwatched, one for what staff must be told."""
        records = await self._open_records()
        for record in records:
            self._begin(record.id, self._settle(record))
        if await self._must_free():
            self._begin("roll", self._free())
        if device := slips.left_in_a_mouth(self._stage):
            self._begin("mouth", slips.draw_in(self._stage, device))
        self._tell([one for one in records if one.kind == "print" and one.state == "unknown"])

    async def first(self, seconds: float = FIRST_SECONDS) -> None:
        """Gives prints that a stop left open the time to end, before the next person comes.

        Costs nothing when there are none; none is waited for whose printer needs a hand.
        """
        end = time.monotonic() + seconds
        while await self._waits_for_a_print() and time.monotonic() < end:
            await self.round()
            await asyncio.sleep(_SOON)

    async def close(self) -> None:
        """Ends the tasks; the records tell the rest at the next start."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _waits_for_a_print(self) -> bool:
        return any(self._may_settle(one) for one in await self._open_records()) or await self._must_free()

    def _may_settle(self, record: OpenRecord) -> bool:
        """Whether its printer still opens, or can be asked: not one that is gone or wants a hand."""
        if record.kind != "print" or record.state not in _OPEN:
            return False
        printer = printer_of(self._stage.devices, record)
        known = self._stage.devices.states().get(printer.name)
        opens = known is not None and known[1].availability is Availability.UNKNOWN
        return opens or (printer.reachable if record.on_sheets else printer.clearable)

    async def _open_records(self) -> list[OpenRecord]:
        ledger = self._stage.ledger
        found = await asyncio.to_thread(ledger.open_records)
        return [one for one in found if not ledger.holds(one.key)]

    def _begin(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        if name in self._tasks:
            work.close()
            return
        task = asyncio.create_task(self._to_its_end(name, work))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def _to_its_end(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        """One that cannot be settled now is begun again at a later round."""
        try:
            await work
        except Exception as error:
            _log.error("not settled", record=name, error=type(error).__name__)

    async def _settle(self, seen: OpenRecord) -> None:
        stage = self._stage
        record = await asyncio.to_thread(stage.ledger.find, seen.key)  # a doing may have ended it meanwhile
        if record is None or record.state != seen.state:
            return
        if record.kind == "submission":
            await filing.resolve(stage.platform, stage.ledger, record)
        elif record.kind == "payment":
            await stage.payments.resolve(record)  # knows by itself which of them a journey holds
        elif record.state in _OPEN:
            if record.on_sheets:
                await unfinished.resolve(stage.devices, stage.ledger, record)
            else:
                await slips.settle_slip(stage, record)
        elif record.on_sheets:
            await self._call_back.ask(record)

    def _tell(self, unknown: Sequence[OpenRecord]) -> None:
        """By a slip, what has stayed unknown for a while, when nobody is being served.

        The hall knows already: the print's own message said so.
        """
        now = time.monotonic()
        self._unknown_since = {one.id: self._unknown_since.get(one.id, now) for one in unknown}
        told = [one for one in unknown if now - self._unknown_since[one.id] >= UNKNOWN_SECONDS]
        if told and not self._health.serving:
            self._begin("staff", staff_slip.tell(self._stage, told, lambda: self._health.serving))

    async def _free(self) -> None:
        """Severs what hangs, and ends its record by what the printer tells of it."""
        async with self._stage.mouth.lock:
            for printer in unfinished.to_be_freed(self._stage.devices):
                if not self._stage.mouth.watched:
                    await unfinished.free(printer, self._stage.ledger)

    async def _must_free(self) -> bool:
        """Whether anything hangs from a printer that could sever it now, and nobody prints there."""
        if self._stage.mouth.lock.locked() or self._stage.mouth.watched:
            return False
        printers, ledger = unfinished.to_be_freed(self._stage.devices), self._stage.ledger
        return any([not printer.ready or await roll.hangs(printer, ledger) for printer in printers])
