"""What a person at a virtual A4 printer sees and does: paper, toner, jam, cover."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Condition:
    """What a person at the printer sees and does."""

    paper: str = "full"  # full, low, out
    toner: str = "full"  # full, low, out
    jammed: bool = False
    cover_open: bool = False

    @property
    def stopped(self) -> bool:
        """True while it prints nothing."""
        return self.jammed or self.cover_open or "out" in (self.paper, self.toner)

    def reasons(self) -> str:
        """printer-state-reasons (RFC 8011, 5.4.12; PWG 5100.9)."""
        words = [
            word
            for word, is_so in (
                ("media-jam", self.jammed),
                ("cover-open", self.cover_open),
                ("media-empty", self.paper == "out"),
                ("media-low", self.paper == "low"),
                ("toner-empty", self.toner == "out"),
                ("toner-low", self.toner == "low"),
            )
            if is_so
        ]
        return ",".join(words) or "none"


HANDS: dict[str, dict[str, str | bool]] = {
    "paper_low": {"paper": "low"},
    "paper_out": {"paper": "out"},
    "refill": {"paper": "full"},
    "jam": {"jammed": True},
    "clear_jam": {"jammed": False},
    "open_cover": {"cover_open": True},
    "close_cover": {"cover_open": False},
    "toner_low": {"toner": "low"},
    "toner_out": {"toner": "out"},
    "change_toner": {"toner": "full"},
}


def moved(now: Condition, hand: str) -> Condition:
    """What is so after one of HANDS has moved."""
    return replace(now, **HANDS[hand])  # type: ignore[arg-type]
