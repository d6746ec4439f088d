"""The desk's pages that act: take an incident, give and cancel commands, set a terminal; and what was done.

Each form goes back to the page that it stands on. What cannot be done is said in words, on a page of its own.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sqlalchemy import Connection

from config.commands import COMMANDS
from config.configuration import ITEMS, objection
from config.words import words
from hall import commands, configuration
from hall.access import actors, audit
from hall.desk import command_api, incident_api, page_frame
from hall.desk.api import PLAIN, Part
from hall.desk.command_api import Id, Order
from hall.desk.incident_api import Number

ROWS = 100
TERMINAL_ROWS = 12
CONFIRMED = frozenset({"restart", "reboot", "lock", "update"})  # what takes a terminal from the citizens
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
Fields = Annotated[dict[str, str], Depends(actors.form)]
Before = Annotated[int, Query(ge=0, le=2**53)]
Text = Annotated[str, Query(max_length=128, pattern=PLAIN)]


def section(tx: Connection, path: str) -> dict[str, Any]:
    """What a terminal's page shows of commands and configuration."""
    rows = commands.latest(tx, TERMINAL_ROWS, terminal=path)
    row = configuration.of(tx, path)
    return {
        "orders": rows,
        "whole": commands.has_file(tx, [one["id"] for one in rows]),
        "configuration": row,
        "lines": configuration.lines(row),
        "form": {
            "table": COMMANDS,
            "confirmed": CONFIRMED,
            # A form that is sent twice, by a double click or by going back, gives one command.
            "once": {name: f"form:{uuid.uuid4().hex}" for name in COMMANDS},
            "proposed": {f"notice_{language}": words("desk.notice")[language] for language in ("zh", "en")},
        },
    }


@router.get("/commands")
def all_commands(
    request: Request,
    state: Annotated[str, Query(pattern=f"^(open|{'|'.join(commands.STATES)})?$")] = "",
    terminal: Text = "",
    before: Before = 0,
) -> Any:
    """Every command of the areas that the reader may watch, the youngest first."""
    areas = actors.watched(request)
    with request.app.state.engine.connect() as tx:
        context = page_frame.context(request, tx)
        rows = commands.latest(tx, ROWS + 1, areas, before=before, terminal=terminal, state=state)
        context |= {
            "rows": rows[:ROWS],
            "whole": commands.has_file(tx, [row["id"] for row in rows[:ROWS]]),
            "older": rows[ROWS - 1]["n"] if len(rows) > ROWS else 0,
            "chosen": {"state": state, "terminal": terminal},
        }
    return page_frame.draw("commands.html", context)


@router.get("/audit")
def who_did_what(request: Request, subject: Text = "", before: Before = 0) -> Any:
    """The audit, the youngest first, for those who may command."""
    areas = incident_api.commanded(request)
    with request.app.state.engine.connect() as tx:
        context = page_frame.context(request, tx)
        rows = audit.entries(tx, areas, ROWS + 1, before=before or -1, subject=subject)
        older = rows[ROWS - 1]["n"] if len(rows) > ROWS else 0
        context |= {"rows": rows[:ROWS], "older": older, "chosen": {"subject": subject}}
    return page_frame.draw("audit.html", context)


@router.post("/terminals/{area}/{hall}/{kiosk}/commands")
def give(request: Request, area: Part, hall: Part, kiosk: Part, fields: Fields) -> Response:
    """Give the command of a form."""
    path = f"{area}/{hall}/{kiosk}"
    back = f"/terminals/{path}#commands"
    name = fields.get("command", "")
    if name in CONFIRMED and fields.get("confirm") != "yes":
        return _problem(request, 400, "unconfirmed", "", back)
    try:
        order = Order(name=name, arguments=_arguments(name, fields))
    except (ValidationError, ValueError):
        return _problem(request, 400, "wrong_argument", "", back)
    key = fields.get("key", "")
    if not key.removeprefix("form:").isalnum() or len(key) > 80:
        return _problem(request, 400, "wrong_argument", "key", back)
    return _act(request, lambda: command_api.give(request, path, order, key), back)


@router.post("/commands/{id}/cancel")
def cancel(request: Request, id: Id, fields: Fields) -> Response:
    """Cancel a command that no terminal has accepted."""
    back = page_frame.local(fields.get("back", "/commands"))
    return _act(request, lambda: command_api.cancel(request, id), back)


@router.get("/commands/{id}/file")
def file(request: Request, id: Id) -> Response:
    """What a command brought."""
    return command_api.file(request, id)


@router.post("/terminals/{area}/{hall}/{kiosk}/configuration")
def want(request: Request, area: Part, hall: Part, kiosk: Part, fields: Fields) -> Response:
    """Want what the form says; what is left empty is the terminal's own."""
    path = f"{area}/{hall}/{kiosk}"
    back = f"/terminals/{path}#configuration"
    wanted = {name: fields.get(f"value.{name}", "").strip() for name in ITEMS}
    try:
        values = {name: _number(text, not ITEMS[name].pattern) for name, text in wanted.items() if text}
        version = int(fields.get("version", ""))
    except ValueError:
        return _problem(request, 400, "wrong_value", "", back)
    for name, value in values.items():
        if objection(name, value):
            return _problem(request, 400, "wrong_value", _fitting(request, name), back)
    return _act(request, lambda: command_api.want(request, path, values, version), back)


@router.post("/incidents/{n}/acknowledge")
def acknowledge(request: Request, n: Number, fields: Fields) -> Response:
    """Say that one has it."""
    back = page_frame.local(fields.get("back", "/"))
    note = fields.get("note", "").replace("\x00", "")[:500]
    return _act(request, lambda: incident_api.acknowledge(request, n, note), back)


def _act(request: Request, deed: Any, back: str) -> Response:
    """Do it and go back to the page; or say why not."""
    try:
        deed()
    except command_api.Refusal as error:
        return _problem(request, error.status_code, error.code, error.told, back)
    return RedirectResponse(back, status_code=303)


def _problem(request: Request, status: int, code: str, detail: str, back: str) -> HTMLResponse:
    with request.app.state.engine.connect() as tx:
        context = page_frame.context(request, tx)
    context |= {"why": context["w"].term("problem", code), "detail": detail, "back": back}
    return page_frame.draw("problem.html", context, status)


def _fitting(request: Request, name: str) -> str:
    """What would fit, for who wrote something else: `开放时间: always, 09:00-17:00`."""
    item = ITEMS[name]
    return f"{page_frame.reader(request).term('item', name)}: {item.example or f'{item.least}–{item.most}'}"


def _arguments(name: str, fields: dict[str, str]) -> dict[str, str | int]:
    """The arguments of a form, typed as the table has them. ValueError for a number that is none."""
    command = COMMANDS.get(name)
    if command is None:
        raise HTTPException(404, "no such command")
    found = {}
    for argument, kind in command.arguments.items():
        text = fields.get(f"argument.{argument}", "").strip()
        if text or kind.required:
            found[argument] = _number(text, kind.kind == "number")
    return found


def _number(text: str, is_number: bool) -> str | int:
    return int(text) if is_number else text
