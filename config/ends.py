"""How the terminal's program ends: exit codes that whoever starts it can tell apart (sysexits.h).

A fault that a new start does not mend has a code of its own, so that a service unit may wait longer; all
are tried again in the end, since what was wrong may have been put right meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping

from config.commands import RESTART_CODE

DONE = 0
FAILED = 1  # a program error: to be started again
WRONG_INPUT = 2  # settings, catalogue or arguments
RESTART = RESTART_CODE  # it wants to be started again at once
UNREAD = 128 + 13  # a command whose reader has gone, as a shell calls the end by SIGPIPE

OF_FAULT: Mapping[str, int] = {
    "terminal_settings_broken": WRONG_INPUT,
    "terminal_no_display": 69,  # EX_UNAVAILABLE
    "terminal_twice": 73,  # EX_CANTCREAT
    "terminal_store_failed": 74,  # EX_IOERR
    "terminal_disk_full": 74,
    "terminal_key_missing": 77,  # EX_NOPERM
    "terminal_crashed": FAILED,
}
