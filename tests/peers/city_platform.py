"""The city's platform as another house would build it: takes ratings and cases over HTTP, each key once."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMON = {
    "areaCode": r"\d{6,12}",
    "deptCode": r"[0-9A-Z]{1,36}",
    "taskCode": r".{1,36}",
    "taskHandleItem": r".{1,36}",
    "taskName": r".{1,100}",
    "projectNo": r".{1,50}",
    "proStatus": r"[123]",
    "pf": r"[1-7]",
    "userProp": r"[12]",
    "promiseTime": r"[12]",
}
MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
RATING = COMMON | {
    "satisfaction": r"[1-5]",
    "evalDetail": r"(\d{3}(,\d{3})*)?",
    "writingEvaluation": r".{0,150}",
    "assessTime": MOMENT,
    "assessNumber": r"[12]",
}
FIELDS = {"/ratings": RATING, "/cases": COMMON | {"acceptTime": MOMENT}}


@dataclass
class City:
    """What it has, how it behaves now. `trouble`: `down` or a path (503), `deaf` (takes it, is silent)."""

    url: str = ""
    token: str = "city"
    trouble: str = ""
    records: dict[str, dict[str, str]] = field(default_factory=dict)  # by idempotency key
    posts: list[str] = field(default_factory=list)  # the key of every post that came

    def of(self, path: str) -> list[dict[str, str]]:
        """The records of one kind, in the order in which they came."""
        named = set(FIELDS[path])
        return [record for record in self.records.values() if set(record) == named]


@contextmanager
def city_platform() -> Iterator[City]:
    """A platform for as long as the block runs."""
    city = City()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = _take(city, self.path, self.headers, body)
            if status:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self.close_connection = True

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    city.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield city
    finally:
        server.shutdown()
        server.server_close()
        thread.join(30)


def _take(city: City, path: str, headers: object, body: bytes) -> int:
    """The status to answer; 0: hang up without one, though the record was taken."""
    told = dict(headers.items())  # type: ignore[attr-defined]
    key = told.get("Idempotency-Key", "")
    city.posts.append(key)
    if told.get("Authorization") != f"Bearer {city.token}":
        return 401
    if city.trouble in ("down", path):
        return 503
    if key in city.records:
        return 409
    record = json.loads(body)
    fields = FIELDS.get(path, {})
    if not key or set(record) != set(fields):
        return 400
    if any(not re.fullmatch(pattern, record[name]) for name, pattern in fields.items()):
        return 400
    city.records[key] = record
    return 0 if city.trouble == "deaf" else 200
