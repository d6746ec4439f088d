"""Money is a whole number of fen everywhere; only people are told yuan."""

from __future__ import annotations


def yuan(fen: int) -> str:
    """`1,234.50` for 123450 fen, grouped as people read it. ValueError below zero."""
    if fen < 0:
        raise ValueError("an amount is never below zero")
    return f"{fen // 100:,}.{fen % 100:02}"
