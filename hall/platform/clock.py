"""The platform's time: China's, which has had one zone and no summer time since 1992."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


def china_now() -> datetime:
    """Now, aware, in China's zone."""
    return datetime.now(CHINA)


def as_utc(moment: datetime) -> datetime:
    """An aware moment as the naive UTC that the database keeps."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def from_utc(moment: datetime) -> datetime:
    """What the database keeps, aware, in China's zone."""
    return moment.replace(tzinfo=UTC).astimezone(CHINA)


def midnight(day: date) -> datetime:
    """The first moment of a day here."""
    return datetime.combine(day, time.min, CHINA)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    for last in (day.day, 30, 29, 28):
        try:
            return date(index // 12, index % 12 + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
