"""Bodies of the platform's interface, between terminal and phone. Its paths: `platform_api.py`."""

from __future__ import annotations

from pydantic import Field

from config.platform_api import CaseResult
from config.platform_body import Body, Value


class HandOver(Body):
    """A form that goes on at the phone. `values` as far as they are filled in."""

    service: str
    subject: str | None = None
    values: dict[str, Value] = Field(default_factory=dict)


class HandOverCode(Body):
    """What the QR code says; it is good once, and for so long."""

    code: str
    url: str
    valid_seconds: int


class HandedOver(Body):
    """What was begun at the phone, for whoever identifies himself as the one who began it."""

    service: str
    values: dict[str, Value] = Field(default_factory=dict)
    case_no: str = ""  # filed already: only its papers are left to print
    case: CaseResult | None = None  # what became of it then


class UploadRequest(Body):
    """Pages of one material that come from the phone."""

    subject: str | None = None
    service: str
    material: str


class UploadCode(Body):
    code: str
    url: str
    valid_seconds: int


class Uploaded(Body):
    """The pages that have come so far, as handles like those of `/v1/materials`; `done` when told so."""

    materials: tuple[str, ...] = ()
    done: bool = False
