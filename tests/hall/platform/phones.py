"""The citizens' phones: what the platform's text messages arrive at."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Phones:
    """What arrived at the citizens' phones; `broken` makes the gateway fail."""

    url: str = ""
    texts: list[dict[str, str]] = field(default_factory=list)
    broken: bool = False

    def code(self) -> str:
        """The six digits of the last text."""
        return "".join(c for c in self.texts[-1]["text"].split("，")[0] if c.isdigit())


@contextmanager
def open_phones() -> Iterator[Phones]:
    """A gateway for text messages on a port of its own."""
    phones = Phones()

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not phones.broken:
                phones.texts.append(body)
            self.send_response(500 if phones.broken else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        phones.url = f"http://127.0.0.1:{server.server_port}/sms"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield phones
        server.shutdown()
        thread.join(60)
