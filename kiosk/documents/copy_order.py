"""What is to be copied, for what, and how often: the form of a copy as the steps use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from config.materials import OriginalSpec
from config.print_layout import PrintLayout
from config.service import Service
from config.words import Words, words
from kiosk.prompts import Value

PAGES = "copy"  # where a session keeps the pages


@dataclass(frozen=True)
class CopyOrder:
    """One copy. `purpose` is what stands across it, empty when nothing does: the citizen's own affair."""

    original: OriginalSpec
    name: Words  # of the original
    purpose: str = field(repr=False)
    copies: int
    two_sided: bool

    @property
    def card(self) -> bool:
        """True when all its pictures stand on one sheet, at a card's true size."""
        return self.original.shape == "card"

    @property
    def unmarked(self) -> bool:
        """True when words of a purpose are missing that it may not go without."""
        return self.original.purpose and not self.purpose

    def mark(self, today: date) -> str:
        """The words across the copy, in Chinese like all the terminal's papers."""
        if not self.purpose:
            return ""
        return words("copy.mark", purpose=self.purpose, date=today.isoformat()).zh

    def layout(self, sheets: int) -> PrintLayout:
        """How `sheets` pages of the copy lie on their paper."""
        both = self.two_sided and sheets > 1
        return PrintLayout(sides="two-sided-long-edge" if both else "one-sided", copies=self.copies)


def order(service: Service, values: dict[str, Value]) -> CopyOrder:
    """The order of a form that holds (`Service`, flow `copy`)."""
    chosen = values["original"]
    original = next(one for one in service.originals if one.key == chosen)
    return CopyOrder(
        original=original,
        name=_option(service, "original", values),
        purpose=_purpose(service, values),
        copies=int(str(values["copies"])),
        two_sided=values.get("sides") == "two",
    )


def _purpose(service: Service, values: dict[str, Value]) -> str:
    match values["purpose"]:
        case "other":
            return " ".join(str(values.get("purpose_words", "")).split())
        case "none":
            return ""
    return _option(service, "purpose", values).zh


def _option(service: Service, key: str, values: dict[str, Value]) -> Words:
    spec = next(field for field in service.fields if field.key == key)
    return next(option.name for option in spec.options if option.value == values[key])
