"""`main.py terminal` as it is, whose drawing thread stands still for a while at each SIGUSR1.

`python -m tests.journeys.hanging_terminal SECONDS SETTINGS` says `hangs` and `draws again` on stdout.
"""

from __future__ import annotations

import signal
import sys
import time

import main


def stand_still(seconds: float) -> None:
    """Blocks the thread that draws, as a driver of the graphics card or an endless loop would."""
    from kivy.clock import Clock  # not before the window has prepared the environment

    def hang(_: float) -> None:
        print("hangs\n", end="", flush=True)
        time.sleep(seconds)
        print("draws again\n", end="", flush=True)

    Clock.schedule_once(hang)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, lambda *_: stand_still(float(sys.argv[1])))
    sys.exit(main.main(["--settings", sys.argv[2], "terminal"]))
