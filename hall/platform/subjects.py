"""Who stands at a terminal now: opaque random handles in memory, with a life of 30 minutes."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.people import Person
from hall.platform.refusals import Refused

LIFE = timedelta(minutes=30)


@dataclass(frozen=True)
class Subject:
    """One person in one session. `person` is None when the register does not know the card's holder."""

    handle: str
    number: str
    birth: date
    person: Person | None
    expires: datetime

    def __repr__(self) -> str:
        """Without number and birth, since what is printed ends in logs."""
        return "Subject(…)"


class Subjects:
    """The handles in use. Nothing of them outlives the process."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._subjects: dict[str, Subject] = {}
        self._verified: set[str] = set()  # handles whose holder typed the right code

    def add(self, number: str, birth: date, person: Person | None) -> Subject:
        """A new handle; the expired ones are forgotten."""
        now = self._now()
        subject = Subject(secrets.token_urlsafe(18), number, birth, person, now + LIFE)
        with self._lock:
            self._subjects = {h: s for h, s in self._subjects.items() if s.expires > now}
            self._verified &= self._subjects.keys()
            self._subjects[subject.handle] = subject
        return subject

    def get(self, handle: str) -> Subject:
        """The subject. Refused `subject_unknown` when it has expired or never was."""
        with self._lock:
            subject = self._subjects.get(handle)
        if subject is None or subject.expires <= self._now():
            raise Refused("subject_unknown", 410)
        return subject

    def mark_verified(self, handle: str) -> None:
        """The holder typed the code that was sent to the phone on file."""
        with self._lock:
            self._verified.add(handle)

    def verified(self, handle: str) -> bool:
        """Has the holder typed the right code?"""
        with self._lock:
            return handle in self._verified
