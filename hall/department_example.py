"""An example of a department's own system behind the platform (受办分离), with a database of its own.

It answers where registrations of real estate stand (BD02) and decides moves of medical insurance (YB05): by a
clerk, whom `POST /desk/cases/{case_no}` stands for. Its interface is `docs/openapi-department.yaml`, which a
department serves in front of whatever it has.
"""

from __future__ import annotations

import hmac
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any

import uvicorn
import yaml
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from config.people import people
from config.platform_api import QueryResult, Refusal, ResultRow, TimelineEvent
from config.words import Words, same, words
from hall.platform.clock import CHINA, china_now
from hall.platform.department_api import DepartmentQuery, HandedOver, Paper, Standing, Taken
from hall.platform.registers import estate
from hall.platform.serve import listen

HEAD = "# Generated: `python main.py hall openapi department > docs/openapi-department.yaml`\n"
_EVENTS = TypeAdapter(tuple[TimelineEvent, ...])
_TABLE = """CREATE TABLE IF NOT EXISTS cases (
    case_no TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, body TEXT NOT NULL, state TEXT NOT NULL,
    message TEXT NOT NULL, events TEXT NOT NULL)"""


class ExampleSettings(BaseModel):
    """The settings of one example department."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path
    host: str = "127.0.0.1"
    port: int = Field(8075, ge=0, lt=65536)
    token: str = Field(repr=False)  # the platform's
    services: tuple[str, ...] = ("YB05",)  # that it decides
    demo: bool = False  # offers the clerk's desk


class Judgement(BaseModel):
    """What the clerk says."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    granted: bool


class _Refused(Exception):
    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Books:
    """The department's cases. Any thread; owns the connection from opening to `close()`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._turn = threading.Lock()
        self._tx = sqlite3.connect(folder / "department.db", timeout=10, check_same_thread=False)
        self._tx.execute("PRAGMA journal_mode = WAL")
        self._tx.execute("PRAGMA synchronous = FULL")
        with self._tx:
            self._tx.execute(_TABLE)

    def close(self) -> None:
        """Ends the connection."""
        self._tx.close()

    def take(self, case: HandedOver, now: datetime) -> Taken:
        """Files it once; the same case again is the same answer. _Refused `key_reused` for another body."""
        with self._turn, self._tx:
            number = self._tx.execute("SELECT COUNT(*) FROM cases").fetchone()[0] + 1
            begun = TimelineEvent(when=now, what=words("department_example.received"))
            row = (
                case.case_no,
                f"BM{now:%Y%m%d}{number:04}",
                case.model_dump_json(),
                "open",
                "",
                _EVENTS.dump_json((begun,)).decode(),
            )
            self._tx.execute("INSERT OR IGNORE INTO cases VALUES (?, ?, ?, ?, ?, ?)", row)
            query = "SELECT reference, body FROM cases WHERE case_no = ?"
            reference, body = self._tx.execute(query, (case.case_no,)).fetchone()
        if body != case.model_dump_json():
            raise _Refused("key_reused", 409)
        return Taken(case_no=case.case_no, reference=reference)

    def standing(self, case_no: str) -> Standing | None:
        """How far it is; None for a case that nobody handed over."""
        with self._turn:
            query = "SELECT state, message, events FROM cases WHERE case_no = ?"
            row = self._tx.execute(query, (case_no,)).fetchone()
        if row is None:
            return None
        message = words(f"department_example.{row[1]}") if row[1] else None
        events = _EVENTS.validate_json(row[2])
        granted = row[0] == "granted"
        return Standing(case_no=case_no, state=row[0], message=message, events=events, document=granted)

    def judge(self, case_no: str, granted: bool, now: datetime) -> None:
        """The clerk decides. A decided case stays as it is."""
        state = "granted" if granted else "refused"
        with self._turn, self._tx:
            row = self._tx.execute("SELECT events FROM cases WHERE case_no = ?", (case_no,)).fetchone()
            if row is not None:
                looked = TimelineEvent(when=now, what=words("department_example.looked_at"))
                events = _EVENTS.dump_json((*_EVENTS.validate_json(row[0]), looked)).decode()
                change = (
                    "UPDATE cases SET state = ?, message = ?, events = ? WHERE case_no = ? AND state = 'open'"
                )
                self._tx.execute(change, (state, state, events, case_no))

    def paper(self, case_no: str) -> Paper | None:
        """What a granted case's paper says."""
        with self._turn:
            query = "SELECT reference, body FROM cases WHERE case_no = ? AND state = 'granted'"
            row = self._tx.execute(query, (case_no,)).fetchone()
        if row is None:
            return None
        case = HandedOver.model_validate_json(row[1])
        told = (
            ("row_reference", same(row[0])),
            ("row_case", same(case.case_no)),
            ("row_decision", words("department_example.granted")),
        )
        return Paper(rows=tuple(_row(name, value) for name, value in told))


