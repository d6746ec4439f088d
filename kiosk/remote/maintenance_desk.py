"""`main.py maintenance begin|end`: a technician tells the running terminal that he works on it."""

from __future__ import annotations

from config.settings import Settings
from kiosk import control
from kiosk.control import Maintenance

PATIENCE = 20.0  # seconds


def say(settings: Settings, begins: bool) -> int:
    """Tells the terminal of these settings; 0, or 1 with the reason why not."""
    try:
        answer = control.ask(settings.data, Maintenance(begins), PATIENCE)
    except (OSError, ValueError) as error:
        print(f"the terminal did not answer ({type(error).__name__}): try again")
        return 1
    if answer is None:
        print("no terminal runs on this data folder: start it, then say this again")
        return 1
    if answer.code:
        print(f"{answer.code}: try again")
        return 1
    print("maintenance: the hall's commands wait" if begins else "maintenance ended")
    return 0
