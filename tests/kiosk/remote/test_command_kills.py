"""The terminal is killed at each point between a command's coming and its end: real store, real process.

Each time the hall gives the command again, as it does until it hears of it, and the terminal is started
again. Then the command has ended once, and nothing was done twice that must not be.
"""

from __future__ import annotations

import multiprocessing
import signal
from pathlib import Path
from typing import Any

import pytest

from config.commands import COMMANDS
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.remote import commands
from kiosk.remote.after_stop import Settled, Start, settle
from kiosk.remote.commands import Kept
from tests.kiosk.command_child import POINTS, Plan, run
from tests.kiosk.small_desk import told
from tests.kiosk.small_visit import PATH

# What a kill while it runs leads to; before it runs every command is simply done.
CUT_OFF = "failed command_interrupted"
ONCE = ("test_device", "screenshot")  # never done again by itself
BY_ITS_START = ("restart",)  # the new start is what was wanted


_SERVER = multiprocessing.get_context("forkserver")  # imports once, for all that are killed
_SERVER.set_forkserver_preload(["tests.kiosk.command_child"])


def child(folder: Path, name: str, at: str = "", **more: Any) -> int:
    """Runs the child to its end; its exit code, which is minus the signal that killed it."""
    process = _SERVER.Process(target=run, args=(Plan(folder, name, at, **more),))
    process.start()
    process.join(100)
    assert process.exitcode is not None
    return process.exitcode


def journalled(folder: Path, id: str) -> tuple[Kept | None, list[str]]:
    """The command as the store has it, and what the hall was told of it."""
    store = Store(folder)
    try:
        vault = Vault(folder)
        ledger = Ledger(store, vault, PATH)
        return ledger.look(lambda read: commands.find(read, id)), told(ledger, vault, id)
    finally:
        store.close()


def times_run(folder: Path) -> int:
    ran = folder / "ran"
    return len(ran.read_text().splitlines()) if ran.exists() else 0


@pytest.mark.parametrize("at", POINTS)
@pytest.mark.parametrize("name", ["test_device", "logs"])
def test_killed_anywhere_it_ends_once_and_what_must_not_be_is_not_done_twice(
    tmp_path: Path, name: str, at: str
) -> None:
    assert child(tmp_path, name, at) == -signal.SIGKILL, "it died where it should"
    assert child(tmp_path, name) == 0
    kept, said = journalled(tmp_path, f"c-{name}")
    assert kept is not None
    ends = {line for line in said if line.startswith(("done", "failed"))}
    assert len(ends) == 1, said
    cut_off = name in ONCE and at in ("running", "acted", "ending")
    assert ends == {CUT_OFF if cut_off else "done"}
    most = {"acted": 2, "ending": 2} if name == "logs" else {}
    assert times_run(tmp_path) == (0 if cut_off and at == "running" else most.get(at, 1))
    if name == "logs":
        parts = [line for line in said if line.startswith("part")]
        assert parts == ["part 1", "part 2"], "the whole file, once"
        assert said.index("part 2") < said.index("done")


@pytest.mark.parametrize("at", ["running", "acted"])
def test_a_restart_that_was_begun_is_done_by_the_next_start(tmp_path: Path, at: str) -> None:
    assert child(tmp_path, "restart", at) == -signal.SIGKILL
    assert child(tmp_path, "restart", given=False) == 0
    kept, said = journalled(tmp_path, "c-restart")
    assert kept is not None and kept.state == "done"
    assert said == ["accepted", "running", "done"]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("machine-2", "done"),
        ("machine-1", CUT_OFF),
    ],
)
def test_a_reboot_is_done_when_the_computer_has_started_and_not_the_terminal_alone(
    tmp_path: Path, start: str, end: str
) -> None:
    assert child(tmp_path, "reboot", "acted") == -signal.SIGKILL
    assert child(tmp_path, "reboot", given=False, machine=start) == 0
    assert journalled(tmp_path, "c-reboot")[1] == ["accepted", "running", end]


@pytest.mark.parametrize(("software", "end"), [("2.0", "done"), ("1.0", f"{CUT_OFF} runs 1.0")])
def test_an_update_is_done_when_what_runs_is_what_was_wanted(tmp_path: Path, software: str, end: str) -> None:
    assert child(tmp_path, "update", "acted") == -signal.SIGKILL
    assert child(tmp_path, "update", given=False, software=software) == 0
    assert journalled(tmp_path, "c-update")[1] == ["accepted", "running", end]


def test_a_command_that_brings_the_terminal_down_each_time_is_given_up(tmp_path: Path) -> None:
    for _ in range(2):
        assert child(tmp_path, "sync_catalogue", "running") == -signal.SIGKILL
    assert child(tmp_path, "sync_catalogue", "running") == 0, "it is not begun a third time"
    kept, said = journalled(tmp_path, "c-sync_catalogue")
    assert kept is not None and kept.runs == 2
    assert said[-1] == CUT_OFF


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_fate_that_is_told(name: str) -> None:
    """After a stop in the middle: none is left running, and only some are begun anew."""
    kept = Kept(f"c-{name}", name, {"version": "2.0"}, 0.0, 0.0, "running", runs=1, boot=3, machine="m")
    settled = settle(kept, Start(4, "m", "1.0"))
    again = {"lock", "unlock", "readiness_report", "logs", "sync_catalogue"}
    if name in again:
        assert settled == Settled("again")
    elif name in BY_ITS_START:
        assert settled == Settled("done")
    else:
        assert (settled.fate, settled.code) == ("failed", "command_interrupted")
