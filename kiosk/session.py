"""One person's visit: what is known of the person, and the clock that ends it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from config.identity_api import Subject
from config.materials import Source
from config.platform_api import CaseResult
from config.service import AgentMode
from config.settings import SessionSettings
from kiosk.app_holder import Holder
from kiosk.prompts import Option, Value
from kiosk.stage import Stage


class Outcome(StrEnum):
    """How a session ended."""

    COMPLETED = "completed"
    CONSULTED = "consulted"  # looked, filed nothing
    ABANDONED = "abandoned"
    TIMEOUT = "timeout"
    REFERRED = "referred"  # sent to a window
    FAILED = "failed"
    RESTARTED = "restarted"  # the terminal stopped in the middle


@dataclass(frozen=True)
class Had:
    """How one material is had: an e-certificate that is cited, or pages that a phone left at the platform."""

    source: Source
    certificate: str = field(default="", repr=False)
    handles: tuple[str, ...] = ()


Means = Literal["none", "card", "app", "face", "pin", "sms", "staff"]


@dataclass(frozen=True)
class Agent:
    """Who stands here for the session's person, in which service, and what lets him.

    `handle` is the platform's for him.
    """

    name: str = field(repr=False)
    handle: str
    authorisation: str
    mode: AgentMode
    service: str


@dataclass
class Session:
    """Everything known of the person being served. Nothing of it outlives `wipe()`."""

    id: str
    started: float = field(default_factory=time.monotonic)
    service: str = ""
    person: Holder | None = field(default=None, repr=False)
    subject: Subject | None = field(default=None, repr=False)
    means: Means = "none"
    staff: str = ""  # the number of whoever of the staff has looked
    acting: bool = False  # for somebody else
    agent: Agent | None = field(default=None, repr=False)  # once it is known for whom
    failures: dict[str, int] = field(default_factory=dict)  # by means; going back resets nothing
    values: dict[str, Value] = field(default_factory=dict, repr=False)
    # What stands in the form so far, of fields that are not asked too; answers given before begin it.
    typed: dict[str, Value] = field(default_factory=dict, repr=False)
    offered: dict[str, tuple[Option, ...]] = field(default_factory=dict)  # options that the platform named
    pages: dict[str, tuple[bytes, ...]] = field(default_factory=dict, repr=False)  # JPEGs by material
    had: dict[str, Had] = field(default_factory=dict, repr=False)  # how each material is had
    letters: dict[str, int] = field(default_factory=dict)  # commitments that were signed: name, version
    handover: str = ""  # the code of what a phone began
    taken_up: bool = False  # and it has been fetched
    keeping: Callable[[], Awaitable[None]] | None = field(default=None, repr=False)  # asks to keep the form
    case: CaseResult | None = field(default=None, repr=False)
    payment: str = ""  # the key of an order that is paid and has served no case yet
    signature: str = field(default="", repr=False)  # an SVG path
    face_attempts: int = 0  # looks through the camera that did not match; going back resets nothing
    reminded: bool = False  # of what expires soon
    outcome: Outcome = Outcome.ABANDONED
    wiped: bool = False

    def forget_person(self) -> None:
        """Who it is must be asked anew. What was filled in goes too: the next card may be another's."""
        self.person, self.subject, self.means, self.reminded = None, None, "none", False
        self.staff, self.agent = "", None
        self.forget_request()

    def forget_request(self) -> None:
        """What was filled in, scanned and signed: for another service it would be another's papers."""
        self.values.clear()
        self.typed.clear()
        self.offered.clear()
        self.pages.clear()
        self.had.clear()
        self.letters.clear()
        self.handover, self.taken_up, self.keeping = "", False, None
        self.signature = ""

    def wipe(self) -> None:
        """Forgets the person. The id, service and outcome stay, since they name nobody."""
        self.forget_person()
        self.case, self.wiped = None, True


class IdleClock:
    """Counts the seconds since the last touch; stands still while the terminal is at work."""

    def __init__(self, settings: SessionSettings) -> None:
        self._settings = settings
        self._last = time.monotonic()
        self._held = 0

    def touch(self) -> None:
        """Somebody is there: the full time again."""
        self._last = time.monotonic()

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Stops the clock while the citizen waits for us; starts it afresh afterwards."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self.touch()

    @property
    def left(self) -> float:
        """Seconds until the session ends."""
        if self._held:
            return self._settings.idle_seconds
        return self._settings.idle_seconds - (time.monotonic() - self._last)

    async def expired(self, stage: Stage) -> None:
        """Returns when the time is up; warns on the stage from `warn_seconds` before."""
        warned = False
        while (left := self.left) > 0:
            if left <= self._settings.warn_seconds:
                stage.warn(max(1, round(left)))
                warned = True
            elif warned:
                stage.warn(None)
                warned = False
            await asyncio.sleep(
                min(1.0, max(0.05, left - self._settings.warn_seconds)) if not warned else 0.5
            )
        stage.warn(None)
