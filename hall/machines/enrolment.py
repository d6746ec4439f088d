"""How terminals get, renew and give up their certificates over HTTP; beside the login the only open routes.

What proves somebody is in the request: a token's secret, or a signature by the current key. Whoever has
neither learns nothing: before one of them holds, each answer is the same for whatever was sent.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from config.enrolment import MOST_BODY, ROUTE, Enrol, Issued, Refused, Renew, Retire, Retired
from hall.access import audit, doorkeeper
from hall.machines import authority, broker_files, machine_certificates, machines
from hall.machines.authority import Authority, AuthorityError
from hall.settings import HallSettings

PEM = "application/x-pem-file"
router = APIRouter(prefix=ROUTE, tags=["enrolment"])
FAILURES, WINDOW_SECONDS = 10, 300.0  # of one address, in so many seconds
ADDRESSES = 4096  # that are remembered
# Said to whoever has shown no right to ask: of these nothing stands in the audit, which strangers could fill.
STRANGERS = ("token_unknown", "not_ours", "wrong_signature", "malformed", "too_large")
STATUS = {
    "too_many": 429,
    "too_large": 413,
    "pending": 202,
    "store_failed": 503,
    "authority_broken": 503,
    "authority_missing": 503,
}
PENDING = Refused(code="pending", remedy="the authority has to sign first: ask again later")
log = structlog.get_logger("enrolment")
Told = TypeVar("Told", bound=BaseModel)
Act = Callable[[Connection, HallSettings, Authority, Told, int], Issued | Retired]
_ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"model": Refused, "description": "an external authority has to sign first: ask again"},
    403: {"model": Refused, "description": "refused: code and remedy"},
    413: {"model": Refused},
    422: {"model": Refused},
    429: {"model": Refused, "description": "too many failures of this address"},
    503: {"model": Refused},
}


def _body_of(form: type[BaseModel]) -> dict[str, Any]:
    """For the OpenAPI document: we read the body ourselves, bounded."""
    content = {"application/json": {"schema": form.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}


class Failures:
    """How often each address failed lately; of this process. Any thread."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, deque[float]] = OrderedDict()
        self._guard = threading.Lock()

    def too_many(self, address: str) -> bool:
        """Whether it has to wait."""
        with self._guard:
            times = self._of.get(address, deque())
            while times and times[0] < time.monotonic() - WINDOW_SECONDS:
                times.popleft()
            return len(times) >= FAILURES

    def note(self, address: str) -> None:
        """One more."""
        with self._guard:
            self._of.setdefault(address, deque(maxlen=FAILURES)).append(time.monotonic())
            self._of.move_to_end(address)
            if len(self._of) > ADDRESSES:
                self._of.popitem(last=False)


@router.get(
    "/authority",
    response_class=Response,
    responses={200: {"content": {PEM: {"schema": {"type": "string"}}}}, 503: {"model": Refused}},
)
def authority_certificate(request: Request) -> Response:
    """The certificate of whom the terminals trust, PEM. Believe it only if a token has its digest."""
    try:
        whose = authority.open_authority(request.app.state.settings)
    except (AuthorityError, OSError) as error:
        return _refused(_as_refusal(error))
    return Response(whose.pem, media_type=PEM)


@router.post("/enrol", response_model=Issued, responses=_ANSWERS, openapi_extra=_body_of(Enrol))
async def enrol(request: Request) -> Response:
    """A token's secret and a certificate request, for a certificate. Once; the same key may ask again."""
    return await _answer(request, Enrol, machines.enrol)


@router.post("/renew", response_model=Issued, responses=_ANSWERS, openapi_extra=_body_of(Renew))
async def renew(request: Request) -> Response:
    """The current certificate and a request signed by its key, for the next certificate."""
    return await _answer(request, Renew, machines.renew)


@router.post("/retire", response_model=Retired, responses=_ANSWERS, openapi_extra=_body_of(Retire))
async def retire(request: Request) -> Response:
    """The current certificate and a signature by its key: this terminal is gone for good."""
    return await _answer(request, Retire, machines.retire_itself)


async def _answer(request: Request, form: type[Told], act: Act[Told]) -> Response:
    settings: HallSettings = request.app.state.settings
    address = doorkeeper.address(request.scope, settings.desk)
    if request.app.state.enrolment_failures.too_many(address):
        return _refused(Refused(code="too_many", remedy="wait five minutes, then try once more"))
    try:
        told = await _read(request, form)
    except AuthorityError as error:
        return await asyncio.to_thread(_told_no, request, address, None, error)
    try:
        issued = await asyncio.to_thread(_carry_out, request, told, act)
    except machine_certificates.Pending:
        return _refused(PENDING)
    except (AuthorityError, OSError, SQLAlchemyError) as error:
        return await asyncio.to_thread(_told_no, request, address, told, error)
    return JSONResponse(issued.model_dump())


async def _read(request: Request, form: type[Told]) -> Told:
    """The body, if it is a small one of this form."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BODY:
            raise AuthorityError("too_large", f"at most {MOST_BODY} bytes")
    try:
        return form.model_validate_json(body)
    except ValidationError:
        raise AuthorityError("malformed", "see docs/openapi-hall.yaml for what is to be sent") from None


def _carry_out(request: Request, told: Told, act: Act[Told]) -> Issued | Retired:
    settings: HallSettings = request.app.state.settings
    whose = authority.open_authority(settings)
    with request.app.state.writer.connect() as tx:
        try:
            issued = act(tx, settings, whose, told, int(time.time() * 1000))
        except machine_certificates.Pending:
            tx.commit()
            raise
        tx.commit()
    # Whom an enrolment replaces is revoked from now on, for a broker that runs beside us.
    try:
        broker_files.keep_fresh(request.app.state.writer, settings, 0)
    except (AuthorityError, OSError) as error:
        log.warning("broker_not_told", why=type(error).__name__, remedy="hall broker-config --reload")
    return issued


def _told_no(request: Request, address: str, told: BaseModel | None, error: Exception) -> Response:
    refusal = _as_refusal(error)
    if refusal.code not in ("store_failed", "authority_broken", "authority_missing"):
        request.app.state.enrolment_failures.note(address)
    log.warning("refused", code=refusal.code, address=address)
    if refusal.code not in STRANGERS and isinstance(error, AuthorityError):
        try:
            with request.app.state.writer.begin() as tx:
                whose = machines.whose(tx, told)
                area = whose.partition("/")[0]
                audit.note(
                    tx, f"terminal:{whose}", "machine_refused", area=area, subject=whose, outcome=refusal.code
                )
        except SQLAlchemyError as failed:  # the refusal itself stands
            log.warning("audit_unwritten", kind=type(failed).__name__, remedy="look at the database")
    return _refused(refusal)


def _as_refusal(error: Exception) -> Refused:
    if isinstance(error, AuthorityError):
        return Refused(code=error.code, remedy=error.remedy)
    code = "store_failed" if isinstance(error, SQLAlchemyError) else "authority_broken"
    return Refused(code=code, remedy="try again later; the hall's log says more")


def _refused(refusal: Refused) -> Response:
    status = 422 if refusal.code == "malformed" else STATUS.get(refusal.code, 403)
    return JSONResponse(refusal.model_dump(), status)
