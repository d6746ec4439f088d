"""The JSON interface of commands and configuration: given, followed, cancelled, fetched; wanted and told."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Request, Response
from fastapi import Path as PathPart
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from config.commands import COMMANDS, CommandError
from config.configuration import ITEMS
from hall import commands, configuration
from hall.access import actors
from hall.commands import NotGiven
from hall.configuration import NotSet
from hall.desk.api import Items, Limit, Part, Path_

router = APIRouter(prefix="/api", tags=["commands"])
Id = Annotated[str, PathPart(pattern=r"^[0-9a-f-]{36}$", description="of a command")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9._:-]{1,80}$",
        description="what is asked twice under one key is given once, and answered alike",
    ),
]
STATUS = {"unknown_terminal": 404, "wrong_deadline": 400, "wrong_value": 400}  # of NotGiven, NotSet; else 409
WORDS = {
    "unknown_terminal": "no such terminal has spoken yet",
    "retired": "the terminal was taken away for good",
    "wrong_deadline": "the deadline must lie within the next thirty days",
    "too_many": "too many commands wait for this terminal: wait for their end",
    "other_content": "something else was given under this key: take a new one",
    "over": "it is over",
    "not_open": "the terminal has accepted it, or it is over",
    "other_version": "somebody else has set it meanwhile: look again",
}


SUFFIX = {"text/plain": "txt", "image/png": "png", "application/gzip": "log.gz"}


class Problem(BaseModel):
    """Why not, in a sentence."""

    detail: str


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "it does not fit the table of commands or values"},
    403: {"model": Problem, "description": "the account may not command in this area"},
    404: {"model": Problem, "description": "there is none in the areas of this account"},
    409: {"model": Problem, "description": "it cannot be done any more, or not now"},
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Documentation of these answers."""
    return {status: _PROBLEMS[status] for status in statuses}


class Order(BaseModel):
    """A command to give; `config/commands.py` has the table."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=40, examples=sorted(COMMANDS))
    arguments: dict[str, StrictStr | StrictInt] = {}
    within_seconds: StrictInt | None = Field(
        None, ge=1, le=2_592_000, description="until it must have begun; without it what the table proposes"
    )


class Command(BaseModel):
    model_config = ConfigDict(extra="ignore")
    n: int
    id: str
    terminal: str
    name: str
    arguments: dict[str, str | int]
    actor: str = Field(description="who gave it")
    given: int
    deadline: int
    state: str = Field(description="given, accepted, running, done, failed, expired or cancelled")
    code: str = Field(description="of config/faults.toml, when it failed")
    detail: str = Field(description="whom it waits for, or a technical word")
    changed: int = Field(description="when the state last changed")
    times: int = Field(description="how often it was sent")
    file: bool = Field(description="what it brought can be fetched")


class Wanted(BaseModel):
    """All that shall be set; what is not named falls back to the terminal's own file."""

    model_config = ConfigDict(extra="forbid")
    values: dict[str, StrictStr | StrictInt] = Field(description=f"by name: {', '.join(ITEMS)}")
    version: StrictInt | None = Field(None, ge=0, le=2**53, description="that you saw; another one is a 409")


class Value(BaseModel):
    name: str
    desired: str | int | None
    reported: str | int | None
    state: str = Field(description="own: of the terminal's file; set, waiting or refused")
    why: str


class Configuration(BaseModel):
    terminal: str
    version: int
    actor: str
    at: int
    reported_version: int
    reported_at: int
    values: list[Value]


@router.get("/commands", response_model=Items[Command])
def list_commands(
    request: Request,
    before: Annotated[int, Query(ge=0, le=2**53, description="`n` of the last one that you have")] = 0,
    limit: Limit = 100,
    terminal: Path_ = "",
    state: Annotated[str, Query(pattern=f"^(open|{'|'.join(commands.STATES)})?$")] = "",
) -> Any:
    """Commands, the youngest first."""
    areas = actors.watched(request)
    with request.app.state.engine.connect() as tx:
        rows = commands.latest(tx, limit, areas, before=before, terminal=terminal, state=state)
        whole = commands.has_file(tx, [row["id"] for row in rows])
    return {"items": [row | {"file": row["id"] in whole} for row in rows]}


@router.post(
    "/terminals/{area}/{hall}/{kiosk}/commands",
    response_model=Command,
    status_code=201,
    responses=problems(400, 403, 404, 409),
)
def give_command(request: Request, area: Part, hall: Part, kiosk: Part, order: Order, key: Key = None) -> Any:
    """Give a command. It is sent until the terminal accepts it or the deadline has passed."""
    row = give(request, f"{area}/{hall}/{kiosk}", order, key or "")
    return row | {"file": False}


@router.get("/commands/{id}", response_model=Command, responses=problems(404))
def show_command(request: Request, id: Id) -> Any:
    """One command."""
    row = visible(request, id)
    with request.app.state.engine.connect() as tx:
        return row | {"file": id in commands.has_file(tx, [id])}


