"""Working days: Monday to Friday without the holidays that the hall knows of (`slots.toml`)."""

from __future__ import annotations

from datetime import date, timedelta

from hall.platform.slots import closed_days


def working_day(day: date, later: int) -> date:
    """The working day that comes so many after `day`; 0: that day itself, or the next that is one."""
    while later or not _worked(day):
        day += timedelta(days=1)
        later -= _worked(day) and later > 0
    return day


def _worked(day: date) -> bool:
    return day.isoweekday() <= 5 and day not in closed_days()
