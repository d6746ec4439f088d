"""Pictures of the desk's pages with a believable fleet, in both languages."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hall.data import store
from hall.settings import HallSettings
from tests.hall.acts import act
from tests.hall.fleet import fill
from tests.peers.desk import account, browser, desk, log_in

PAGES = {
    "overview": "/",
    "terminal": "/terminals/330101/donghu/K002",
    "terminal-off": "/terminals/330101/donghu/K005",
    "transactions": "/transactions",
    "prints": "/transactions?show=prints",
    "sessions": "/transactions?show=sessions",
    "ratings": "/ratings",
    "tickets": "/ratings/tickets",
    "refused": "/refused",
    "commands": "/commands",
    "audit": "/audit",
}


def take(folder: Path) -> list[Path]:
    """Every page, zh and en, as PNG in `folder`; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with tempfile.TemporaryDirectory() as data:
        settings = HallSettings(data=Path(data), area="330101", hall="donghu")
        store.migrate(settings)
        engine = store.open_store(settings)
        fill(engine)
        act(engine, settings)
        engine.dispose()
        officer = account(settings)
        with desk(settings) as address, browser() as chromium:
            for language in ("zh", "en"):
                context = chromium.new_context(viewport={"width": 1440, "height": 900})
                page = context.new_page()
                page.goto(f"{address}/language/{language}?back=/login")
                taken.append(folder / f"desk-login-{language}.png")
                page.screenshot(path=taken[-1])
                log_in(context, address, settings, officer)
                for name, path in PAGES.items():
                    page.goto(address + path)
                    page.wait_for_selector("#line.on")
                    picture = folder / f"desk-{name}-{language}.png"
                    page.screenshot(path=picture, full_page=True)
                    taken.append(picture)
                context.close()
    return taken
