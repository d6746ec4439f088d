"""A service (事项) as data: one TOML file each, checked here.

The engine (`kiosk/journey.py`) turns it into steps; nothing here asks or draws.
"""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum
from typing import Literal

from pydantic import Field, model_validator

from config import rules
from config.devices import Kind
from config.form import FieldSpec, RuleUse, When, check_fields
from config.materials import MaterialSpec, OriginalSpec
from config.part import Part
from config.words import Words

_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
HOURS = f"^{_CLOCK}-({_CLOCK}|24:00)$"
ID = "^[A-Z]{2}[0-9]{2,4}$"

Holder = Literal["resident", "permit", "foreign", "social", "app"]  # how somebody says who he is, at level 1
Means = Literal["face", "pin", "sms", "staff"]  # how it is shown that it is he, at level 2 and 3
AgentMode = Literal[
    "assist", "errand", "proxy"
]  # 帮办: he is there; 代办: staff for him; 委托: another citizen
Status = Literal["connected", "query_only", "elsewhere", "planned"]  # 已对接, 仅查询, 跳转, 未上线
Scope = Literal["local", "city", "province", "nation"]  # 本区, 市域通办, 省内通办, 跨省通办


class Flow(StrEnum):
    """The shapes of a journey."""

    QUERY = "query"
    DECLARE = "declare"
    PRINT = "print"
    APPOINTMENT = "appointment"
    MANAGE = "manage"
    RATE = "rate"  # a case of before is rated (好差评补评): nothing is filed
    COPY = "copy"  # nothing is filed: papers are photographed and printed, and the platform hears nothing


class Level(IntEnum):
    """How sure we must be who it is: none, card, card + person, strong and in person."""

    NONE = 0
    CARD = 1
    PERSON = 2
    STRONG = 3


class GuideSpec(Part):
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


class ItemSpec(Part):
    """The item in the province's directory (GB/T 39046-2020), and how long it may take."""

    type: str = Field("20", pattern=r"^(0\d|10|20)$")  # 事项类型: 20 公共服务, 07 确认, 01 许可 …
    audience: tuple[Literal["1", "2", "3", "4", "5", "6"], ...] = ("1",)  # 服务对象: 1 自然人, 2 企业法人 …
    handling: Literal["instant", "promised"] = "instant"  # 即办件, 承诺件
    legal_days: int = Field(0, ge=0)  # 法定办结时限, working days
    promised_days: int = Field(0, ge=0)  # 承诺办结时限
    scope: Scope = "local"

    @model_validator(mode="after")
    def _sooner_than_the_law(self) -> ItemSpec:
        if self.handling == "instant" and self.promised_days:
            raise ValueError("what is decided at once promises no days")
        if self.handling == "promised" and not 0 < self.promised_days <= self.legal_days:
            raise ValueError("promised_days are at least 1 and no more than legal_days")
        return self


class FeeSpec(Part):
    """What the service costs: `{ fen = 500, words = … }`, where the words say what for.

    With `field`, the platform says how much: a choice of the form whose options it prices.
    """

    fen: int = Field(0, ge=0, le=10_000_000)
    words: Words
    field: str = ""

    @model_validator(mode="after")
    def _has_a_price(self) -> FeeSpec:
        if bool(self.fen) == bool(self.field):
            raise ValueError("a fee is either so many fen, or priced by a field")
        return self


class Output(Part):
    """One paper of the service: on which kind of device, and whether the service fails without it.

    `template` names a paper of `papers/` other than the document's own. A `later` one is made after review:
    the case is filed without it, and it is collected by the receipt's code.
    """

    document: Literal["certificate", "receipt", "ticket", "progress"]
    device: Kind
    required: bool = True
    template: str = ""
    later: bool = False


class MemberSpec(Part):
    """One item of a bundle (一件事): which service, given which of the shared form's fields, and when."""

    service: str = Field(pattern=ID)
    fields: dict[str, str] = Field(default_factory=dict)  # the member's key → the bundle's
    values: dict[str, str] = Field(default_factory=dict)  # the member's key → what it is in every case
    only_if: When | None = None
    after: str = ""  # an item of the bundle that must have been accepted: no seal without a company


