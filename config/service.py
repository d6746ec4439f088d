"""A service (事项) as data, and the catalogue that holds them.

Each service is one TOML file. The engine (`kiosk/journey.py`) turns it into
steps; nothing here asks or draws. Rules are names of `rules.py` with their
parameters, never expressions.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config import paper, rules, toml_file
from config.devices import Kind
from config.words import Words

BUILT_IN = Path(__file__).parent / "catalogue"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
HOURS = f"^{_CLOCK}-({_CLOCK}|24:00)$"


class Flow(StrEnum):
    """The six shapes of a journey."""

    QUERY = "query"
    DECLARE = "declare"
    PRINT = "print"
    APPOINTMENT = "appointment"
    MANAGE = "manage"
    COPY = "copy"  # nothing is filed: papers are photographed and printed, and the platform hears nothing


class Level(IntEnum):
    """How sure we must be who it is: none, card, card + person, strong."""

    NONE = 0
    CARD = 1
    PERSON = 2
    STRONG = 3


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleUse(_Model):
    """A rule's name and its parameters: `{ rule = "not_before", field = "from" }`."""

    model_config = ConfigDict(extra="allow", frozen=True)
    rule: str

    @property
    def parameters(self) -> dict[str, Any]:
        """Everything but the name."""
        return dict(self.model_extra or {})

    @model_validator(mode="after")
    def _in_the_table(self) -> RuleUse:
        rules.check(self.rule, self.parameters)
        return self


class OptionSpec(_Model):
    value: str
    name: Words


class FieldSpec(_Model):
    """One field of the form. Those with `card` or `platform` are prefilled; locked ones stay so."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["text", "choice", "choices", "month", "date", "phone", "number"]
    label: Words
    required: bool = True
    locked: bool = False
    card: Literal["", "name", "number"] = ""  # filled from the card, the number masked; never sent as a value
    platform: bool = False  # value or options come from the platform's form data
    scan: bool = False  # a code scanner may fill it, where there is one
    options: tuple[OptionSpec, ...] = ()
    rules: tuple[RuleUse, ...] = ()

    @model_validator(mode="after")
    def _can_be_answered(self) -> FieldSpec:
        if self.kind in ("choice", "choices") and not self.options and not self.platform:
            raise ValueError(f"field {self.key} is a choice without options")
        if self.scan and (self.kind != "text" or self.locked):
            raise ValueError(f"field {self.key} cannot be scanned: only a text that is not locked can")
        if len({option.value for option in self.options}) != len(self.options):
            raise ValueError(f"two options of field {self.key} have the same value")
        for use in self.rules:
            if use.rule in rules.OF_THE_CARD or self.kind == "choices":
                raise ValueError(f"rule {use.rule} cannot be asked of field {self.key}, which is {self.kind}")
        return self


class GuideSpec(_Model):
    """What is told before the start."""

    summary: Words
    needs: tuple[Words, ...] = ()
    gives: tuple[Words, ...] = ()
    excludes: tuple[Words, ...] = ()
    fee: Words
    time: Words
    legal: Words
    phone: str
    window: Words | None = None  # where to go with it in this hall; the general window, where nothing is said


class MaterialSpec(_Model):
    """A paper that the citizen brings: so many pages of it are taken by the document camera."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Words
    pages: int = Field(1, ge=1, le=20)
    shape: Literal["a4", "card", "free"] = "free"  # its proportions, where they are known


