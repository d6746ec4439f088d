"""`main.py hall fleet-sim`: what was asked for, whether it may be, and the exit code."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time

from hall.data import store
from hall.fleet import check, process, simulate
from hall.fleet.figures import Figures
from hall.fleet.plan import Plan, is_loopback
from hall.settings import HallSettings

SAY_SECONDS = 5.0
SHOWN = 10  # differences that are printed


def act(told: argparse.Namespace, settings: HallSettings | None) -> int:
    """Simulate, print the summary; 0 if all is acknowledged (and stored once, with `settings`), 1 if not."""
    host, port = told.broker
    if not is_loopback(host) and not told.yes_this_is_our_test_hall:
        print(
            f"{host} is not this machine. A fleet is a load that can stop a hall; if it is your own test "
            "hall, say --yes-this-is-our-test-hall",
            file=sys.stderr,
        )
        return 2
    if told.tls_dir and (missing := simulate.certificates(told.tls_dir)):
        print(f"{told.tls_dir} lacks {', '.join(missing)}", file=sys.stderr)
        return 2
    seconds = told.minutes * 60
    plan = Plan(
        host,
        port,
        told.first,
        told.terminals,
        seconds,
        boot=int(time.time()),  # greater than of any fleet before, so that its numbers are its own
        area=told.area,
        health_seconds=told.health_seconds,
        transactions_per_day=told.transactions_per_day,
        keepalive_seconds=told.keepalive_seconds,
        connects_per_second=told.connects_per_second,
        storm_after=seconds / 2 if told.storm else 0.0,
        tls=told.tls_dir,
    )
    stop = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        outcome = simulate.run(plan, _Teller(), stop.is_set)
    finally:
        signal.signal(signal.SIGINT, before)
    print(simulate.summary(outcome))
    well = outcome.complete and not outcome.figures.unacked and not outcome.figures.refused
    if settings is not None:
        well = _stored(settings, plan, outcome.numbers) and well
    return 0 if well else 1


class _Teller:
    """Prints a line now and then."""

    def __init__(self) -> None:
        self._said = 0.0

    def __call__(self, figures: Figures, seconds: float) -> None:
        if seconds - self._said > SAY_SECONDS:
            self._said = seconds
            print(simulate.live(figures, seconds), file=sys.stderr, flush=True)


def _stored(settings: HallSettings, plan: Plan, numbers: process.Numbers) -> bool:
    """Whether the store has it all, each once; says so."""
    engine = store.open_store(settings, read_only=True)
    try:
        with engine.connect() as tx:
            found = list(check.differences(tx, plan.boot, numbers))
    finally:
        engine.dispose()
    said = sum(sum(streams.values()) for streams in numbers.values())
    if not found:
        print(f"{'store':<30}has each of the {said:,} messages once")
    for line in found[:SHOWN]:
        print(f"{'store':<30}{line}")
    if len(found) > SHOWN:
        print(f"{'store':<30}and {len(found) - SHOWN:,} more differences")
    return not found
