"""A child process with an owner.

A `Child` lives in its own session, so that one signal reaches all it started, and is told to end by the
kernel when its owner dies (Linux `PR_SET_PDEATHSIG`). Its output goes straight to a log file: nothing fills
up when nobody reads, and what it said last is at hand when it fails.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.02
LOG_KEPT_BYTES = 4 * 1024 * 1024

_libc = ctypes.CDLL(None, use_errno=True)  # before any fork: loading in the child could hang on a lock


class ProcessError(Exception):
    """A child did not start, did not get ready, or ended by itself. The text holds its last lines."""


@dataclass(frozen=True)
class Command:
    """What to start and how to tell that it is ready.

    `ready` is a regular expression that its output matches (^ and $ at lines); `port` a TCP port of
    127.0.0.1 that accepts; with neither it is ready once it runs. `stop_signal` asks it to end.
    """

    name: str
    argv: Sequence[str]
    ready: str = ""
    port: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM


class Child:
    """One process, its group and its log. Not for several threads at once.

    The kernel ends the child when the *thread* that launched it ends: launch from one that lives on.
    """

    def __init__(self, command: Command, log: Path) -> None:
        self.command = command
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._swept = False
        self._asked = False

    def __enter__(self) -> Self:
        self.launch()
        try:
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Its process id, 0 when it was never launched."""
        return self._process.pid if self._process else 0

    @property
    def running(self) -> bool:
        """Whether the process itself still runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def code(self) -> int | None:
        """Its exit code (negative: the signal that ended it); None while it runs or was never launched."""
        return self._process.poll() if self._process else None

    def launch(self) -> None:
        """Starts it and returns at once. ProcessError when the program is not there."""
        if self.running:
            raise ProcessError(f"{self.command.name} runs already (process {self.pid})")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        _trim(self.log)
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as output:
            try:
                self._process = subprocess.Popen(
                    list(self.command.argv),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=self.command.folder,
                    env={**os.environ, "PYTHONUNBUFFERED": "1", **self.command.environment},
                    start_new_session=True,
                    # One system call on a library already loaded, so safe enough beside threads.
                    preexec_fn=_end_with_owner(os.getpid(), self.command.stop_signal),  # noqa: PLW1509
                )
                self._swept = self._asked = False
            except OSError as error:
                raise ProcessError(f"{self.command.name} could not be started: {error}") from None

    def wait_ready(self, timeout: float = 60.0, *, meanwhile: Callable[[], None] | None = None) -> None:
        """Waits for its ready line or port, at most `timeout` seconds. ProcessError with its last lines.

        `meanwhile` is called between looks; what it raises ends the waiting.
        """
        end = time.monotonic() + timeout
        while not self._is_ready():
            if not self.running:
                raise ProcessError(self.obituary())
            if time.monotonic() > end:
                raise ProcessError(
                    f"{self.command.name} was not ready after {timeout:g} s; it said last:\n{self.tail()}"
                )
            if meanwhile:
                meanwhile()
            time.sleep(POLL_SECONDS)

    def ask_to_end(self) -> None:
        """Sends its stop signal and returns at once; `stop` sees to the rest.

        Once only: a second signal would cut off whoever is just putting things away.
        """
        if self._process is not None and self.running and not self._asked:
            self._asked = True
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(self.command.stop_signal)
                self._process.send_signal(signal.SIGCONT)  # a paused one cannot answer

    def stop(self, grace: float = 8.0) -> int | None:
        """Asks it to end, waits at most `grace` seconds, then ends its whole group. Returns its code."""
        if self._process is None:
            return None
        self.ask_to_end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        return self.kill9()

    def kill9(self) -> int | None:
        """Ends it and its whole group at once, as a power cut would. Returns its code."""
        if self._process is None:
            return None
        if not self._swept:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        code = self._process.wait(30)  # a busy machine takes its time to bury it
        self._swept = True  # the number may belong to others from now on
        return code

    def restart(self, timeout: float = 60.0) -> None:
        """Ends it if it runs, starts it again and waits until it is ready. ProcessError as `wait_ready`."""
        self.stop()
        self.launch()
        self.wait_ready(timeout)

    def pause(self) -> None:
        """Halts its whole group (SIGSTOP) until `resume`."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Lets a paused group go on."""
        os.killpg(self.pid, signal.SIGCONT)

    def tail(self, lines: int = 20) -> str:
        """The last lines it wrote since its last launch, indented."""
        said = self.said().splitlines()[-lines:]
        return "\n".join(f"    {line}" for line in said) or "    (nothing)"

    def obituary(self) -> str:
        """How it ended, with its last lines."""
        return f"{self.command.name} ended with {_spell(self.code)}; it said last:\n{self.tail()}"

    def said(self) -> str:
        """All it wrote since its last launch."""
        with contextlib.suppress(FileNotFoundError), self.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode("utf-8", "replace")
        return ""

    def _is_ready(self) -> bool:
        if self.command.ready and not re.search(self.command.ready, self.said(), re.MULTILINE):
            return False
        if self.command.port and not accepts(self.command.port):
            return False
        return self.running


def accepts(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something listens on the TCP port now."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((host, port)) == 0


def _end_with_owner(owner: int, number: signal.Signals) -> Callable[[], None]:
    def in_child() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != owner:  # it died before we asked
            os._exit(1)

    return in_child


def _spell(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def _trim(log: Path) -> None:
    """Keeps one older log beside the current one, each of bounded size."""
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.replace(log.with_suffix(".old.log"))
