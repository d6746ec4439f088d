"""`python -m tests.bench [name …]`: the budgets, measured, as one table.

Nothing here is a test: figures belong to the machine, and what it does besides is told in the head.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import platform
import sys
import time
from collections.abc import Sequence

import structlog

from tests.bench.table import Row, lines

PARTS = (
    "screen",
    "catalogue",
    "card",
    "receipt",
    "face",
    "commit",
    "certificate",
    "a4",
    "ingest",
    "supervisor",
)


def main(arguments: Sequence[str]) -> int:
    """Runs the parts that are named, else all, and prints what came out."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=main.__doc__)
    parser.add_argument("parts", nargs="*", metavar="name", help=f"one of: {', '.join(PARTS)}")
    parts = parser.parse_args(arguments).parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    begun, load = time.monotonic(), os.getloadavg()[0]
    rows: list[Row] = []
    for name in parts:
        print(f"measuring: {name} …", file=sys.stderr, flush=True)
        measured: list[Row] = importlib.import_module(f"tests.bench.{name}").run()
        rows += measured
    print(_head(load, time.monotonic() - begun))
    print("\n".join(lines(rows)))
    missed = sum(row.met is False for row in rows)
    print(f"\n{sum(row.met is True for row in rows)} budgets met, {missed} missed")
    return 0


def _head(load: float, seconds: float) -> str:
    """The machine, and how busy it was: medians of a busy machine say little."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load {load:.1f} before, {os.getloadavg()[0]:.1f} after, "
        f"{seconds:.0f} s\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
