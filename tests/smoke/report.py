"""What was checked: one line each, counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


class Stuck(Exception):
    """The chapter cannot go on: what it waited for did not come."""


class Report:
    """Counts and prints. `on_failure` is called after each failed check, to keep a picture of the moment."""

    def __init__(self, on_failure: Callable[[str], None] = lambda name: None) -> None:
        self.passed = 0
        self.failures: list[str] = []
        self.on_failure = on_failure
        self._chapter = ""

    def chapter(self, name: str) -> None:
        """Begins a chapter; its name stands before each of its checks."""
        self._chapter = name
        print(f"── {name}", flush=True)

    def same(self, name: str, got: object, expected: object) -> bool:
        """The two are equal."""
        return self._count(name, got == expected, f"expected {expected!r}, got {got!r}")

    def alike(self, name: str, got: Iterable[str], expected: Iterable[str]) -> bool:
        """The two hold the same, each as often. Only what differs is told."""
        theirs, ours = Counter(got), Counter(expected)
        lacks, extra = list((ours - theirs).elements()), list((theirs - ours).elements())
        told = f"expected {ours.total()}, got {theirs.total()}; lacks {lacks[:3]}, has beyond {extra[:3]}"
        return self._count(name, theirs == ours, told)

    def true(self, name: str, holds: bool, got: object = "") -> bool:
        """It holds; `got` tells what was found instead."""
        told = " / ".join(str(got).split("\n"))[:200]
        return self._count(name, holds, f"got: {told}" if told else "")

    def within(self, name: str, seconds: float, bound: float) -> bool:
        """It took no longer than `bound` seconds. The time is printed either way."""
        return self._count(f"{name} ({seconds * 1000:.0f} ms)", seconds <= bound, f"at most {bound:g} s")

    def eventually(self, name: str, look: Callable[[], T], expected: T, seconds: float = 60.0) -> bool:
        """`look()` comes to equal `expected` within that time. What it raises meanwhile counts as not yet."""
        got: object = None
        end = time.monotonic() + seconds
        while True:
            try:
                got = look()
            except Exception as error:  # a server that is just restarting, say
                got = error
            if got == expected or time.monotonic() > end:
                return self.same(name, got, expected)
            time.sleep(0.03)

    def stuck(self, problem: str) -> None:
        """The chapter ended early: a failure of its own."""
        self._count("goes on to its end", False, problem)

    def close(self) -> int:
        """Prints the closing line; the exit code."""
        for failure in self.failures:
            print(f"FAILED {failure}")
        print(f"{self.passed} passed, {len(self.failures)} failed", flush=True)
        return 1 if self.failures else 0

    def _count(self, name: str, good: bool, problem: str) -> bool:
        whole = f"{self._chapter}: {name}"
        if good:
            self.passed += 1
            print(f"ok     {whole}", flush=True)
        else:
            line = f"{whole} ({problem})" if problem else whole
            self.failures.append(line)
            print(f"FAILED {line}", flush=True)
            self.on_failure(whole)
        return good
