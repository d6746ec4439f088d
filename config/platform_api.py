"""The acceptance system's interface: HTTP bodies that terminal and platform share.

`docs/openapi-platform.yaml` is generated from the reference platform, which
serves exactly these. A province replaces it by an adapter.

    POST /v1/identity                       IdentityClaim   → Subject
    GET  /v1/identity/{subject}/photograph                  → image/jpeg, 404 none
    POST /v1/identity/{subject}/codes                       → CodeSent
    POST /v1/identity/{subject}/codes/check CodeCheck       → CodeResult
    GET  /v1/services/{service}/form?subject=…              → FormData
    POST /v1/queries                        Query           → QueryResult
    POST /v1/materials?subject=…            image/jpeg      → MaterialStored
    POST /v1/cases   (Idempotency-Key: …)   Submission      → CaseResult
    GET  /v1/cases/by-key/{key}                             → CaseResult, 404 never seen
    POST /v1/cases/by-key/{key}/withdraw                    → CaseResult if filed; else 204, and a late
                                                              arrival under this key is refused (410)
    POST /v1/orders  (Idempotency-Key: …)   OrderRequest    → Order, open: its code is shown as a QR code
    GET  /v1/orders/by-key/{key}                            → Order, 404 never seen
    POST /v1/orders/by-key/{key}/close                      → Order: no longer open, though it may be paid;
                                                              204 never seen, and a late arrival is refused
    POST /v1/orders/by-key/{key}/refund                     → Order, refunded; refused once a case used it
    GET  /v1/documents/{document}                           → application/pdf
    GET  /v1/health                                         → PlatformHealth
    GET  /v/{number}                        the public's page for a printed certificate
    POST /v                                 … and for its file (a browser's form)
    GET  /r/{case_no}                       the public's page that rates a case later
    GET  /pay/{code}                        the public's test cashier: what the QR code of an order names

Money is a whole number of fen. A paid order serves one case or is refunded, never both.

An error is `Refusal` with status 4xx; 5xx and no answer mean *unknown*.
The bearer token of the terminal rides in `Authorization`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from config.print_layout import PLAIN, PrintLayout
from config.words import Words

Value = str | tuple[str, ...]
SUBJECT_UNKNOWN = "subject_unknown"  # the refusal of a handle that has expired: who it is must be asked anew
ORDER_USED = "order_used"  # the refusal of a refund: a case was accepted on this order


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlatformHealth(_Body):
    """Is the back office open?"""

    open: bool
    message: Words | None = None


class IdentityClaim(_Body):
    """What a card said of its holder."""

    name: str
    number: str
    birth: date
    valid_to: date | None = None  # None: 长期
    card: Literal["resident", "permit", "foreign", "social"] = "resident"


class Subject(_Body):
    """An opaque handle for one person in one session: no later call carries number or name."""

    subject: str
    known: bool
    has_photograph: bool
    phone: str = ""  # masked; empty when none is on file


class CodeSent(_Body):
    """A code went out by text message."""

    sent_to: str
    digits: int
    valid_seconds: int


class CodeCheck(_Body):
    code: str


class CodeResult(_Body):
    verified: bool
    tries_left: int


class FormOption(_Body):
    value: str
    name: Words


class FormData(_Body):
    """What is already known for a form: values, where they come from, options that only it knows."""

    values: dict[str, Value] = {}
    sources: dict[str, Words] = {}
    options: dict[str, tuple[FormOption, ...]] = {}


class Query(_Body):
    service: str
    subject: str | None = None
    values: dict[str, Value] = {}


class TimelineEvent(_Body):
    when: datetime
    what: Words
    done: bool = True


class ResultRow(_Body):
    label: Words
    value: Words


class QueryResult(_Body):
    found: bool
    title: Words
    rows: tuple[ResultRow, ...] = ()
    timeline: tuple[TimelineEvent, ...] = ()


class MaterialStored(_Body):
    """A page is there; a case that names its handle takes it. Pages that no case takes are thrown away."""

    material: str


class Submission(_Body):
    """One case filed from a terminal. Sent with an `Idempotency-Key`; the same key is never filed twice."""

    service: str
    terminal: str
    subject: str | None = None
    means: Literal["none", "card", "face", "sms", "staff"] = "none"
    values: dict[str, Value] = {}
    materials: dict[str, tuple[str, ...]] = {}  # handles of the pages, by the material's key, in order
    payment: str = ""  # the key of the paid order, where the service has a fee
    signature: str = Field("", max_length=200_000)  # what was signed on the screen, as an SVG path
    submitted_at: datetime


class IssuedDocument(_Body):
    """A document the platform has made for a case."""

    document: str  # handle for GET /v1/documents/…
    kind: str  # certificate
    number: str
    sha256: str
    pages: int
    layout: PrintLayout = PLAIN


class CaseResult(_Body):
    """What became of a submission."""

    key: str
    case_no: str
    state: Literal["accepted", "refused"]
    decided: bool = True  # decided within the call (即办件)
    title: Words
    message: Words
    rows: tuple[ResultRow, ...] = ()
    documents: tuple[IssuedDocument, ...] = ()


class OrderRequest(_Body):
    """What is to be paid. Sent with an `Idempotency-Key`; the same key is one order."""

    service: str
    terminal: str
    subject: str | None = None
    fen: int = Field(gt=0)


class Order(_Body):
    """A payment as the platform knows it. Only an open one can be paid."""

    key: str
    order_no: str
    fen: int
    state: Literal["open", "paid", "refused", "expired", "closed", "refunded"]
    code: str  # the text of the QR code
    valid_seconds: int = 0  # how long an open one can still be paid; clocks may differ, so no time of day


class Refusal(_Body):
    """The platform says no: a code of its own, words for the citizen."""

    code: str
    message: Words
