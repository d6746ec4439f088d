"""From the terminal to the phone and back: what was begun here goes on there, by a code that is good once.

Whoever has the code of somebody's form sees only which service it is, until he shows that it is his: at the
terminal by his card. On the phone, the page that takes it over is the demo of a city's app, without a login;
so it masks what was filled in, and keeps what it cannot show.
"""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import segno
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import Field
from sqlalchemy import Connection, delete, insert, select

from config.phone_api import HandedOver, HandOver, HandOverCode
from config.platform_api import CaseResult
from config.platform_body import Body, Value
from config.words import Words, same, words
from hall.platform.authorisations import holder_for
from hall.platform.checks import check_flow
from hall.platform.clock import as_utc
from hall.platform.door import PartsHere
from hall.platform.parts import Parts
from hall.platform.refusals import Refused
from hall.platform.short_codes import short_code
from hall.platform.tables import cases, handovers
from hall.platform.verification import HEADERS

routes = APIRouter(prefix="/v1/handovers", tags=["phone"])
public = APIRouter(prefix="/h", tags=["public"])
bench = APIRouter(prefix="/bench/handovers", include_in_schema=False)

LIFE = timedelta(minutes=10)
LETTERS = 10  # of a code, which may be typed
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


class Begun(Body):
    """What the demo's phone began, or filed, for one of the citizens."""

    citizen: str = Field(max_length=40)  # identity number
    service: str
    values: dict[str, Value] = Field(default_factory=dict)
    case_no: str = ""


@routes.post("")
def hand_over(form: HandOver, parts: PartsHere) -> HandOverCode:
    """A code by which the phone takes the form over.

    Refused `platform_closed` (409), `service_unknown` (404), `service_not_filed`, `subject_missing` (422),
    `subject_unknown` (410).
    """
    parts.require_open()
    service = parts.service(form.service)
    check_flow(service)
    holder = holder_for(parts, form.subject, service.id) if form.subject else None
    if service.level and holder is None:
        raise Refused("subject_missing", 422)
    citizen = holder.number if holder else None
    with parts.store.transaction() as transaction:
        return _new(parts, transaction, "terminal", citizen, service.id, form.values)


@routes.get("/{code}")
def handed_over(code: str, parts: PartsHere, subject: Annotated[str | None, Query()] = None) -> HandedOver:
    """What a phone began: its service, and once, for whoever began it, the rest.

    Refused `handover_unknown` (404), `handover_foreign` (403), `subject_unknown` (410).
    """
    with parts.store.transaction() as transaction:
        row = _row(transaction, code.strip().upper(), as_utc(parts.now()), "phone")
        if row is None:
            raise Refused("handover_unknown", 404)
        if row.citizen is not None:
            if subject is None:
                return HandedOver(service=row.service)
            if parts.subjects.get(subject).number != row.citizen:
                raise Refused("handover_foreign", 403)
        transaction.execute(delete(handovers).where(handovers.c.code == row.code))
        case = _case(transaction, row.case_no)
    return HandedOver(service=row.service, values=_values(row), case_no=row.case_no, case=case)


@public.get("/{code}", response_class=HTMLResponse)
def look(code: str, parts: PartsHere) -> HTMLResponse:
    """Which service is handed over. A look alone uses nothing up: programs look at addresses too."""
    with parts.store.reading() as connection:
        row = _row(connection, code, as_utc(parts.now()), "terminal")
    return _page("look", service=_name(parts, row.service)) if row else _page("unknown")


@public.post("/{code}", response_class=HTMLResponse)
def take(code: str, parts: PartsHere) -> HTMLResponse:
    """The phone takes the form over, once, and shows it with the code that leads back to a terminal."""
    with parts.store.transaction() as transaction:
        row = _row(transaction, code, as_utc(parts.now()), "terminal")
        if row is None:
            return _page("unknown")
        transaction.execute(delete(handovers).where(handovers.c.code == row.code))
        values = _values(row)
        back = _new(parts, transaction, "phone", row.citizen, row.service, values)
    filled = _filled(parts, row.service, values)
    return _page("taken", service=_name(parts, row.service), rows=filled, back=back, qr=_qr(back.url))


@bench.post("")
def begin(begun: Begun, parts: PartsHere) -> HandOverCode:
    """The demo's phone has begun a form, or filed a case; its code for a terminal."""
    parts.service(begun.service)
    with parts.store.transaction() as transaction:
        return _new(parts, transaction, "phone", begun.citizen, begun.service, begun.values, begun.case_no)


def _new(
    parts: Parts,
    transaction: Connection,
    side: Literal["terminal", "phone"],
    citizen: str | None,
    service: str,
    values: dict[str, Value],
    case_no: str = "",
) -> HandOverCode:
    """A code made at this side; what is over is thrown away."""
    now = as_utc(parts.now())
    transaction.execute(delete(handovers).where(handovers.c.expires_at <= now))
    code = short_code(LETTERS)
    transaction.execute(
        insert(handovers).values(
            code=code,
            side=side,
            citizen=citizen,
            service=service,
            form=json.dumps(values, ensure_ascii=False),
            case_no=case_no,
            expires_at=now + LIFE,
        )
    )
    seconds = int(LIFE.total_seconds())
    return HandOverCode(code=code, url=f"{parts.public_url}/h/{code}", valid_seconds=seconds)


def _row(connection: Connection, code: str, now: datetime, side: str) -> Any:
    """The row of a code of this side that is still good; None without one."""
    good = (handovers.c.code == code) & (handovers.c.side == side) & (handovers.c.expires_at > now)
    return connection.execute(select(handovers).where(good)).one_or_none()


def _values(row: Any) -> dict[str, Value]:
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in json.loads(row.form).items()
    }


def _case(connection: Connection, case_no: str) -> CaseResult | None:
    if not case_no:
        return None
    stored = connection.scalar(select(cases.c.result).where(cases.c.case_no == case_no))
    return CaseResult.model_validate_json(stored) if stored else None


def _name(parts: Parts, service: str) -> Words:
    return parts.service(service).name


def _filled(parts: Parts, service: str, values: dict[str, Value]) -> list[tuple[Words, Words]]:
    """The fields by name; choices as they read, and of everything else only that it is there."""
    rows = []
    for spec in parts.service(service).fields:
        value = values.get(spec.key, "")
        if not value:
            continue
        names = {one.value: one.name for one in spec.options}
        chosen = value if isinstance(value, tuple) else (value,)
        told = [names.get(one, words("handover.filled")) for one in chosen]
        shown = Words("、".join(one.zh for one in told), ", ".join(one.en for one in told))
        rows.append((spec.label, shown if spec.options else _plain(spec.kind, value)))
    return rows


def _plain(kind: str, value: Value) -> Words:
    """Months, days and numbers of things name nobody."""
    return same(str(value)) if kind in ("month", "date", "number") else words("handover.filled")


def _qr(address: str) -> Markup:
    """The address as a picture in the page itself."""
    made = io.BytesIO()
    segno.make(address, error="m").save(made, kind="svg", scale=6, border=4, xmldecl=False, svgns=False)
    return Markup(made.getvalue().decode())


def _page(state: str, **told: Any) -> HTMLResponse:
    shown = {"service": None, "rows": (), "back": None, "qr": ""} | told
    page = _PAGES.get_template("handover.html").render(state=state, words=words, **shown)
    return HTMLResponse(page, status_code=404 if state == "unknown" else 200, headers=HEADERS)
