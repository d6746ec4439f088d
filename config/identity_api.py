"""Bodies of the platform's interface: who it is, what he holds, for whom he acts."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from config.platform_body import Body
from config.words import Words

SUBJECT_UNKNOWN = "subject_unknown"  # the refusal of a handle that has expired: who it is must be asked anew


class IdentityClaim(Body):
    """What a card said of its holder."""

    name: str
    number: str
    birth: date
    valid_to: date | None = None  # None: 长期
    # `typed`: no card could be read. Until staff have looked, only `Subject` is told: is he known, a masked
    # phone, is there a photograph.
    card: Literal["resident", "permit", "foreign", "social", "typed"] = "resident"


class Subject(Body):
    """An opaque handle for one person in one session: no later call carries number or name."""

    subject: str
    known: bool
    has_photograph: bool  # no terminal reads it, but those of earlier releases demand it
    phone: str = ""  # masked; empty when none is on file


class AppCode(Body):
    """The text of the QR code that the citizen's app shows: signed by its issuer, good once."""

    code: str = Field(max_length=2000)


class AppHolder(Body):
    """Whose app it is: what a card would have said, and the handle."""

    subject: Subject
    name: str
    number: str
    birth: date


class StaffCheck(Body):
    """Somebody of the hall has compared the person with the card."""

    staff: str = Field(max_length=20)
    pin: str = Field(max_length=20)


class CodeSent(Body):
    """A code went out by text message."""

    sent_to: str
    digits: int
    valid_seconds: int


class CodeCheck(Body):
    code: str


class CodeResult(Body):
    verified: bool
    tries_left: int


class ECertificate(Body):
    """An e-certificate on record (电子证照). `renew` names the service that renews it."""

    identifier: str  # 1.2.156.3005.2.…
    type: str
    name: Words
    valid_until: date | None = None
    renew: str = ""


class ECertificates(Body):
    items: tuple[ECertificate, ...] = ()


class NewAuthorisation(Body):
    """The principal, who is there and has signed, lets the agent act (帮办, 代办, 委托)."""

    principal: str  # handles
    agent: str
    mode: Literal["assist", "errand", "proxy"]
    services: tuple[str, ...] = Field(min_length=1)
    until: date
    signature: str = Field(max_length=200_000)


class Authorisation(Body):
    """Who may act for whom, in what, until when. `principal` is a masked name."""

    number: str
    principal: str
    mode: Literal["assist", "errand", "proxy"]
    services: tuple[str, ...]
    until: date


class Authorisations(Body):
    items: tuple[Authorisation, ...] = ()


class Principal(Body):
    """For whom the agent acts: what a card would have said of him, and his handle."""

    subject: Subject
    name: str
    number: str
    birth: date


class AgentClaim(Body):
    """A case is filed by an agent: his handle, and the authorisation that lets him."""

    subject: str
    authorisation: str
    mode: Literal["assist", "errand", "proxy"]
