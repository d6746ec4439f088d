"""`python -m tests.bench.hall`: how large a hall may be, measured: `make bench-hall`.

--quick takes under three minutes and says whether all of it works; its figures are not worth quoting.
--write puts the figures into docs/scaling.md, with what follows from them.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from tests.bench import hall_fleet, hall_ingest, hall_rows, reckoning, scaling_page
from tests.bench.table import Row, lines


def main(arguments: Sequence[str]) -> int:
    """Runs all parts; 1 when a message was lost, refused or stored twice."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.hall", description=main.__doc__)
    parser.add_argument("--terminals", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    told = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    begun, load = time.monotonic(), os.getloadavg()[0]
    terminals, minutes, secure = (500, 0.4, 200) if told.quick else (told.terminals, told.minutes, 2_000)
    rows: list[Row] = []
    parts: Sequence[tuple[str, Callable[[], list[Row]]]] = (
        ("ingest and its peers", lambda: hall_ingest.run(told.quick)),
        ("bytes on the disk", lambda: hall_rows.run(told.quick)),
        ("a fleet", lambda: hall_fleet.run(terminals, minutes, secure, 20_000.0 if told.quick else 200.0)),
    )
    for what, part in parts:
        print(f"measuring: {what} …", file=sys.stderr, flush=True)
        rows += part()
    head = _head(load, time.monotonic() - begun)
    if told.quick:
        head += ", a QUICK run: not worth quoting"
    print(head + "\n")
    print("\n".join(lines(rows)))
    if told.write:
        _write(rows, head)
    return int(any(row.met is False for row in rows))


def _write(rows: Sequence[Row], head: str) -> None:
    text = scaling_page.PAGE.read_text(encoding="utf-8")
    text = scaling_page.replaced(text, scaling_page.MEASURED, scaling_page.table(rows, head))
    reckoned = reckoning.table(scaling_page.figures(text))
    scaling_page.PAGE.write_text(
        scaling_page.replaced(text, scaling_page.RECKONED, reckoned), encoding="utf-8"
    )


def _head(load: float, seconds: float) -> str:
    """When, on what, and how busy it was."""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load {load:.1f} before, {seconds:.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
