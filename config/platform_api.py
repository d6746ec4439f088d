"""The acceptance system's interface: HTTP bodies that terminal and platform share.

`docs/openapi-platform.yaml` is generated from the reference platform, which
serves exactly these. A province replaces it by an adapter.

    POST /v1/identity                       IdentityClaim   → Subject
    GET  /v1/identity/{subject}/photograph                  → image/jpeg, 404 none
    POST /v1/identity/{subject}/codes                       → CodeSent
    POST /v1/identity/{subject}/codes/check CodeCheck       → CodeResult
    POST /v1/identity/app                   AppCode         → AppHolder, 422 no such code, or used before
    POST /v1/identity/{subject}/staff       StaffCheck      → CodeResult: staff have looked at him
    GET  /v1/certificates?subject=…                         → ECertificates
    GET  /v1/authorisations?agent=…&service=…               → Authorisations, those in force
    POST /v1/authorisations                 NewAuthorisation → Authorisation
    POST /v1/authorisations/{number}/subject?agent=…        → Principal: for whom the agent acts now
    GET  /v1/services/{service}/form?subject=…              → FormData
    POST /v1/services/{service}/materials   Query           → MaterialsKnown
    POST /v1/services/{service}/price       Query           → Price: of a service that is priced by a field
    POST /v1/queries                        Query           → QueryResult
    POST /v1/materials?subject=…            image/jpeg      → MaterialStored
    POST /v1/cases   (Idempotency-Key: …)   Submission      → CaseResult
    GET  /v1/cases/by-key/{key}                             → CaseResult, 404 never seen
    POST /v1/cases/by-key/{key}/withdraw                    → CaseResult if filed; else 204, and a late
                                                              arrival under this key is refused (410)
    GET  /v1/cases/open?subject=…                           → OpenCases: what still lacks papers
    POST /v1/cases/{case_no}/supplements    Supplement      → CaseResult  (Idempotency-Key: …)
    POST /v1/corrections  (Idempotency-Key) Correction      → TicketFiled
    POST /v1/handovers                      HandOver        → HandOverCode: the phone goes on
    GET  /v1/handovers/{code}                               → HandedOver, once: what the phone began; 404
    POST /v1/uploads                        UploadRequest   → UploadCode: pages by phone
    GET  /v1/uploads/{code}?subject=…                       → Uploaded
    POST /v1/ratings                        NewRating       → RatingKept, 409 rated before (rating_api.py)
    GET  /v1/ratings/open?subject=…                         → Rateables: one's own cases
    GET  /v1/ratings/cases/{case_no}                        → Rateable: the case of a receipt
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
    GET  /h/{code}, /u/{code}               the public's pages that go on by phone, and that take its pages
    GET  /pay/{code}                        the public's test cashier: what the QR code of an order names

Money is a whole number of fen. A paid order serves one case or is refunded, never both.

An error is `Refusal` with status 4xx; 5xx and no answer mean *unknown*.
The bearer token of the terminal rides in `Authorization`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from config.form import When
from config.identity_api import AgentClaim, ECertificate
from config.platform_body import Body, Value
from config.print_layout import PLAIN, PrintLayout
from config.words import Words

NOT_ELIGIBLE = "not_eligible"  # the refusal of whom an office's rule shuts out: asked again, always the same
ORIGINALS_HOURS = 72  # for which a compartment of the locker is a case's
ORDER_USED = "order_used"  # the refusal of a refund: a case was accepted on this order


class PlatformHealth(Body):
    """Is the back office open?"""

    open: bool
    message: Words | None = None


class FormOption(Body):
    value: str
    name: Words
    only_if: When | None = None  # offered only with these answers: a half-hour, on the days that have it


class FormData(Body):
    """What is already known for a form: values, where they come from, options that only it knows."""

    values: dict[str, Value] = Field(default_factory=dict)
    sources: dict[str, Words] = Field(default_factory=dict)
    options: dict[str, tuple[FormOption, ...]] = Field(default_factory=dict)


class Query(Body):
    service: str
    subject: str | None = None
    values: dict[str, Value] = Field(default_factory=dict)


class MaterialWay(Body):
    """How one material is had: what holds is shown to the citizen with its source."""

    source: Literal["data", "office", "certificate", "letter", "upload", "scan", "later"]
    note: Words | None = None
    certificates: tuple[ECertificate, ...] = ()  # that may be cited


class MaterialsKnown(Body):
    """By material: the ways that are open to this citizen, the best first. What is missing is scanned."""

    ways: dict[str, tuple[MaterialWay, ...]] = Field(default_factory=dict)
    until: date | None = None  # by when what is promised for later must be brought


class TimelineEvent(Body):
    when: datetime
    what: Words
    done: bool = True


class ResultRow(Body):
    label: Words
    value: Words


class ResultTable(Body):
    """Rows under heads. Columns in `hidden` are masked on the screen until they are touched."""

    heads: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]
    hidden: tuple[int, ...] = ()


class Referral(Body):
    """Where to go with what could not be found here."""

    what: Words  # what to bring or to ask for
    where: Words
    phone: str


class QueryResult(Body):
    found: bool
    title: Words
    rows: tuple[ResultRow, ...] = ()
    timeline: tuple[TimelineEvent, ...] = ()
    table: ResultTable | None = None
    note: Words | None = None
    referral: Referral | None = None  # of what was not found


class MaterialStored(Body):
    """A page is there; a case that names its handle takes it. Pages that no case takes are thrown away."""

    material: str


class Submission(Body):
    """One case filed from a terminal. Sent with an `Idempotency-Key`; the same key is never filed twice."""

    service: str
    terminal: str
    subject: str | None = None
    means: Literal["none", "card", "app", "face", "pin", "sms", "staff"] = "none"
    staff: str = ""  # who checked the person, or helped
    agent: AgentClaim | None = None
    values: dict[str, Value] = Field(default_factory=dict)
    materials: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # handles of pages, by key
    cited: dict[str, str] = Field(default_factory=dict)  # e-certificates, by material
    waived: tuple[str, ...] = ()  # materials that the platform has, or an office asks for
    later: tuple[str, ...] = ()  # materials that are brought later (容缺)
    letters: dict[str, int] = Field(default_factory=dict)  # signed: name, version
    handover: str = ""  # the code of what a phone began
    payment: str = ""  # the key of the paid order, where the service has a fee
    signature: str = Field("", max_length=200_000)  # what was signed on the screen, as an SVG path
    submitted_at: datetime


class IssuedDocument(Body):
    """A document the platform has made for a case."""

    document: str  # handle for GET /v1/documents/…
    kind: str  # certificate
    number: str
    sha256: str
    pages: int
    layout: PrintLayout = PLAIN


class CasePart(Body):
    """What became of one item of a bundle."""

    service: str
    name: Words
    case_no: str
    state: Literal["accepted", "refused"]
    message: Words


class Deficit(Body):
    """What a case still lacks (容缺), by when. The keys are the service's materials."""

    materials: tuple[str, ...]
    until: date


