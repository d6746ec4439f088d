"""Nobody comes in unknown: what stands before every route of the desk and its API.

Whatever is not in `OPEN` needs an actor: a browser's session cookie, or a program's `Authorization: Bearer`.
A route cannot forget it, since it is not asked. Methods that change something want, with a cookie, the
login's CSRF token (header `X-CSRF-Token` or the form's field `csrf`) and an origin that is the desk itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hall.access import actors, audit, logins
from hall.access.actors import Actor
from hall.settings import DeskSettings

OPEN = frozenset({"/login", "/health", "/htmx.js"})
OPEN_FOLDERS = ("/static/", "/language/", "/enrolment/", "/catalogue/")  # every path below them
SAFE = ("GET", "HEAD", "OPTIONS")
MACHINE = Actor("loopback", frozenset({("watch", actors.EVERYWHERE)}))  # may read /metrics, nothing else
BODY_SECONDS = 30.0  # for the whole body of a request: whoever trickles it in holds no place for long
MOST_BODY = 1024 * 1024  # bytes, of any request; routes take less
NOTES_A_MINUTE = 20  # of refusals, by actor: an angry script does not fill the audit
log = structlog.get_logger("desk")


@dataclass
class Minute:
    """How many refusals of each actor were noted in this minute."""

    number: int = 0
    noted: dict[str, int] = field(default_factory=dict)


class Doorkeeper:
    """Plain ASGI around the application; owns nothing. `engines` gives the reading and the writing one."""

    def __init__(
        self, app: ASGIApp, desk: DeskSettings, engines: Callable[[], tuple[Engine, Engine]]
    ) -> None:
        self._app = app
        self._desk = desk
        self._engines = engines
        self._minute = Minute()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1008})  # it speaks HTTP only
        scope["refusals"] = []
        try:
            await self._ask(scope, _in_time(receive), send)
        except ClientDisconnect:  # whoever hangs up in the middle, or is too slow, fills no log
            await JSONResponse({"detail": "the request did not come in time"}, 408)(scope, receive, send)

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_open(scope["path"]):
            return await self._app(scope, receive, send)
        login = await asyncio.to_thread(self._who, scope)
        answer: Response | None
        if login.standing != "holds":
            answer = _come_in_first(Request(scope), login)
        else:
            scope["actor"], scope["still"] = login.actor, self._still(scope)
            receive, answer = await _unsuspicious(scope, receive, login)
        if answer is None:
            await self._app(scope, receive, _seeing_refusal(scope, send))
        else:
            await answer(scope, receive, send)
        if scope["refusals"]:
            await asyncio.to_thread(self._note, login.actor, scope)

    def _who(self, scope: Scope) -> logins.Login:
        headers = Headers(scope=scope)
        secret, kind = _shown(headers, cookie_name(self._desk))
        if not secret:
            if scope["path"] == "/metrics" and _this_computer(scope, headers, self._desk):
                return logins.Login("holds", MACHINE, kind=logins.TOKEN)
            return logins.Login("unknown")
        now = int(time.time() * 1000)
        reading, writing = self._engines()
        with reading.connect() as tx:
            login = logins.find(tx, secret, kind, now, self._desk.idle_minutes)
        if login.standing in ("disabled", "ended"):
            scope["refusals"].append(login.standing)
        by_hand = not _by_itself(scope, headers)
        if login.standing == "holds" and by_hand and now - login.seen > logins.SEEN_EVERY:
            with writing.begin() as tx:
                logins.saw(tx, login, now)
        return login

    def _still(self, scope: Scope) -> Callable[[], Awaitable[Actor | None]]:
        """For streams that stay open: who asks, as long as the login holds."""
        quiet = {**scope, "path": "/events", "refusals": []}  # looking again is nobody's hand

        async def still() -> Actor | None:
            login = await asyncio.to_thread(self._who, quiet)
            return login.actor if login.standing == "holds" else None

        return still

    def _note(self, actor: Actor, scope: Scope) -> None:
        minute = int(time.monotonic() // 60)
        if minute != self._minute.number:
            self._minute = Minute(minute)
        noted = self._minute.noted
        noted[actor.name] = noted.get(actor.name, 0) + 1
        if noted[actor.name] > NOTES_A_MINUTE:
            return
        try:
            with self._engines()[1].begin() as tx:
                for why in scope["refusals"]:
                    audit.note(tx, actor.name, "refused", subject=scope["path"], outcome=why)
        except SQLAlchemyError as error:  # the refusal itself stands
            log.warning("audit_unwritten", kind=type(error).__name__, remedy="look at the database")


def is_open(path: str) -> bool:
    """Whether anybody may ask for this, unknown as they are."""
    return path in OPEN or path.startswith(OPEN_FOLDERS)


def cookie_name(desk: DeskSettings) -> str:
    """The session's cookie; a browser takes `__Host-` only by HTTPS, and from nobody but this host."""
    return "__Host-desk" if desk.https else "desk"


