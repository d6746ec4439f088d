"""Of two schedulers one works; and what one does is done whatever another job, the broker or a kill does."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from hall.data import desk_tables
from hall.scheduler import scheduler
from hall.scheduler.scheduler import Job, Scheduler, Turn
from hall.settings import HallSettings
from tests.hall.conftest import PATIENCE, wait_for

SETTINGS = HallSettings(data=Path(), area="a", hall="h")


class Running:
    """A scheduler in a thread, whose only job counts."""

    def __init__(self, engine: Engine, *jobs: Job, lease_seconds: float = 0.8) -> None:
        self.done = 0
        self.stop = threading.Event()
        counting = Job("count", 0.02, self._count)
        own = Scheduler(SETTINGS, engine, [*jobs, counting], lease_seconds=lease_seconds)
        self._thread = threading.Thread(target=own.run, args=(self.stop,))
        self._thread.start()

    def _count(self, engine: Engine, settings: HallSettings, now: int) -> None:
        self.done += 1

    def end(self) -> None:
        self.stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def holder(engine: Engine) -> str:
    """Who holds the lease."""
    with engine.connect() as tx:
        return tx.scalar(select(desk_tables.leases.c.holder)) or ""


def test_of_two_one_works_and_when_it_ends_the_other_goes_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "RENEW_SECONDS", 0.1)
    first = Running(engine, lease_seconds=PATIENCE)  # however busy the machine is, it is not given up
    wait_for(lambda: first.done > 3, "the first to work")
    second = Running(engine, lease_seconds=PATIENCE)
    try:
        before = first.done
        wait_for(lambda: first.done > before + 20, "the first to go on working")
        assert second.done == 0
        first.end()
        stood = first.done
        wait_for(lambda: second.done > 3, "the second to take over")
        assert first.done == stood
    finally:
        first.end()
        second.end()
    assert holder(engine) == "", "who ends lets the next one begin at once"


def test_one_that_stands_still_is_followed_and_works_no_more_when_it_wakes(engine: Engine) -> None:
    halted, other = Turn(engine, 0.5), Turn(engine, 0.5)
    assert halted.ask() and not other.ask()
    wait_for(lambda: other.ask() and other.ours, "the lease that nobody renews to be taken over")
    assert not halted.ours, "it knows by its own clock that its time is over"
    assert not halted.ask()


def test_a_lease_that_is_renewed_is_never_taken_over_however_often_one_looks(engine: Engine) -> None:
    worker, impatient = Turn(engine, 60.0), Turn(engine, 0.0)
    for _ in range(20):
        assert worker.ask() and not impatient.ask()
    assert impatient.ask(), "not renewed between two looks"
    assert not worker.ask()


def test_an_error_of_one_job_stops_neither_the_others_nor_itself(engine: Engine) -> None:
    tried = []

    def fail(engine: Engine, settings: HallSettings, now: int) -> None:
        tried.append(now)
        raise RuntimeError("a mistake of this job")

    running = Running(engine, Job("fails", 0.02, fail))
    try:
        wait_for(lambda: running.done > 5 and len(tried) > 5, "both to be tried again and again")
    finally:
        running.end()


def test_a_slow_job_holds_up_no_other(engine: Engine) -> None:
    release = threading.Event()

    def slow(engine: Engine, settings: HallSettings, now: int) -> None:
        release.wait(PATIENCE)

    running = Running(engine, Job("slow", 0.02, slow))
    try:
        wait_for(lambda: running.done > 20, "the other job to go on")
        assert holder(engine), "and the lease is kept meanwhile"
    finally:
        release.set()
        running.end()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_as_a_process_it_says_that_it_is_ready_and_ends_when_told(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "hall.toml"
    file.write_text(f'data = "{tmp_path}"\narea = "a"\nhall = "h"\n[broker]\nport = 1\n')
    code = "import sys; from pathlib import Path; from hall import serve, settings\n"
    code += "serve.run_scheduler(settings.load(Path(sys.argv[1])))"
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "scheduler ready\n"
        wait_for(lambda: holder(engine), "it to work")
        child.send_signal(signal.SIGTERM)
        _, said = child.communicate(timeout=PATIENCE)
        assert child.returncode == 0 and "Traceback" not in said, said
        assert holder(engine) == ""
    finally:
        child.kill()
    assert {job.name for job in scheduler.jobs()} >= {"incidents", "dispatch", "expiry"}
