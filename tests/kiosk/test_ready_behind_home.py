"""Given a terminal that starts, then home needs nothing of what a visit runs through; a visit finds it."""

from __future__ import annotations

import json
import subprocess
import sys

_PROGRAM = """
import json, sys
import kiosk.terminal
from kiosk import reception

behind = ("kiosk.journey", "kiosk.steps.identify", "kiosk.resume", "kiosk.technician.menu")
behind += ("kiosk.doctor.within", "kiosk.readiness.examination", "kiosk.readiness.device_trial")
at_home = [name for name in behind if name in sys.modules]
reception.get_ready()
print(json.dumps([at_home, [name for name in behind if name not in sys.modules]]))
"""


def test_home_comes_first_and_visits_behind_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True, timeout=100
    )
    at_home, lacking = json.loads(done.stdout)
    assert (at_home, lacking) == ([], [])
