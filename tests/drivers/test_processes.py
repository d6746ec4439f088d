"""A child is started, ready, stopped, and never outlives its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from drivers.virtual.demo_settings import choose_ports
from drivers.virtual.processes import Child, Command, ProcessError

STUBBORN_FAMILY = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("grandchild", grandchild.pid)
print("ready")
time.sleep(60)
"""
LISTENER = """
import socket, sys, time
time.sleep(0.1)
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
time.sleep(60)
"""
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("goodbye"), sys.exit(0)))
print("ready")
while True: time.sleep(0.05)
"""


def python(source: str, *arguments: str, ready: str = "ready", port: int = 0) -> Command:
    argv = (sys.executable, "-c", textwrap.dedent(source), *arguments)
    return Command("example", argv, ready=ready, port=port)


def gone(pid: int) -> bool:
    """Ended, or a zombie that only waits for the test machine's init."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def soon(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_a_polite_child_ends_with_its_own_code_and_its_words_are_kept(tmp_path: Path) -> None:
    with Child(python(POLITE), tmp_path / "log") as child:
        assert child.running
        assert child.stop() == 0
    assert (tmp_path / "log").read_text() == "ready\ngoodbye\n"


def test_a_child_that_puts_things_away_is_not_asked_twice(tmp_path: Path) -> None:
    slow = """
    import signal, sys, time
    def end(*_):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        time.sleep(0.3)
        print("put away")
        sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    print("ready")
    while True: time.sleep(0.05)
    """
    with Child(python(slow), tmp_path / "log") as child:
        child.ask_to_end()
        time.sleep(0.1)  # it is at it
        assert child.stop() == 0
    assert "put away" in (tmp_path / "log").read_text()


def test_a_stubborn_child_is_ended_with_all_it_started(tmp_path: Path) -> None:
    with Child(python(STUBBORN_FAMILY), tmp_path / "log") as child:
        grandchild = int((tmp_path / "log").read_text().split()[1])
        assert not gone(grandchild)
        assert child.stop(grace=0.2) == -signal.SIGKILL
        assert soon(lambda: gone(grandchild))


def test_a_child_that_dies_before_it_is_ready_is_told_with_its_last_lines(tmp_path: Path) -> None:
    command = python("import sys; print('no such port: 99999'); sys.exit(3)")
    with pytest.raises(ProcessError, match=r"exit code 3(.|\n)*no such port: 99999"):
        Child(command, tmp_path / "log").__enter__()


def test_a_child_that_never_gets_ready_is_stopped_and_told(tmp_path: Path) -> None:
    loading = Command("example", ("sh", "-c", "echo still loading; exec sleep 60"), ready="ready")
    child = Child(loading, tmp_path / "log")
    child.launch()
    try:
        assert soon(lambda: "still loading" in child.said())
        with pytest.raises(ProcessError, match=r"not ready after 0\.3 s(.|\n)*still loading"):
            child.wait_ready(0.3)
    finally:
        child.stop()
    assert gone(child.pid)


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match="broker could not be started"):
        Child(Command("broker", ("/no/such/program",)), tmp_path / "log").launch()


def test_readiness_by_port_and_restart_after_a_power_cut(tmp_path: Path, free_port: int) -> None:
    with Child(python(LISTENER, str(free_port), ready="", port=free_port), tmp_path / "log") as child:
        first = child.pid
        assert child.kill9() == -signal.SIGKILL
        child.restart()
        assert child.running and child.pid != first


def test_a_ready_line_of_the_last_life_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("ready\n")
    child = Child(python("import time; time.sleep(60)"), log)
    child.launch()
    try:
        with pytest.raises(ProcessError, match="not ready"):
            child.wait_ready(0.3)
    finally:
        child.stop()


def test_a_paused_child_can_still_be_stopped(tmp_path: Path) -> None:
    with Child(python(POLITE), tmp_path / "log") as child:
        child.pause()
        assert soon(lambda: psutil.Process(child.pid).status() == psutil.STATUS_STOPPED)
        assert child.stop(grace=60) == 0


def test_when_the_owner_is_killed_the_child_is_told_to_end(tmp_path: Path) -> None:
    owner = f"""
    import sys, time
    from pathlib import Path
    from drivers.virtual.processes import Child, Command
    command = Command("orphan", (sys.executable, "-c", {POLITE!r}), ready="ready")
    child = Child(command, Path({str(tmp_path / "orphan")!r}))
    child.launch(); child.wait_ready()
    print(child.pid, flush=True)
    time.sleep(60)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(owner)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    )
    with process:
        assert process.stdout is not None
        orphan = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        process.wait(60)
    assert soon(lambda: gone(orphan))
    assert (tmp_path / "orphan").read_text() == "ready\ngoodbye\n"


@pytest.fixture
def free_port() -> int:
    return choose_ports(0).bench