router = APIRouter()
desk = APIRouter(prefix="/desk", include_in_schema=False)
_FINAL: dict[int | str, dict[str, Any]] = {"4XX": {"model": Refusal}}


def department_app(settings: ExampleSettings, now: Callable[[], datetime] = china_now) -> FastAPI:
    """The application; its books are opened when it starts and closed when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.settings, app.state.now = settings, now
        app.state.books = Books(settings.data)
        try:
            yield
        finally:
            app.state.books.close()

    def admitted(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {settings.token}".encode()):
            raise HTTPException(401, "token")

    app = FastAPI(
        title="A department's own system",
        version="1",
        description="What the acceptance platform asks of a department that decides cases itself.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(admitted)],
    )
    app.add_exception_handler(_Refused, _refusal)
    app.add_exception_handler(RequestValidationError, _refusal)
    app.include_router(router, responses=_FINAL)
    if settings.demo:
        app.include_router(desk)
    return app


@router.post("/v1/queries")
def query(asked: DepartmentQuery) -> QueryResult:
    """A question that changes nothing."""
    return _registrations(asked)


@router.post("/v1/cases")
def submit(case: HandedOver, request: Request, idempotency_key: Annotated[str, Header()]) -> Taken:
    """Takes a case that the counter has accepted, once for its number."""
    state = request.app.state
    if idempotency_key != case.case_no or case.service not in state.settings.services:
        raise _Refused("not_ours", 422)
    return _books(request).take(case, state.now())


@router.get("/v1/cases/{case_no}")
def status(case_no: str, request: Request) -> Standing:
    """How far it is; 404 for a case that never came."""
    found = _books(request).standing(case_no)
    if found is None:
        raise _Refused("unknown", 404)
    return found


@router.get("/v1/cases/{case_no}/document")
def paper(case_no: str, request: Request) -> Paper:
    """What the decision says; 404 where nothing was granted."""
    found = _books(request).paper(case_no)
    if found is None:
        raise _Refused("unknown", 404)
    return found


@desk.post("/cases/{case_no}")
def judge(case_no: str, said: Judgement, request: Request) -> None:
    """The clerk decides."""
    _books(request).judge(case_no, said.granted, request.app.state.now())


def document() -> str:
    """What a department serves, as an OpenAPI document in YAML. Opens no database."""
    app = department_app(ExampleSettings(data=Path("unused"), token="unused"))
    return HEAD + yaml.safe_dump(app.openapi(), sort_keys=False, allow_unicode=True, width=110)


def run_department(settings: ExampleSettings) -> None:
    """Serves until SIGTERM or SIGINT. OSError when the port is taken."""
    with listen(settings.host, settings.port) as listener:
        where = f"{settings.host}:{listener.getsockname()[1]}"
        print(f"department listens at http://{where}", flush=True)
        config = uvicorn.Config(department_app(settings), log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])


def _books(request: Request) -> Books:
    books = request.app.state.books
    assert isinstance(books, Books)
    return books


def _refusal(request: Request, error: Exception) -> JSONResponse:
    refused = error if isinstance(error, _Refused) else _Refused("malformed", 422)
    told = Refusal(code=refused.code, message=words(f"department_example.{refused.code}"))
    return JSONResponse(told.model_dump(mode="json"), status_code=refused.status)


def _registrations(asked: DepartmentQuery) -> QueryResult:
    """BD02: the citizen's own registrations, or the one that he names."""
    wanted = str(asked.values.get("case_no", "")).strip().upper()
    number = asked.citizen.number if asked.citizen else ""
    who = next((one.key for one in people().values() if one.number == number), "")
    found = [one for one in estate.cases_of(who) if wanted in ("", one.number)] if who else []
    if not found:
        return QueryResult(found=False, title=words("department_example.none"))
    events = [
        TimelineEvent(when=datetime.combine(stage.day, time(9), CHINA), what=stage.what)
        for one in found
        for stage in one.stages
    ]
    return QueryResult(
        found=True,
        title=words("department_example.found"),
        rows=tuple(ResultRow(label=one.kind, value=same(one.number)) for one in found),
        timeline=tuple(sorted(events, key=lambda event: event.when)),
    )


def _row(name: str, value: Words) -> ResultRow:
    return ResultRow(label=words(f"department_example.{name}"), value=value)
