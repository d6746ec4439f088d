"""The bench's page and its JSON interface.

GET  /                     the page             GET  /state        every device, as JSON
POST /act                  {"device", "action", …arguments}: 204, or 400 with {"error": words}
GET  /paper/receipt/N.png  GET /paper/a4/N.pdf  GET /paper/a4/N.png  GET /paper/special/N.png
POST /sms                  {"to", "text"}       GET  /sms          newest first
GET  /people               the invented citizens with the sides of their cards, those with a face first
"""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from config import assets
from config.people import Person, people
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.camera import VirtualCamera
from drivers.virtual.document_camera import VirtualDocumentCamera
from drivers.virtual.id_card_reader import VirtualIdCardReader
from drivers.virtual.phone import VirtualPhone
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from drivers.virtual.receipt_roll import Receipt
from drivers.virtual.special_printer import VirtualSpecialPrinter
from drivers.virtual.virtual_device import VirtualDevice

_PAGE = Path(__file__).with_name("page")
_NEVER_KEPT = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class Bench:
    """The devices on the bench."""

    reader: VirtualIdCardReader
    camera: VirtualCamera
    table: VirtualDocumentCamera
    receipts: VirtualReceiptPrinter
    a4: VirtualA4Printer
    special: VirtualSpecialPrinter
    phone: VirtualPhone
    others: tuple[VirtualDevice, ...] = ()  # of which the page knows no more than what they say and can do

    def devices(self) -> dict[str, VirtualDevice]:
        """By name, in the order in which they stand."""
        cards_and_eyes: tuple[VirtualDevice, ...] = (self.reader, self.camera, self.table)
        printers: tuple[VirtualDevice, ...] = (self.receipts, self.a4, self.special)
        return {device.name: device for device in (*cards_and_eyes, *printers, self.phone, *self.others)}