class CaseResult(Body):
    """What became of a submission."""

    key: str
    case_no: str
    state: Literal["accepted", "refused"]
    decided: bool = True  # decided within the call (即办件)
    title: Words
    message: Words
    rows: tuple[ResultRow, ...] = ()
    documents: tuple[IssuedDocument, ...] = ()
    parts: tuple[CasePart, ...] = ()
    deficit: Deficit | None = None
    referral: Referral | None = None  # of a refusal
    # Of the terminal's locker, where the originals go, for ORIGINALS_HOURS; 0: none do.
    compartment: int = Field(0, ge=0)
    ready_on: date | None = None  # from when a paper that is made after review can be collected


class OpenCase(Body):
    """A case that lacks papers."""

    case_no: str
    service: str
    name: Words
    deficit: Deficit


class OpenCases(Body):
    items: tuple[OpenCase, ...] = ()


class Supplement(Body):
    """Papers brought later. Sent with an `Idempotency-Key`."""

    subject: str
    terminal: str
    materials: dict[str, tuple[str, ...]]


class Correction(Body):
    """A citizen says that what an office holds of him is wrong. Sent with an `Idempotency-Key`."""

    subject: str
    service: str
    field: str
    remark: str = Field("", max_length=150)


class TicketFiled(Body):
    """Somebody will look after it; `until` when."""

    number: str
    until: date


class Price(Body):
    """What a service costs with this form."""

    fen: int = Field(gt=0)


class OrderRequest(Body):
    """What is to be paid. Sent with an `Idempotency-Key`; the same key is one order.

    `values`: the form, of a service that is priced by a field.
    """

    service: str
    terminal: str
    subject: str | None = None
    fen: int = Field(gt=0)
    values: dict[str, Value] = Field(default_factory=dict)


class Order(Body):
    """A payment as the platform knows it. Only an open one can be paid."""

    key: str
    order_no: str
    fen: int
    state: Literal["open", "paid", "refused", "expired", "closed", "refunded"]
    code: str  # the text of the QR code
    valid_seconds: int = 0  # how long an open one can still be paid; clocks may differ, so no time of day


class Refusal(Body):
    """The platform says no: a code of its own, words for the citizen."""

    code: str
    message: Words
