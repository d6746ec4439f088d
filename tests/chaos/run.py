"""One chaos run: terminals at work over bad lines, everything killed in turn, and the judge at the end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from hall.data import tables
from tests.chaos import tally
from tests.chaos.children import Child, Nursery
from tests.chaos.hall import Hall, open_hall
from tests.chaos.ingest_child import POINTS
from tests.chaos.judge import Finding, judge
from tests.chaos.plan import Kill, Plan
from tests.chaos.proxy import Proxy

AREA = "330100/demo"
Tell = Callable[[str], None]


@dataclass
class Outcome:
    """What a run did and what the judge found; sound when that is nothing."""

    plan: Plan
    kills: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)  # what happened to connections
    published: int = 0  # messages handed to the broker by terminals
    taken: int = 0  # messages brought to an ingest
    rows: int = 0  # messages in the hall's store
    refused: int = 0  # messages that it refused
    worked: float = 0.0  # seconds until the last transaction was done
    settled: float = 0.0  # seconds from then until nothing was left to send
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """True when nothing was lost and nothing came twice."""
        return not self.findings


def run(plan: Plan, folder: Path, tell: Tell = lambda line: None) -> Outcome:
    """Carries the plan out in `folder`, which is empty, and judges. AssertionError when it gets stuck."""
    with open_hall(plan, folder) as hall:
        return asyncio.run(_run(plan, folder, hall, tell))


async def _run(plan: Plan, folder: Path, hall: Hall, tell: Tell) -> Outcome:
    outcome = Outcome(plan)
    begun = time.monotonic()

    def log(line: str) -> None:
        tell(f"{time.monotonic() - begun:7.1f} s  {line}")

    async with _started(plan, folder, hall, outcome) as (nursery, proxies):
        log(f"{plan.terminals} terminals and {len(plan.ingests)} ingests are up")
        await _kill_all(plan, nursery, hall, outcome, log)
        await _progress(plan, nursery, _all_done, "every transaction done")
        outcome.worked = time.monotonic() - begun
        log("every transaction is done")
        for proxy in proxies:
            proxy.calm()
        await _progress(plan, nursery, _all_settled, "every outbox empty")
        outcome.settled = time.monotonic() - begun - outcome.worked
        log("every outbox is empty")
        await _judge(plan, folder, hall, outcome)
        outcome.findings += [Finding("died_by_itself", name) for name in nursery.unasked]
        for name in plan.ingests:  # before the terminals, whose end the hall is not to see
            await nursery.kill(nursery.children[name])
    outcome.published = tally.total(folder, tally.PUBLISHED)
    outcome.taken = tally.total(folder / "hall", tally.TAKEN)
    return outcome


@contextlib.asynccontextmanager
async def _started(
    plan: Plan, folder: Path, hall: Hall, outcome: Outcome
) -> AsyncIterator[tuple[Nursery, list[Proxy]]]:
    async with contextlib.AsyncExitStack() as closing:
        nursery = Nursery(folder / "children.log")
        closing.push_async_callback(nursery.close)
        await nursery.open()
        proxies = {}
        for name in (*plan.ingests, *plan.names):
            weather = plan.hall_weather if name in plan.ingests else plan.weather
            proxies[name] = Proxy(name, plan.seed, hall.broker.port, weather, outcome.lines)
            await proxies[name].start()
            closing.push_async_callback(proxies[name].close)
        told = {
            "data": str(hall.settings.data),
            "database": hall.settings.database,
            "share": "chaos" if len(plan.ingests) > 1 else "",
        }
        for name in plan.ingests:
            mistake = plan.broken.get(name, "")
            port = proxies[name].port
            await nursery.start(name, plan.patience, kind="ingest", port=port, broken=mistake, **told)
        if plan.scheduler:
            port = hall.broker.port
            await nursery.start("scheduler", plan.patience, kind="scheduler", port=port, **told)
        async with asyncio.TaskGroup() as starting:
            for name in plan.names:
                starting.create_task(_start_terminal(plan, nursery, name, folder, proxies[name].port))
        yield nursery, list(proxies.values())


async def _start_terminal(plan: Plan, nursery: Nursery, name: str, folder: Path, port: int) -> None:
    await nursery.start(
        name,
        plan.patience,
        kind="terminal",
        port=port,
        folder=str(folder / name),
        seed=plan.seed,
        transactions=plan.transactions,
        pace=plan.pace,
        unstorable_every=plan.unstorable_every,
        waits=plan.waits,
        broken=plan.broken.get(name, ""),
    )


async def _kill_all(plan: Plan, nursery: Nursery, hall: Hall, outcome: Outcome, log: Tell) -> None:
    """Each kill when its time has come. Who is down meanwhile does not hold up the next one's."""
    turns: dict[str, asyncio.Lock] = {}
    async with asyncio.TaskGroup() as killing:
        for kill in plan.schedule():
            await _progress(plan, nursery, partial(_have_done, kill.after), f"{kill.after} transactions")
            turn = turns.setdefault(kill.name, asyncio.Lock())
            killing.create_task(_kill(plan, kill, turn, nursery, hall, outcome, log))


