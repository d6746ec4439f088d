"""What a hostile neighbour on the desk's network sends, and what a terminal puts before a reader's eyes."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator

import pytest

from hall.access import doorkeeper
from tests.hall.doors import HERS, Doors, doors
from tests.peers.desk import token


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("doors")) as running:
        yield running


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the server wrote, without its client's own words, which stand in the same process."""
    server = (
        one for one in caplog.records if not one.name.startswith("http") and one.levelno > logging.DEBUG
    )
    return [one.getMessage() for one in server]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {"HX-Request": "true", "HX-Current-URL": "http://[/"}, 401),
        ("GET", "/metrics", {"Host": "["}, 401),
        ("GET", "/", {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}, 401),
        ("POST", "/login", {"Origin": "http://[", "Cookie": "desk-login=x"}, 403),
    ],
)
def test_an_address_that_is_none_is_refused_and_fills_no_log(
    at: Doors, caplog: pytest.LogCaptureFixture, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    with at.browser() as client:
        form = {"csrf": "x"} if method == "POST" else None
        assert client.request(method, path, headers=headers, data=form).status_code == status
    assert said(caplog) == []


@pytest.mark.parametrize("hang_up", [False, True])
def test_a_body_that_trickles_in_or_is_cut_off_holds_no_place_and_fills_no_log(
    at: Doors, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, hang_up: bool
) -> None:
    monkeypatch.setattr(doorkeeper, "BODY_SECONDS", 60.0 if hang_up else 0.2)
    host, port = at.address.removeprefix("http://").split(":")
    for path in ("/enrolment/enrol", "/login"):
        with socket.create_connection((host, int(port)), timeout=60) as line:
            kind = "application/x-www-form-urlencoded"
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 1000\r\n"
            line.sendall(f"{head}\r\na=".encode())
            if hang_up:
                continue
            answer = b"".join(iter(lambda: line.recv(4096), b""))
            assert answer.startswith(b"HTTP/1.1 408"), "and then the line is closed"
    with at.browser() as client:
        assert client.get("/health").status_code == 200
    assert said(caplog) == []


@pytest.mark.parametrize(
    "path", ["/nowhere", f"/terminals/{HERS}/donghu/K099", "/terminals/a%00/b/c", "/audit?before=x", "/audit"]
)
def test_where_there_is_no_page_a_person_reads_words_and_a_program_gets_json(at: Doors, path: str) -> None:
    with at.inside("watcher") as client:
        told = client.get(path, headers={"Accept": "text/html,*/*"})
        assert told.status_code in (403, 404, 422) and told.headers["content-type"].startswith("text/html")
        assert 'role="alert"' in told.text and 'href="/"' in told.text and "watcher" in told.text
        assert set(client.get(path).json()) == {"detail"}
        assert client.get("/api/nowhere", headers={"Accept": "text/html"}).json() == {"detail": "Not Found"}


@pytest.mark.parametrize(
    "body",
    [
        rb'{"note": "\ud83d"}',
        rb'{"\ud83d": 1}',
        b"[" * 100_000,
        b'{"note":' * 50_000,
        b'{"note": 1e999}',
        b'{"note": ' + b"9" * 5000 + b"}",
        b'{"note": "' + b"x" * 2_000_000 + b'"}',
        b"\xff\xfe",
        b"",
    ],
)
def test_a_body_that_no_parser_likes_is_refused_and_fills_no_log(
    at: Doors, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    with at.browser(**token(at.settings, "officer")) as client:
        headers = {"Content-Type": "application/json"}
        for path in ("/api/incidents/1/acknowledge", f"/api/terminals/{HERS}/donghu/K001/commands"):
            answer = client.post(path, content=body, headers=headers)
            assert (answer.status_code == 413) == (len(body) > doorkeeper.MOST_BODY), answer.text[:200]
            assert answer.status_code in (400, 413, 422) and "detail" in answer.json(), answer.text[:200]
    assert said(caplog) == []
