"""Codes by text message: six digits, five minutes, five tries, and not too many of them.

Limits hold per person, not per session, so that laying the card again does not reset them.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx

from config.identity_api import CodeResult, CodeSent
from config.words import words
from hall.platform.refusals import Refused

DIGITS = 6
VALID = timedelta(minutes=5)
TRIES = 5


@dataclass(frozen=True)
class _Code:
    text: str
    expires: datetime
    tries_left: int

    def __repr__(self) -> str:
        return "_Code(…)"


class Codes:
    """The codes that are out, by handle, and when codes were sent, by person. In memory only."""

    def __init__(
        self, now: Callable[[], datetime], url: str, timeout: float, pause: timedelta, per_hour: int
    ) -> None:
        """`pause` lies between two codes for one person, who gets at most `per_hour`."""
        self._now = now
        self._pause, self._per_hour = pause, per_hour
        self._url = url
        self._timeout = timeout
        self._lock = threading.Lock()
        self._codes: dict[str, _Code] = {}
        self._sent: dict[str, tuple[datetime, ...]] = {}

    def send(self, handle: str, number: str, phone: str) -> CodeSent:
        """Sends a code. Refused: `phone_none`, `code_too_soon`, `code_too_many`, `sms_failed`.

        A code that could not be sent does not count against the limits.
        """
        if not phone:
            raise Refused("phone_none", 409)
        now = self._now()
        code = _Code(f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", now + VALID, TRIES)
        with self._lock:
            self._forget(now)
            self._admit(number, now)
        try:
            minutes = int(VALID.total_seconds() // 60)
            self._post(phone, words("platform.sms_text", code=code.text, minutes=minutes).zh)
        except BaseException:
            with self._lock:
                self._sent[number] = tuple(t for t in self._sent.get(number, ()) if t != now)
            raise
        with self._lock:
            self._codes[handle] = code
        return CodeSent(sent_to=masked_phone(phone), digits=DIGITS, valid_seconds=int(VALID.total_seconds()))

    def check(self, handle: str, text: str) -> CodeResult:
        """Is this the code? A right one is used up. Refused: `code_none`, `code_expired`."""
        with self._lock:
            code = self._codes.get(handle)
            if code is None:
                raise Refused("code_none", 409)
            if code.expires <= self._now():
                del self._codes[handle]
                raise Refused("code_expired", 410)
            if code.tries_left == 0:
                return CodeResult(verified=False, tries_left=0)
            if hmac.compare_digest(code.text.encode(), text.encode()):
                del self._codes[handle]
                return CodeResult(verified=True, tries_left=code.tries_left)
            self._codes[handle] = replace(code, tries_left=code.tries_left - 1)
            return CodeResult(verified=False, tries_left=code.tries_left - 1)

    def _admit(self, number: str, now: datetime) -> None:
        sent = self._sent.get(number, ())
        if sent and now - sent[-1] < self._pause:
            wait = self._pause - (now - sent[-1])
            raise Refused("code_too_soon", 429, seconds=int(wait.total_seconds()) + 1)
        if len(sent) >= self._per_hour:
            raise Refused("code_too_many", 429)
        self._sent[number] = (*sent, now)

    def _forget(self, now: datetime) -> None:
        """Nobody's number stays longer than the limits need it."""
        hour = now - timedelta(hours=1)
        kept = {number: tuple(t for t in times if t > hour) for number, times in self._sent.items()}
        self._sent = {number: times for number, times in kept.items() if times}
        self._codes = {h: c for h, c in self._codes.items() if c.expires + VALID > now}

    def _post(self, phone: str, text: str) -> None:
        if not self._url:
            raise Refused("sms_failed", 424)
        try:
            with httpx.Client(timeout=self._timeout, trust_env=False) as client:
                client.post(self._url, json={"to": phone, "text": text}).raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Refused("sms_failed", 424) from None


def masked_phone(phone: str) -> str:
    """`138****0001`; empty for none."""
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""