class Service(Part):
    """One service."""

    id: str = Field(pattern=ID)
    version: int = Field(ge=1)
    theme: int = Field(ge=1, le=8)
    flow: Flow
    level: Level
    status: Status = "connected"
    status_words: Words | None = None  # why it cannot be had here, and where; for all but `connected`
    cards: tuple[Holder, ...] = ("resident", "permit", "foreign", "social", "app")  # accepted from level 1 on
    means: tuple[Means, ...] = ()  # accepted for level 2 and 3; the citizen chooses
    agents: tuple[AgentMode, ...] = ()  # who may act for another; none: in person only
    part_of: str = ""  # the item that it belongs to and is counted with: 诉求进度 is part of ZH08
    listed: bool = True  # may be chosen by itself; else it is only had within a bundle
    department: Words
    name: Words
    action: Words  # what the main button says: 提交并打印
    item: ItemSpec = ItemSpec()
    hours: str = Field("00:00-24:00", pattern=HOURS)  # a span may pass midnight
    needs: tuple[Kind, ...] = ()  # the service cannot run without
    uses: tuple[Kind, ...] = ()  # helps, but another way exists
    eligibility: tuple[RuleUse, ...] = ()  # asked of the card's facts, before the form
    guide: GuideSpec
    fields: tuple[FieldSpec, ...] = ()
    look: bool = False  # what the platform holds is shown before it is printed (查询 → 打印)
    materials: tuple[MaterialSpec, ...] = ()  # had or scanned after the form, sent with the submission
    originals: tuple[OriginalSpec, ...] = ()  # of flow `copy`: what is photographed and printed
    letters: tuple[str, ...] = ()  # commitments of `letters/` that are signed in any case
    bundle: tuple[MemberSpec, ...] = ()
    outputs: tuple[Output, ...] = ()
    fee: FeeSpec | None = None  # paid by QR code after the confirmation
    sign: bool = False  # signed on the screen after the confirmation
    rate: bool = True
    private: bool = False  # never among recent or frequent items
    stand_ins: tuple[
        str, ...
    ] = ()  # kinds of hardware, or back ends, that are stand-ins here (docs/services.md)

    @model_validator(mode="after")
    def _can_be_scanned(self) -> Service:
        if len({material.key for material in self.materials}) != len(self.materials):
            raise ValueError("two materials have the same key")
        if self.materials and self.flow is Flow.QUERY:
            raise ValueError("materials go with a submission, and a query files nothing")
        if Kind.DOCUMENT_CAMERA not in {*self.needs, *self.uses}:
            for material in self.materials:
                if material.sources == ("scan",):
                    raise ValueError(f"material {material.key} needs a document_camera")
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
    def _can_be_rated_later(self) -> Service:
        if self.flow is not Flow.RATE:
            return self
        if self.level is Level.NONE or self.materials or self.outputs or self.signed or self.fee:
            raise ValueError("a rating files nothing, and its cases are somebody's: level 1, nothing else")
        if [spec.key for spec in self.fields] not in ([], ["case_no"]):
            raise ValueError("a rating asks for case_no at most")
        return self

    @model_validator(mode="after")
    def _coherent(self) -> Service:
        check_fields(self.fields)
        keys = {spec.key for spec in self.fields}
        for use in self.eligibility:
            if use.rule not in rules.OF_THE_CARD:
                raise ValueError(f"rule {use.rule} asks about a field, so it cannot tell who is eligible")
        if self.flow is Flow.QUERY and (self.fee is not None or self.signed):
            raise ValueError("a query files nothing, so it can be neither paid nor signed")
        if self.signed and self.level is Level.NONE:
            raise ValueError("nobody is known at level 0, so nobody can sign")
        if self.fee is not None and self.fee.field and self.fee.field not in keys:
            raise ValueError(f"the fee is priced by a field that is not there: {self.fee.field}")
        required = {output.device for output in self.outputs if output.required and not output.later}
        if self.fee is not None and not required <= set(self.needs):
            raise ValueError("what is paid for needs its printers: each required output's device in needs")
        conditions = (*(one.only_if for one in self.materials), *(one.only_if for one in self.bundle))
        for when in conditions:
            if when is not None and when.field not in keys:
                raise ValueError(f"only_if names no field: {when.field}")
        return self

    @model_validator(mode="after")
    def _leads_on(self) -> Service:
        if self.level >= Level.PERSON and not set(self.means) - {"face"}:
            raise ValueError("level 2 and 3 need means besides face, which is never the only one")
        if self.level is Level.STRONG and "staff" not in self.means and not {"pin", "sms"} <= set(self.means):
            raise ValueError("level 3 needs staff, or pin and sms, for whoever refuses the face check")
        if self.level >= Level.CARD and not self.cards:
            raise ValueError("from level 1 on, cards says what is accepted")
        if self.agents and (self.level is Level.STRONG or self.level is Level.NONE):
            raise ValueError("level 3 is in person, and at level 0 nobody is known: no agents")
        if self.status != "connected" and self.status_words is None:
            raise ValueError("status_words say why it cannot be had here, and where instead")
        return self

    @property
    def signed(self) -> bool:
        """Is something signed in any case?"""
        return self.sign or bool(self.letters)
