"""The desk on a free port of this process, and a real browser to look at it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from sqlalchemy import Connection

from hall.access import accounts, logins
from hall.access.actors import Role
from hall.data import store
from hall.desk.desk import desk_app
from hall.settings import HallSettings

PASSWORD = "not-a-real-password"
CHROMIUM = "/usr/bin/chromium"


@contextmanager
def desk(settings: HallSettings) -> Iterator[str]:
    """The address of a running desk on the migrated store of `settings`."""
    server = uvicorn.Server(
        uvicorn.Config(
            desk_app(settings, lambda: server.should_exit),
            log_level="error",
            proxy_headers=False,
            timeout_graceful_shutdown=1,
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


def account(
    settings: HallSettings, name: str = "officer", *grants: tuple[Role, str], password: str = PASSWORD
) -> str:
    """Makes an account, with `command` everywhere unless told otherwise; returns its name."""
    with _writing(settings) as tx:
        accounts.add(tx, "cli:test", name, password)
        for role, area in grants or (("command", "*"),):
            accounts.grant(tx, "cli:test", name, role, area)
    return name


def token(settings: HallSettings, name: str) -> dict[str, str]:
    """The headers of a program that acts as this account."""
    with _writing(settings) as tx:
        return {"Authorization": f"Bearer {accounts.add_token(tx, 'cli:test', name, 'test', 1)}"}


def log_in(context: BrowserContext, address: str, settings: HallSettings, name: str) -> None:
    """The browser has a session of this account, as if somebody had typed the password."""
    with _writing(settings) as tx:
        secret = logins.begin(tx, name, int(time.time() * 1000), 1.0)
    context.add_cookies([{"name": "desk", "value": secret, "url": address}])


@contextmanager
def _writing(settings: HallSettings) -> Iterator[Connection]:
    engine = store.open_store(settings)
    try:
        with engine.begin() as tx:
            yield tx
    finally:
        engine.dispose()


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window. What is expected of a page may come as late as its loading may."""
    expect.set_options(timeout=60_000)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield chromium
        finally:
            chromium.close()
