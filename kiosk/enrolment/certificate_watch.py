"""The terminal's own certificate, watched: renewed in time, and a fault when that does not succeed."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from kiosk.enrolment import enrolment, identity
from kiosk.enrolment.identity import Identity, IdentityError

WATCH_SECONDS = 900.0  # between two looks
NOT_YET = (
    "hall_unreachable",
    "pending",
    "busy",
    "too_many",
    "store_failed",
    "authority_broken",
    "authority_missing",
)  # goes by itself
_log = structlog.get_logger("kiosk.enrolment.identity")


class CertificateWatch:
    """Call `round` every WATCH_SECONDS. `reconnect` makes the link use what lies there now."""

    def __init__(
        self,
        data: Path,
        enrolled: bool,
        set_fault: Callable[[str, bool], None],
        reconnect: Callable[[], None],
        now: Callable[[], datetime] = identity.now,
    ) -> None:
        self._data = data
        self._enrolled = enrolled  # as the settings say: then there has to be one
        self._set_fault = set_fault
        self._reconnect = reconnect
        self._now = now

    async def round(self) -> None:
        """Look, renew if it is time, and tell what somebody must see to. Never raises IdentityError."""
        refused = False
        try:
            found = await asyncio.to_thread(_whole, self._data)
            if found is not None and found.renew_at <= self._now() < found.ends:
                found, refused = await self._renew(found)
        except IdentityError as error:
            _log.error("identity", code=error.code, remedy=error.remedy)
            return self._set_fault("certificate_expired", True)
        now = self._now()
        # One that does not hold yet is a clock that is behind: the remedy begins with the clock.
        holds = found.begins <= now < found.ends if found is not None else not self._enrolled
        self._set_fault("certificate_expired", not holds)
        late = found is not None and found.late_at <= now < found.ends
        self._set_fault("certificate_expiring", late or refused)

    async def _renew(self, found: Identity) -> tuple[Identity, bool]:
        """The identity afterwards, and whether the hall refuses another one."""
        try:
            new = await asyncio.to_thread(enrolment.renew, self._data, found)
        except IdentityError as error:
            _log.warning("not_renewed", code=error.code, remedy=error.remedy)
            return found, error.code not in NOT_YET
        except OSError as error:  # a disk that is full or will not be written: told when it is getting late
            _log.warning("not_renewed", code="disk", error=errno.errorcode.get(error.errno or 0, ""))
            return found, False
        _log.info("renewed", until=new.ends.isoformat())
        self._reconnect()
        return new, False


def _whole(data: Path) -> Identity | None:
    """The identity on this disk, its key and authority looked at; None where there is none. IdentityError."""
    found = identity.read(data)
    if found is not None:
        found.key()
        found.authority()
    return found