def application(bench: Bench, ready: Callable[[], None]) -> Starlette:
    """The web application; `ready` is called once it serves."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        ready()
        yield

    site = Starlette(
        routes=[
            Route("/", _index),
            Route("/state", _state),
            Route("/act", _act, methods=["POST"]),
            Route("/paper/receipt/{number:int}.png", _receipt),
            Route("/paper/special/{number:int}.png", _special),
            Route("/paper/a4/{number:int}.pdf", _a4_pdf),
            Route("/paper/a4/{number:int}.png", _a4_png),
            Route("/sms", _messages, methods=["GET"]),
            Route("/sms", _message, methods=["POST"]),
            Route("/people", _people),
            Route("/people/{key:str}/{which:str}.jpg", _portrait),
            Route("/camera.jpg", _camera),
            Route("/table.jpg", _table),
            Mount("/page", StaticFiles(directory=_PAGE)),
        ],
        # A page of the internet must not reach us under a name of its own.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])],
        lifespan=lifespan,
    )
    site.state.bench = bench
    return site


def _bench(request: Request) -> Bench:
    bench: Bench = request.app.state.bench
    return bench


def _index(_: Request) -> Response:
    return FileResponse(_PAGE / "index.html", headers=_NEVER_KEPT)


def _state(request: Request) -> Response:
    devices = _bench(request).devices()
    return JSONResponse({name: device.state() for name, device in devices.items()}, headers=_NEVER_KEPT)


async def _act(request: Request) -> Response:
    told = await _object(request)
    if isinstance(told, Response):
        return told
    return await run_in_threadpool(_move, _bench(request), told)


def _move(bench: Bench, told: dict[str, Any]) -> Response:
    name, action = told.pop("device", None), told.pop("action", None)
    device = bench.devices().get(name) if isinstance(name, str) else None
    if device is None:
        return _refuse(f"device is one of {', '.join(bench.devices())}")
    if not isinstance(action, str):
        return _refuse("action is missing")
    try:
        device.act(action, **told)
    except (ValueError, TypeError) as error:
        return _refuse(str(error))
    except OSError as error:  # the port was taken while the cable was out
        return _refuse(str(error), 409)
    return Response(status_code=204)


def _receipt(request: Request) -> Response:
    return _piece(request, _bench(request).receipts.paper())


def _special(request: Request) -> Response:
    return _piece(request, _bench(request).special.printer.paper())


def _piece(request: Request, papers: Sequence[object]) -> Response:
    for piece in papers:
        if isinstance(piece, Receipt) and piece.number == request.path_params["number"]:
            return Response(piece.png, media_type="image/png", headers=_NEVER_KEPT)
    return _refuse("there is no such paper", 404)


def _a4_pdf(request: Request) -> Response:
    pdf = _sheet(request)
    if pdf is None:
        return _refuse("there is no such page", 404)
    return Response(pdf, media_type="application/pdf", headers=_NEVER_KEPT)


def _a4_png(request: Request) -> Response:
    pdf = _sheet(request)
    picture = pdf and _picture(pdf)
    if not picture:
        return _refuse("there is no such page, or it is not a PDF that can be shown", 404)
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


def _sheet(request: Request) -> bytes | None:
    for page in _bench(request).a4.paper():
        if page.number == request.path_params["number"]:
            return page.pdf
    return None


def _messages(request: Request) -> Response:
    messages = _bench(request).phone.messages()
    return JSONResponse([asdict(message) for message in messages], headers=_NEVER_KEPT)


async def _message(request: Request) -> Response:
    told = await _object(request)
    if isinstance(told, Response):
        return told
    if not (isinstance(told.get("to"), str) and isinstance(told.get("text"), str)):
        return _refuse("a message has to and text")
    try:
        _bench(request).phone.receive(told["to"], told["text"])
    except ConnectionError as error:
        return _refuse(str(error), 503)
    return Response(status_code=204)


def _people(_: Request) -> Response:
    cards = [_card(person) for person in people().values()]
    cards.sort(key=lambda card: not card["face"])  # a face check is tried with one of these
    return JSONResponse(cards, headers=_NEVER_KEPT)


def _portrait(request: Request) -> Response:
    """`card`: as the platform knows the citizen; `live`: as the citizen looks today."""
    person = people().get(request.path_params["key"])
    pictures = {"card": person.reference, "live": person.live} if person else {}
    name = pictures.get(request.path_params["which"])
    if not name:
        return _refuse("there is no photograph", 404)
    return FileResponse(assets.photograph(name))


def _camera(request: Request) -> Response:
    return Response(_bench(request).camera.picture(), media_type="image/jpeg", headers=_NEVER_KEPT)


def _table(request: Request) -> Response:
    """What lies under the document camera."""
    return Response(_bench(request).table.picture(), media_type="image/jpeg", headers=_NEVER_KEPT)


async def _object(request: Request) -> dict[str, Any] | Response:
    try:
        told = await request.json()
    except ValueError:
        return _refuse("the body is not JSON")
    return told if isinstance(told, dict) else _refuse("the body is not a JSON object")


def _refuse(words: str, status: int = 400) -> Response:
    return JSONResponse({"error": words}, status, headers=_NEVER_KEPT)


def _card(person: Person) -> dict[str, object]:
    return {
        "key": person.key,
        "name": person.name,
        "sex": person.sex,
        "nation": person.nation,
        "birth": person.birth.isoformat(),
        "address": person.address,
        "number": person.number,
        "issuer": person.issuer,
        "valid_from": person.valid_from.isoformat(),
        "valid_to": person.valid_to.isoformat() if person.valid_to else None,
        "phone": person.phone,
        "portrait": bool(person.reference),
        "live": person.live.rpartition(".")[0] or None,
        "face": bool(person.reference and person.live),  # can be compared: one on file, one before the camera
    }


def _picture(pdf: bytes) -> bytes | None:
    """The first page as a PNG of 827 × 1169; None when poppler cannot read it."""
    try:
        made = subprocess.run(
            ["pdftoppm", "-png", "-r", "100", "-f", "1", "-singlefile", "-"],
            input=pdf,
            capture_output=True,
            timeout=20,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        return None
    return made.stdout or None
