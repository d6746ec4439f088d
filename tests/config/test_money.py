"""Amounts as people read them."""

from __future__ import annotations

import pytest

from config.money import yuan


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (5, "0.05"), (500, "5.00"), (123450, "1,234.50"), (10**9, "10,000,000.00")]
)
def test_fen_are_told_as_yuan_in_groups(fen: int, text: str) -> None:
    assert yuan(fen) == text


def test_nobody_is_asked_for_less_than_nothing() -> None:
    with pytest.raises(ValueError, match="below zero"):
        yuan(-1)
