"""Staff who compare a person with his card at the terminal: a number, a secret one, and few tries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from config import toml_file
from config.identity_api import CodeResult
from hall.access import passwords
from hall.platform.refusals import Refused

TRIES = 5  # for one number, and at one session
CLOSED = timedelta(minutes=15)  # after so many wrong ones


@dataclass(frozen=True)
class Colleague:
    """One of the staff. `digest` is argon2id of the secret number."""

    number: str
    name: str
    digest: str


class Roster(BaseModel):
    """The file of the staff."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    staff: tuple[Colleague, ...]


def load_staff(path: Path) -> Mapping[str, Colleague]:
    """The staff by number. toml_file.ConfigError when the file does not fit."""
    return {one.number: one for one in toml_file.load(path, Roster).staff}


class StaffDesk:
    """Who is of the staff, and how often a wrong secret number came. In memory only."""

    def __init__(self, staff: Mapping[str, Colleague], now: Callable[[], datetime]) -> None:
        self._staff, self._now = staff, now
        self._lock = threading.Lock()
        self._wrong: dict[str, tuple[datetime, ...]] = {}  # by number, and by the handle of the session

    def check(self, handle: str, number: str, pin: str) -> CodeResult:
        """Is it he? A number that nobody has is answered like a wrong secret.

        Refused `staff_closed` (429) after too many wrong ones, `staff_busy` (429).
        """
        left = self._tries_left(handle, number)
        if left <= 0:
            raise Refused("staff_closed", 429, minutes=int(CLOSED.total_seconds() // 60))
        known = self._staff.get(number)
        try:
            right = passwords.fits(pin, known.digest if known else "")
        except passwords.Busy:
            raise Refused("staff_busy", 429) from None
        with self._lock:
            if right:
                self._wrong.pop(number, None)
                return CodeResult(verified=True, tries_left=TRIES)
            for key in (number, handle):
                self._wrong[key] = (*self._wrong.get(key, ()), self._now())
        return CodeResult(verified=False, tries_left=left - 1)

    def _tries_left(self, handle: str, number: str) -> int:
        since = self._now() - CLOSED
        with self._lock:
            kept = {key: tuple(at for at in times if at > since) for key, times in self._wrong.items()}
            self._wrong = {key: times for key, times in kept.items() if times}
            return TRIES - max(len(self._wrong.get(key, ())) for key in (number, handle))
