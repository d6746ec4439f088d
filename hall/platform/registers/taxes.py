"""税务: what citizens' employers withheld month by month, and taxes that were paid in one sum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Literal

from config import toml_file
from config.part import Part
from hall.platform.clock import months_later

FILE = Path(__file__).with_suffix(".toml")

ALLOWANCE = 500_000  # fen a month (减除费用), 个人所得税法 art. 6
DECLARED = 12  # day of the following month on which employers here declare
# 个人所得税预扣率表一: up to so many fen of the year's taxable income, percent, quick deduction in fen.
_RATES = (
    (3_600_000, 3, 0),
    (14_400_000, 10, 252_000),
    (30_000_000, 20, 1_692_000),
    (42_000_000, 25, 3_192_000),
    (66_000_000, 30, 5_292_000),
    (96_000_000, 35, 8_592_000),
    (10**12, 45, 18_192_000),
)


@dataclass(frozen=True)
class Wage:
    """A wage by the month, in fen. Months are `YYYY-MM`; `insured` and `special` are deducted (专项扣除)."""

    payer: str
    first: str
    last: str
    income: int
    insured: int
    special: int = 0


@dataclass(frozen=True)
class Withheld:
    """One month of a wage: what was withheld of it, in fen, and when that was declared."""

    month: str
    payer: str
    income: int
    tax: int
    declared: date


@dataclass(frozen=True)
class Payment:
    """A tax paid in one sum: deed tax by its contract, others by their year. Amounts in fen."""

    kind: Literal["deed", "vehicle"]
    payers: tuple[str, ...]
    what: str
    contract: str
    base: int  # 0 where nothing was appraised
    rate: str  # in words: 1.5%, 480 元/年
    fen: int
    paid: date
    voucher: str


@dataclass(frozen=True)
class Contribution:
    """A resident's own contribution (城乡居民社保费) on record, in fen."""

    citizen: str
    year: int
    level: str
    fen: int
    paid: date


@dataclass(frozen=True)
class Level:
    """One grade of the resident's contributions: `insurance` is pension or medical; fen a year."""

    insurance: Literal["pension", "medical"]
    fen: int


class _File(Part):
    wage: dict[str, tuple[Wage, ...]]
    payment: tuple[Payment, ...]
    contribution: tuple[Contribution, ...]
    level: dict[str, Level]


@cache
def _file() -> _File:
    return toml_file.load(FILE, _File)


def wages() -> Mapping[str, tuple[Wage, ...]]:
    """The wages by citizen. toml_file.ConfigError when the file does not fit."""
    return _file().wage


def payments() -> tuple[Payment, ...]:
    """Every tax that was paid in one sum."""
    return _file().payment


def contributions() -> tuple[Contribution, ...]:
    """Every contribution of residents on record."""
    return _file().contribution


def levels() -> Mapping[str, Level]:
    """What residents may pay, by the grade's name."""
    return _file().level


def withheld(key: str, today: date) -> tuple[Withheld, ...]:
    """What was withheld of a citizen's wages and declared by `today`, month by month."""
    found = (one for wage in wages().get(key, ()) for one in _by_month(wage))
    return tuple(sorted((one for one in found if one.declared <= today), key=lambda one: one.month))


def tax_on(taxable: int) -> int:
    """The year's tax on so many fen (预扣率表一), in fen."""
    _, percent, quick = next(row for row in _RATES if taxable <= row[0])
    return max(0, taxable) * percent // 100 - (quick if taxable > 0 else 0)


def _by_month(wage: Wage) -> Iterator[Withheld]:
    """Cumulative withholding (累计预扣法): each year begins anew."""
    first, last = (date.fromisoformat(f"{month}-01") for month in (wage.first, wage.last))
    monthly = wage.income - ALLOWANCE - wage.insured - wage.special
    for year in range(first.year, last.year + 1):
        begin, end = max(first, date(year, 1, 1)), min(last, date(year, 12, 1))
        count = end.month - begin.month + 1
        due = [tax_on(total) for total in accumulate([monthly] * count)]
        for n, so_far in enumerate(due):
            month = months_later(begin, n)
            declared = months_later(month, 1).replace(day=DECLARED)
            yield Withheld(
                f"{month:%Y-%m}", wage.payer, wage.income, so_far - (due[n - 1] if n else 0), declared
            )
