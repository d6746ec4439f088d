"""Callers who say nothing keep nobody else out of the desk."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
from starlette.responses import PlainTextResponse

from hall.desk import callers
from hall.settings import DeskSettings
from tests.hall.conftest import PATIENCE, wait_for

Address = tuple[str, int]


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[Address]:
    """A server that looks twice a second, and takes five of one address."""
    monkeypatch.setattr(callers, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(callers, "OF_ONE", 5)
    server = callers.server(DeskSettings(), PlainTextResponse("here"))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_for(lambda: server.started, "the server")
        yield listener.getsockname()
        server.should_exit = True
        thread.join(PATIENCE)


def hung_up(line: socket.socket) -> bool:
    """Waits until the other end is gone; what it answers until then is read."""
    try:
        while line.recv(4096):
            pass
    except ConnectionResetError:
        pass
    return True


@pytest.mark.parametrize("said", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT"])
def test_who_does_not_come_to_the_point_is_hung_up_on(address: Address, said: bytes) -> None:
    with socket.create_connection(address, PATIENCE) as line:
        line.sendall(said)
        assert hung_up(line)


def test_one_address_has_no_more_than_its_places_and_gets_them_back(address: Address) -> None:
    lines = [socket.create_connection(address, PATIENCE) for _ in range(12)]
    assert all(hung_up(line) for line in lines)
    for line in lines:
        line.close()

    def reached() -> bool:
        with contextlib.suppress(httpx.TransportError):  # we may be slow ourselves
            return httpx.get(f"http://{address[0]}:{address[1]}/", trust_env=False).text == "here"
        return False

    wait_for(reached, "the next one to be let in")
