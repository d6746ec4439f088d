"""`python -m tests.sabotage [NAME …]`: break a copy, run smoke on it, and demand the failure that is named.

Each `patches/NAME.toml` says what is broken, which text is exchanged, and which check must find it. A text
that no longer stands in the file once is an error: a sabotage that does nothing proves nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.sabotage.copy import Copy

PATCHES = Path(__file__).with_name("patches")


@dataclass(frozen=True)
class Sabotage:
    """One way to break the tree. `changes`: file, old text, new text."""

    name: str
    says: str
    chapter: str
    fails: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Outcome:
    """What smoke said of it."""

    sabotage: Sabotage
    good: bool
    got: str


def main() -> int:
    """Plays them; 0 when smoke noticed each for its reason."""
    known = {path.stem: _load(path) for path in sorted(PATCHES.glob("*.toml"))}
    parser = argparse.ArgumentParser(prog="python -m tests.sabotage", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*known, []], help=f"of {', '.join(known)}")
    chosen = parser.parse_args().names or list(known)
    outcomes = [_play(known[name]) for name in chosen]
    width = max(len(outcome.sabotage.name) for outcome in outcomes)
    print("\nsabotage, and what smoke said of it:")
    for outcome in outcomes:
        verdict, played = "ok    " if outcome.good else "FAILED", outcome.sabotage
        print(f"{verdict} {played.name:<{width}}  {played.says}")
        print(f"       {'':<{width}}  expected: {played.fails}")
        print(f"       {'':<{width}}  got:      {outcome.got}")
    good = sum(outcome.good for outcome in outcomes)
    print(f"{good} passed, {len(outcomes) - good} failed", flush=True)
    return 0 if good == len(outcomes) else 1


def _play(sabotage: Sabotage) -> Outcome:
    print(f"── {sabotage.name}: {sabotage.says}", flush=True)
    with tempfile.TemporaryDirectory(prefix="sabotage-", ignore_cleanup_errors=True) as folder:
        copy = Copy(Path(folder))
        if strangers := copy.strangers():
            return Outcome(sabotage, False, f"these came from elsewhere: {', '.join(strangers)}")
        if problem := _apply(sabotage, copy.folder):
            return Outcome(sabotage, False, problem)
        try:
            smoke = copy.python("-m", "tests.smoke", "--only", sabotage.chapter)
        except subprocess.TimeoutExpired:
            return Outcome(sabotage, False, "smoke did not end within ten minutes")
    return _judge(sabotage, smoke.returncode, smoke.stdout, smoke.stderr)


def _judge(sabotage: Sabotage, code: int, said: str, errors: str) -> Outcome:
    """Smoke must have begun, and its first failure must be the one named."""
    lines = said.splitlines()
    first = next((line.removeprefix("FAILED ") for line in lines if line.startswith("FAILED ")), "")
    if "ok     start: the hall opens" not in lines:
        told = first or (errors.strip().splitlines() or ["nothing"])[-1]
        return Outcome(sabotage, False, f"smoke did not begin: {told}")
    if code == 0 or not first:
        return Outcome(sabotage, False, f"smoke noticed nothing (exit code {code})")
    return Outcome(sabotage, first.startswith(sabotage.fails), first[:300])


def _apply(sabotage: Sabotage, folder: Path) -> str:
    """Exchanges the texts; returns what is wrong with the patch, or nothing."""
    for name, old, new in sabotage.changes:
        file = folder / name
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        if text.count(old) != 1:
            return f"the patch no longer applies: {name} holds its text {text.count(old)} times"
        file.write_text(text.replace(old, new), encoding="utf-8")
    return ""


def _load(path: Path) -> Sabotage:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    changes = tuple((one["file"], one["old"], one["new"]) for one in told["change"])
    return Sabotage(path.stem, told["says"], told["chapter"], told["fails"], changes)


if __name__ == "__main__":
    sys.exit(main())
