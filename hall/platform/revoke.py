"""`main.py hall revoke NUMBER --reason …`: the office withdraws a certificate that it has issued."""

from __future__ import annotations

import sys
from contextlib import closing

from hall.platform.clock import china_now
from hall.platform.issued import revoke
from hall.platform.settings import ServerSettings
from hall.platform.store import Store

_SAID = {
    "revoked": "withdrawn: the public's page says so from now on",
    "already": "it was withdrawn before; nothing was changed",
    "unknown": "no certificate has this number or code: compare it with the paper",
}


def run(settings: ServerSettings, number: str, reason: str) -> int:
    """Withdraws it, also while the platform runs. 0: withdrawn; 1: there is none; 2: not tried.

    The reason is for the office's own record. Raises RuntimeError, OSError from the store.
    """
    if not 2 <= len(reason.strip()) <= 200:
        print("give a reason of 2 to 200 characters, and no person's name in it", file=sys.stderr)
        return 2
    if not (settings.data / "platform.db").exists():
        print(f"{settings.data} has no platform's register: look at `data` in the settings", file=sys.stderr)
        return 2
    cleaned = "".join(number.upper().split())
    with closing(Store(settings.data / "platform.db")) as store:
        done = revoke(store, cleaned, reason.strip(), china_now())
    print(_SAID[done], file=sys.stderr if done == "unknown" else sys.stdout)
    return 1 if done == "unknown" else 0
