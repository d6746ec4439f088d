"""Who stands here by another's word than a card's: his app's, the staff's, or the platform's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from kiosk.card_readers import Card


@dataclass(frozen=True)
class AppHolder:
    """What a card would have said of him. `card` tells whose word it is.

    `app`: the code of his app. `typed`: he typed his number, and staff have looked. `principal`: he is not
    asked himself; an agent acts for him.
    """

    name: str
    number: str
    birth: date
    card: Literal["app", "typed", "principal"]
    valid_to: date | None = None

    def __repr__(self) -> str:
        """How it is known who he is, and nothing of him: this ends up in logs and tracebacks."""
        return f"AppHolder({self.card})"


Holder = Card | AppHolder