def own_origin(headers: Headers) -> bool:
    """Whether a page of this desk sent it. A browser says so with every request that changes something."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    return split(headers.get("origin", "")).netloc.lower() == headers.get("host", "-").lower()


def split(url: str) -> SplitResult:
    """An address that somebody sent, apart; empty where it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def address(scope: Scope, desk: DeskSettings) -> str:
    """Where a request comes from, for waits and the audit: an IPv4 address, or the /64 of an IPv6 one."""
    told = scope["client"][0] if scope.get("client") else ""
    if desk.behind_proxy:  # what the proxy itself added stands last; what is before it anybody may invent
        # Some proxies append to the line that came, others add a line: the last word is theirs either way.
        told = (Headers(scope=scope).getlist("x-forwarded-for") or [told])[-1].rpartition(",")[2].strip()
    try:
        one = ipaddress.ip_address(told.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(one, ipaddress.IPv6Address):
        return str(one.ipv4_mapped or ipaddress.ip_network((one, 64), strict=False))
    return str(one)


# ── what a request shows ────────────────────────────────────────────────────
def _shown(headers: Headers, cookie: str) -> tuple[str, str]:
    """The secret that came and its kind. A token that does not hold is not mended by a cookie."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme:
        return (token.strip() if scheme.lower() == "bearer" else "-"), logins.TOKEN
    return Request({"type": "http", "headers": headers.raw}).cookies.get(cookie, ""), logins.SESSION


def _by_itself(scope: Scope, headers: Headers) -> bool:
    """Whether the page asked and no hand: its sections that fetch themselves, its events."""
    fetched = scope["method"] in SAFE and headers.get("hx-request") == "true"
    return fetched or bool(scope["path"] == "/events")


def _this_computer(scope: Scope, headers: Headers, desk: DeskSettings) -> bool:
    """Whether a program of this computer asks us by its own name; through a proxy anybody would be that."""
    if desk.behind_proxy or "x-forwarded-for" in headers or not scope.get("client"):
        return False
    try:
        near = ipaddress.ip_address(scope["client"][0]).is_loopback
    except ValueError:
        return False
    name = split(f"//{headers.get('host', '')}").hostname or ""
    return near and (name in ("localhost", "::1") or name.startswith("127."))


async def _unsuspicious(
    scope: Scope, receive: Receive, login: logins.Login
) -> tuple[Receive, Response | None]:
    """The body to go on with, and an answer where a cookie came without the login's own CSRF token."""
    if scope["method"] in SAFE or login.kind != logins.SESSION:
        return receive, None
    headers = Headers(scope=scope)
    if not own_origin(headers):
        scope["refusals"].append("origin")
        return receive, _refused("this did not come from a page of the desk")
    given = headers.get("x-csrf-token", "")
    if not given and headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        body = await _body(receive)
        if body is None:
            return receive, JSONResponse({"detail": "the form is too large"}, 413)
        given = parse_qs(body.decode("latin-1")).get(actors.FIELD, [""])[-1]
        receive = _again(body, receive)
    if not actors.same(given, login.actor.csrf):
        scope["refusals"].append("csrf")
        return receive, _refused("this is not of your login: open the page again")
    return receive, None


async def _body(receive: Receive) -> bytes | None:
    """The whole of a small body; None beyond 64 KB."""
    body, more = b"", True
    while more and len(body) <= actors.MOST_FORM:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return None if len(body) > actors.MOST_FORM else body


def _in_time(receive: Receive) -> Receive:
    """The body as it comes, while it comes in time; then ClientDisconnect, as when its sender hangs up."""
    until, whole, size = time.monotonic() + BODY_SECONDS, False, 0

    async def next_part() -> Message:
        nonlocal whole, size
        if whole:  # what comes now is the end of the connection, for which a stream may wait all day
            return await receive()
        try:
            async with asyncio.timeout(until - time.monotonic()):
                message = await receive()
        except TimeoutError:
            raise ClientDisconnect from None
        size += len(message.get("body", b""))
        if size > MOST_BODY:
            raise HTTPException(413, "the body is too large")
        whole = not message.get("more_body", False)
        return message

    return next_part


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more for the route; after it whatever comes."""
    told = False

    async def once_more() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once_more


# ── what is answered ────────────────────────────────────────────────────────
def _come_in_first(request: Request, login: logins.Login) -> Response:
    if request.headers.get("hx-request") == "true":
        here = split(request.headers.get("hx-current-url", "/"))
        back = quote(f"{here.path or '/'}{'?' + here.query if here.query else ''}", safe="/")
        return Response(status_code=401, headers={"HX-Redirect": f"/login?back={back}"})
    if request.method in SAFE and "text/html" in request.headers.get("accept", ""):
        query = f"?{request.url.query}" if request.url.query else ""
        back = quote(request.scope["path"] + query, safe="/")
        return RedirectResponse(f"/login?back={back}", status_code=303)
    return JSONResponse({"detail": "log in first"}, 401, {"WWW-Authenticate": 'Bearer realm="hall"'})


def _refused(why: str) -> Response:
    return JSONResponse({"detail": why}, 403)


def _seeing_refusal(scope: Scope, send: Send) -> Send:
    async def seen(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 403:
            scope["refusals"].append("role")
        await send(message)

    return seen
