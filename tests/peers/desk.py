"""The desk on a free port of this process, and a real browser to look at it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from hall.desk import desk_app
from hall.settings import HallSettings

CHROMIUM = "/usr/bin/chromium"


@contextmanager
def desk(settings: HallSettings) -> Iterator[str]:
    """The address of a running desk on the migrated store of `settings`."""
    server = uvicorn.Server(
        uvicorn.Config(
            desk_app(settings, lambda: server.should_exit), log_level="error", timeout_graceful_shutdown=1
        )
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(32)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            deadline = time.monotonic() + 60
            while not server.started and time.monotonic() < deadline and thread.is_alive():
                time.sleep(0.02)
            assert server.started, "the desk did not start"
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(60)


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield chromium
        finally:
            chromium.close()
