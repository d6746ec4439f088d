"""The test cashier: the page that a phone opens from an order's QR code. No money moves."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config.money import yuan
from config.platform_api import Order
from config.words import words
from hall.platform import orders
from hall.platform.door import PartsHere
from hall.platform.parts import Parts

routes = APIRouter(prefix="/pay", tags=["public"])
bench = APIRouter(prefix="/bench", include_in_schema=False)

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


@routes.get("/{code}", response_class=HTMLResponse)
def cashier(code: str, parts: PartsHere) -> HTMLResponse:
    """What is to be paid, with two buttons; 404 for a code that names no order."""
    found = orders.by_code(parts, code)
    return _page(parts, *found) if found else _none()


@routes.post("/{code}/{choice}", response_class=HTMLResponse)
def choose(code: str, choice: Literal["pay", "refuse"], parts: PartsHere) -> HTMLResponse:
    """Pays the order or refuses to; the page says how it stands now."""
    orders.settle(parts, code, "paid" if choice == "pay" else "refused")
    return cashier(code, parts)


@bench.get("/orders")
def waiting(parts: PartsHere) -> list[str]:
    """What the QR codes on the screens say now, the newest first: the bench's phone has no eyes."""
    return orders.waiting(parts)


def _page(parts: Parts, order: Order, service: str) -> HTMLResponse:
    known = parts.catalogue.services.get(service)
    text = _PAGES.get_template("cashier.html").render(
        order=order, amount=yuan(order.fen), service=known.name if known else None, words=words
    )
    return HTMLResponse(text, headers=_HEADERS)


def _none() -> HTMLResponse:
    text = _PAGES.get_template("cashier.html").render(order=None, amount="", service=None, words=words)
    return HTMLResponse(text, status_code=404, headers=_HEADERS)
