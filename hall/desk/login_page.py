"""Coming in and going out: the page with name and password, and the end of a session."""

from __future__ import annotations

import math
import secrets
import time
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Engine, select, update

from hall.access import actors, audit, doorkeeper, logins, passwords
from hall.data.desk_tables import accounts
from hall.desk import page_frame
from hall.settings import DeskSettings

router = APIRouter(include_in_schema=False)
PRE_SECONDS = 1800  # how long an open login page serves
Back = Annotated[str, Query(max_length=2000)]
Fields = Annotated[dict[str, str], Depends(actors.fields_of)]


@dataclass(frozen=True)
class Tried:
    """What came of a name and a password: a `secret`, or ms to wait, or neither."""

    secret: str = ""
    wait: int = 0


@router.get("/login")
def page(request: Request, back: Back = "/") -> HTMLResponse:
    """Asks for name and password."""
    return _asked(request, back)


@router.post("/login")
def log_in(request: Request, fields: Fields) -> Any:
    """Begins a session under a new secret, whatever cookie came along."""
    desk = _desk(request)
    back = page_frame.local(fields.get("back", "/"))
    given, wanted = fields.get(actors.FIELD, ""), request.cookies.get(_pre_cookie(desk), "")
    if not wanted or not actors.same(given, wanted) or not doorkeeper.own_origin(request.headers):
        return _asked(request, back, "login_stale", 403)
    name = unicodedata.normalize("NFKC", fields.get("name", "")).strip().replace("\x00", "")
    before = request.cookies.get(doorkeeper.cookie_name(desk), "")
    try:
        tried = _try(request, name, fields.get("password", ""), before)
    except passwords.Busy:
        tried = Tried(wait=1000)
    if tried.wait:
        seconds = math.ceil(tried.wait / 1000)
        answer = _asked(request, back, "login_wait", 429, n=seconds)
        answer.headers["Retry-After"] = str(seconds)
        return answer
    if not tried.secret:
        return _asked(request, back, "login_wrong", 401)
    come_in = RedirectResponse(back, status_code=303)
    _set(come_in, desk, doorkeeper.cookie_name(desk), tried.secret, "lax")
    come_in.delete_cookie(_pre_cookie(desk), secure=desk.https, httponly=True, samesite="strict")
    return come_in


@router.post("/logout", dependencies=[Depends(actors.form)])
def log_out(request: Request) -> RedirectResponse:
    """Ends the session; its cookie is worth nothing any more."""
    desk = _desk(request)
    name = doorkeeper.cookie_name(desk)
    with request.app.state.writer.begin() as tx:
        logins.end(tx, request.cookies.get(name, ""))
        audit.note(tx, actors.actor(request).name, "logout")
    gone = RedirectResponse("/login", status_code=303)
    gone.delete_cookie(name, secure=desk.https, httponly=True, samesite="lax")
    return gone


def _try(request: Request, name: str, password: str, before: str) -> Tried:
    """Counts first, looks then; notes what came of it. passwords.Busy."""
    desk, writer = _desk(request), request.app.state.writer
    where, now = doorkeeper.address(request.scope, desk), int(time.time() * 1000)
    with writer.connect() as tx:
        if wait := logins.attempt(tx, name, where, now):
            tx.rollback()
            return Tried(wait=wait)
        row = tx.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
        tx.commit()
    fits = passwords.fits(password, row.password if row else "")  # for whoever is disabled, too
    if row is None or row.disabled or not fits:
        why = "disabled" if row is not None and row.disabled else "refused"
        known = row.name if row else ""  # an unknown name may be a password in the wrong field
        with writer.begin() as tx:
            audit.note(tx, known, "login_failed", subject=known, outcome=why, detail=where)
        return Tried()
    _keep_better(writer, row, password)
    with writer.begin() as tx:
        logins.succeeded(tx, name, where, now)
        secret = logins.begin(tx, row.name, now, desk.login_hours, before)
        audit.note(tx, row.name, "login", subject=row.name, detail=where)
    return Tried(secret)


def _keep_better(writer: Engine, row: Any, password: str) -> None:
    """The costs rose since: the digest is made anew. Its logins go on, as the password is the same."""
    if passwords.outdated(row.password):
        kept = passwords.digest(password)
        same = (accounts.c.name == row.name, accounts.c.password == row.password)
        with writer.begin() as tx:
            tx.execute(update(accounts).where(*same).values(password=kept))


def _asked(request: Request, back: str, wrong: str = "", status: int = 200, **values: object) -> HTMLResponse:
    desk = _desk(request)
    pre = secrets.token_urlsafe(24)
    frame = page_frame.outside(request)
    frame |= {
        "back": page_frame.local(back),
        "csrf": pre,
        "wrong": frame["t"](wrong, **values) if wrong else "",
    }
    answer = page_frame.draw("login.html", frame, status)
    _set(answer, desk, _pre_cookie(desk), pre, "strict", PRE_SECONDS)
    return answer


def _set(
    answer: Any, desk: DeskSettings, name: str, value: str, samesite: str, seconds: int | None = None
) -> None:
    answer.set_cookie(
        name, value, max_age=seconds, path="/", secure=desk.https, httponly=True, samesite=samesite
    )


def _pre_cookie(desk: DeskSettings) -> str:
    return f"{doorkeeper.cookie_name(desk)}-login"


def _desk(request: Request) -> DeskSettings:
    desk: DeskSettings = request.app.state.settings.desk
    return desk
