"""公积金: the housing fund's accounts, its limits, and the rates of its loans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from config import toml_file
from config.part import Part
from config.words import Words

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Span:
    """Months (`YYYY-MM`, both inside) in which the same was paid each month, in fen."""

    first: str
    last: str
    own: int
    employer: int


@dataclass(frozen=True)
class Withdrawal:
    """Money taken out. Fen."""

    day: date
    fen: int
    reason: Literal["home", "rent", "retired", "loan"]


@dataclass(frozen=True)
class Loan:
    """A loan of the fund. Fen; `left` is 0 once it is paid back."""

    contract: str
    day: date
    fen: int
    left: int


@dataclass(frozen=True)
class Account:
    """One citizen's account. `interest`: all that was credited so far, in fen."""

    citizen: str
    number: str
    employer: str
    state: Literal["active", "sealed", "closed"]
    interest: int
    spans: tuple[Span, ...]
    withdrawals: tuple[Withdrawal, ...] = ()
    loans: tuple[Loan, ...] = ()

    @property
    def paid(self) -> tuple[Month, ...]:
        """Every month that was paid, the oldest first."""
        return tuple(
            Month(month, span.own, span.employer)
            for span in self.spans
            for month in months(span.first, span.last)
        )

    @property
    def balance(self) -> int:
        """All that was paid in and credited, less what was taken out. Fen."""
        return (
            sum(month.total for month in self.paid) + self.interest - sum(one.fen for one in self.withdrawals)
        )

    @property
    def open_loan(self) -> Loan | None:
        """The loan that is not paid back yet."""
        return next((loan for loan in self.loans if loan.left), None)


@dataclass(frozen=True)
class Month:
    """What was paid for one month. Fen."""

    month: str
    own: int
    employer: int

    @property
    def total(self) -> int:
        """Both shares."""
        return self.own + self.employer


@dataclass(frozen=True)
class Rates:
    """Rates of the fund's loans, thousandths of a per cent a year, from this day on."""

    since: date
    first_short: int  # a first home, up to five years
    first_long: int
    second_short: int
    second_long: int

    def rate(self, home: Literal["first", "second"], years: int) -> int:
        """The rate for a term of so many years."""
        if home == "first":
            return self.first_short if years <= 5 else self.first_long
        return self.second_short if years <= 5 else self.second_long


@dataclass(frozen=True)
class Limits:
    """What may be taken out for rent, and from when on. Fen, months."""

    rent_month: int
    rent_year: int
    rent_after_months: int
    elsewhere_after_months: int  # paid in a row, before a loan in another city


class Fund(Part):
    """The whole register."""

    centre: Words
    rates: Rates
    limits: Limits
    account: tuple[Account, ...]

    def of(self, citizen: str) -> Account | None:
        """The account of a citizen, by his key."""
        return next((account for account in self.account if account.citizen == citizen), None)


def months(first: str, last: str) -> tuple[str, ...]:
    """Every month from `first` to `last`, both inside; none when they are the other way round."""
    ends = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    start, end = ends
    return tuple(f"{index // 12:04}-{index % 12 + 1:02}" for index in range(start, end + 1))


@cache
def load() -> Fund:
    """The register. Raises toml_file.ConfigError."""
    return toml_file.load(FILE, Fund)