async def _kill(
    plan: Plan, kill: Kill, turn: asyncio.Lock, nursery: Nursery, hall: Hall, outcome: Outcome, log: Tell
) -> None:
    async with turn:
        how = f"down for {kill.down} s"
        match kill.victim:
            case "broker":
                await asyncio.to_thread(hall.broker.kill)
                await asyncio.sleep(kill.down)
                await asyncio.to_thread(hall.broker.start)
            case "database":
                how = await hall.kill_database(kill.down)
            case "backup":
                how = await asyncio.to_thread(hall.back_up)
            case "restore":
                for name in plan.ingests:
                    await nursery.kill(nursery.children[name])
                how = await asyncio.to_thread(hall.restore)
                await asyncio.sleep(kill.down)
                for name in plan.ingests:
                    await nursery.start(name, plan.patience)
            case _:
                child = nursery.children[kill.name]
                if kill.point:
                    how = f"{kill.point}, {how}"
                    with contextlib.suppress(AssertionError):  # nothing came by: then wherever it is
                        await nursery.kill(child, POINTS[kill.point], patience=5.0)
                await nursery.kill(child)
                await asyncio.sleep(kill.down)
                if first := kill.beyond:
                    await _progress(plan, nursery, lambda _: outcome.kills[first] > 0, f"the {first} is back")
                await nursery.start(kill.name, plan.patience)
        outcome.kills[kill.victim] += 1
        log(f"killed {kill.name} after {kill.after} transactions: {how}")


async def _progress(plan: Plan, nursery: Nursery, condition: Callable[[Nursery], bool], what: str) -> None:
    """Waits as long as there is progress; AssertionError after `patience` without any."""
    last, since = (-1, -1), time.monotonic()
    while not condition(nursery):
        terminals = _terminals(nursery)
        now = sum(child.done for child in terminals), sum(child.left or 0 for child in terminals)
        if now != last:
            last, since = now, time.monotonic()
        assert time.monotonic() - since < plan.patience, (
            f"in vain: {what}; {now[0]} transactions done, {now[1]} messages left to send"
        )
        await asyncio.sleep(0.05)


def _terminals(nursery: Nursery) -> list[Child]:
    return [child for child in nursery.children.values() if child.order.get("kind") == "terminal"]


def _have_done(number: int, nursery: Nursery) -> bool:
    return sum(child.done for child in _terminals(nursery)) >= number


def _all_done(nursery: Nursery) -> bool:
    return all(child.done >= child.order["transactions"] for child in _terminals(nursery))


def _all_settled(nursery: Nursery) -> bool:
    return all(child.left == 0 for child in _terminals(nursery))


async def _judge(plan: Plan, folder: Path, hall: Hall, outcome: Outcome) -> None:
    """Looks again for some time while something is amiss of one that makes no mistakes on purpose: its last
    birth may still be on its way."""
    folders = {f"{AREA}/{name}": folder / name for name in plan.names}
    honest = set(folders) - {f"{AREA}/{name}" for name in plan.broken}
    if plan.broken.keys() & set(plan.ingests):
        honest.clear()
    until = time.monotonic() + 30.0
    while True:
        outcome.findings = await asyncio.to_thread(judge, hall.engine, folders, plan.transactions)
        if not honest & {one.terminal for one in outcome.findings} or time.monotonic() > until:
            break
        await asyncio.sleep(1.0)
    with hall.engine.connect() as tx:
        outcome.rows = tx.scalar(select(func.count()).select_from(tables.messages)) or 0
        outcome.refused = tx.scalar(select(func.count()).select_from(tables.refused)) or 0
