"""Who asks, and what they may: the answer of `hall/access/doorkeeper.py`, as routes read it.

A grant is a role in an area: `watch` sees, `command` sees and acts; the area `*` is every area. What an
actor may not watch does not exist for them: another area's terminal is a 404 and is in no list and no count.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

Role = Literal["watch", "command"]
ROLES: tuple[Role, ...] = ("watch", "command")
EVERYWHERE = "*"
MOST_FORM = 64 * 1024  # bytes
FIELD = "csrf"


@dataclass(frozen=True)
class Actor:
    """An account that has proved itself. `csrf` is what its forms carry; empty for a program's token."""

    name: str
    grants: frozenset[tuple[Role, str]]  # (role, area)
    csrf: str = ""

    def may(self, role: Role, area: str) -> bool:
        """Whether it may do this in that area. Who may command may watch."""
        areas = self.areas(role)
        return areas is None or area in areas

    def areas(self, role: Role) -> frozenset[str] | None:
        """The areas in which it may do this; None: all of them."""
        held = {area for held, area in self.grants if role in ("watch", held)}
        return None if EVERYWHERE in held else frozenset(held)


def actor(request: Request) -> Actor:
    """Who asks. 401 where nobody does, which the doorkeeper does not let come so far."""
    found = request.scope.get("actor")
    if not isinstance(found, Actor):
        raise HTTPException(401, "log in first")
    return found


def require(request: Request, role: Role, area: str) -> Actor:
    """Who asks, if they may do this in that area; else 403, which is audited."""
    who = actor(request)
    if not who.may(role, area):
        raise HTTPException(403, f"the account may not {role} in this area")
    return who


def watched(request: Request) -> frozenset[str] | None:
    """The areas that exist for who asks; None: all."""
    return actor(request).areas("watch")


def visible(request: Request, area: str, detail: str = "no such terminal has spoken yet") -> Actor:
    """Who asks, if that area exists for them; else 404 with `detail`, as for what is not there. Audited."""
    who = actor(request)
    if not who.may("watch", area):
        request.scope["refusals"].append("area")
        raise HTTPException(404, detail)
    return who


async def form(request: Request) -> dict[str, str]:
    """The fields of a form; of those that come twice, the last.

    403 when its CSRF field is not the one of this login, 413 beyond 64 KB, 415 for another kind of body.
    """
    who = actor(request)
    fields = await fields_of(request)
    if who.csrf and not same(fields.pop(FIELD, ""), who.csrf):
        raise HTTPException(403, "this form is not of your login: open the page again")
    return fields


async def fields_of(request: Request) -> dict[str, str]:
    """What stands in a form, whoever sent it. 413 beyond 64 KB, 415 for another kind of body."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise HTTPException(415, "send a form: application/x-www-form-urlencoded")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_FORM:
            raise HTTPException(413, "the form is too large")
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100))
    except ValueError:  # neither UTF-8 nor a form
        raise HTTPException(415, "send a form: application/x-www-form-urlencoded in UTF-8") from None


def same(given: str, wanted: str) -> bool:
    """Compares secrets in a time that does not tell how far they agree."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())
