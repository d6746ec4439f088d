"""A hall that was lost and comes back as it was at its backup: the terminals send again what it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos import report
from tests.chaos.plan import DATABASES, FAIR, Database, Kill, Plan
from tests.chaos.run import run

DAY = (  # by transactions done, of 60; what has one name comes one after the other, however long it takes
    Kill(20, "backup", "copy"),
    Kill(25, "terminal", "K001", down=0.0),  # another boot in the afternoon
    Kill(35, "terminal", "K002", down=4.0),  # away while the hall is lost, and back long afterwards
    Kill(40, "restore", "copy"),
    Kill(50, "terminal", "K003", down=0.0),  # knows of the restored hall by now, and starts again
)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database", DATABASES)
def test_given_a_hall_restored_from_the_morning_then_the_afternoon_is_sent_again_and_each_row_is_there_once(
    database: Database, tmp_path: Path
) -> None:
    plan = Plan(
        database,
        seed=3,
        terminals=3,
        transactions=20,
        pace=0.1,
        unstorable_every=4,  # refusals of the afternoon are lost with it: they must be given anew
        waits=(1.0, 10.0),
        weather=FAIR,
        hall_weather=FAIR,
        ingests=("ingest-1",),
        chosen=DAY,
    )
    said: list[str] = []
    outcome = run(plan, tmp_path, said.append)
    told = "\n".join([*said, *report.lines(outcome)])
    assert outcome.kills["restore"] == 1, told
    assert outcome.sound, told
