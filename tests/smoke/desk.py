"""The desk as the duty officer has it: pages in a real browser that nobody reloads."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from playwright.sync_api import Page, sync_playwright

from config.words import words
from drivers.virtual.demo_account import Account

LOOK_MILLISECONDS = 30
CHROMIUM = "/usr/bin/chromium"


class Desk:
    """Owns one browser; each page stays open. For one thread only."""

    def __init__(self, port: int, account: Account) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self._account = account
        self._pages: dict[str, Page] = {}

    def __enter__(self) -> Self:
        self._playwright = sync_playwright().start()
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        self._context = self._browser.new_context(locale="zh-CN", viewport={"width": 1600, "height": 900})
        self._log_in()
        return self

    def _log_in(self) -> None:
        """Types name and password, as the officer does in the morning."""
        page = self._context.new_page()
        page.goto(self._address)
        page.get_by_label(words("desk.login_name").zh).fill(self._account.name)
        page.get_by_label(words("desk.login_password").zh).fill(self._account.password)
        page.get_by_role("button", name=words("desk.login").zh).click()
        page.wait_for_selector("#line.on")
        page.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._browser.close()
        self._playwright.stop()

    def open(self, path: str) -> None:
        """Opens a page of the desk and keeps it open."""
        page = self._context.new_page()
        page.goto(self._address + path)
        self._pages[path] = page

    def text(self, path: str) -> str:
        """All that is to be read on it now."""
        return self._pages[path].inner_text("body")

    def seconds_until(
        self, path: str, holds: Callable[[str], bool], since: float, patience: float = 60.0
    ) -> float:
        """Seconds from the moment `since` until the page's text holds; more than `patience` if it never does.

        Looks every 30 ms, so that the true time is at most that much less.
        """
        page = self._pages[path]
        while not holds(page.inner_text("body")):
            if time.monotonic() - since > patience:
                return time.monotonic() - since
            page.wait_for_timeout(LOOK_MILLISECONDS)
        return time.monotonic() - since

    def picture(self, path: str, file: str) -> None:
        """Keeps a page as a PNG."""
        self._pages[path].screenshot(path=file)
