"""The terminal dies at every state of a payment: afterwards money and cases agree, without a hand."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from config.settings import Settings
from drivers.virtual import demo_settings
from kiosk import filing
from kiosk.ledger import Ledger
from kiosk.payment import Payments
from kiosk.platform import Platform
from kiosk.store import Store, read_only
from kiosk.vault import Vault
from mqtt.topics import TerminalPath
from tests.journeys.hall import Hall
from tests.journeys.paid_service import cases, offer, orders
from tests.journeys.points import MONEY_POINTS

# Which way a payment takes to its point: to a case, or back to the citizen.
LEAVING = ("order closed", "order refunded", "payment refunded")
NOTHING = {"failed", "refused", "refunded"}  # how records end of which nothing came


@pytest.mark.parametrize("point", MONEY_POINTS)
def test_after_a_kill_what_was_paid_is_served_or_given_back(hall: Hall, kiosk: str, point: str) -> None:
    offer(hall)
    settings = hall.settings(kiosk)
    then = "leave" if point in LEAVING else "file"
    path = settings.data.parent / "terminal.toml"
    command = [sys.executable, "-m", "tests.journeys.paying_child", str(path), "--at", point, "--then", then]
    ended = subprocess.run(command, cwd=demo_settings.REPO, timeout=60)
    assert ended.returncode == -9, "the point was not reached"
    asyncio.run(settle(settings))
    made, filed = orders(hall, kiosk), cases(hall, kiosk)
    assert len(made) <= 1
    assert len(filed) <= 1
    for order in made:
        assert order["state"] in ("closed", "paid", "refunded")
        assert (order["state"] == "paid") == bool(filed), "paid without a case, or a case without its money"
        assert order["case_key"] == (filed[0]["key"] if filed else None)
    ends = recorded(settings)
    assert ends == {"settled", "accepted"} if filed else ends <= NOTHING


async def settle(settings: Settings) -> None:
    """What a terminal does at its start, until nothing is open."""
    store, platform = Store(settings.data), Platform(settings.platform)
    try:
        ledger = Ledger(store, Vault(settings.data), TerminalPath("330100", "demo", settings.identity.kiosk))
        payments = Payments(platform, ledger)
        for _ in range(5):
            for record in ledger.open_records():
                if record.kind == "payment":
                    await payments.resolve(record)
                else:
                    await filing.resolve(platform, ledger, record)
        assert ledger.open_records() == []
    finally:
        await platform.close()
        store.close()


def recorded(settings: Settings) -> set[str]:
    """The states of all records."""
    with read_only(settings.data) as read:
        return {state for (state,) in read.execute("SELECT state FROM records")}
