"""`make chaos` in small: all is killed once over bad lines, and nothing is lost or comes twice."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import report
from tests.chaos.plan import DATABASES, Database, Plan
from tests.chaos.run import run

SEED = int(os.environ.get("CHAOS_SEED") or 0) or random.SystemRandom().randrange(1, 10**6)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", DATABASES)
def test_given_everything_killed_over_bad_lines_then_the_hall_has_each_message_once(
    database: Database, tmp_path: Path, capsys: Any
) -> None:
    plan = Plan(
        database,
        SEED,
        terminals=5,
        transactions=20,
        kills=6,
        pace=0.1,
        unstorable_every=11,
        waits=(1.0, 10.0),
    )
    said: list[str] = []
    outcome = run(plan, tmp_path, said.append)
    told = "\n".join([*said, *report.lines(outcome)])
    assert outcome.sound, told
    assert sum(outcome.kills.values()) == plan.kills
    assert outcome.rows > plan.terminals * plan.transactions * 3 and outcome.refused > 0, told
