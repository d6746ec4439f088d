"""The JSON interface: what the store holds, for programs. Lists come in pages, oldest first.

A program shows a token (`Authorization: Bearer kt_…`, made by `main.py hall account token`) and sees the
areas that its account may watch; another area's terminal is not there.

Every list answers `{"items": […]}`; the next page is asked with `after` = the last item's `n`. Instants are
milliseconds since 1970, UTC. What one terminal told has its numbers in the order in which it is seen here. Of
several, told by several ingests at once, a row may be seen a moment after one with a higher number.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi import Path as PathPart
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Table

from hall.access import actors
from hall.data import reading, tables

router = APIRouter(prefix="/api", tags=["hall"])
After = Annotated[
    int,
    Query(
        ge=0,
        le=2**53,
        description="`n` of the last item that you have. Who follows a list of several terminals asks again"
        " from some hundred below it: a row may be seen a moment after one with a higher `n`.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=1000, description="the most items to send")]
Part = Annotated[str, PathPart(pattern=r"^[A-Za-z0-9_-]{1,36}$")]
PLAIN = r"^[^\x00]*$"  # PostgreSQL takes no NUL
Path_ = Annotated[
    str, Query(max_length=128, pattern=PLAIN, description="only this terminal: area/hall/kiosk")
]
Key = Annotated[str, Query(max_length=128, pattern=PLAIN, description="only the case of this key")]


class _Item(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Device(_Item):
    """A device on its axes, as the terminal's last health says."""

    name: str
    kind: str
    availability: str
    media: str
    supplies: dict[str, str]
    faults: list[str]
    detail: str
    since: int = Field(description="when any axis last changed")
    counts: dict[str, int] = Field(description="totals by counter; `failed:CODE` by fault")
    runs_out: dict[str, str] = Field(description="by supply: the day, as 2026-11-25, or unknown")
    levels: dict[str, int] = Field(description="percent left by supply, and `paper:main` by tray or colour")


class Fault(_Item):
    n: int
    terminal: str
    device: str = Field(description="empty: the terminal itself")
    code: str
    open: bool
    since: int
    cleared: int


class Terminal(_Item):
    path: str
    boot: int
    online: bool
    since: int = Field(description="when it came online or went off")
    software: str
    catalogue: str
    health_at: int
    screen_age: float = Field(description="seconds since the screen's thread last answered")
    session: bool = Field(description="somebody is being served")
    outbox: int = Field(description="messages that we have not acknowledged")
    uptime: int = Field(description="seconds")
    head: str = Field(description="head of its journal, as its youngest message says")
    seen: int


class TerminalDetail(Terminal):
    devices: list[Device]
    faults: list[Fault]


class Message(_Item):
    n: int
    id: str
    stream: str
    boot: int
    seq: int
    type: str
    digest: str = Field(description="SHA-256 of the payload, hex")
    head: str
    at: int = Field(description="the terminal's clock")
    received: int


class Case(_Item):
    n: int
    terminal: str
    key: str = Field(description="the submission's idempotency key")
    session: str
    service: str
    state: str
    case_no: str
    code: str
    at: int


class Print(_Item):
    n: int
    terminal: str
    job: str
    session: str
    service: str
    document: str
    state: str
    device: str
    number: str
    code: str
    sheet: str
    copy_number: int = Field(alias="copy", description="2 and more: printed again, with the same number")
    decided_by: str = Field(description="citizen or staff, where somebody had to decide; else empty")
    at: int


class Payment(_Item):
    n: int
    terminal: str
    key: str = Field(description="the order's idempotency key")
    session: str
    service: str
    state: str = Field(description="paid, refused, unknown or refunded")
    fen: int
    order_no: str
    code: str
    at: int


class Rating(_Item):
    n: int
    terminal: str
    session: str
    service: str
    case_no: str
    number: int = Field(description="1 the first, 2 the follow-up")
    stars: int = Field(description="1 to 5, 5 best")
    codes: list[str]
    at: int


class Session(_Item):
    n: int
    terminal: str
    session: str
    started: int
    ended: int = Field(description="0: not yet")
    outcome: str
    service: str
    seconds: int


class TechnicianAct(_Item):
    """What a technician did at the terminal's own screen."""

    n: int
    terminal: str
    actor: str = Field(description="a number; never a name")
    act: str
    subject: str = Field(description="a device, a supply as device:part, a setting")
    outcome: str = Field(description="empty: done; else a code of config/faults.toml")
    detail: str
    at: int


class FoundPart(_Item):
    """One line of a readiness report."""

    name: str
    ready: bool
    codes: list[str] = Field(default_factory=list)
    detail: str = Field(default="", description="what was measured, in English")
    detail_zh: str = Field(default="", description="the same in Chinese; empty where it is alike")


