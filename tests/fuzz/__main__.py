"""`make fuzz`: a million inputs for each parser, led by what they reach in the code (atheris, libFuzzer).

    python -m tests.fuzz [--runs 1000000] [parser …]     each parser in a process of its own
    python -m tests.fuzz --one sam_frames --runs 1000    what that process does

An input that crashes or hangs a parser is kept in `build/fuzz/` and its place is printed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from drivers.device import DeviceError

FOUND = Path("build/fuzz")
HANGS_SECONDS = 5  # for one input


def main(arguments: list[str]) -> int:
    """0 when every parser took all its inputs."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="parser")
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    told = parser.parse_args(arguments)
    if told.one:
        return _one(told.one, told.runs)
    from tests.fuzz.parsers import PARSERS

    if unknown := set(told.names) - set(PARSERS):
        parser.error(f"no parser {', '.join(sorted(unknown))}; there are {', '.join(PARSERS)}")
    good = [_child(name, told.runs) for name in told.names or PARSERS]
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    return 0 if all(good) else 1


def _child(name: str, runs: int) -> bool:
    """One parser in its own process: libFuzzer ends the process that it runs in."""
    began = time.monotonic()
    end = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--one", name, "--runs", str(runs)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=3600,
        check=False,
    )
    took = time.monotonic() - began
    done = re.findall(r"^Done (\d+) (?:runs )?in", end.stderr, re.MULTILINE)
    if end.returncode == 0 and done and int(done[-1]) >= runs:
        print(f"{name:16} {int(done[-1]):>9,} inputs in {took:6.1f} s, no crash, no hang", flush=True)
        return True
    kept = [line for line in end.stderr.splitlines() if "Test unit written" in line or "timeout" in line]
    print(f"{name:16} FAILED", end.stdout[-3000:], *kept, sep="\n", flush=True)
    return False


def _one(name: str, runs: int) -> int:
    import atheris

    with atheris.instrument_imports(include=["drivers", "ippx"]):
        from tests.fuzz.parsers import PARSERS
    parser = PARSERS[name]
    folder = FOUND / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(parser.seeds):
        (folder / f"seed-{number}").write_bytes(seed)

    def once(data: bytes) -> None:
        try:
            parser.parse(data)
        except DeviceError:
            pass

    options = [f"-runs={runs}", f"-max_len={parser.longest}", f"-timeout={HANGS_SECONDS}"]
    options += [f"-artifact_prefix={FOUND}{os.sep}{name}-", "-rss_limit_mb=4096", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, str(folder)], once)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