class OriginalSpec(_Model):
    """What may be copied: its key is an option of the field `original`."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    shape: Literal["a4", "card", "free"] = "free"
    pages: int = Field(1, ge=1, le=10)  # at most; of a card, its sides
    purpose: bool = True  # it is never copied without the words of what the copy is for


class FeeSpec(_Model):
    """What the service costs: `{ fen = 500, words = … }`, where the words say what for."""

    fen: int = Field(gt=0, le=10_000_000)
    words: Words


class Output(_Model):
    """One paper of the service: on which kind of device, and whether the service fails without it.

    `template` names a paper of `papers/` other than the document's own.
    """

    document: Literal["certificate", "receipt", "ticket", "progress"]
    device: Kind
    required: bool = True
    template: str = ""


class Service(_Model):
    """One service."""

    id: str = Field(pattern=r"^[A-Z]{2}[0-9]{2,3}$")
    version: int = Field(ge=1)
    theme: int = Field(ge=1, le=8)
    flow: Flow
    level: Level
    means: tuple[Literal["face", "sms"], ...] = ()  # accepted for level 2 and 3, in this order
    department: Words
    name: Words
    action: Words  # what the main button says: 提交并打印
    hours: str = Field("00:00-24:00", pattern=HOURS)  # a span may pass midnight
    needs: tuple[Kind, ...] = ()  # the service cannot run without
    uses: tuple[Kind, ...] = ()  # helps, but another way exists
    eligibility: tuple[RuleUse, ...] = ()  # asked of the card's facts, before the form
    guide: GuideSpec
    fields: tuple[FieldSpec, ...] = ()
    materials: tuple[MaterialSpec, ...] = ()  # scanned after the form, sent with the submission
    originals: tuple[OriginalSpec, ...] = ()  # of flow `copy`: what is photographed and printed
    outputs: tuple[Output, ...] = ()
    fee: FeeSpec | None = None  # paid by QR code after the confirmation
    sign: bool = False  # signed on the screen after the confirmation
    rate: bool = True

    @model_validator(mode="after")
    def _can_be_scanned(self) -> Service:
        if len({material.key for material in self.materials}) != len(self.materials):
            raise ValueError("two materials have the same key")
        if self.materials and (self.flow is Flow.QUERY or Kind.DOCUMENT_CAMERA not in self.needs):
            raise ValueError("materials go with a submission, and need a document_camera")
        return self

    @model_validator(mode="after")
    def _can_be_copied(self) -> Service:
        if self.flow is not Flow.COPY:
            if self.originals:
                raise ValueError("originals are for flow copy alone")
            return self
        if self.level is not Level.NONE or self.materials or self.outputs or self.sign or self.fee:
            raise ValueError("a copy files nothing: no level, materials, outputs, signature or fee")
        if not {Kind.DOCUMENT_CAMERA, Kind.A4_PRINTER} <= set(self.needs):
            raise ValueError("a copy needs a document_camera and an a4_printer")
        choices = {spec.key: spec for spec in self.fields if spec.required and spec.kind == "choice"}
        for key in ("original", "purpose", "copies"):
            if key not in choices:
                raise ValueError(f"a copy asks for {key}, a required choice")
        if {option.value for option in choices["original"].options} != {one.key for one in self.originals}:
            raise ValueError("the options of field original are the keys of originals")
        if any(one.shape == "card" and one.pages > 2 for one in self.originals):
            raise ValueError("a card has two sides")
        if not all(re.fullmatch("[1-9]", option.value) for option in choices["copies"].options):
            raise ValueError("the options of field copies are numbers from 1 to 9")
        return self

    @model_validator(mode="after")
    def _coherent(self) -> Service:
        keys = [field.key for field in self.fields]
        if len(set(keys)) != len(keys):
            raise ValueError("two fields have the same key")
        if sum(field.scan for field in self.fields) > 1:
            raise ValueError("two fields are scanned: nobody could tell which a code is meant for")
        for field in self.fields:
            for use in field.rules:
                other = use.parameters.get("field")
                if other is not None and other not in keys:
                    raise ValueError(f"rule {use.rule} of field {field.key} names no field: {other}")
        for use in self.eligibility:
            if use.rule not in rules.OF_THE_CARD:
                raise ValueError(f"rule {use.rule} asks about a field, so it cannot tell who is eligible")
        if self.flow is Flow.QUERY and (self.fee is not None or self.sign):
            raise ValueError("a query files nothing, so it can be neither paid nor signed")
        if self.sign and self.level is Level.NONE:
            raise ValueError("nobody is known at level 0, so nobody can sign")
        required = {output.device for output in self.outputs if output.required}
        if self.fee is not None and not required <= set(self.needs):
            raise ValueError("what is paid for needs its printers: each required output's device in needs")
        if self.level >= Level.PERSON and len(set(self.means)) < 2:
            raise ValueError("level 2 and 3 need two means, since face is never the only one")
        return self


@dataclass(frozen=True)
class Theme:
    """One of the eight tiles."""

    number: int
    name: Words
    icon: str


class _ThemeRow(_Model):
    number: int
    name: Words
    icon: str


class _Themes(_Model):
    theme: tuple[_ThemeRow, ...]


@dataclass(frozen=True)
class Catalogue:
    """Themes, services, and the terminal's own papers by name."""

    themes: tuple[Theme, ...]
    services: Mapping[str, Service]
    papers: Mapping[str, paper.Paper] = dataclasses.field(default_factory=dict)

    def under(self, theme: int) -> tuple[Service, ...]:
        """The services of a theme, in the order of their ids."""
        return tuple(s for _, s in sorted(self.services.items()) if s.theme == theme)


def load_catalogue(folders: Iterable[Path] = ()) -> Catalogue:
    """The built-in services and papers and those of `folders`; a later file replaces an earlier one.

    Raises toml_file.ConfigError naming file, key and line of the first bad file, or the missing folder.
    """
    folders = (BUILT_IN, *folders)
    for folder in folders:
        if not folder.is_dir():  # a hall's own services would be missing without a word
            raise toml_file.ConfigError(folder, [f"there is no such folder as {folder}; check the path"])
    papers = paper.load_all(folders)
    themes = toml_file.load(BUILT_IN / "themes.toml", _Themes).theme
    services: dict[str, Service] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            if path.name != "themes.toml":
                service = toml_file.load(path, Service)
                _check_templates(path, service, papers)
                services[service.id] = service
    return Catalogue(tuple(Theme(t.number, t.name, t.icon) for t in themes), services, papers)


def _check_templates(path: Path, service: Service, papers: Mapping[str, paper.Paper]) -> None:
    """Each `template` is a paper there is, and of that output's document."""
    for n, output in enumerate(service.outputs):
        found = papers.get(output.template)
        if not output.template or (found is not None and found.document == output.document):
            continue
        fitting = ", ".join(sorted(name for name, one in papers.items() if one.document == output.document))
        line = toml_file.line_of(path.read_text(encoding="utf-8-sig"), ("outputs", n, "template"))
        problem = f"no paper {output.template!r} for a {output.document}; there is {fitting or 'none'}"
        raise toml_file.ConfigError(path, [f"outputs.{n}.template: {problem}, line {line}"])
