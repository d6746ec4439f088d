"""What papers a service wants, and the ways by which each may be had without bringing it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from config.form import When
from config.part import Part
from config.words import Words

Shape = Literal["a4", "card", "free"]
# 数据核验, 行政协助, 电子证照, 告知承诺, 上传, 现场扫描; and 容缺: accepted without it, brought later.
Source = Literal["data", "office", "certificate", "letter", "upload", "scan", "later"]


class MaterialSpec(Part):
    """A paper that the service wants. `sources` in the order in which they are tried.

    `data` and `office` need the platform's word that it has it; `certificate` an e-certificate of this type
    held by the citizen; `letter` a commitment of `catalogue/letters/`; `later` a date by which it is brought.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Words
    pages: int = Field(1, ge=1, le=20)
    shape: Shape = "free"  # its proportions, where they are known
    sources: tuple[Source, ...] = ("scan",)
    certificate: str = ""  # type of e-certificate, as in `config/certificate.py`
    letter: str = ""
    only_if: When | None = None  # wanted only with these answers

    @model_validator(mode="after")
    def _can_be_had(self) -> MaterialSpec:
        if not self.sources or len(set(self.sources)) != len(self.sources):
            raise ValueError(f"material {self.key} needs sources, each once")
        if ("certificate" in self.sources) != bool(self.certificate):
            raise ValueError(f"material {self.key}: source certificate goes with the certificate's type")
        if ("letter" in self.sources) != bool(self.letter):
            raise ValueError(f"material {self.key}: source letter goes with the letter's name")
        if not {"scan", "upload"} & set(self.sources):
            raise ValueError(f"material {self.key} cannot be brought by whoever has no record")
        return self


class OriginalSpec(Part):
    """What may be copied: its key is an option of the field `original`."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    shape: Shape = "free"
    pages: int = Field(1, ge=1, le=10)  # at most; of a card, its sides
    purpose: bool = True  # it is never copied without the words of what the copy is for
