"""Who stands at a terminal now: opaque random handles in memory, with a life of 30 minutes."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from config.people import Person
from hall.platform.refusals import Refused

LIFE = timedelta(minutes=30)

# What this platform saw itself; of a face or a card's PIN it saw nothing.
Mark = Literal["app", "sms", "staff"]


@dataclass(frozen=True)
class Subject:
    """One person in one session. `person` is None when the register does not know the card's holder.

    `typed`: the number was typed and no card was read, so that staff must have looked before anything is
    told. `authorisation`: he is not there himself; his agent acts under it.
    """

    handle: str
    number: str
    birth: date
    person: Person | None
    expires: datetime
    typed: bool = False
    authorisation: str = ""

    def __repr__(self) -> str:
        """Without number and birth, since what is printed ends in logs."""
        return "Subject(…)"


class Subjects:
    """The handles in use, and what was seen of each holder. Nothing of them outlives the process."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._subjects: dict[str, Subject] = {}
        self._marks: dict[str, dict[Mark, str]] = {}

    def add(
        self,
        number: str,
        birth: date,
        person: Person | None,
        *,
        typed: bool = False,
        authorisation: str = "",
    ) -> Subject:
        """A new handle; the expired ones are forgotten."""
        now = self._now()
        handle = secrets.token_urlsafe(18)
        subject = Subject(handle, number, birth, person, now + LIFE, typed, authorisation)
        with self._lock:
            self._subjects = {h: s for h, s in self._subjects.items() if s.expires > now}
            self._marks = {h: marks for h, marks in self._marks.items() if h in self._subjects}
            self._subjects[subject.handle] = subject
        return subject

    def get(self, handle: str) -> Subject:
        """The subject, who is there himself and of whom anything may be told.

        Refused as by `open`, and `authorisation_scope` (422) where it is an agent who asks.
        """
        subject = self.open(handle)
        if subject.authorisation:
            raise Refused("authorisation_scope", 422)
        return subject

    def open(self, handle: str) -> Subject:
        """The subject, who may be somebody's principal: the caller looks at what the authorisation allows.

        Refused `subject_unknown` when it has expired or never was, `means_insufficient` for a number that
        was typed and whose holder no staff have looked at.
        """
        subject = self.claimed(handle)
        if subject.typed and "staff" not in self.marks(handle):
            raise Refused("means_insufficient", 422)
        return subject

    def claimed(self, handle: str) -> Subject:
        """The subject, whom somebody claims to be: to be looked at. Refused `subject_unknown`."""
        with self._lock:
            subject = self._subjects.get(handle)
        if subject is None or subject.expires <= self._now():
            raise Refused("subject_unknown", 410)
        return subject

    def mark(self, handle: str, means: Mark, by: str = "") -> None:
        """This platform saw it: an app's code, the code that was sent, or staff with the number `by`."""
        with self._lock:
            self._marks.setdefault(handle, {})[means] = by

    def marks(self, handle: str) -> Mapping[Mark, str]:
        """What was seen of this holder, and by whom where that is somebody."""
        with self._lock:
            return dict(self._marks.get(handle, {}))
