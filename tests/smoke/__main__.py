"""`python -m tests.smoke [--only CHAPTER,…]`: play it all, compare, and close with one line."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from drivers.virtual.processes import ProcessError
from tests.smoke import copies, endings, exits, flows, journey, permit, technician, troubles
from tests.smoke.report import Report, Stuck
from tests.smoke.whole import REPO, Whole

CHAPTERS: dict[str, Callable[[Whole, Report], None]] = {
    "face": journey.face,
    "sms": journey.sms,
    "permit": permit.permit,
    "copies": copies.copies,
    "damage": troubles.damage,
    "paper": troubles.paper,
    "ack": troubles.ack,
    "ingest": troubles.ingest,
    "stranger": troubles.stranger,
    "broker": troubles.broker,
    "tray": exits.tray,
    "ways": exits.ways,
    "closed": exits.closed,
    "timeout": exits.timeout,
    "flows-zh": flows.zh,
    "technician": technician.technician,
    "again": endings.again,
}
WIDE: dict[str, Callable[[Whole, Report], None]] = {"flows-en": flows.en}  # on a screen that lies
ALL = {**CHAPTERS, **WIDE}
PICTURES = REPO / "build" / "smoke"


def main() -> int:
    """Plays the chapters; 1 when any check failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.smoke", description=__doc__)
    parser.add_argument("--only", default=",".join(ALL), metavar="CHAPTER,…", help=f"of {', '.join(ALL)}")
    names = parser.parse_args().only.split(",")
    if unknown := [name for name in names if name not in ALL]:
        parser.error(f"no chapter {', '.join(unknown)}; there are {', '.join(ALL)}")
    began = time.monotonic()
    shutil.rmtree(PICTURES, ignore_errors=True)
    report = Report()
    for chapters, wide in ((CHAPTERS, False), (WIDE, True)):
        if chosen := [name for name in names if name in chapters]:
            _on_a_screen(report, chosen, wide)
    print(f"{time.monotonic() - began:.0f} s")
    return report.close()


def _on_a_screen(report: Report, names: list[str], wide: bool) -> None:
    """These chapters on a whole hall of their own, whose terminal's screen stands or lies."""
    with tempfile.TemporaryDirectory(prefix="smoke-", ignore_cleanup_errors=True) as folder:
        whole = Whole(Path(folder), report, wide)
        report.on_failure = lambda name: _keep(whole, name)
        try:
            _play(whole, report, names)
        finally:
            whole.close()


def _play(whole: Whole, report: Report, names: list[str]) -> None:
    report.chapter("start")
    try:
        whole.start()
    except (ProcessError, Stuck) as error:
        report.stuck(str(error))
        return
    report.true("the hall opens", True)
    for name in names:
        began = time.monotonic()
        try:
            ALL[name](whole, report)
        except Exception as error:
            report.stuck(str(error) if isinstance(error, Stuck) else f"{type(error).__name__}: {error}")
            _recover(whole)
        print(f"       {time.monotonic() - began:.1f} s", flush=True)


def _recover(whole: Whole) -> None:
    """The next chapter begins at home with everything in order."""
    try:
        whole.line.swallow(None)
        whole.line.mend()
        for device, action in (
            ("receipt_printer", "refill"),
            ("a4_printer", "refill"),
            ("id_card_reader", "take"),
            ("document_camera", "remove"),
        ):
            whole.bench.act(device, action)
        whole.citizen("zhang").go_home()
    except Exception as error:
        print(f"       the terminal could not be brought home: {error}", flush=True)


def _keep(whole: Whole, name: str) -> None:
    """A picture of the screen and the last lines of each log, for whoever reads a failure."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    plain = re.sub(r"\W+", "-", name)[:60]
    try:
        whole.window.picture(PICTURES / f"{plain}.png")
    except Exception as error:
        print(f"       no picture: {error}")
    for log in sorted((whole.data / "logs").glob("*.log")):
        shutil.copy(log, PICTURES / log.name)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]
        print("\n".join(f"       {log.stem}: {line[:200]}" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