class Readiness(_Item):
    """The last readiness report of a terminal, what is not ready first."""

    n: int
    terminal: str
    by: str = Field(description="a technician's number, `hall`, or `install`")
    not_ready: int
    found: list[FoundPart]
    at: int


class Refused(_Item):
    """A message that was not taken; its content is not kept here."""

    n: int
    terminal: str
    topic: str
    id: str
    code: str
    stream: str
    boot: int
    seq: int
    digest: str
    size: int
    times: int
    received: int


class NotThere(BaseModel):
    """There is none, or none in the areas that the account may watch."""

    detail: str


NOT_THERE: dict[int | str, dict[str, Any]] = {404: {"model": NotThere}}
Item = TypeVar("Item")


class Items(BaseModel, Generic[Item]):
    items: list[Item]


@router.get("/terminals", response_model=Items[Terminal])
def list_terminals(request: Request) -> Any:
    """Every terminal that has ever spoken."""
    with request.app.state.engine.connect() as tx:
        return {"items": reading.terminals(tx, areas=actors.watched(request))}


@router.get("/terminals/{area}/{hall}/{kiosk}", response_model=TerminalDetail, responses=NOT_THERE)
def show_terminal(request: Request, area: Part, hall: Part, kiosk: Part) -> Any:
    """One terminal with its devices and open faults."""
    path = f"{area}/{hall}/{kiosk}"
    actors.visible(request, area)
    with request.app.state.engine.connect() as tx:
        found = reading.terminals(tx, path)
        if not found:
            raise HTTPException(404, "no such terminal has spoken yet")
        return found[0] | {"devices": reading.devices(tx, path), "faults": reading.open_faults(tx, path)}


@router.get("/terminals/{area}/{hall}/{kiosk}/messages", response_model=Items[Message], responses=NOT_THERE)
def list_messages(
    request: Request, area: Part, hall: Part, kiosk: Part, after: After = 0, limit: Limit = 500
) -> Any:
    """Every reliable message of a terminal, for comparing with its journal."""
    actors.visible(request, area)
    return _page(request, tables.messages, after, limit, terminal=f"{area}/{hall}/{kiosk}")


@router.get("/cases", response_model=Items[Case])
def list_cases(
    request: Request, after: After = 0, limit: Limit = 500, terminal: Path_ = "", key: Key = ""
) -> Any:
    """Submissions, each once, in their last state."""
    return _page(request, tables.cases, after, limit, terminal=terminal, key=key)


@router.get("/prints", response_model=Items[Print])
def list_prints(request: Request, after: After = 0, limit: Limit = 500, terminal: Path_ = "") -> Any:
    """Prints, each once, in their last state."""
    return _page(request, tables.prints, after, limit, terminal=terminal)


@router.get("/payments", response_model=Items[Payment])
def list_payments(request: Request, after: After = 0, limit: Limit = 500, terminal: Path_ = "") -> Any:
    """Payments, each once, in their last state."""
    return _page(request, tables.payments, after, limit, terminal=terminal)


@router.get("/ratings", response_model=Items[Rating])
def list_ratings(request: Request, after: After = 0, limit: Limit = 500, terminal: Path_ = "") -> Any:
    """Ratings."""
    return _page(request, tables.ratings, after, limit, terminal=terminal)


@router.get("/sessions", response_model=Items[Session])
def list_sessions(request: Request, after: After = 0, limit: Limit = 500, terminal: Path_ = "") -> Any:
    """Sessions."""
    return _page(request, tables.sessions, after, limit, terminal=terminal)


@router.get("/faults", response_model=Items[Fault])
def list_faults(
    request: Request, after: After = 0, limit: Limit = 500, terminal: Path_ = "", open: bool | None = None
) -> Any:
    """Faults: open ones and those that were cleared."""
    chosen = {} if open is None else {"open": open}
    return _page(request, tables.faults, after, limit, terminal=terminal, **chosen)


@router.get("/technician-acts", response_model=Items[TechnicianAct])
def list_technician_acts(request: Request, after: After = 0, limit: Limit = 500, terminal: Path_ = "") -> Any:
    """What technicians did at the terminals."""
    return _page(request, tables.technician_acts, after, limit, terminal=terminal)


@router.get("/readiness", response_model=Items[Readiness])
def list_readiness(request: Request, after: After = 0, limit: Limit = 500, terminal: Path_ = "") -> Any:
    """The last readiness report of each terminal."""
    return _page(request, tables.readiness, after, limit, terminal=terminal)


@router.get("/refused", response_model=Items[Refused])
def list_refused(request: Request, after: After = 0, limit: Limit = 500, terminal: Path_ = "") -> Any:
    """Messages that were refused, and why."""
    return _page(request, tables.refused, after, limit, terminal=terminal)


def _page(request: Request, table: Table, after: int, limit: int, **equal: Any) -> Any:
    with request.app.state.engine.connect() as tx:
        return {"items": reading.page(tx, table, after, limit, actors.watched(request), **equal)}
