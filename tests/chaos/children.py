"""The children of a chaos run as the run sees them: started, heard, killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPO = Path(__file__).parents[2]


@dataclass
class Child:
    """One process, over all its lives. `order` is what it is told at each start."""

    name: str
    order: dict[str, Any]
    pid: int = 0  # 0: not there
    lives: int = 0
    heard: dict[str, Any] = field(default_factory=dict)  # the last line of each kind that this life said

    @property
    def done(self) -> int:
        """How many of its transactions a terminal has in its store."""
        return int(self.heard.get("done", {}).get("number", 0))

    @property
    def left(self) -> int | None:
        """How many messages a terminal has still to send; None while it has work to do."""
        told = self.heard.get("left")
        return None if told is None else int(told["number"])


class Nursery:
    """Owns the process that forks the children. `open()`, `close()`; heard lines wake `waiting`."""

    def __init__(self, log: Path) -> None:
        self.children: dict[str, Child] = {}
        self.unasked: list[str] = []  # who ended at work without being killed, and with which exit code
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def open(self) -> None:
        """Starts it."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.chaos.nursery",
            str(self._log),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=REPO,
        )
        self._reader = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Ends it, and with it every child."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)

    async def start(self, name: str, patience: float, **order: Any) -> Child:
        """A child's next life, until it says that it is ready. What it is told is remembered for the next.

        One that ends at its start, for want of a database, is started again, as a service would be.
        """
        child = self.children.setdefault(name, Child(name, {}))
        child.order |= order
        assert self._process is not None and self._process.stdin is not None
        until = asyncio.get_running_loop().time() + patience
        while not child.heard.get("ready") or not child.pid:
            assert asyncio.get_running_loop().time() < until, f"{name} does not start: see {self._log}"
            child.heard = {"done": child.heard["done"]} if "done" in child.heard else {}
            child.lives += 1
            self._process.stdin.write(json.dumps({**child.order, "name": name}).encode() + b"\n")
            heard = child.heard
            await self.until(lambda h=heard: "ready" in h or "died" in h, patience, f"{name} ready")  # type: ignore[misc]
            if not child.pid:
                await asyncio.sleep(0.2)
        return child

    async def kill(self, child: Child, signal_number: int = signal.SIGKILL, patience: float = 60.0) -> None:
        """Ends a child's life by a signal, and waits until it is over."""
        if child.pid:
            with contextlib.suppress(ProcessLookupError):  # it has just ended by the signal before
                os.kill(child.pid, signal_number)
            await self.until(lambda: not child.pid, patience, f"the end of {child.name}")

    async def until(self, condition: Callable[[], object], patience: float, what: str) -> None:
        """Waits for something that the children say. AssertionError when it never comes."""
        try:
            async with asyncio.timeout(patience):
                while not condition():
                    assert self._reader is not None and not self._reader.done(), (
                        f"the nursery is gone: {self._log}"
                    )
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what}") from None

    async def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            child = self.children.get(said["name"])
            if child is None:
                continue
            child.heard[said["said"]] = said
            if said["said"] == "born":
                child.pid = said["pid"]
            elif said["said"] == "died":
                child.pid = 0
                if "ready" in child.heard and said["code"] != -signal.SIGKILL:
                    self.unasked.append(f"{child.name} with exit code {said['code']}")
            self._changed.set()
        self._changed.set()
