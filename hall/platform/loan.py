"""What a loan costs, exactly: whole fen, no floating point.

The month's rate is a twelfth of the year's. Interest is rounded to the fen each month, half up, as banks
do; the last instalment takes what rounding left over, so that the parts always sum to the loan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Method = Literal["instalment", "principal"]  # 等额本息, 等额本金


@dataclass(frozen=True)
class Payment:
    """One month: what of it pays the loan back, what is interest, what is still owed. Fen."""

    principal: int
    interest: int
    left: int

    @property
    def total(self) -> int:
        """What is paid in this month."""
        return self.principal + self.interest


def schedule(amount: int, months: int, rate: int, method: Method) -> tuple[Payment, ...]:
    """Every month's payment of a loan of `amount` fen. `rate` in thousandths of a per cent a year.

    ValueError for an amount or a term below 1, or a rate below 0.
    """
    if amount < 1 or months < 1 or rate < 0:
        raise ValueError("a loan has an amount, a term and no rate below zero")
    return tuple(_payments(amount, months, Fraction(rate, 12 * 100_000), method))


def _payments(amount: int, months: int, rate: Fraction, method: Method) -> Iterator[Payment]:
    left, equal = amount, _instalment(amount, months, rate)
    for month in range(1, months + 1):
        interest = _rounded(left * rate)
        principal = equal - interest if method == "instalment" else amount // months
        if month == months:
            principal = left
        principal = max(0, min(principal, left))
        left -= principal
        yield Payment(principal, interest, left)


def _instalment(amount: int, months: int, rate: Fraction) -> int:
    """The equal instalment: A·i·(1+i)^n / ((1+i)^n − 1)."""
    if not rate:
        return _rounded(Fraction(amount, months))
    grown = (1 + rate) ** months
    return _rounded(amount * rate * grown / (grown - 1))


def _rounded(fen: Fraction) -> int:
    return int(fen + Fraction(1, 2))
