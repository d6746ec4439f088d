"""A server that hands out releases of the catalogue, whole or not, and a province that signs them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config import release
from config.settings import CatalogueSourceSettings, Settings
from tests.kiosk.small_visit import settings as plain

PROVINCE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = release.public_text(PROVINCE.public_key())
MADE = "2026-11-22T09:00:00Z"
ONE, TWO = ("ZH96",), ("ZH96", "ZH97")
_SERVICE = """
id = "ID"
version = 1
theme = 8
flow = "query"
level = 0
department = { zh = "综合窗口", en = "General window" }
name = { zh = "便民信息查询", en = "Useful things" }
action = { zh = "查询", en = "Look up" }

[guide]
summary = { zh = "查询便民信息。", en = "Looks up useful things." }
fee = { zh = "免费", en = "Free" }
time = { zh = "约 1 分钟", en = "About 1 minute" }
legal = { zh = "便民服务办法", en = "Rules of useful things" }
phone = "12345"
"""


def plain_service(id: str) -> str:
    """A service of the simplest kind, as its file says it."""
    return _SERVICE.replace('"ID"', f'"{id}"')


def signed(
    number: int,
    services: tuple[str, ...] = TWO,
    key: Ed25519PrivateKey = PROVINCE,
    software: str = "0.1.0",
    **more: bytes,
) -> bytes:
    """A release of a few plain services. `more` are further files by stem."""
    files = {f"{id.lower()}.toml": plain_service(id).encode() for id in services}
    return release.sign(files | {f"{n}.toml": b for n, b in more.items()}, number, software, MADE, key)


@dataclass
class Publisher:
    """What the server hands out: `body`, of which only `length` bytes come before the line breaks."""

    url: str = ""
    body: bytes = b""
    length: int | None = None
    status: int = 200
    asked: list[str] = field(default_factory=list)  # how it answered: status and path


@contextmanager
def publisher(body: bytes = b"") -> Iterator[Publisher]:
    """The server, on a free port, until the block ends."""
    told = Publisher(body=body)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tag = f'"{hashlib.sha256(told.body).hexdigest()}"'
            status = 304 if self.headers.get("If-None-Match") == tag else told.status
            told.asked.append(f"{status} {self.path}")
            self.send_response(status)
            self.send_header("ETag", tag)
            if status != 304:
                self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            if status != 304:
                self.wfile.write(told.body[: told.length])

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    told.url = f"http://127.0.0.1:{server.server_port}/catalogue/current"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settings(folder: Path, url: str, **changes: Any) -> Settings:
    """A terminal that takes releases of the province from there."""
    source = CatalogueSourceSettings.model_validate(
        {"url": url, "keys": [KEY], "timeout_seconds": 30} | changes
    )
    return plain(folder).model_copy(update={"catalogue_source": source})
