"""`python -m tests.chaos`: a day of everything going wrong, and whether nothing was lost or came twice.

From the environment: TERMINALS, TRANSACTIONS, KILLS, CHAOS_SEED, DATABASE (both, sqlite, postgresql). The
exit code is 0 when every run is sound; the folder of one that is not is kept and named.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos import report
from tests.chaos.plan import DATABASES, Database, Plan
from tests.chaos.run import run


def main() -> int:
    """Runs the plan with each database."""
    chosen = os.environ.get("DATABASE") or "both"
    if chosen not in (*DATABASES, "both"):
        print(f"DATABASE is {chosen!r}: one of both, {', '.join(DATABASES)}", file=sys.stderr)
        return 2
    seed = _number("CHAOS_SEED", 0) or random.SystemRandom().randrange(1, 10**6)
    databases = [database for database in DATABASES if chosen in (database, "both")]
    return max([_once(database, seed) for database in databases])


def _once(database: Database, seed: int) -> int:
    plan = Plan(
        database,
        seed,
        _number("TERMINALS", 50),
        _number("TRANSACTIONS", 200),
        _number("KILLS", 30),
        scheduler=True,
    )
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    print(f"{database}, seed {seed}: {plan.terminals} terminals, {plan.kills} kills", flush=True)
    try:
        outcome = run(plan, folder, tell=lambda line: print(line, flush=True))
    except AssertionError as stuck:
        print(f"  VERDICT   stuck: {stuck}\n  look into {folder}")
        return 1
    print("\n".join(report.lines(outcome)), flush=True)
    if not outcome.sound:
        print(f"  look into {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def _number(name: str, otherwise: int) -> int:
    return int(os.environ.get(name) or otherwise)


if __name__ == "__main__":
    sys.exit(main())
