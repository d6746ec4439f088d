"""The terminal dies while it prints, and starts again with another citizen before it. The paper is the judge.

Each kill is at a random moment between *intended* and the end, or behind a random byte on the receipt
printer's wire. The next terminal finds what was left open and serves the next citizen, and is killed in turn.
`make kill-paper` runs 200; KILL_SEED=… repeats a run.
"""

from __future__ import annotations

import dataclasses
import os
import pickle
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from drivers.virtual import demo_settings
from tests.journeys.hall import Hall, open_hall, until
from tests.journeys.paper_judge import PaperJudge

KILLS = int(os.environ.get("KILLS", "20"))
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
PAGE_SECONDS = 0.6
# From *intended* to the end and a little beyond, in seconds.
LONGEST = {"certificate": 1.3, "receipt": 1.5}
TWO_VISITS = 0.2  # of the starts: a whole journey before the one that is cut off


@pytest.fixture(scope="module")
def quick_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("paper"), page_seconds=PAGE_SECONDS) as hall:
        yield hall


@pytest.mark.timeout(120 + KILLS * 20)
def test_no_paper_comes_twice_nor_lies_nor_reaches_the_next_citizen(quick_hall: Hall, capsys: Any) -> None:
    hall, settings = quick_hall, quick_hall.settings("KPAPER")
    judge, chance = PaperJudge(hall, settings), random.Random(SEED)
    with capsys.disabled():
        print(f"\n{KILLS} kills while printing, seed {SEED} (KILL_SEED={SEED} repeats them)", flush=True)
    died: Counter[str] = Counter()
    for n in range(KILLS):
        die, person = _moment(chance), ("zhang", "wang")[n % 2]
        visits = 1 + (chance.random() < TWO_VISITS)
        with _terminal(hall, settings, person, "--visits", str(visits), "--die", die) as (child, _):
            assert child.wait(120) == -9, f"kill {n + 1} at {die}: the terminal ended by itself (seed {SEED})"
        died[die.partition(":")[0]] += 1
        judge.judge(f"kill {n + 1} at {die} (seed {SEED})")
    with _terminal(hall, settings, "zhang") as (_, log):
        until(lambda: "settled\n" in log.read_text(encoding="utf-8"), 90, "the last terminal never settled")
    judge.judge(f"the end (seed {SEED})")
    judge.all_ended()
    with capsys.disabled():
        print(f"died {dict(died)}; {judge.summary()}", flush=True)


def _moment(chance: random.Random) -> str:
    where = chance.choice(("certificate", "certificate", "receipt", "wire"))
    if where == "wire":
        return f"wire:{chance.random():.4f}"
    return f"{where}:{chance.uniform(0, LONGEST[where]):.3f}"


@contextmanager
def _terminal(
    hall: Hall, settings: Settings, person: str, *arguments: str
) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A terminal of its own and what it says; it is gone afterwards, whatever happens."""
    told, log = hall.folder / "hall.pickle", hall.folder / "logs" / "paper-terminal.log"
    told.write_bytes(pickle.dumps(dataclasses.replace(hall, children={})))
    path = settings.data.parent / "terminal.toml"
    command = [sys.executable, "-m", "tests.journeys.paper_child", str(path), str(told), "--person", person]
    with (
        log.open("w", encoding="utf-8") as said,
        subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            text=True,
            cwd=demo_settings.REPO,
        ) as child,
    ):
        try:
            yield child, log
        except BaseException as error:
            error.add_note(f"the terminal's last words:\n{log.read_text(encoding='utf-8')[-2000:]}")
            child.kill()
            raise
        finally:
            assert child.stdin is not None
            child.stdin.close()