@router.post("/commands/{id}/cancel", response_model=Command, responses=problems(403, 404, 409))
def cancel_command(request: Request, id: Id) -> Any:
    """Give up a command that its terminal has not accepted."""
    return cancel(request, id) | {"file": False}


@router.get(
    "/commands/{id}/file",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **problems(403, 404)},
)
def fetch_file(request: Request, id: Id) -> Response:
    """What the command brought, with its media type."""
    return file(request, id)


@router.get(
    "/terminals/{area}/{hall}/{kiosk}/configuration", response_model=Configuration, responses=problems(404)
)
def show_configuration(request: Request, area: Part, hall: Part, kiosk: Part) -> Any:
    """What is wanted and what the terminal says of it."""
    actors.visible(request, area)
    with request.app.state.engine.connect() as tx:
        return _told(configuration.of(tx, f"{area}/{hall}/{kiosk}"))


@router.put(
    "/terminals/{area}/{hall}/{kiosk}/configuration",
    response_model=Configuration,
    responses=problems(400, 403, 404, 409),
)
def want_configuration(request: Request, area: Part, hall: Part, kiosk: Part, wanted: Wanted) -> Any:
    """Want these values; all of them, and nothing else."""
    return _told(want(request, f"{area}/{hall}/{kiosk}", wanted.values, wanted.version))


# ── what the pages do alike ─────────────────────────────────────────────────
def give(request: Request, terminal: str, order: Order, key: str) -> commands.Row:
    """Give it as who asks; HTTPException with the reason."""
    area = terminal.partition("/")[0]
    actors.visible(request, area)
    who = actors.require(request, "command", area)
    now = _now()
    deadline = now + order.within_seconds * 1000 if order.within_seconds else 0
    try:
        with request.app.state.writer.begin() as tx:
            return commands.give(
                tx, who.name, terminal, order.name, order.arguments, now, deadline=deadline, key=key
            )
    except CommandError as error:
        raise Refusal(400, error.code, str(error)) from None
    except NotGiven as error:
        raise refusal(error.code) from None


def cancel(request: Request, id: str) -> commands.Row:
    """Cancel it as who asks; HTTPException with the reason."""
    row = visible(request, id)
    who = actors.require(request, "command", row["terminal"].partition("/")[0])
    try:
        with request.app.state.writer.begin() as tx:
            commands.cancel(tx, who.name, id, _now())
    except NotGiven as error:
        raise refusal(error.code) from None
    return visible(request, id)


def visible(request: Request, id: str) -> commands.Row:
    """The command, if its area exists for who asks; else 404."""
    with request.app.state.engine.connect() as tx:
        row = commands.one(tx, id)
    if row is None:
        raise HTTPException(404, "no such command")
    actors.visible(request, row["terminal"].partition("/")[0], "no such command")
    return row


def file(request: Request, id: str) -> Response:
    """What it brought, for those who may command: it is the inside of a terminal."""
    row = visible(request, id)
    actors.require(request, "command", row["terminal"].partition("/")[0])
    with request.app.state.engine.connect() as tx:
        content = commands.file_of(tx, row)
    if not content:
        raise HTTPException(404, "it has brought no file, or not all of it is here")
    known = COMMANDS.get(row["name"])
    media = (known.brings if known else "") or "application/octet-stream"
    day = time.strftime("%Y%m%d-%H%M%S", time.gmtime(row["changed"] / 1000))
    name = f"{row['terminal'].rpartition('/')[2]}-{row['name']}-{day}.{SUFFIX.get(media, 'bin')}"
    # `nosniff` and the desk's policy stand on every answer: no browser makes a page of it.
    return Response(content, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, media)


def want(
    request: Request, terminal: str, values: dict[str, str | int], version: int | None
) -> configuration.Row:
    """Want it as who asks; HTTPException with the reason."""
    area = terminal.partition("/")[0]
    actors.visible(request, area)
    who = actors.require(request, "command", area)
    try:
        with request.app.state.writer.begin() as tx:
            return configuration.want(tx, who.name, terminal, values, _now(), version)
    except NotSet as error:
        raise refusal(error.code, error.detail) from None


class Refusal(HTTPException):
    """It cannot be done: `code` for the pages, which have words for it; `told` names what is wrong."""

    def __init__(self, status: int, code: str, told: str = "") -> None:
        super().__init__(status, told or WORDS[code])
        self.code, self.told = code, told


def refusal(code: str, told: str = "") -> Refusal:
    """What is answered to a NotGiven or NotSet."""
    return Refusal(STATUS.get(code, 409), code, told)


def _told(row: configuration.Row) -> dict[str, Any]:
    return row | {"values": [vars(line) for line in configuration.lines(row)]}


def _now() -> int:
    return int(time.time() * 1000)
