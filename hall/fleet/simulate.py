"""Runs a simulated fleet in as many processes as it needs, and tells how it went."""

from __future__ import annotations

import dataclasses
import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from hall.fleet import process
from hall.fleet.figures import Figures, Spans, total
from hall.fleet.plan import Plan, is_loopback

OF_A_PROCESS = 10_000
GRACE_SECONDS = 30.0  # beyond a plan's own time and patience: then a process is ended


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How it went. `complete`: each process has told its end."""

    figures: Figures
    numbers: process.Numbers
    seconds: float
    complete: bool


@dataclasses.dataclass
class _Part:
    plan: Plan
    process: BaseProcess
    line: Connection
    figures: Figures
    ended: bool = False


def run(
    plan: Plan,
    hear: Callable[[Figures, float], None] = lambda figures, seconds: None,
    enough: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Simulate `plan.terminals` terminals, until the plan's time is over or it is `enough`; in order.

    `hear` is told the figures and how long it runs, about twice a second.
    """
    begun = time.monotonic()
    parts = [_start(part) for part in shares(plan)]
    numbers: process.Numbers = {}
    until = begun + plan.seconds + plan.patience + GRACE_SECONDS
    ending = False
    try:
        while (open_ := [part for part in parts if not part.ended]) and time.monotonic() < until:
            _listen(open_, numbers)
            hear(total([part.figures for part in parts]), time.monotonic() - begun)
            if not ending and enough():
                ending = True
                until = time.monotonic() + plan.patience + GRACE_SECONDS
                for part in open_:
                    _end(part)
    finally:
        complete = all(part.ended for part in parts)
        for part in parts:
            part.line.close()
            part.process.join(GRACE_SECONDS if part.ended else 0.1)
            if part.process.is_alive():
                part.process.kill()
                part.process.join()
    return Outcome(total([part.figures for part in parts]), numbers, time.monotonic() - begun, complete)


def shares(plan: Plan) -> Sequence[Plan]:
    """The plan of each process. On loopback each has a source address of its own: a port of one is a
    connection, and an address has 28 000 of them."""
    most = min(OF_A_PROCESS, process.room())
    found = []
    for index, first in enumerate(range(0, plan.terminals, most)):
        number = min(most, plan.terminals - first)
        source = f"127.0.{index // 250}.{index % 250 + 2}" if is_loopback(plan.host) else ""
        pace = plan.connects_per_second * number / plan.terminals
        found.append(
            dataclasses.replace(
                plan, first=plan.first + first, terminals=number, source=source, connects_per_second=pace
            )
        )
    return found


def live(figures: Figures, seconds: float) -> str:
    """One line of how it goes."""
    return (
        f"{seconds:6.0f} s  online {figures.online:,}/{figures.terminals:,} (greeted {figures.greeted:,})  "
        f"messages {figures.made:,} sent {figures.sent:,} acked {figures.acked:,} "
        f"unacked {figures.unacked:,}  "
        f"health {figures.health:,}  PUBACK {_spans(figures.puback)}  ack {_spans(figures.ack)}  "
        f"refused {figures.refused + figures.turned_away:,}"
    )


def summary(outcome: Outcome) -> str:
    """What came of it, as aligned lines."""
    f = outcome.figures
    said = (f.sent + f.health + f.connections) / max(outcome.seconds, 0.1)
    rows = [
        ("terminals", f"{f.terminals:,}; online at the end {f.online:,}, greeted by the hall {f.greeted:,}"),
        (
            "connections",
            f"{f.connections:,} accepted, {f.turned_away:,} refused, {f.failures:,} failed or broken",
        ),
        ("numbered messages", f"{f.made:,} made, {f.sent:,} sent, {f.sent - f.made:,} of them again"),
        ("of these", f"{f.acked:,} acknowledged, {f.refused:,} refused, {f.unacked:,} unacknowledged"),
        ("health reports", f"{f.health:,}; births asked for {f.births_asked:,}"),
        ("published", f"{said:,.0f} a second on average"),
        ("PUBACK p50 / p99", f"{_spans(f.puback)} of {f.puback.number:,}"),
        ("ack p50 / p99", f"{_spans(f.ack)} of {f.ack.number:,}"),
        ("memory of the simulator", f"{f.memory / 1e6:,.0f} MB"),
    ]
    if f.back.number:
        rows.append(
            (
                "back online p50 / p99 / last",
                f"{_spans(f.back)} / {f.back.within(1.0):.1f} s of {f.back.number:,}",
            )
        )
    if not outcome.complete:
        rows.append(("incomplete", "a process ended before it had told its figures"))
    return "\n".join(f"{name:<30}{value}" for name, value in rows)


def _start(plan: Plan) -> _Part:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    child = spawn.Process(target=process.work, args=(plan, theirs), daemon=True)
    child.start()
    theirs.close()
    return _Part(plan, child, ours, Figures(terminals=plan.terminals))


def _listen(parts: Sequence[_Part], numbers: process.Numbers) -> None:
    """What the processes have told within the next moment; a line that ends without an end is one, too."""
    by_line = {part.line: part for part in parts}
    for line in wait(list(by_line), timeout=0.5):
        assert isinstance(line, Connection)
        part = by_line[line]
        try:
            told = line.recv()
        except (EOFError, OSError):
            told = None
        if isinstance(told, Figures):
            part.figures = told
        elif told is not None:
            part.figures, own = told
            numbers |= own
            part.ended = True
        else:
            raise RuntimeError(f"process {part.process.pid} of the fleet has ended without a word")


def _end(part: _Part) -> None:
    try:
        part.line.send("end")
    except OSError:
        print("a process of the fleet has gone", file=sys.stderr)


def _spans(spans: Spans) -> str:
    return f"{spans.within(0.5) * 1000:,.1f} / {spans.within(0.99) * 1000:,.1f} ms"


def certificates(folder: Path) -> list[str]:
    """The names that are missing in a folder for `--tls-dir`."""
    return [name for name in ("ca.pem", "client.pem", "client.key") if not (folder / name).is_file()]
